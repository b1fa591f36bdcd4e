package tui

import "dev.keyward/keyward/model"

// facts are the key itself and its slots.
func (d *detail) facts(width int) []block {
	k, s := &d.key, d.rt.styles
	at := func(p part) int { return d.find(stop{part: p}) }
	room := width - len(gutter) - labelWidth
	blocks := []block{
		d.field(at(partName), "Name", styledLines(s.strong, clean(k.Name), room)...),
		d.field(at(partState), "State", d.state(width)...),
		d.field(-1, "Kind", k.Kind.Title()),
		d.field(at(partEnvironment), "Environment", d.environment(width)...),
		d.field(at(partExpires), "Expires", d.expiry(width)...),
	}
	if k.Kind == model.TokenKey {
		blocks = append(blocks, d.field(at(partQuery), "In the URL", d.query(width)...))
	}
	blocks = append(blocks, d.field(-1, "Created", styledLines(s.faint, k.Created.Text()+", changed "+k.Changed.Text(), room)...))
	if k.Kind == model.TokenKey {
		blocks = append(blocks, d.title("Secrets", "shown once, when they were made; equal in power", width))
	} else {
		blocks = append(blocks, d.title("Certificates", "equal in power: renew one while the other works", width))
	}
	for _, n := range model.SlotNames {
		blocks = append(blocks, d.slot(k.Slot(n), width))
		if k.Kind == model.CertificateKey && n == model.Primary {
			blocks = append(blocks, d.gap())
		}
	}
	return blocks
}

func (d *detail) state(width int) []string {
	k, s := &d.key, d.rt.styles
	sign, colour := keySign(k.Status)
	text := s.palettes()[0][colour].on(sign + " " + k.Status.String())
	note := ""
	switch {
	case !k.Enabled:
		note = "every call is refused"
	case k.Status == model.StatusExpired:
		note = "every call is refused since " + k.Ends.Text()
	case k.Status == model.StatusPending:
		note = "every call is refused until a certificate is valid"
	case k.Status == model.StatusExpiring:
		note = "every call is refused from " + k.Ends.Text() + " on"
	}
	return d.noted([]string{text}, note, width)
}

func (d *detail) environment(width int) []string {
	k, s := &d.key, d.rt.styles
	room := width - len(gutter) - labelWidth
	switch {
	case k.Environment == "":
		return append([]string{s.warning.Render("! any")}, styledLines(s.faint,
			"The wide-open case: the key may invoke every environment, production too. A target environment is the recommended practice.", min(room-1, 66))...)
	case k.Production:
		return d.noted(styledLines(s.production, productionName(k.Environment), room), "live; calls need not name it", width)
	}
	return d.noted(styledLines(s.text, clean(k.Environment), room), "its calls must carry "+model.ProfilePair(k.Environment), width)
}

func (d *detail) expiry(width int) []string {
	k := &d.key
	switch {
	case k.Expires != 0:
		return d.noted([]string{k.Expires.Text()}, timeLeft(k.Expires, d.at), width)
	case k.Ends != 0:
		return d.noted([]string{k.Ends.DayText()}, "with its last certificate; the key itself has no date", width)
	}
	return []string{"never"}
}

func (d *detail) query(width int) []string {
	if d.key.Query {
		return d.noted([]string{"accepted"}, "?auth-key=SECRET works; URLs are often logged", width)
	}
	return d.noted([]string{"refused"}, "only the Authorization header works", width)
}
