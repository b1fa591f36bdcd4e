package tui

import "testing"

// Blanks around a name are taken away when it is saved, in every form.
func TestBlanksAroundANameGo(t *testing.T) {
	t.Run("key", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.edits("kiosk", partName)
		w.press("ctrl+u")
		w.write("  counter ")
		w.press("ctrl+s")
		if w.app.prompt != nil {
			w.press("y")
		}
		w.key("counter")
		w.edits("counter", partName)
		w.write(" ")
		w.press("ctrl+s")
		w.sees("Nothing was changed")
	})
	t.Run("workflow", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.start()
		w.press("W", "n")
		w.write(" new one ")
		w.press("ctrl+s")
		w.sees(`The workflow "new one" is made`)
	})
	t.Run("environment", func(t *testing.T) {
		w := newWorld(t)
		variety(w)
		w.start()
		w.press("E", "n")
		w.write(" Stage ")
		w.press("ctrl+s")
		w.sees(`The environment "Stage" is made`)
	})
	t.Run("wizard", func(t *testing.T) {
		m, wizard := newWizardTest(t)
		wizard.goTo(stepName)
		m.paste(" billing ")
		if got := wizard.name.value(); got != "billing" {
			t.Errorf("the name is %q", got)
		}
		m.seesNo("begins or ends with a space")
	})
}

// A letter that no name may have is told with the ones that it may.
func TestLettersOfANameAreNamed(t *testing.T) {
	w := newWorld(t)
	variety(w)
	w.start()
	w.press("E", "n")
	w.write("Prévision")
	w.press("ctrl+s")
	w.sees("The name holds 'é': use letters a to z")
}
