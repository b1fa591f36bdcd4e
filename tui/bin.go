package tui

import (
	"fmt"
	"time"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// binList is the bin: the keys that were deleted and can be restored.
type binList struct {
	register[model.DeletedKey]
	at    time.Time // of the newest answer
	marks marks
}

func newBin(rt *runtime) screen {
	l := &binList{marks: marks{}}
	l.noun, l.about, l.order = "deleted key", "its name, its kind or its environment", "the last deleted first"
	l.none = "The bin is empty: no key that was deleted can be restored."
	l.id = func(k model.DeletedKey) model.ID { return k.ID }
	l.words = func(k model.DeletedKey) string {
		return k.Name + " " + k.Kind.String() + " " + k.Environment + " " + k.ID.String()
	}
	l.load = rt.loadBin
	l.open(rt, l.columns(), "words in names, kinds, environments …")
	l.table.sorted, l.table.desc = binDeleted, true
	return l
}

// binDeleted is the number of the column by which the bin is sorted.
const binDeleted = 4

func (l *binList) columns() []column[model.DeletedKey] {
	type row = model.DeletedKey
	return []column[row]{
		{title: "Name", wide: 22, narrow: 14, grow: 2, most: 64, cell: func(k row, _ bool) (string, int) { return l.marks.sign(k.ID) + clean(k.Name), paintText }},
		{title: "Kind", wide: 11, narrow: 11, drop: 1, cell: func(k row, _ bool) (string, int) { return k.Kind.String(), paintText }},
		{title: "  Environment", wide: 16, narrow: 13, grow: 1, most: 40, cell: binEnvironmentCell},
		{title: "Workflows", wide: 9, narrow: 9, right: true, drop: 2, cell: func(k row, _ bool) (string, int) { return numberCell(k.WorkflowCount) }},
		{title: "Deleted", wide: 10, narrow: 10, cell: func(k row, _ bool) (string, int) { return k.Deleted.DayText(), paintFaint }},
		{title: "Kept for", wide: 10, narrow: 10, right: true, cell: func(k row, _ bool) (string, int) { return l.kept(k) }},
	}
}

func binEnvironmentCell(k model.DeletedKey, _ bool) (string, int) {
	switch {
	case k.EnvironmentGone:
		return "! deleted", paintWarning
	case k.Environment == "":
		return "! any", paintWarning
	case k.Production:
		return productionName(k.Environment), paintProduction
	}
	return "  " + clean(k.Environment), paintText
}

func (l *binList) kept(k model.DeletedKey) (string, int) {
	if text := keptFor(k, l.at); text != "" {
		return text, paintText
	}
	return "purge due", paintWarning
}

// keptFor is how long it is until a purge takes the key; "" where it does now.
func keptFor(k model.DeletedKey, now time.Time) string {
	left := model.PurgeableIn(k.Deleted, now)
	if left == 0 {
		return ""
	}
	return count(int((left+24*time.Hour-1)/(24*time.Hour)), "day")
}

// Title is the screen's part of the breadcrumb.
func (l *binList) Title() string { return "Bin" }

// Update takes keys, answers and news.
func (l *binList) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return l.press(msg)
	case binMsg:
		if msg.err == nil && msg.request == l.listing.request {
			l.at = msg.at
		}
		cmd := l.listed(msg.request, msg.keys, msg.err)
		l.unmarkGone()
		return cmd
	}
	return l.update(msg)
}

func (l *binList) press(msg tea.KeyMsg) tea.Cmd {
	if l.filter.typing {
		return l.key(msg)
	}
	if refusal := l.rt.refuse(); refusal != nil && matches(msg, binKeys.Restore, binKeys.Purge, binKeys.Mark, binKeys.MarkAll) {
		return refusal
	}
	k := l.bindings()
	row, _ := l.table.current()
	if cmd, taken := l.mark(msg, k); taken {
		return cmd
	}
	switch {
	case msg.Paste:
	case matches(msg, k.Restore):
		return askRestore(l.rt, row, nil)
	case matches(msg, k.Purge):
		return askPurge(l.rt, l.due())
	case l.loaded && matches(msg, binKeys.Purge):
		return status(statusInfo, fmt.Sprintf("Nothing is to be purged: no key was deleted more than %d days ago.", model.PurgeAfter/(24*time.Hour)))
	case matches(msg, k.Open):
		return push(newDeleted(l.rt, row, l.at))
	default:
		return l.key(msg)
	}
	return nil
}

// due are the keys that a purge takes, those that were for production first.
func (l *binList) due() (names []string) {
	var others []string
	for _, k := range l.all {
		switch {
		case keptFor(k, l.at) != "":
		case k.Production:
			names = append(names, "  ◆ "+clean(k.Name))
		default:
			others = append(others, "    "+clean(k.Name))
		}
	}
	return append(names, others...)
}

func (l *binList) bindings() binKeyMap {
	k := binKeys
	_, here := l.table.current()
	k.Open.SetEnabled(l.loaded && here)
	k.Restore.SetEnabled(l.loaded && here)
	k.Purge.SetEnabled(len(l.due()) > 0)
	l.markKeys(&k, here)
	if l.rt.locked() {
		disable(&k.Restore, &k.Purge)
	}
	return k
}

// Keys are the bindings for the help line and the help screen.
func (l *binList) Keys() help.KeyMap {
	if l.filter.typing {
		return l.register.Keys()
	}
	k, r := l.bindings(), l.keys()
	return bindings{
		short: []key.Binding{r.Clear, l.noMarks(), k.Restore, k.Open, k.Purge, k.Mark, r.Filter, globalKeys.Back},
		full:  [][]key.Binding{{k.Restore, k.Open, k.Mark, k.MarkAll, k.Purge, r.Filter, r.Clear, l.noMarks(), r.Reload}, moveKeys.all()},
	}
}

// aim is the deleted key under the cursor: its trail tells who deleted it.
func (l *binList) aim() aim {
	row, _ := l.table.current()
	return aim{key: row.ID, name: row.Name, among: true}
}

// rowOf is a deleted key as it would be on the list.
func rowOf(k model.DeletedKey) model.KeyRow {
	return model.KeyRow{ID: k.ID, Name: k.Name, Kind: k.Kind, Environment: k.Environment, Production: k.Production, WorkflowCount: k.WorkflowCount}
}

// askRestore asks before a key is restored, and under which name. over, if any, is
// the screen of the deleted key, which is closed once it is restored.
func askRestore(rt *runtime, k model.DeletedKey, over screen) tea.Cmd {
	if k.EnvironmentGone {
		return status(statusWarning, fmt.Sprintf("The environment that %q was for is deleted: make a new key in its place.", k.Name))
	}
	return push(newRestoreForm(rt, k, over))
}

// askRestoreHere is askRestore from a screen on which the key can be enabled
// then.
func askRestoreHere(rt *runtime, k model.DeletedKey) tea.Cmd {
	if k.EnvironmentGone {
		return askRestore(rt, k, nil)
	}
	f := newRestoreForm(rt, k, nil)
	f.enables = whyKeys.Enable.Help().Key + " enables it"
	return push(f)
}

// askPurge asks for a word before deleted keys are removed for good.
func askPurge(rt *runtime, due []string) tea.Cmd {
	return ask(prompt{
		Title: fmt.Sprintf("Purge %s for good?", count(len(due), "deleted key")), rows: promptRows{all: due},
		Lines: []string{fmt.Sprintf("Those that were deleted more than %d days ago:", model.PurgeAfter/(24*time.Hour))},
		After: []string{"There is no way back: whoever presents a secret of one is unknown then. The audit trail keeps what they were."},
		Word:  "purge", Confirm: "purge them", Danger: true, OnYes: rt.purgeBin(len(due)),
	})
}
