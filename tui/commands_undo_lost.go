package tui

import (
	"context"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dev.keyward/keyward/model"
)

// undoStands looks whether the undo still has something to take back.
func (rt *runtime) undoStands(number int, u *undo) tea.Cmd {
	return rt.do(quickly, func(ctx context.Context) tea.Msg {
		msg := undoStandsMsg{number: number, rows: u.rows()}
		if u.lost != nil {
			msg.lost, msg.err = u.lost(ctx)
			return msg
		}
		now := *u
		now.keys, msg.err = rt.unchanged(ctx, u)
		if msg.rows = now.rows(); msg.err == nil && len(u.keys) > 0 && len(now.keys) == 0 {
			msg.lost = rt.lostKeys(ctx, u)
		}
		return msg
	})
}

// lostKeys says why nothing is taken back of keys of which none is as the change
// left it.
func (rt *runtime) lostKeys(ctx context.Context, u *undo) string {
	if len(u.keys) == 1 {
		if _, err := rt.Backend.Key(ctx, u.keys[0].id.String()); notFound(err) {
			return deletedSince(u.who(1))
		}
	}
	return sinceText(u.who(len(u.keys)))
}

// lostSince is undo.lost for one object that was as seen says: now asks for when
// it was changed last.
func lostSince(name string, seen model.Instant, now func(ctx context.Context) (model.Instant, error)) func(ctx context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		changed, err := now(ctx)
		switch {
		case notFound(err):
			return deletedSince(fmt.Sprintf("%q", name)), nil
		case err == nil && changed != seen:
			return sinceText(fmt.Sprintf("%q", name)), nil
		}
		return "", err
	}
}

// lostName is undo.lost for an object that would be made again under a name,
// which look finds when somebody else has it.
func lostName(name string, look func(ctx context.Context) error) func(ctx context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		err := look(ctx)
		if notFound(err) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("Not taken back: the name %q is taken by now.", name), nil
	}
}

// lostOfBin is undo.lost for deleted keys: whether one of them is in the bin.
func (rt *runtime) lostOfBin(keys []undoKey) func(ctx context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		mine := make(map[model.ID]bool, len(keys))
		for _, k := range keys {
			mine[k.id] = true
		}
		for seen := 0; ; {
			page, err := rt.Backend.DeletedKeys(ctx, model.BinQuery{Offset: seen})
			if err != nil {
				return "", err
			}
			for _, k := range page.Keys {
				if mine[k.ID] {
					return "", nil
				}
			}
			if seen += len(page.Keys); len(page.Keys) == 0 || seen >= page.Total {
				return binnedNoMore(keys), nil
			}
		}
	}
}

func binnedNoMore(keys []undoKey) string {
	if len(keys) == 1 {
		return fmt.Sprintf("Not taken back: %q is not in the bin any more.", keys[0].name)
	}
	return "Not taken back: none of these keys is in the bin any more."
}
