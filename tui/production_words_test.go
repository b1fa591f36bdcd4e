package tui

import (
	"testing"

	"dev.keyward/keyward/model"
)

// Two of two are both, in each question about production and wherever else all
// of them are told of.
func TestWordsOfProduction(t *testing.T) {
	rows := make([]model.KeyRow, 3)
	for i := range rows {
		rows[i].Production = true
	}
	for _, tt := range []struct{ got, want string }{
		{liveTitle("delete them", 2, rows[:2]), "◆ Both keys may invoke production: delete them all the same?"},
		{liveTitle("delete them", 3, rows), "◆ All 3 keys may invoke production: delete them all the same?"},
		{liveTitle("delete them", 1, rows), "◆ 1 of these 3 keys may invoke production: delete them all the same?"},
		{bulk{rows: rows[:2], production: 2}.reach(), "◆ Both may invoke production."},
		{bulk{rows: rows, production: 3}.reach(), "◆ All 3 may invoke production."},
		{(&workflowChoices{of: 2}).alreadyText(), "Both keys may call it already."},
		{(&workflowChoices{of: 3}).alreadyText(), "All 3 keys may call it already."},
		{bulk{rows: rows, production: 2}.reach(), "◆ 2 of them may invoke production."},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, not %q", tt.got, tt.want)
		}
	}
}
