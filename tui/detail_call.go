package tui

import (
	"net/url"
	"strings"

	"dev.keyward/keyward/model"
)

// calls are what the key may call, and how.
func (d *detail) calls(width int) []block {
	k, s := &d.key, d.rt.styles
	title := d.title("Workflows", "")
	if d.width >= twoPanes {
		title.lines = title.lines[1:] // it begins its pane
	}
	blocks := []block{title}
	head := d.find(stop{part: partWorkflows})
	if len(k.Workflows) == 0 {
		blocks = append(blocks, d.field(head, "Permitted", s.warning.Render("! none: every call is refused")))
	} else {
		blocks = append(blocks, d.field(head, "Permitted", count(len(k.Workflows), "workflow")))
	}
	blocks = append(blocks, d.workflows(head+1, width)...)
	return append(blocks, d.title("How to call", callNote(k)), block{d.find(stop{part: partCall}), d.example(width)})
}

// workflows renders a line each; their number is not bounded, so that they are
// painted and not styled.
func (d *detail) workflows(first, width int) []block {
	name, path := 4, 4
	for _, w := range d.key.Workflows {
		name, path = max(name, len(w.Name)), max(path, len(w.Path))
	}
	name = min(name, max((width-12)/2, 12))
	path = min(path, max(width-14-name, 8))
	faint, warning := d.rt.styles.palettes()[0][paintFaint], d.rt.styles.palettes()[0][paintWarning]
	blocks := make([]block, len(d.key.Workflows))
	for i, w := range d.key.Workflows {
		line := pad(clean(w.Name), name) + "  "
		if w.Path == "" {
			line += warning.on("! unbound: cannot be called")
		} else {
			line += faint.on(pad(clean(w.Method), 7)) + " " + clip(clean(w.Path), path)
		}
		blocks[i] = block{first + i, []string{line}}
	}
	return blocks
}

func callNote(k *model.KeyInfo) string {
	if k.Kind == model.CertificateKey {
		return "the caller's certificate and its private key"
	}
	return "the secret comes from the variable KEYWARD_SECRET"
}

// example is a curl line for the key's first workflow. It never holds a secret.
func (d *detail) example(width int) []string {
	var w model.WorkflowRef
	for _, w = range d.key.Workflows {
		if w.Path != "" {
			break
		}
	}
	if w.Path == "" {
		return []string{d.rt.styles.faint.Render("Permit a workflow first.")}
	}
	parts := []string{"curl"}
	if d.rt.CAFile != "" {
		parts = append(parts, "--cacert "+shellQuote(clean(d.rt.CAFile)))
	}
	if w.Method != "GET" {
		parts = append(parts, "-X "+clean(w.Method))
	}
	if d.key.Kind == model.CertificateKey {
		parts = append(parts, "--cert client.crt", "--key client.key")
	} else {
		parts = append(parts, `-H "Authorization: Key=$KEYWARD_SECRET"`)
	}
	return folded(append(parts, shellQuote(callURL(d.rt.Endpoint, w, profileOf(&d.key)))), width-4)
}

// folded sets the parts of a command line on as few lines as the width allows.
func folded(parts []string, width int) []string {
	lines := []string{parts[0]}
	for _, p := range parts[1:] {
		last := &lines[len(lines)-1]
		if cells(*last)+cells(p)+3 <= width {
			*last += " " + p
			continue
		}
		*last += " \\"
		lines = append(lines, "  "+p)
	}
	return lines
}

// profileOf is the environment that a call with the key has to name, or "".
func profileOf(k *model.KeyInfo) string {
	if k.Environment == "" || k.Production {
		return ""
	}
	return k.Environment
}

func profileValue(environment string) string {
	return strings.ReplaceAll(url.QueryEscape(environment), "+", "%20")
}

// callURL is a workflow's URL with the names of its variables, in capitals, in
// place of their values.
func callURL(endpoint string, w model.WorkflowRef, profile string) string {
	u := strings.TrimSuffix(clean(endpoint), "/") + variablesNamed(clean(w.Path))
	if profile == "" {
		return u
	}
	if strings.Contains(u, "?") {
		return u + "&_profile=" + profileValue(profile)
	}
	return u + "?_profile=" + profileValue(profile)
}

func variablesNamed(path string) string {
	var b strings.Builder
	inside := false
	for _, r := range path {
		switch {
		case r == '{':
			inside = true
		case r == '}':
			inside = false
		case inside:
			b.WriteString(strings.ToUpper(string(r)))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// shellQuote quotes a word for a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
