package tui

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// slowReader reads no document before the test is over, whatever its context
// says.
type slowReader struct{ over <-chan struct{} }

func (r slowReader) Read(context.Context, string) (Document, error) {
	<-r.over
	return shopRows(), nil
}

func (r slowReader) Parse(context.Context, []byte) (Document, error) {
	<-r.over
	return shopRows(), nil
}

// readsSlowly opens the import of a document and has its reading held: what
// returns goes on with it.
func (w *world) readsSlowly(open func(p *picker)) (goOn func()) {
	w.t.Helper()
	over := make(chan struct{})
	w.t.Cleanup(func() { close(over) })
	w.rt.Documents = slowReader{over}
	p := newDocumentPicker(w.rt, "Import", func(Document, string) tea.Cmd { w.t.Error("a document was taken"); return nil })
	w.show(p)
	p.files.show(directoryMsg{dir: "/srv/api", entries: []dirEntry{{name: "shop.json", shown: "shop.json", folded: "shop.json", likely: true}}})
	w.hold = true
	open(p)
	msg := w.held[len(w.held)-1]()
	if ran, ok := msg.(ranMsg); ok {
		msg = ran.msg
	}
	steps := reflect.ValueOf(msg)                       // it begins, then it reads
	w.hold, w.held, w.app.ahead.running = false, nil, 0 // the moment is over
	w.run(steps.Index(0).Interface().(tea.Cmd))
	return func() { w.run(steps.Index(1).Interface().(tea.Cmd)) }
}

func TestReadingIsStopped(t *testing.T) {
	for name, open := range map[string]func(w *world, p *picker){
		"file":  func(w *world, _ *picker) { w.press("enter") },
		"paste": func(w *world, p *picker) { w.run(p.parse(`{"openapi": "3.1.0"}`)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.start()
			goOn := w.readsSlowly(func(p *picker) { open(w, p) })
			w.lasts(workShown - time.Millisecond)
			w.sees("Reading the document…")
			w.seesNot("stops it")
			w.lasts(3 * time.Second)
			w.golden()
			w.press("esc")
			w.sees("Stopping …")
			goOn()
			w.sees("reading it was stopped", "shop.json")
			w.seesNot("Reading the document", "Stopping")
		})
	}
}

// What was given up before it took long is given up for good.
func TestReadingIsLeft(t *testing.T) {
	w := newWorld(t)
	w.start()
	goOn := w.readsSlowly(func(*picker) { w.press("enter") })
	w.press("esc")
	goOn()
	w.sees("shop.json", "An OpenAPI 3 document")
	w.seesNot("stopped", "Reading")
}

// A certificate is read in the same way: from a disk that does not answer, too.
func TestReadingACertificateIsStopped(t *testing.T) {
	w := newWorld(t)
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	w.rt.Certificates = slowCertificates{over: over}
	cmd, stop := w.rt.readCertificate(1, "/mnt/gone/big.crt")
	stop()
	steps := reflect.ValueOf(cmd())
	end, ok := steps.Index(1).Interface().(tea.Cmd)().(workedMsg)
	if msg, of := end.msg.(certificateMsg); !ok || !of || !errors.Is(msg.err, errNotRead) {
		t.Errorf("it ended with %v", end.msg)
	}
}

// slowCertificates reads no certificate before the test is over.
type slowCertificates struct {
	Certificates
	over <-chan struct{}
}

func (c slowCertificates) Read(context.Context, string) (model.Certificate, error) {
	<-c.over
	return model.Certificate{}, errTest
}
