package tui

import (
	"fmt"
	"strings"
	"time"

	"dev.keyward/keyward/model"
)

// What is told of a slot, from the top. Beside each other both slots have the
// same fact in the same line.
const (
	factName = iota
	factHeld
	factAge
	factUsed
	factCallers
	factDays
	factSum
	factGrace
	slotFactsCount
)

// slotFacts are the lines of each fact about one slot, none for one that is left
// out.
type slotFacts [slotFactsCount][]string

// slotAmount is how much is told of a slot: at levels above 0 what tells least is
// left out, and so many callers have their addresses at most.
type slotAmount struct{ level, callers int }

// slotLevels is the level at which the slots leave most out.
const slotLevels = 3

// slotsIn are the lines of the key and of both slots, with as much of them as so
// many lines have room for.
func (r *rotation) slotsIn(height int) []string {
	most := 1
	for _, n := range model.SlotNames {
		most = max(most, len(callersNow(r.key.Slot(n), r.at)))
	}
	for level := range slotLevels {
		for callers := most; callers >= 0; callers-- {
			if lines := r.slots(slotAmount{level, callers}); len(lines) <= height {
				return lines
			}
		}
	}
	return r.slots(slotAmount{slotLevels, 0})
}

// slots are the lines of both slots, beside each other where there is room, below
// the key that they are of.
func (r *rotation) slots(a slotAmount) []string {
	lines := []string{r.headLine()}
	if r.width >= sideBySide {
		r.second = 0
		half := r.width / 2
		left, right := r.slotFacts(0, half-1, a), r.slotFacts(1, r.width-half, a)
		for i := range left {
			for n := range max(len(left[i]), len(right[i])) {
				lines = append(lines, strings.TrimRight(pad(lineOf(left[i], n), half)+lineOf(right[i], n), " "))
			}
		}
		return lines
	}
	for i := range model.SlotNames {
		if i > 0 && a.level == 0 {
			lines = append(lines, "")
		}
		r.second = len(lines)
		for _, fact := range r.slotFacts(i, r.width, a) {
			lines = append(lines, fact...)
		}
	}
	return lines
}

// lineOf is a line of some, "" behind the last.
func lineOf(lines []string, n int) string {
	if n < len(lines) {
		return lines[n]
	}
	return ""
}

// slotLabel is how wide the labels of the slots are: the longest, and a gap.
func (r *rotation) slotLabel() int {
	if r.width >= sideBySide && r.width < 100 {
		return len("Last used ")
	}
	return len("Last used  ")
}

// slotFacts are what is known of one slot, in lines of that width.
func (r *rotation) slotFacts(i, width int, a slotAmount) (facts slotFacts) {
	s, slot := r.rt.styles, r.key.Slot(model.SlotNames[i])
	room := width - len(gutter) - r.slotLabel() - 1
	tell := func(fact int, label, text string, style func(...string) string) {
		for _, line := range strings.Split(wrap(text, room), "\n") {
			facts[fact] = append(facts[fact], clip(gutter+s.label.Render(pad(label, r.slotLabel()))+style(line), width-1))
			label = ""
		}
	}
	name, held, style := r.nameAndHeld(slot, i == r.cursor(), width, a.level)
	facts[factName] = []string{name}
	if held != "" {
		tell(factHeld, "Holds", held, style)
	}
	if slot.Empty {
		return facts
	}
	defer func() {
		for _, old := range slot.Retiring {
			text := fmt.Sprintf("! %s works until %s", old.Hint, old.Until.Text())
			if whole := text + ", " + timeLeft(old.Until, r.at); cells(whole) <= room || cells(text) > room && a.level == 0 {
				text = whole
			}
			tell(factGrace, "In grace", text, s.warning.Render)
		}
	}()
	if a.level >= slotLevels && r.width < sideBySide {
		free := width - 1 - cells(name) - len(gutter)
		if used := fitting(free, r.usedTexts(slot)...); cells(used) <= free {
			facts[factName][0] += s.faint.Render(gutter + used)
		}
		return facts
	}
	if a.level < 2 {
		tell(factAge, "Age", ageText(slot.Created, r.at)+s.faint.Render(", since "+slot.Created.DayText()), s.plain())
	}
	used := r.usedText(slot)
	if texts := r.usedTexts(slot); a.level >= slotLevels {
		used = fitting(room, texts...)
	} else if a.level > 0 { // the line of the callers says where they are seen
		used = fitting(room, used, texts[len(texts)-1])
	}
	tell(factUsed, "Last used", used, s.plain())
	if a.level >= slotLevels {
		return facts
	}
	paired := r.width >= sideBySide && a.level == 0
	switch text := r.callersText(slot, a.callers, room); {
	case text != "":
		tell(factCallers, "Callers", text, s.plain())
	case text == "" && paired:
		tell(factCallers, "Callers", "none in 24 h", s.faint.Render)
	}
	switch u := slot.Usage; {
	case u == nil && paired:
		tell(factDays, "Per day", "no call", s.faint.Render)
		tell(factSum, "In all", "no call", s.faint.Render)
	case u != nil:
		days, sums := r.perDay(u)
		if beside := room - model.UsageDays - 2; cells(sums[0]) > beside && a.level == 0 {
			tell(factDays, "Per day", days, s.plain())
			tell(factDays, "", sums[0], s.faint.Render)
		} else {
			tell(factDays, "Per day", days+"  "+s.faint.Render(fitting(max(beside, 0), sums...)), s.plain())
		}
		if a.level < 2 {
			tell(factSum, "In all", quantity(u.Allowed)+" allowed, "+quantity(u.Denied)+" denied", s.plain())
		}
	}
	return facts
}

// plain renders nothing otherwise: what stands there has its styles.
func (*styles) plain() func(...string) string {
	return func(text ...string) string { return strings.Join(text, " ") }
}

// nameAndHeld are the line with the name of a slot, with what the slot holds as
// far as that fits beside it, and what of that does not. Of a certificate how
// long it is good for comes before whose it is.
func (r *rotation) nameAndHeld(slot model.SlotInfo, here bool, width, level int) (name, held string, style func(...string) string) {
	s := r.rt.styles
	name = gutter + s.strong.Render(upperFirst(slot.Slot.String()))
	if here {
		name = s.marked.Render(pointer + upperFirst(slot.Slot.String()))
	}
	room, paired := width-len(gutter)-r.slotLabel()-1, r.width >= sideBySide
	whole, style := r.held(slot, 4*width)
	fits := cells(name)+len(gutter)+cells(whole) < width
	switch {
	case level > 0 && fits && cells(whole)+20 <= width, paired && r.width < 100 && fits:
		return name + gutter + style(whole), "", style
	case paired && slot.Certificate == nil && level == 0:
		return name, whole, style
	case !paired || slot.Certificate == nil || cells(whole) <= room:
		held, _ = r.held(slot, room)
		return name, clip(held, room), style
	}
	sign, left := "", slot.Certificate.LeftText(r.at)
	if before, _, found := strings.Cut(whole, left); found {
		sign = before
	}
	if cells(name)+len(gutter)+cells(sign+left) >= width {
		held, _ = r.held(slot, room)
		return name, clip(held, room), style
	}
	held = subjectText(*slot.Certificate, 4*width)
	if level > 0 {
		held = clip(subjectText(*slot.Certificate, room), room)
	}
	return name + gutter + style(sign+left), held, s.plain()
}

// usedTexts are usedText and how many others used the slot within a day, with
// fewer words each.
func (r *rotation) usedTexts(slot model.SlotInfo) []string {
	texts := []string{r.usedText(slot)}
	if others := len(callersNow(slot, r.at)) - 1; others > 0 {
		enter := rotationKeys.Open.Help().Key
		texts = []string{
			fmt.Sprintf("%s +%d: %s shows all", texts[0], others, enter),
			fmt.Sprintf("%s +%d: %s", texts[0], others, enter), texts[0],
		}
	}
	if u := slot.Usage; u != nil && u.LastUsed != 0 {
		ago := u.LastUsed.Ago(r.at)
		if len(texts) > 1 {
			texts = append(texts, ago+": "+rotationKeys.Open.Help().Key+" shows all")
		}
		texts = append(texts, ago)
	}
	return texts
}

// callersText counts who used the slot within a day and names so many of them;
// where there are more it says where they are seen. It is "" where there are none.
func (r *rotation) callersText(slot model.SlotInfo, most, room int) string {
	callers := callersNow(slot, r.at)
	if len(callers) == 0 {
		return ""
	}
	text := callerCount(callers)
	if room < 30 { // the label says of what
		text, _, _ = strings.Cut(text, " caller")
	}
	text += " in 24 h"
	names := callerNames(callers)
	if len(names) == 0 {
		return text
	}
	if most == 0 {
		enter := rotationKeys.Open.Help().Key
		return fitting(room, text+": "+enter+" shows all", text+": "+enter)
	}
	text += ": " + strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" +%d: %s shows all", more, rotationKeys.Open.Help().Key)
	}
	return text
}

// callerNames are the addresses of callers, of those that are known.
func callerNames(callers []model.CallerUse) (names []string) {
	for _, c := range callers {
		if c.Remote != "" {
			names = append(names, clean(c.Remote))
		}
	}
	return names
}

// callerWithTime holds the longest address, that of IPv6, and when it called.
const callerWithTime = 39 + len(" 59 min ago,")

// callersTold names everybody who used a slot within a day and, where there is
// room, when each did; "" for one alone, who is named with the slot's last use.
func callersTold(slot model.SlotInfo, now time.Time, room int) string {
	callers := callersNow(slot, now)
	if len(callers) < 2 {
		return ""
	}
	told := callerNames(callers)
	if room >= callerWithTime {
		told = nil
		for _, c := range callers {
			if c.Remote != "" {
				told = append(told, clean(c.Remote)+" "+c.Last.Ago(now))
			}
		}
	}
	return callerCount(callers) + " in 24 h: " + strings.Join(told, ", ")
}
