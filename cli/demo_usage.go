package cli

import (
	"time"

	"dev.keyward/keyward/model"
)

// demoWeek is how busy the demo's days are, from Sunday on: partners rest at
// weekends.
var demoWeek = [7]uint64{2, 8, 9, 10, 9, 8, 3}

// days are the calls of the last two weeks before the demo, as its figures would
// have come about.
func (u demoUse) days(start time.Time) []model.DayUse {
	const day = 24 * time.Hour
	var list []model.DayUse
	for i := range model.UsageDays {
		at := start.UTC().Add(-time.Duration(model.UsageDays-1-i) * day)
		if at.Truncate(day).After(start.Add(-u.last)) {
			break
		}
		share := func(n uint64) uint32 { return uint32(n * demoWeek[at.Weekday()] / 7 / uint64(demoAge/day)) }
		use := model.DayUse{
			Day:     int32(at.Unix() / int64(day/time.Second)),
			Allowed: share(u.allowed), Denied: share(u.denied),
		}
		if use.Allowed+use.Denied > 0 {
			list = append(list, use)
		}
	}
	return list
}

// usage is the record of a slot that was used so.
func (u demoUse) usage(key model.ID, slot model.SlotName, start time.Time) model.Usage {
	last := model.At(start.Add(-u.last).Truncate(time.Minute))
	return model.Usage{
		Key: key, Slot: slot, Last: last, Remote: u.remote, Allowed: u.allowed, Denied: u.denied,
		Days: u.days(start), Callers: []model.CallerUse{{Remote: u.remote, Last: last}},
	}
}

// calls are those of a slot by workflow: each has more than the next.
func (u demoUse) calls(workflows []model.WorkflowRef, start time.Time) []model.Usage {
	last := model.At(start.Add(-u.last).Truncate(time.Minute))
	var list []model.Usage
	for i, left := 0, u.allowed; i < len(workflows); i++ {
		share := left
		if i < len(workflows)-1 {
			share = left * 2 / 3
		}
		left -= share
		if share > 0 {
			list = append(list, model.Usage{Workflow: workflows[i].ID, Last: last, Allowed: share})
		}
	}
	return list
}
