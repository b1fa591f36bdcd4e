package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"dev.keyward/keyward/model"
)

// WireTypesWith names the types of the admin protocol that hold a T somewhere.
func WireTypesWith[T any]() []string {
	var found []string
	for _, wire := range []any{
		createKeyRequest{}, editKeyRequest{}, regenerateRequest{}, changeKeysRequest{}, checkRequest{}, model.UsageBatch{}, streamLine{}, adminFault{}, Hello{},
		certificateAnswer{}, model.KeyQuery{}, model.KeyPage{}, model.KeyInfo{}, model.BulkResult{}, model.WorkflowInfo{}, model.WorkflowDraft{}, model.WorkflowEdit{},
		model.EnvironmentInfo{}, model.EnvironmentDraft{}, model.EnvironmentEdit{}, model.Clash{}, model.Verdict{}, model.AuditQuery{}, model.AuditPage{},
		model.Settled{}, model.Receipt{},
	} {
		if holds(reflect.TypeOf(wire), reflect.TypeFor[T](), map[reflect.Type]bool{}) {
			found = append(found, reflect.TypeOf(wire).String())
		}
	}
	return found
}

func holds(in, what reflect.Type, seen map[reflect.Type]bool) bool {
	if in == what || seen[in] {
		return in == what
	}
	seen[in] = true
	switch in.Kind() {
	case reflect.Struct:
		for i := range in.NumField() {
			if holds(in.Field(i).Type, what, seen) {
				return true
			}
		}
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holds(in.Elem(), what, seen)
	}
	return false
}

// AskAdmin asks an Admin without a connection, as its owner.
func AskAdmin(a *Admin, method string, body []byte, request, reason string) (status int, answer []byte) {
	r := httptest.NewRequest(http.MethodPost, "http://"+adminHost+methodPath+method, bytes.NewReader(body))
	r.Header.Set(requestHeader, request)
	r.Header.Set(reasonHeader, url.PathEscape(reason))
	w := httptest.NewRecorder()
	a.serve(w, r.WithContext(context.WithValue(r.Context(), peerKey{}, peer{uid: a.o.UID, pid: -1})))
	return w.Code, w.Body.Bytes()
}

// AskAdminBy asks an Admin that answers to w.
func AskAdminBy(a *Admin, w http.ResponseWriter, method, body string) {
	r := httptest.NewRequest(http.MethodPost, "http://"+adminHost+methodPath+method, strings.NewReader(body))
	a.serve(w, r.WithContext(context.WithValue(r.Context(), peerKey{}, peer{uid: a.o.UID, pid: -1})))
}

// Monotonic reads the clock that processes share.
func Monotonic() (int64, bool) { return monotonic() }

// UpdateLine is a line of a stream, and what is in it.
type UpdateLine struct {
	Text   []byte
	Update model.Update
	Part   bool
}

// UpdateLines returns the lines in which an update travels.
func UpdateLines(t testing.TB, u model.Update) []UpdateLine {
	t.Helper()
	var lines []UpdateLine
	err := updateLines(u, func(text []byte) error {
		var l streamLine
		err := json.Unmarshal(text, &l)
		lines = append(lines, UpdateLine{text, *l.Update, l.Part})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
