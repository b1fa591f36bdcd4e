package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"dev.keyward/keyward/model"
)

// The question about production says what is at stake: who calls now, and what may
// be called; that something was said before is no reason to say less.
func TestProductionSaysWhatIsAtStake(t *testing.T) {
	used := "still uses primary, the last 4 min ago from 10.0.0.7"
	for name, test := range map[string]struct {
		do   func(w *world)
		want []string
	}{
		"disable":    {func(w *world) { w.press("e", "y") }, []string{used, "It may call 2 workflows in Production.", "refused until"}},
		"delete":     {func(w *world) { w.press("d"); w.write("billing-nightly"); w.press("enter") }, []string{used, "It may call 2 workflows in Production.", "the bin"}},
		"regenerate": {func(w *world) { w.press("r", "enter", "y") }, []string{used, "It may call 2 workflows in Production."}},
		"enable":     {func(w *world) { w.disable("billing-nightly"); w.press("ctrl+r", "e", "y") }, []string{"It may call 2 workflows in Production."}},
		"bulk disable": {func(w *world) { w.press("space", "down", "down", "space", "e", "y") },
			[]string{"used in the last 24 h: billing-nightly", "◆ billing-nightly", "Their calls are refused"}},
		"bulk permit": {func(w *world) { w.press("space"); w.permits("order-status"); w.press("y") }, []string{"can call it from now on"}},
		"workflow": {func(w *world) {
			w.press("W")
			w.finds("create-order")
			w.press("d")
			w.write("create-order")
			w.press("enter")
		},
			[]string{"Their next calls of it are refused", "◆ billing-nightly", "◆ kiosk"}},
	} {
		w := newWorld(t)
		variety(w)
		w.uses("billing-nightly", model.Primary, 4*time.Minute, "10.0.0.7")
		w.start()
		w.press("down")
		test.do(w)
		if w.app.prompt == nil || !strings.HasPrefix(w.app.prompt.Title, productionSign) {
			t.Errorf("%s: it is not the question about production:\n%s", name, w.screen())
			continue
		}
		view := strings.Join(strings.Fields(strings.ReplaceAll(w.screen(), "│", " ")), " ")
		w.seesNot("Their calls are refused until enabled again. can call")
		for _, want := range append(test.want, "This is production. Nothing was changed so far.") {
			if !strings.Contains(view, want) {
				t.Errorf("%s: %q is not on the screen:\n%s", name, want, w.screen())
			}
		}
	}
}

// The question before regenerating does not say over what the form said.
func TestRegenerateAsksInOtherWords(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.uses("crm sync", model.Primary, 4*time.Minute, "10.0.0.7")
	w.start()
	w.press("down", "down", "r")
	r := w.app.top().(*renewal)
	w.press("enter")
	for _, grace := range []int{0, usualGrace} {
		r.grace = grace
		for _, line := range r.asked() {
			if line != "" && (strings.Contains(r.consequence(), line) || strings.Contains("! "+stillUsed(r.key.Slot(model.Primary), r.at), line)) {
				t.Errorf("it says again %q", line)
			}
		}
	}
	w.sees("stops working in 24 hours", "There is no way back", "1 caller of the last 24 h")
}

// Production has a colour of its own, in any terminal, which can be read; red is
// what went wrong or is refused.
func TestColourOfProduction(t *testing.T) {
	for _, profile := range []termenv.Profile{termenv.ANSI, termenv.ANSI256, termenv.TrueColor} {
		for _, dark := range []bool{false, true} {
			r := lipgloss.NewRenderer(&strings.Builder{})
			r.SetColorProfile(profile)
			r.SetHasDarkBackground(dark)
			s := newStyles(r)
			seen := map[string]string{}
			for name, style := range map[string]lipgloss.Style{
				"production": s.production, "danger": s.danger, "warning": s.warning, "ok": s.ok, "faint": s.faint, "accent": s.accent,
			} {
				before, _, _ := strings.Cut(style.Render("x"), "x")
				if other, taken := seen[before]; taken && (name == "production" || other == "production" || name == "danger" || other == "danger") {
					t.Errorf("%v, dark %v: %s looks like %s", profile, dark, name, other)
				}
				seen[before] = name
			}
		}
	}
	white, black := termenv.RGBColor("#ffffff"), termenv.RGBColor("#1e1e1e")
	for _, c := range []struct {
		colour string
		on     termenv.Color
	}{{"91", white}, {"91", termenv.ANSI256.Color("189")}, {"177", black}, {"177", termenv.ANSI256.Color("237")}, {"5", white}, {"13", termenv.RGBColor("#000000")}} {
		if got := contrast(termenv.ANSI256.Color(c.colour), c.on); got < 4.5 {
			t.Errorf("colour %s on %v has a contrast of %.1f", c.colour, c.on, got)
		}
	}
}

// contrast is how well a colour is read on another, as WCAG 2.2 has it: from 1 to
// 21.
func contrast(a, b termenv.Color) float64 {
	light := func(c termenv.Color) float64 {
		r, g, b := termenv.ConvertToRGB(c).LinearRgb()
		return 0.2126*r + 0.7152*g + 0.0722*b
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// The wizard marks production as every other screen does.
func TestWizardMarksProduction(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("n", "enter")
	w.write("fresh")
	w.press("enter")
	w.sees("◆ production: calls that name none")
	w.seesNot("● production")
}
