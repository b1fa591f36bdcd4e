package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/tui"
)

// A document such as public APIs have: the console plans what "workflow import"
// would make, and says of each operation what is to become of it.
func TestConsolePlansARealDocument(t *testing.T) {
	doc, err := documents{}.Read(t.Context(), filepath.Join("..", "testdata", "openapi", "helpdesk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	plan := doc.Plan(nil, doc.Base())
	count := map[tui.ImportState]int{}
	rows := map[string]tui.ImportRow{}
	for _, r := range plan.Rows {
		count[r.State]++
		rows[r.Name] = r
	}
	if plan.Base != "/api/v2" || len(plan.Rows) != 79 || count[tui.ImportConflict] != 7 || count[tui.ImportUnsupported] != 2 || count[tui.ImportThere] != 0 {
		t.Errorf("base %s, %d rows, %v", plan.Base, len(plan.Rows), count)
	}
	for name, want := range map[string]tui.ImportState{
		"ListTickets": tui.ImportNew, "search-2": tui.ImportRenamed, "cr-erJeton": tui.ImportRenamed, "ShowTicket": tui.ImportConflict,
		"GET-api-v2-tickets-show_many": tui.ImportNew, "ShowAttachmentJson": tui.ImportUnsupported, "exports-requests": tui.ImportUnsupported,
	} {
		if r, ok := rows[name]; !ok || r.State != want {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if note := rows["ShowTicket"].Note; note != `already bound by "CountTickets" of this document: both match GET /api/v2/tickets/count; change one of the two paths` {
		t.Errorf("the conflict is told as %q", note)
	}
	there := doc.Plan([]model.WorkflowInfo{{WorkflowRef: model.WorkflowRef{ID: 1, Name: "ListTickets", Method: "GET", Path: "/api/v2/tickets"}, Bound: true}}, doc.Base())
	for _, r := range there.Rows {
		if (r.State == tui.ImportThere) != (r.Name == "ListTickets") {
			t.Errorf("%+v", r)
		}
	}
}

// Whatever is in the way of an operation is named, with what to do about it; a
// path without "/" at its beginning is not passed over.
func TestConsoleSaysWhatIsInTheWay(t *testing.T) {
	doc, err := documents{}.Parse(t.Context(), []byte(`{"openapi": "3.0.0", "paths": {
		"/customers/{id}": {"get": {"operationId": "showCustomer"}, "put": {"operationId": "Taken"}, "trace": {"operationId": "probe"}},
		"orders": {"get": {"operationId": "listOrders"}, "post": {}}, "note": "text", "x-note": "text", "empty": {}}}`))
	if err != nil {
		t.Fatal(err)
	}
	plan := doc.Plan([]model.WorkflowInfo{
		{WorkflowRef: model.WorkflowRef{ID: 1, Name: "get-customer", Method: "GET", Path: "/customers/{number}"}, Bound: true},
		{WorkflowRef: model.WorkflowRef{ID: 2, Name: "taken", Method: "GET", Path: "/elsewhere"}, Bound: true},
	}, doc.Base())
	const rootless = "its path does not begin with /: write /%s in the document"
	want := []tui.ImportRow{
		{Name: "showCustomer", Method: "GET", Path: "/customers/{id}", State: tui.ImportConflict,
			Note: `already bound by "get-customer": both match GET /customers/x; change the path there or in the document`},
		{Name: "Taken", Method: "PUT", Path: "/customers/{id}", State: tui.ImportConflict,
			Note: `the name is taken by "taken", bound to GET /elsewhere; rename that workflow, or the operation in the document`},
		{Name: "probe", Method: "TRACE", Path: "/customers/{id}", State: tui.ImportUnsupported,
			Note: `the method "TRACE" cannot be bound: use one of ` + strings.Join(model.Methods(), ", ")},
		{Name: "empty", Path: "empty", State: tui.ImportUnsupported, Note: fmt.Sprintf(rootless, "empty")},
		{Name: "note", Path: "note", State: tui.ImportUnsupported, Note: fmt.Sprintf(rootless, "note")},
		{Name: "listOrders", Method: "GET", Path: "orders", State: tui.ImportUnsupported, Note: fmt.Sprintf(rootless, "orders")},
		{Name: "POST-orders", Method: "POST", Path: "orders", State: tui.ImportUnsupported, Note: fmt.Sprintf(rootless, "orders")},
	}
	less := func(a, b tui.ImportRow) bool { return a.Name < b.Name }
	if diff := cmp.Diff(want, plan.Rows, cmpopts.SortSlices(less)); diff != "" {
		t.Errorf("the rows differ (-want +got):\n%s", diff)
	}
}

func TestConsoleDocumentRefusals(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.json")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, importLimit+1); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "no ordinary file", large: "MiB", filepath.Join(dir, "none"): "check the path"} {
		if _, err := (documents{}).Read(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := (pastedDocuments{}).Read(t.Context(), large); err == nil || !strings.Contains(err.Error(), "paste") {
		t.Error(err)
	}
}
