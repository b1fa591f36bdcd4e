package tui

import (
	"context"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// certificatesMsg is part of the list of certificates.
type certificatesMsg struct {
	number int
	page   model.CertificatePage
	on     model.Digest // the certificate to put the cursor on, or none
	at     time.Time
	err    error
}

func (rt *runtime) listCertificates(number int, q model.CertificateQuery) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		page, err := rt.Backend.Certificates(ctx, q)
		return certificatesMsg{number, page, q.Around, rt.Now(), err}
	})
}

// copyCertificate sends the certificate in a slot to the clipboard, as PEM.
func (rt *runtime) copyCertificate(id model.ID, slot model.SlotName) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		c, err := rt.Backend.Certificate(ctx, id.String(), slot)
		if err != nil {
			return statusMsg{statusError, "The certificate was not copied: " + lowerFirst(sentence(err))}
		}
		n := copyNotice(rt.copy(ctx, 0, -1, string(encodePEM(c.DER))))
		return statusMsg{n.kind, strings.Replace(n.text, "The curl line", "The certificate", 1)}
	})
}

func encodePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// exportedMsg says where a certificate was written, or why it was not.
type exportedMsg struct {
	request int
	path    string
	err     error
}

// exportCertificate writes the certificate in a slot to a new file, which
// everybody may read: it is the public part alone.
func (rt *runtime) exportCertificate(request int, id model.ID, slot model.SlotName, path string) tea.Cmd {
	home := rt.Env("HOME")
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		c, err := rt.Backend.Certificate(ctx, id.String(), slot)
		if err != nil {
			return exportedMsg{request: request, err: err}
		}
		return blocking(ctx, exportedMsg{request: request, err: context.DeadlineExceeded}, func() exportedMsg {
			full, err := resolve(home, ".", strings.TrimSpace(path))
			if err == nil {
				data := c.DER
				if !binaryName(full) {
					data = encodePEM(c.DER)
				}
				err = writeFile(full, data, 0o644)
			}
			return exportedMsg{request, full, err}
		})
	})
}

// askOfKey loads a key and asks what fn makes of it, or says why it cannot.
func (rt *runtime) askOfKey(id model.ID, fn func(k model.KeyInfo, at time.Time) tea.Msg) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		k, err := rt.Backend.Key(ctx, id.String())
		if err != nil {
			return statusMsg{statusError, sentence(err)}
		}
		return fn(k, rt.Now())
	})
}

// askWithUse asks, and says first who still uses the slots that are about to be
// cut off. Where that cannot be found out the question is asked without. used
// tells whether any call is on record at all.
func (rt *runtime) askWithUse(id model.ID, used bool, p prompt, slots ...model.SlotName) tea.Cmd {
	if !used {
		return ask(p)
	}
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		if k, err := rt.Backend.Key(ctx, id.String()); err == nil {
			var lines []string
			for _, n := range slots {
				if text := cutOffLine(k, k.Slot(n), rt.Now()); text != "" {
					lines = append(lines, text)
				}
			}
			if len(lines) > 0 {
				p.Lines = append(append(lines, ""), p.Lines...)
				if p.again != nil {
					p.again.Lines = append(lines, p.again.Lines...)
				}
			}
		}
		return askMsg{p}
	})
}

// newForKeyMsg is a key that is to get a new certificate, to the screen that
// asked for it.
type newForKeyMsg struct {
	owner screen
	key   model.KeyInfo
	at    time.Time
}

func (rt *runtime) newForKey(owner screen, id model.ID) tea.Cmd {
	return rt.askOfKey(id, func(k model.KeyInfo, at time.Time) tea.Msg { return newForKeyMsg{owner, k, at} })
}

// noSlot is the question where both slots of a key hold a certificate.
func noSlot(rt *runtime, k model.KeyInfo, at time.Time) prompt {
	p := prompt{
		Title:   fmt.Sprintf("Both slots of %q hold a certificate", k.Name),
		Confirm: "choose which to replace", OnYes: push(newRenewal(rt, k.ID, k.Name, firstToGo(k))),
	}
	for _, n := range model.SlotNames {
		c := k.Slot(n).Certificate
		if c == nil {
			continue
		}
		p.Lines = append(p.Lines, fmt.Sprintf("%s: %s, %s", upperFirst(n.String()), clip(c.SubjectText(), 40), c.LeftText(at)))
		if text := cutOffLine(k, k.Slot(n), at); text != "" {
			p.Lines = append(p.Lines, text)
		}
	}
	p.Lines = append(p.Lines, "", fmt.Sprintf("To overlap, take the %s one out first, once it is quiet: %s on it in the list of certificates. A replaced one is refused at once.",
		firstToGo(k), certificateKeys.Remove.Help().Key))
	return p
}

// firstToGo is the slot whose certificate ends first.
func firstToGo(k model.KeyInfo) model.SlotName {
	a, b := k.Slot(model.Primary).Certificate, k.Slot(model.Secondary).Certificate
	if a != nil && b != nil && b.NotAfter.Before(a.NotAfter) {
		return model.Secondary
	}
	return model.Primary
}

// notHeld says that a slot was changed since it was shown.
func notHeld(name string, slot model.SlotName) statusMsg {
	return statusMsg{statusWarning, fmt.Sprintf("The %s slot of %q does not hold that certificate any more: %s loads the list again.",
		slot, clean(name), certificateKeys.Reload.Help().Key)}
}

// takeOut asks before a certificate is taken out of its slot, or says why it
// cannot be. The last one of a key stays: without any it could not be used.
func (rt *runtime) takeOut(id model.ID, slot model.SlotName, digest model.Digest) tea.Cmd {
	return rt.askOfKey(id, func(k model.KeyInfo, at time.Time) tea.Msg {
		c := k.Slot(slot).Certificate
		switch {
		case c == nil || c.SHA256 != digest:
			return notHeld(k.Name, slot)
		case k.Slot(slot.Other()).Empty:
			return statusMsg{statusWarning, fmt.Sprintf("It is the only certificate of %q: put another in first (%s), or disable the key.",
				clean(k.Name), certificateKeys.New.Help().Key)}
		}
		return askMsg{removePrompt(rt, k, slot, at)}
	})
}
