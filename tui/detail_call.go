package tui

import "dev.keyward/keyward/model"

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
		return "with the caller's certificate and its private key"
	}
	return "secret.header holds  Authorization: Key=SECRET"
}

// example is a curl line for one of the key's workflows. It never holds a
// secret.
func (d *detail) example(width int) []string {
	k := &d.key
	method, target := model.ExampleCall(k.Workflows, k.Environment, k.Production)
	if method == "" {
		return []string{d.rt.styles.faint.Render("Permit a workflow first.")}
	}
	parts := []string{"curl"}
	if d.rt.CAFile != "" {
		parts = append(parts, "--cacert "+model.ShellQuote(d.rt.CAFile))
	}
	if k.Kind == model.CertificateKey {
		parts = append(parts, "--cert client.crt", "--key client.key")
	} else {
		parts = append(parts, "-H @secret.header")
	}
	if flag := model.CurlMethod(method); flag != "" {
		parts = append(parts, flag)
	}
	return folded(append(parts, d.rt.callURL(target)), width-4)
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
