package tui

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/spinner"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// spinnerTick moves a spinner on.
type spinnerTick = spinner.TickMsg

// The fields of the form. The algorithm is chosen, not typed.
const (
	fieldName = iota
	fieldSubject
	fieldDays
	fieldAlgorithm
	fieldCount
)

// generateForm asks what certificate to make. What was typed stays when the
// making fails.
type generateForm struct {
	rt         *runtime
	inputs     [fieldAlgorithm]textinput.Model
	algorithm  int
	focus      int
	problem    string
	cancelling bool
	spinner    spinner.Model
	began, now time.Time // of what is being made, by the spinner's ticks
	steps      int
}

func newGenerateForm(rt *runtime, keyName string) generateForm {
	f := generateForm{rt: rt, spinner: spinner.New(spinner.WithSpinner(spinner.MiniDot), spinner.WithStyle(rt.styles.accent))}
	subject := "/CN=" + clean(keyName)
	if keyName == "" {
		subject = "/CN=client"
	}
	for i, value := range [fieldAlgorithm]string{fileName(keyName), subject, "600"} {
		f.inputs[i] = newInput(rt.styles, "")
		f.inputs[i].CharLimit = 200
		f.inputs[i].SetValue(value)
	}
	f.inputs[fieldDays].CharLimit = 6
	return f
}

// fileName is a key's name as a file's: lower case, without spaces, never
// hidden, "client" for none.
func fileName(keyName string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.':
			return r
		}
		return '-'
	}, model.Fold(keyName))
	if name = strings.Trim(name, "-."); name == "" {
		return "client"
	}
	return name
}

func (f *generateForm) setSize(width int) {
	for i := range f.inputs {
		f.inputs[i].Width = max(10, min(width-18, 60))
	}
}

func (f *generateForm) open() {
	f.problem, f.cancelling, f.focus = "", false, fieldName
	f.refocus()
}

func (f *generateForm) refocus() {
	for i := range f.inputs {
		f.inputs[i].Blur()
	}
	if f.focus < fieldAlgorithm {
		f.inputs[f.focus].Focus()
	}
}

func (f *generateForm) move(n int) {
	f.focus = (f.focus + n + fieldCount) % fieldCount
	f.refocus()
}

// typed takes a key press for the field that has the focus.
func (f *generateForm) typed(msg tea.KeyMsg) {
	if f.focus != fieldAlgorithm {
		f.problem = ""
		typeInto(&f.inputs[f.focus], msg)
	}
}

// failed shows why nothing was made.
func (f *generateForm) failed(err error) {
	if f.cancelling && errors.Is(err, context.Canceled) {
		f.problem = "Cancelled: nothing was made."
	} else {
		f.problem = sentence(err)
	}
	f.cancelling = false
}

// name is what the files are to be called; ok is false when no file can be.
func (f *generateForm) name() (name string, ok bool) {
	name = strings.TrimSpace(f.inputs[fieldName].Value())
	return name, name != "" && name == filepath.Base(name) && name != "." && name != ".." && clean(name) == name
}

// options reads the form.
func (f *generateForm) options(dir string) (o GenerateOptions, problem string) {
	name, ok := f.name()
	days, err := strconv.Atoi(strings.TrimSpace(f.inputs[fieldDays].Value()))
	switch {
	case !ok:
		return o, "The file name is one name without a directory, such as client; go to another directory in the list first."
	case err != nil || days < 1 || days > 36500:
		return o, "The days are a number from 1 to 36500, such as 600."
	case len(f.rt.Algorithms) == 0:
		return o, "No algorithm to make a key with was set up."
	}
	return GenerateOptions{
		Dir: dir, Name: name, Subject: strings.TrimSpace(f.inputs[fieldSubject].Value()),
		Days: days, Algorithm: f.rt.Algorithms[f.algorithm],
	}, ""
}

// tick moves the spinner while something is being made.
func (f *generateForm) tick(msg spinnerTick, working bool) tea.Cmd {
	if !working {
		return nil
	}
	if f.now = msg.Time; f.began.IsZero() {
		f.began = f.now
	}
	f.steps++
	var cmd tea.Cmd
	f.spinner, cmd = f.spinner.Update(msg)
	return cmd
}

// generates reports whether a certificate can be made here: where nothing may be
// changed no private key is written to the disk either.
func (p *picker) generates() bool { return p.documents == nil && !p.rt.locked() }

func (p *picker) formKey(msg tea.KeyMsg) tea.Cmd {
	f := &p.form
	choosing := f.focus == fieldAlgorithm && len(p.rt.Algorithms) > 0
	switch {
	case matches(msg, formKeys.Back) && p.straight:
		return pop()
	case matches(msg, formKeys.Back):
		p.mode = picking
	case matches(msg, formKeys.Submit):
		return p.generate()
	case matches(msg, formKeys.Next, formKeys.Down):
		f.move(1)
	case matches(msg, formKeys.Previous, formKeys.Up):
		f.move(-1)
	case choosing && matches(msg, formKeys.Left):
		f.algorithm = (f.algorithm + len(p.rt.Algorithms) - 1) % len(p.rt.Algorithms)
	case choosing && matches(msg, formKeys.Right):
		f.algorithm = (f.algorithm + 1) % len(p.rt.Algorithms)
	default:
		f.typed(msg)
	}
	return nil
}

// generate makes the certificate, with a spinner, until it is done or given up.
func (p *picker) generate() tea.Cmd {
	if refusal := p.rt.refuse(); refusal != nil {
		return refusal // it came while the form was filled in
	}
	o, problem := p.form.options(p.files.dir)
	if p.form.problem = problem; problem != "" {
		return nil
	}
	p.mode, p.request = generating, p.rt.next()
	p.form.cancelling, p.form.began, p.form.steps = false, time.Time{}, 0
	var cmd tea.Cmd
	cmd, p.cancel = p.rt.generateCertificate(p.request, o)
	return tea.Batch(cmd, p.form.spinner.Tick)
}

func (f *generateForm) view(dir string, working bool, width, height int) string {
	s := f.rt.styles
	lines := []string{gutter + s.strong.Render("Make a self-signed certificate")}
	advice := "For testing only: use certificates of an authority in production. The private key is written " +
		"beside the certificate, readable by you alone; keyward keeps only the certificate."
	lines = append(lines, faintLines(s, advice, width)...)
	if height >= 16 {
		lines = append(lines, "")
	}
	for i, label := range [fieldAlgorithm]string{"File name", "Subject", "Days"} {
		lines = append(lines, clip(f.label(i, label)+inputView(s, f.inputs[i]), width))
	}
	lines = append(lines, clip(f.label(fieldAlgorithm, "Algorithm")+options(f.rt.Algorithms, f.algorithm), width))
	to := "" // a name that will be refused leads nowhere
	if name, ok := f.name(); ok {
		const endings = ".crt, .cer and .key"
		to = "  " + pad("Written to", 11) + clipLeft(clean(filepath.Join(dir, name)), width-13-len(endings)) + endings
	}
	lines = append(lines, s.faint.Render(to))
	if height >= 16 {
		lines = append(lines, "") // below is as much as two lines
	}
	switch {
	case working && f.cancelling:
		lines = append(lines, gutter+s.faint.Render("Cancelling…"))
	case working:
		lines = append(lines, f.spinner.View()+clip(" Making the key… RSA takes some seconds; esc cancels.", width-2))
		if took := f.now.Sub(f.began); !f.began.IsZero() && took >= time.Second {
			lines = append(lines, gutter+s.accent.Render(Sweep(f.steps, 24))+" "+strconv.Itoa(int(took/time.Second))+" s")
		}
	case f.problem != "":
		lines = append(lines, errorLines(s, f.problem, width))
	}
	return strings.Join(lines, "\n")
}

func (f *generateForm) label(i int, text string) string {
	if i == f.focus {
		return f.rt.styles.cursor.Render("› ") + f.rt.styles.fieldFocused.Render(pad(text, 11))
	}
	return "  " + f.rt.styles.label.Render(pad(text, 11))
}
