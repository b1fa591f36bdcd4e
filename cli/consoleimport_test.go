package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	plan := doc.Plan(nil)
	count := map[tui.ImportState]int{}
	rows := map[string]tui.ImportRow{}
	for _, r := range plan.Rows {
		count[r.State]++
		rows[r.Name] = r
	}
	if plan.Base != "/api/v2" || len(plan.Rows) != 79 || count[tui.ImportConflict] != 9 || count[tui.ImportThere] != 0 {
		t.Errorf("base %s, %d rows, %v", plan.Base, len(plan.Rows), count)
	}
	for name, want := range map[string]tui.ImportState{
		"ListTickets": tui.ImportNew, "search-2": tui.ImportRenamed, "cr-erJeton": tui.ImportRenamed, "ShowTicket": tui.ImportConflict,
		"GET-api-v2-tickets-show_many": tui.ImportNew,
	} {
		if r, ok := rows[name]; !ok || r.State != want {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if note := rows["ShowTicket"].Note; note != `"CountTickets" matches GET /api/v2/tickets/count too` {
		t.Errorf("the conflict is told as %q", note)
	}
	there := doc.Plan([]model.WorkflowInfo{{WorkflowRef: model.WorkflowRef{ID: 1, Name: "ListTickets", Method: "GET", Path: "/api/v2/tickets"}, Bound: true}})
	for _, r := range there.Rows {
		if (r.State == tui.ImportThere) != (r.Name == "ListTickets") {
			t.Errorf("%+v", r)
		}
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
