package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
)

// offers are the bindings that the help of the top screen has.
func (w *world) offers() (all []key.Binding) {
	k := w.app.top().Keys()
	for _, group := range append(k.FullHelp(), k.ShortHelp()) {
		for _, b := range group {
			if b.Enabled() {
				all = append(all, b)
			}
		}
	}
	return all
}

// Over SSH no key is offered that cannot work, wherever it would be; pressed all
// the same it says why not; and the curl line is there for the mouse.
func TestRemoteOffersNoCopying(t *testing.T) {
	for name, tt := range map[string]struct {
		open      func(w *world)
		keys      []string // each says why it does nothing
		sees      []string
		shows     bool // y shows the line
		clipboard string
	}{
		"why":             {func(w *world) { w.explains("permission") }, nil, []string{"The call again", "-X DELETE", "/orders/3"}, true, "y"},
		"key":             {func(w *world) { w.start(); w.opens("crm sync") }, nil, []string{"curl "}, true, "y"},
		"certificate key": {func(w *world) { w.start(); w.opens("partner_portal") }, nil, []string{"curl "}, true, "y"},
		"try":             {func(w *world) { w.tries(); w.press("tab", "tab", "tab") }, []string{"y", "w"}, []string{"curl "}, false, "y"},
		"certificates":    {func(w *world) { w.start(); w.press("C") }, []string{"c", "w"}, nil, false, "c"},
		"certificate":     {func(w *world) { w.start(); w.press("C", "enter") }, []string{"c", "w"}, nil, false, "c"},
	} {
		for _, size := range certificateSizes {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t)
				w.rt.Remote, w.rt.CAFile = &Remote{}, ""
				w.resize(size.width, size.height)
				traffic(w)
				tt.open(w)
				for _, b := range w.offers() {
					if strings.Contains(b.Help().Desc, "copy") || strings.Contains(b.Help().Desc, "write") {
						t.Errorf("the help offers %q", b.Help().Desc)
					}
				}
				if tt.shows {
					w.press("y")
					w.sees("curl line is", "select it with the")
				}
				w.sees(tt.sees...)
				for _, k := range tt.keys {
					w.press(k)
					w.sees(map[string]string{"w": "over SSH no", "c": "over SSH nothing is sent", "y": "Not copied: over SSH"}[k])
				}
				w.press("?")
				w.seesNot("copy ")

				w = newWorld(t)
				w.rt.Remote, w.rt.CAFile = &Remote{Clipboard: true}, ""
				traffic(w)
				tt.open(w)
				found := false
				for _, b := range w.offers() {
					found = found || b.Help().Key == tt.clipboard && strings.HasPrefix(b.Help().Desc, "copy")
				}
				if !found {
					t.Errorf("with a clipboard %s is not offered", tt.clipboard)
				}
				w.seesNot("The call again")
			})
		}
	}
}
