package tui

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"dev.keyward/keyward/model"
)

// rateText is a number of requests a second, with a decimal where it is small.
func rateText(rate float64) string {
	switch {
	case rate < 0:
		return "…"
	case rate == 0:
		return "0"
	case rate < 0.05:
		return "<0.1"
	case rate < 99.95:
		return strconv.FormatFloat(rate, 'f', 1, 64)
	}
	return bigCount(uint64(rate + 0.5))
}

// shareText is a share as a percentage; one that is small is never none.
func shareText(share float64) string {
	switch percent := 100 * share; {
	case share < 0:
		return "-"
	case share == 0:
		return "0 %"
	case percent < 0.1:
		return "<0.1 %"
	case share < 1 && percent > 99.9:
		return ">99.9 %"
	case share == 1:
		return "100 %"
	default:
		return strconv.FormatFloat(percent, 'f', 1, 64) + " %"
	}
}

// lateShareText is the refused share lately, which may not be known yet.
func lateShareText(r endpointRow) string {
	if r.over == 0 {
		return "…"
	}
	return shareText(r.share())
}

// spanText is how far figures look back, "" for not at all.
func spanText(over time.Duration) string {
	switch seconds := int(over.Round(time.Second) / time.Second); {
	case seconds == 0:
		return ""
	case seconds < 100:
		return strconv.Itoa(seconds) + " s"
	default:
		return strconv.Itoa((seconds+30)/60) + " min"
	}
}

func paintRefused(share float64) int {
	if share > 0 {
		return paintWarning
	}
	return paintText
}

// bigCount is a number with its thousands apart.
func bigCount(n uint64) string { return thousands(int(min(n, 1<<62))) }

// allTexts are the figures since an endpoint runs, the longest form first.
func allTexts(r model.EndpointReport) []string {
	all := r.Allowed + r.Denied
	if all == 0 {
		return []string{"no request"}
	}
	share := shareText(shareOf(r.Denied, all))
	return []string{
		fmt.Sprintf("%s allowed, %s refused (%s)", bigCount(r.Allowed), bigCount(r.Denied), share),
		fmt.Sprintf("%s, %s refused", count(int(min(all, 1<<62)), "request"), share),
	}
}

// lateTexts are the figures of the time that the line is named after, the longest
// form first.
func lateTexts(r endpointRow) []string {
	switch {
	case r.over == 0:
		return []string{"not known yet"}
	case r.seen == 0:
		return []string{"no request"}
	}
	return []string{
		fmt.Sprintf("%s allowed, %s refused (%s)", bigCount(r.seen-r.refused), bigCount(r.refused), shareText(r.share())),
		fmt.Sprintf("%s, %s refused", count(int(min(r.seen, 1<<62)), "request"), shareText(r.share())),
	}
}

// ratesText is a picture of the rates lately, and the most of those in it. Where
// it does not go back as far as the figures, it says how far.
func ratesText(r endpointRow, room int) string {
	if len(r.rates) == 0 {
		return "…"
	}
	picture := func(rates []float64) string { return sparkline(rates) + "  peak " + rateText(slices.Max(rates)) + "/s" }
	text := picture(r.rates)
	if cells(text) <= room {
		return text
	}
	last := func(n int) string { return ", last " + spanText(time.Duration(n)*endpointEvery) }
	n := len(r.rates) - (cells(text) + cells(last(len(r.rates))) - room)
	if n < 1 {
		return text
	}
	return picture(r.rates[len(r.rates)-n:]) + last(n)
}
