package tui

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
)

const consoleDocument = "../docs/console.md"

// documented are the key tables of docs/console.md: what a table is called
// there, and the screens whose bindings it has. A new screen is a line.
var documented = []struct {
	table string
	open  []func(t *testing.T) screen
}{
	{"keys", []func(*testing.T) screen{
		in(func(w *world) { variety(w); w.start(); w.press("down", " ", "down", " ", "down") }),
		in(func(w *world) { variety(w); w.start() }),
		in(func(w *world) { variety(w); w.start(); w.press("/", "a", "enter") }),
	}},
	{"filter", []func(*testing.T) screen{in(func(w *world) { variety(w); w.start(); w.press("/", "a") })}},
	{"key", []func(*testing.T) screen{
		in(func(w *world) { variety(w); w.opens("crm sync") }),
		in(func(w *world) { variety(w); w.opens("warehouse"); w.press("down", "down", "down", "down") }),
	}},
	{"edit", []func(*testing.T) screen{
		in(func(w *world) { variety(w); w.edits("crm sync", partName) }),
		in(func(w *world) { variety(w); w.edits("crm sync", partEnvironment) }),
	}},
	{"permit", []func(*testing.T) screen{in(func(w *world) { variety(w); w.opens("crm sync"); w.press("p") })}},
	{"wizard", []func(*testing.T) screen{
		made(func(m *maker) { m.push(newWizard(m.rt)) }),
		made(func(m *maker) { m.push(newWizard(m.rt)); m.toToken(stepLimits) }),
		made(func(m *maker) { m.push(newWizard(m.rt)); m.toToken(stepReview) }),
	}},
	{"choose", []func(*testing.T) screen{made(func(m *maker) { m.push(newWizard(m.rt)); m.toToken(stepWorkflows) })}},
	{"certificate", []func(*testing.T) screen{
		made(func(m *maker) { m.push(newWizard(m.rt)); m.toCertificate(stepCertificate); m.keys("enter") }),
	}},
	{"path", []func(*testing.T) screen{made(func(m *maker) { m.push(newPicker(m.rt, "Certificate", "", nil)); m.keys("tab") })}},
	{"generate", []func(*testing.T) screen{made(func(m *maker) { m.push(newPicker(m.rt, "Certificate", "", nil)); m.keys("ctrl+g") })}},
	{"reveal", []func(*testing.T) screen{func(t *testing.T) screen { _, r, _ := newRevealTest(t); return r }}},
	{"renewal", []func(*testing.T) screen{in(func(w *world) { variety(w); w.start(); w.press("down", "r") })}},
	{"certificates", []func(*testing.T) screen{in(func(w *world) { renewals(w); w.start(); w.press("C") })}},
	{"one", []func(*testing.T) screen{in(func(w *world) { renewals(w); w.start(); w.press("C", "enter") })}},
	{"inspect", []func(*testing.T) screen{made(func(m *maker) {
		p := newPicker(m.rt, "Inspect a certificate", "", nil)
		p.found.inspect = true
		m.push(p)
		m.paste("-----BEGIN CERTIFICATE-----")
	})}},
	{"export", []func(*testing.T) screen{in(func(w *world) { renewals(w); w.start(); w.press("C", "w") })}},
	{"rotation", []func(*testing.T) screen{in(func(w *world) { renewals(w); w.start(); w.press("down", "R") })}},
	{"activity", []func(*testing.T) screen{
		in(func(w *world) { traffic(w); w.start(); w.press("L") }),
		in(func(w *world) { traffic(w); w.start(); w.press("L", "z") }),
	}},
	{"why", []func(*testing.T) screen{in(func(w *world) { traffic(w); w.explains("permission") }), in(func(w *world) { traffic(w); w.explains("disabled") })}},
	{"try", []func(*testing.T) screen{in(func(w *world) { variety(w); w.start(); w.press("T") })}},
	{"workflows", []func(*testing.T) screen{in(func(w *world) { w.listsWorkflows() })}},
	{"workflow", []func(*testing.T) screen{
		in(func(w *world) { w.listsWorkflows(); w.press("down", "enter") }),
		in(func(w *world) { w.listsWorkflows(); w.press("enter", "tab") }),
	}},
	{"environments", []func(*testing.T) screen{in(func(w *world) { variety(w); w.start(); w.press("E") })}},
	{"environment", []func(*testing.T) screen{
		in(func(w *world) { variety(w); w.start(); w.press("E", "enter") }),
		in(func(w *world) { variety(w); w.start(); w.press("E", "enter", "tab", "tab") }),
	}},
	{"endpoint", []func(*testing.T) screen{in(func(w *world) { busyEndpoints(w) })}},
	{"bin", []func(*testing.T) screen{in(binned)}},
	{"deleted", []func(*testing.T) screen{in(func(w *world) { binned(w); w.finds("billing"); w.press("enter") })}},
	{"restore", []func(*testing.T) screen{in(func(w *world) { binned(w); w.finds("crm"); w.press("b") })}},
	{"import", []func(*testing.T) screen{
		in(func(w *world) { w.previews(shopRows()) }),
		in(func(w *world) { w.previews(manyRows(90)); w.holdsImport() }),
		in(func(w *world) { w.previews(shopRows()); w.filters("order"); w.press("enter") }),
	}},
	{"prefix", []func(*testing.T) screen{in(func(w *world) { w.previews(shopRows()); w.press("tab") })}},
	{"pasted", []func(*testing.T) screen{
		made(func(m *maker) { overSSH(m).push(newPicker(m.rt, "Primary certificate", "Billing Nightly", nil)) }),
		made(func(m *maker) {
			overSSH(m).push(newPicker(m.rt, "Primary certificate", "Billing Nightly", nil))
			m.paste("-----BEGIN CERTIFICATE-----")
		}),
	}},
	{"viewer", []func(*testing.T) screen{
		in(func(w *world) { w.rt.ReadOnly, w.rt.Remote = true, &Remote{}; variety(w); w.start() }),
	}},
	{"viewed", []func(*testing.T) screen{
		in(func(w *world) { w.rt.ReadOnly, w.rt.Remote = true, &Remote{}; variety(w); w.opens("crm sync") }),
	}},
	{"start", []func(*testing.T) screen{
		in(func(w *world) { w.start() }),
		in(func(w *world) { w.start(); w.press("t", "y"); w.deletes(sampleKey); w.press("ctrl+r") }),
	}},
	{"audit", []func(*testing.T) screen{
		in(func(w *world) { trail(w); w.start(); w.press("A") }),
		in(func(w *world) { trail(w); w.start(); w.press("A", "/", "d", "enter") }),
	}},
}

// in opens a screen in a world of its own.
func in(open func(w *world)) func(t *testing.T) screen {
	return func(t *testing.T) screen {
		w := newWorld(t)
		open(w)
		return w.app.top()
	}
}

// made opens one of the screens that make things.
func made(open func(m *maker)) func(t *testing.T) screen {
	return func(t *testing.T) screen {
		m := newMaker(t)
		open(m)
		return m.app.top()
	}
}

// TestConsoleDocument compares the key tables of docs/console.md with the key
// maps; go test ./tui -run ConsoleDocument -update writes them.
func TestConsoleDocument(t *testing.T) {
	data, err := os.ReadFile(consoleDocument)
	if err != nil {
		t.Fatal(err)
	}
	was := strings.ReplaceAll(string(data), "\r\n", "\n")
	now := withTable(t, was, "everywhere", keyTable([][]key.Binding{commonKeys(t)}, nil))
	for name, keys := range over(t) {
		now = withTable(t, now, name, keyTable([][]key.Binding{keys}, nil))
	}
	for _, d := range documented {
		var screens [][]key.Binding
		for _, open := range d.open {
			screens = append(screens, slices.Concat(open(t).Keys().FullHelp()...))
		}
		now = withTable(t, now, d.table, keyTable(screens, commonKeys(t)))
	}
	if n := strings.Count(now, "<!-- keys: "); n != len(documented)+1+len(over(t)) {
		t.Errorf("the document has %d key tables, and the test knows %d", n, len(documented)+1+len(over(t)))
	}
	if now == was {
		return
	}
	if flag.Lookup("update").Value.String() != "true" {
		t.Fatal("the key tables are not those of the key maps: go test ./tui -run ConsoleDocument -update writes them")
	}
	if err := os.WriteFile(consoleDocument, []byte(now), 0o644); err != nil {
		t.Fatal(err)
	}
}

// over are the keys of what lies over a screen.
func over(t *testing.T) map[string][]key.Binding {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press(":")
	palette := w.app.palette.bindings()
	w.press("esc", "?")
	return map[string][]key.Binding{"palette": palette, "help": w.app.help.bindings()}
}

// commonKeys are those that work on every screen, or in every list.
func commonKeys(t *testing.T) []key.Binding {
	global := globalKeys
	global.Quit.SetHelp(global.Quit.Help().Key, "back; from the list of keys it quits")
	all := bindingsOf(t, global)
	all = append(all, paletteKeys.Open, undoKeys.Undo, mouseKeys.Toggle, endpointKeys.Toggle)
	all = append(all, bindingsOf(t, placeKeys)...)
	return append(all, moveKeys.all()...)
}

// withTable puts a table between its markers.
func withTable(t *testing.T, document, name, table string) string {
	t.Helper()
	begin, end := "<!-- keys: "+name+" -->\n", "<!-- end -->"
	before, rest, found := strings.Cut(document, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Errorf("the document has no table of the keys of %q: put %q and %q into its section", name, strings.TrimSpace(begin), end)
		return document
	}
	return before + begin + table + end + after
}

// keyTable lists the bindings that are on in one of the screens, but for those
// that are told of elsewhere. What a key does in several words is told in all.
func keyTable(screens [][]key.Binding, elsewhere []key.Binding) string {
	var order []string
	does := map[string][]string{}
	for _, b := range slices.Concat(screens...) {
		shown, desc := b.Help().Key, strings.TrimRight(b.Help().Desc, " 0123456789") // without how many are marked
		if !b.Enabled() || shown == "" || slices.ContainsFunc(elsewhere, func(e key.Binding) bool { return e.Help() == b.Help() }) {
			continue
		}
		if does[shown] == nil {
			order = append(order, shown)
		}
		if !slices.Contains(strings.Split(strings.Join(does[shown], "/"), "/"), desc) && !slices.Contains(does[shown], desc) {
			does[shown] = append(does[shown], desc)
		}
	}
	var b strings.Builder
	b.WriteString("\n| key | what it does |\n| --- | --- |\n")
	for _, shown := range order {
		_, _ = fmt.Fprintf(&b, "| `%s` | %s |\n", shown, strings.ReplaceAll(strings.Join(does[shown], "; "), "|", `\|`))
	}
	b.WriteString("\n")
	return b.String()
}
