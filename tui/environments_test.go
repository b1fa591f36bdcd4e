package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dev.keyward/keyward/model"
)

// environmentVariety has hosts, and an environment that nothing uses.
func environmentVariety(w *world) {
	w.t.Helper()
	boundVariety(w)
	for _, d := range []model.EnvironmentDraft{
		{Name: "Staging", Hosts: []string{"staging.example.com", "10.0.0.7", "stage.example.com"}},
		{Name: "an-environment-with-a-name-as-long-as-a-name-may-be-in-the-store", Hosts: []string{strings.Repeat("long.", 30) + "example.com"}},
	} {
		if _, err := w.session.CreateEnvironment(w.t.Context(), d); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) listsEnvironments() {
	w.t.Helper()
	environmentVariety(w)
	w.start()
	w.press("E")
}

func (w *world) environment(name string) model.EnvironmentInfo {
	w.t.Helper()
	info, err := w.session.Environment(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return info
}

func TestEnvironmentViews(t *testing.T) {
	everySize(t, "list", func(w *world) { w.listsEnvironments(); w.press("down") })
	everySize(t, "filtered", func(w *world) { w.listsEnvironments(); w.finds("stage") })
	everySize(t, "delete asked", func(w *world) { w.listsEnvironments(); w.finds("staging"); w.press("d") })
	everySize(t, "delete refused", func(w *world) { w.listsEnvironments(); w.finds("test"); w.press("d") })
	everySize(t, "delete production", func(w *world) { w.listsEnvironments(); w.finds("production"); w.press("d") })
	everySize(t, "new", func(w *world) { w.listsEnvironments(); w.press("n") })
	everySize(t, "edit", func(w *world) { w.listsEnvironments(); w.finds("staging"); w.press("enter", "tab") })
	everySize(t, "production", func(w *world) { w.listsEnvironments(); w.finds("production"); w.press("enter", "tab", "tab") })
	everySize(t, "flag asked", func(w *world) {
		w.listsEnvironments()
		w.finds("test")
		w.press("enter", "tab", "tab", "right", "ctrl+s")
	})
	everySize(t, "host taken", func(w *world) {
		w.listsEnvironments()
		w.finds("test")
		w.press("enter", "tab")
		w.write("stage.example.com")
		w.press("ctrl+s")
	})
}

func TestEnvironmentIsMade(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.backend.told = model.Receipt{Serves: 1, InForce: 1, Took: 3 * time.Millisecond}
	w.press("n")
	w.write("Acceptance")
	w.sees("_profile=Acceptance")
	w.press("tab")
	w.write("b.example.com, A.example.com b.example.com")
	w.press("tab", "tab", "enter")
	got := w.environment("Acceptance")
	if got.Production || fmt.Sprint(got.Hosts) != "[a.example.com b.example.com]" {
		t.Errorf("made was %+v", got)
	}
	w.sees(`The environment "Acceptance" is made; in force at 1 of 1 endpoints in 3 ms.`, "›   Acceptance")
}

func TestEnvironmentIsChanged(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.finds("staging")
	w.press("enter")
	w.write("2")
	w.sees("_profile=Staging2", "in place of")
	w.press("tab", "ctrl+u")
	w.write("only.example.com")
	w.press("ctrl+s", "y")
	if got := w.environment("Staging2"); fmt.Sprint(got.Hosts) != "[only.example.com]" {
		t.Errorf("saved was %+v", got)
	}
	w.sees(`The environment "Staging2" is changed; no endpoint runs now.`)
}

func TestProductionFlagIsAskedFor(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.finds("test")
	w.press("enter", "tab", "tab", "space", "ctrl+s")
	w.sees(`Give the production flag to "Test"?`, `"Production" has it now`)
	w.press("n")
	if w.environment("Test").Production {
		t.Fatal("no moved the flag")
	}
	w.sees("1 change, not saved yet")
	w.press("ctrl+s", "y")
	if !w.environment("Test").Production || w.environment("Production").Production {
		t.Error("the flag is where it was")
	}
	w.sees(`The environment "Test" is changed`, "◆ Test")
	w.press("enter", "tab", "tab")
	w.seesNot("‹")
	w.sees("To take the flag away")
}

func TestEnvironmentIsDeleted(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.finds("production")
	w.press("d")
	w.sees("carries the production flag")
	if w.app.prompt != nil {
		t.Error("it asks what it refuses")
	}
	w.press("esc")
	w.finds("test")
	w.press("d")
	w.sees("is used by 5 keys", "crm sync", "another environment")
	if w.app.prompt != nil {
		t.Error("it asks what is certain to be refused")
	}
	w.press("esc")
	w.finds("staging")
	w.press("d", "y", "y") // it has a host, the calls through which go to production then
	w.sees(`The environment "Staging" is deleted.`)
	if _, err := w.session.Environment(t.Context(), "Staging"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("it is there: %v", err)
	}
}

func TestEnvironmentFormKeepsWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.press("n")
	w.write("staging")
	w.press("tab")
	w.write("bad host!")
	w.press("ctrl+s")
	w.sees("taken by another environment", "bad host!")
	w.press("backspace") // the cursor is on the name
	w.press("ctrl+s")
	w.sees("is not a host name", "stagin", "bad host!")
	w.press("ctrl+u")
	w.write("stage.example.com")
	w.press("ctrl+s")
	f := w.app.top().(*environmentForm)
	if f.field("hosts").problem == "" || f.field("name").problem != "" {
		t.Errorf("a taken host is told beside %+v", f.fields)
	}
	w.press("backspace")
	w.backend.wrote = errTest
	w.press("ctrl+s")
	w.sees("The store does not answer", "stage.example.co")
	w.backend.wrote = nil
	w.press("ctrl+s")
	w.environment("stagin")
}

func TestEnvironmentFormTakesTheNewVersion(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.finds("staging")
	w.press("enter")
	w.write("2")
	hosts := []string{"other.example.com"}
	if _, err := w.session.EditEnvironment(t.Context(), "Staging", model.EnvironmentEdit{Hosts: &hosts}); err != nil {
		t.Fatal(err)
	}
	w.press("ctrl+s")
	w.sees("Somebody else changed this environment", "Nothing was saved")
	w.press("ctrl+r", "ctrl+s")
	if got := w.environment("Staging2"); fmt.Sprint(got.Hosts) != "[other.example.com]" {
		t.Errorf("saved was %+v", got)
	}
}

// What is typed before the question is seen is not what the yes is about.
func TestProductionFlagGoesWhereItWasAsked(t *testing.T) {
	w := newWorld(t)
	w.listsEnvironments()
	w.finds("test")
	w.press("enter", "tab", "tab", "space", "shift+tab", "shift+tab")
	w.hold = true
	w.press("ctrl+s", "2") // each on a slow machine
	w.release()
	w.sees(`Give the production flag to "Test"?`)
	w.press("y")
	if !w.environment("Test").Production {
		t.Error("the flag is not there")
	}
}
