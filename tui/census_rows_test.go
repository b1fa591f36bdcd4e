package tui

import (
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// keyCensus are the list of keys and the screens of one key.
var keyCensus = []seen{
	{"keys", func(w *world, _ string) { w.start() }, asItIs},
	{"keys, marked", func(w *world, _ string) { w.start(); w.press("*") }, asItIs},
	{"keys, filter typed", func(w *world, text string) { w.start(); w.press("/"); w.paste(text) }, altered},
	{"keys, filtered", func(w *world, text string) { w.start(); w.press("/"); w.paste(text); w.press("enter") }, altered},
	{"keys, no answer", func(w *world, text string) { w.backend.err = errors.New(text); w.start() }, inSentences},
	{"keys, old", func(w *world, text string) { w.start(); w.backend.err = errors.New(text); w.press("ctrl+r") }, asItIs},
	{"keys, read-only", func(w *world, _ string) { w.rt.ReadOnly = true; w.start() }, asItIs},
	{"key with secrets", func(w *world, text string) { w.looks("crm sync", text) }, altered},
	{"key with certificates", func(w *world, text string) { w.looks("warehouse", text) }, altered},
	{"key with certificates, below", func(w *world, text string) { w.looks("warehouse", text); w.press("end") }, altered},
	{"key, no answer", func(w *world, text string) { w.start(); w.backend.err = errors.New(text); w.looksAt("kiosk", text) }, inSentences},
	{"key, gone", func(w *world, text string) { w.start(); w.show(newDetail(w.rt, 4711, text)) }, asItIs},
	{"key, disabling asked", func(w *world, _ string) { w.start(); w.press("e") }, inQuotes},
	{"key, deleting asked", func(w *world, _ string) { w.start(); w.press("d") }, inQuotes},
	{"key, in use, disabling asked", func(w *world, text string) { w.looks("crm sync", text); w.press("e") }, altered},
	{"key, replacing asked", func(w *world, text string) {
		w.looks("partner_portal", text)
		d := w.app.top()
		w.press("down", "down", "down", "down", "enter")
		w.brings(d, model.Primary, tainted(testCertificate(w.t, 31, "next", testNow, 600), text))
	}, altered},
	{"renewal of a secret", func(w *world, text string) { w.looks("crm sync", text); w.press("r") }, inQuotes},
	{"renewal of a certificate", func(w *world, text string) { w.looks("warehouse", text); w.press("r") }, inQuotes},
	{"renewal asked", func(w *world, text string) { w.looks("crm sync", text); w.press("r", "enter") }, inQuotes},
	{"renewal refused", func(w *world, text string) { w.looks("crm sync", text); w.press("r", "enter", "yes") }, inQuotes},
	{"rotation of secrets", func(w *world, text string) { w.start(); w.show(newRotation(w.rt, w.key("crm sync").ID, text)) }, inSentences},
	{"rotation of certificates", func(w *world, text string) {
		w.start()
		w.show(newRotation(w.rt, w.key("warehouse").ID, text))
		w.press("down")
	}, inSentences},
	{"rotation of production", func(w *world, text string) { w.start(); w.show(newRotation(w.rt, w.key("full").ID, text)) }, inSentences},
	{"secrets", func(w *world, text string) { w.reveals("crm sync", text) }, altered},
	{"secrets, file asked", func(w *world, text string) { w.reveals("crm sync", text); w.press("w"); w.paste(text) }, altered},
	{"certificates of a new key", func(w *world, text string) {
		w.start()
		w.show(newReveal(w.rt, tainted(w.key("warehouse"), text), [2]model.Secret{}))
	}, altered},
}

// formCensus are the screens on which something is entered or chosen.
var formCensus = []seen{
	{"edit, name", func(w *world, text string) { w.changes("crm sync", text, partName); w.paste(text) }, altered},
	{"edit, environment", func(w *world, text string) { w.changes("crm sync", text, partEnvironment); w.press("down") }, altered},
	{"edit, expiry", func(w *world, text string) { w.changes("crm sync", text, partExpires); w.paste(text) }, altered},
	{"edit, workflows", func(w *world, text string) { w.changes("crm sync", text, partWorkflows) }, altered},
	{"edit, refused", func(w *world, text string) { w.changes("kiosk", text, partQuery); w.press("right", "ctrl+s", "y") }, altered},
	{"new key, name", func(w *world, text string) { w.makes("down", "enter"); w.paste(text) }, altered},
	{"new key, environment", func(w *world, _ string) { w.makes("down", "enter", "n", "e", "w", "enter") }, altered},
	{"new key, workflows", func(w *world, _ string) { w.makes("down", "enter", "n", "e", "w", "enter", "enter") }, asItIs},
	{"new key, certificate", func(w *world, text string) {
		w.makes("enter", "n", "e", "w", "enter", "enter", "space", "enter", "enter")
		w.lists(w.app.top().(*picker), "some.crt")
		w.certificates().read = func(string) (model.Certificate, error) { return tainted(someCertificate("x"), text), nil }
		w.press("end", "enter", "enter")
	}, inSentences},
	{"new key, expiry", func(w *world, text string) {
		w.makes("down", "enter", "n", "e", "w", "enter", "enter", "space", "enter", "left")
		w.paste(text)
	}, altered},
	{"new key, review", func(w *world, _ string) {
		w.makes("down", "enter", "n", "e", "w", "enter", "enter", "space", "enter", "enter", "enter")
	}, altered},
	{"new key, refused", func(w *world, _ string) {
		w.makes("down", "enter", "n", "e", "w", "enter", "enter", "space", "enter", "enter", "enter", "enter", "yes")
	}, altered},
	{"workflows of a key", func(w *world, _ string) {
		w.start()
		w.show(newChooser(w.rt, "Permitted workflows", nil, func([]string) tea.Cmd { return nil }))
	}, asItIs},
	{"workflows to permit", func(w *world, _ string) { w.start(); w.press("p") }, asItIs},
	{"workflows to permit, marked", func(w *world, _ string) { w.start(); w.press("p", "space", "space") }, asItIs},
	{"workflows to permit, filter typed", func(w *world, text string) { w.start(); w.press("p", "/"); w.paste(text) }, altered},
	{"files", func(w *world, text string) { w.picks(text) }, inSentences},
	{"files, filter typed", func(w *world, text string) { w.picks(text); w.paste(oneLine(text)) }, altered},
	{"files, path typed", func(w *world, text string) { w.picks(text); w.paste("/" + oneLine(text)) }, altered},
	{"files, refused", func(w *world, text string) {
		w.picks(text)
		w.certificates().read = func(string) (model.Certificate, error) {
			return model.Certificate{}, model.RefuseCertificate(errUnused, "%s", text)
		}
		w.press("end", "enter")
	}, inSentences},
	{"files, accepted", func(w *world, text string) {
		w.picks(text)
		w.certificates().read = func(string) (model.Certificate, error) { return tainted(someCertificate("x"), text), nil }
		w.press("end", "enter")
	}, inSentences},
	{"files, generate", func(w *world, text string) { w.picks(text); w.press("ctrl+g"); w.paste(oneLine(text)) }, altered},
	{"paste", func(w *world, text string) {
		w.rt.Remote = &Remote{}
		w.picks(text)
		w.paste(text + "\n")
	}, altered},
	{"documents", func(w *world, text string) {
		w.rt.Documents = &reader{err: errors.New(text)}
		w.start()
		w.press("I")
		w.lists(w.app.top().(*picker), text+".yaml")
		w.press("end", "enter")
	}, inSentences},
	{"import", func(w *world, text string) { w.imports(text) }, asItIs},
	{"import, in conflict", func(w *world, text string) { w.imports(text); w.press("down", "down", "down") }, inSentences},
	{"import, refused", func(w *world, text string) { w.imports(text); w.press("enter") }, inSentences},
	{"import, under way", func(w *world, text string) { w.imports(text); w.hold = true; w.press("enter") }, asItIs},
	{"workflow", func(w *world, _ string) { w.start(); w.press("W", "enter") }, altered},
	{"workflow, clash", func(w *world, _ string) { w.start(); w.press("W", "enter", "tab", "tab", "x") }, altered},
	{"workflow, upstream", func(w *world, text string) { w.start(); w.press("W", "enter", "tab", "tab", "tab"); w.paste(text) }, altered},
	{"workflow, refused", func(w *world, _ string) { w.start(); w.press("W", "enter", "x", "ctrl+s") }, altered},
	{"environment", func(w *world, _ string) { w.start(); w.press("E", "enter", "tab") }, altered},
	{"environment, refused", func(w *world, _ string) { w.start(); w.press("E", "enter", "x", "ctrl+s", "y") }, altered},
	{"another name", func(w *world, text string) { w.restores(text); w.paste(text) }, altered},
	{"another name, refused", func(w *world, text string) {
		w.restores(text)
		w.press("ctrl+u", "n", "e", "w", "ctrl+s", "yes")
	}, altered},
	{"certificate, file asked", func(w *world, text string) { w.start(); w.press("C", "w"); w.paste(text) }, altered},
}

// placeCensus are the places, and what they open.
var placeCensus = []seen{
	{"activity", func(w *world, _ string) { w.serves(); w.watches() }, asItIs},
	{"activity, filter typed", func(w *world, text string) { w.serves(); w.watches(); w.press("/"); w.paste(text) }, altered},
	{"activity, old", func(w *world, text string) {
		w.serves()
		w.watches()
		w.backend.err = errors.New(text)
		w.ticks()
	}, asItIs},
	{"why, refused", func(w *world, text string) { w.wonders(text, "crm sync", model.RouteUnknown) }, altered},
	{"why, refused, below", func(w *world, text string) { w.wonders(text, "crm sync", model.RouteUnknown); w.press("pgdown", "end") }, altered},
	{"why, disabled", func(w *world, text string) { w.wonders(text, "legacy.import", model.KeyDisabled) }, altered},
	{"why, allowed", func(w *world, text string) { w.wonders(text, "crm sync", model.Allowed) }, altered},
	{"why, no answer", func(w *world, text string) {
		w.start()
		w.backend.err = errors.New(text)
		w.show(newWhy(w.rt, hostileCall(text, w.key("crm sync"), model.Allowed)))
	}, inSentences},
	{"try it", func(w *world, _ string) { w.tries() }, altered},
	{"try it, again", func(w *world, text string) { w.wonders(text, "crm sync", model.RouteUnknown); w.press("T") }, altered},
	{"try it, key", func(w *world, text string) { w.tries(); w.press("tab", "tab"); w.paste(text) }, altered},
	{"calling lines, curl", func(w *world, text string) { w.codes(text, 0) }, altered},
	{"calling lines, PowerShell", func(w *world, text string) { w.codes(text, 1) }, altered},
	{"calling lines, C#", func(w *world, text string) { w.codes(text, 2) }, altered},
	{"calling lines, Python", func(w *world, text string) { w.codes(text, 3) }, altered},
	{"calling lines, Go", func(w *world, text string) { w.codes(text, 4) }, altered},
	{"workflows", func(w *world, _ string) { w.start(); w.press("W") }, asItIs},
	{"workflows, deleting asked", func(w *world, _ string) { w.start(); w.press("W", "d") }, inQuotes},
	{"environments", func(w *world, _ string) { w.start(); w.press("E") }, asItIs},
	{"environments, deleting asked", func(w *world, _ string) { w.start(); w.press("E", "d") }, inQuotes},
	{"environments, deleting refused", func(w *world, _ string) { w.start(); w.press("E", "end", "d", "y") }, inQuotes},
	{"certificates", func(w *world, _ string) { w.start(); w.press("C") }, asItIs},
	{"certificates, filter typed", func(w *world, text string) { w.start(); w.press("C", "/"); w.paste(text) }, altered},
	{"certificates, taking out asked", func(w *world, _ string) { w.start(); w.press("C", "down", "down", "x") }, inQuotes},
	{"certificate", func(w *world, _ string) { w.start(); w.press("C", "enter") }, inSentences},
	{"endpoints", func(w *world, text string) { w.observes(text) }, asItIs},
	{"endpoints, no answer", func(w *world, text string) { w.reports().err = errors.New(text); w.start(); w.press("P") }, inSentences},
	{"bin", func(w *world, _ string) { w.start(); w.press("B") }, asItIs},
	{"deleted key", func(w *world, _ string) { w.start(); w.press("B", "enter") }, asItIs},
	{"restoring asked", func(w *world, _ string) { w.start(); w.press("B", "end", "b") }, altered},
	{"audit", func(w *world, _ string) { w.start(); w.press("A") }, asItIs},
	{"audit, filter typed", func(w *world, text string) { w.start(); w.press("A", "/"); w.paste(text) }, altered},
	{"audit, verifying failed", func(w *world, _ string) { w.start(); w.press("A", "v") }, inSentences},
	{"audit of a key", func(w *world, text string) { w.looks("crm sync", text); w.press("A") }, asItIs},
	{"audit entry", func(w *world, _ string) { w.start(); w.press("A", "down", "enter") }, inQuotes},
}

// overCensus are what lies over a screen or around it.
var overCensus = []seen{
	{"palette", func(w *world, _ string) { w.start(); w.press(":"); w.write("keys crm") }, asItIs},
	{"palette, typed", func(w *world, text string) { w.start(); w.press(":"); w.paste("keys " + text) }, altered},
	{"palette, no answer", func(w *world, text string) {
		w.start()
		w.press(":")
		w.backend.err = errors.New(text)
		w.write("keys crm")
	}, asItIs},
	{"help, typed", func(w *world, text string) { w.start(); w.press("?", "/"); w.paste(text) }, altered},
	{"help, stale and degraded", func(w *world, text string) { w.start(); w.troubled(text); w.press("?") }, inSentences},
	{"banners", func(w *world, text string) { w.start(); w.troubled(text) }, asItIs},
	{"data directory", func(w *world, text string) { w.rt.DataDir = "/home/" + text; w.start() }, asItIs},
	{"several disabled, asked", func(w *world, _ string) { w.start(); w.press("*", "e") }, inQuotes},
	{"several disabled, stopped", func(w *world, _ string) { w.start(); w.press("*", "e", "yes") }, inSentences},
	{"several deleted, asked", func(w *world, _ string) { w.start(); w.press("*", "d") }, inQuotes},
	{"several permitted, asked", func(w *world, _ string) { w.start(); w.press("*", "p", "space", "enter") }, inQuotes},
	{"production, asked", func(w *world, text string) { w.looks("billing-nightly", text); w.press("e", "y") }, altered},
	{"status", func(w *world, text string) { w.start(); w.send(statusMsg{statusInfo, text}) }, inSentences},
	{"status, refused", func(w *world, text string) { w.start(); w.send(outcomeMsg{err: errors.New(text)}) }, inSentences},
	{"status, not in force", func(w *world, text string) {
		w.start()
		w.send(outcomeMsg{done: "It is done.", receipt: model.Receipt{Serves: 2, InForce: 1, Missing: []string{text}, Took: time.Second}})
	}, inSentences},
	{"prompt", func(w *world, text string) {
		w.start()
		w.send(askMsg{prompt{Title: text, Lines: []string{text, "", text}, Word: text, Confirm: "go on"}})
	}, inSentences},
}
