package storage_test

import (
	"testing"
	"time"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

// TestWidened: every way in which a key may do more, and none in which it may do
// as much or less.
func TestWidened(t *testing.T) {
	t.Parallel()
	at := model.At(storeNow)
	later := func(h int) model.Instant { return model.At(storeNow.Add(time.Duration(h) * time.Hour)) }
	digest := func(b byte) model.Digest { return model.Digest{b} }
	// base is the key from which now and then differ.
	base := func(change func(k *model.Key)) *model.Key {
		k := &model.Key{
			ID: 1, Name: "app", Kind: model.TokenKey, State: model.Enabled, Environment: 2, Expires: later(10), NoQuery: true,
			Workflows: []model.ID{3, 5}, Primary: model.Slot{Digest: digest(1)},
			Secondary: model.Slot{Digest: digest(2), Retiring: &[]model.Retiring{{Digest: digest(3), Until: later(2)}}},
		}
		if change != nil {
			change(k)
		}
		return k
	}
	state := func(s model.State) func(*model.Key) { return func(k *model.Key) { k.State = s } }
	workflows := func(ids ...model.ID) func(*model.Key) { return func(k *model.Key) { k.Workflows = ids } }
	environment := func(id model.ID) func(*model.Key) { return func(k *model.Key) { k.Environment = id } }
	expires := func(i model.Instant) func(*model.Key) { return func(k *model.Key) { k.Expires = i } }
	query := func(no bool) func(*model.Key) { return func(k *model.Key) { k.NoQuery = no } }
	primary := func(b byte) func(*model.Key) { return func(k *model.Key) { k.Primary.Digest = digest(b) } }
	retiring := func(b byte, until model.Instant) func(*model.Key) {
		return func(k *model.Key) { k.Secondary.Retiring = &[]model.Retiring{{Digest: digest(b), Until: until}} }
	}
	none := func(k *model.Key) { k.Secondary = model.Slot{} }
	certificate := func(name string) func(*model.Key) {
		return func(k *model.Key) {
			c := testCertificate(name)
			k.Kind, k.Primary, k.Secondary = model.CertificateKey, model.Slot{Digest: c.SHA256, Certificate: c}, model.Slot{}
		}
	}
	for name, test := range map[string]struct {
		now, then func(*model.Key)
		want      []string
	}{
		"the same":               {nil, nil, nil},
		"disabled now":           {state(model.Disabled), nil, []string{"is disabled now, and enabled in the backup"}},
		"disabled then":          {nil, state(model.Disabled), nil},
		"disabled both":          {state(model.Disabled), state(model.Disabled), nil},
		"deleted now":            {state(model.Deleted), nil, []string{"is deleted now, and enabled in the backup"}},
		"deleted then":           {nil, state(model.Deleted), nil},
		"deleted, disabled then": {state(model.Deleted), state(model.Disabled), nil},
		"state lost now":         {state(0), nil, []string{"is disabled now, and enabled in the backup"}},
		"a workflow more":        {workflows(3), nil, []string{"may invoke 1 more workflow"}},
		"other workflows":        {workflows(1, 2), nil, []string{"may invoke 2 more workflows"}},
		"a workflow less":        {workflows(1, 3, 5), nil, nil},
		"any environment then":   {nil, environment(0), []string{"is for any environment, not for one"}},
		"any environment now":    {environment(0), nil, nil},
		"another environment":    {environment(9), nil, []string{"is for another environment"}},
		"expires later":          {expires(later(5)), nil, []string{"expires 2026-11-21 22:00 UTC, not 2026-11-21 17:00 UTC"}},
		"never expires then":     {nil, expires(0), []string{"expires never, not 2026-11-21 22:00 UTC"}},
		"never expires now":      {expires(0), nil, nil},
		"expires sooner":         {nil, expires(later(5)), nil},
		"expired now":            {expires(at), nil, []string{"expires 2026-11-21 22:00 UTC, not 2026-11-21 12:00 UTC"}},
		"expired then":           {state(model.Disabled), expires(at), nil},
		"in the query then":      {nil, query(false), []string{"has its secret accepted in the query again"}},
		"in the query now":       {query(false), nil, nil},
		"a secret replaced":      {primary(9), nil, []string{"has its replaced primary secret back"}},
		"a slot emptied":         {none, nil, []string{"has its replaced secondary secret back", "has its replaced secondary secret back"}},
		"a slot filled":          {nil, none, nil},
		"a grace ended":          {retiring(9, later(1)), nil, []string{"has its replaced secondary secret back"}},
		"a grace over":           {retiring(3, at), nil, []string{"has its replaced secondary secret back"}},
		"a grace over in both":   {retiring(9, later(1)), retiring(3, at), nil},
		"a longer grace":         {retiring(3, later(1)), nil, []string{"keeps its replaced secondary secret for longer"}},
		"retiring now":           {func(k *model.Key) { primary(9)(k); retiring(1, later(1))(k) }, none, []string{"keeps its replaced primary secret for longer"}},
		"a certificate replaced": {certificate("new"), certificate("old"), []string{"has its replaced primary certificate 0000000000000000000000000000000000000000 back"}},
		"several":                {func(k *model.Key) { state(model.Disabled)(k); workflows()(k) }, nil, []string{"is disabled now, and enabled in the backup", "may invoke 2 more workflows"}},
	} {
		wantSame(t, name, storage.Widened(base(test.now), base(test.then), at), test.want)
	}
	wantSame(t, "absent", storage.Widened(nil, base(nil), at), []string{"is not there now, and enabled in the backup"})
	wantSame(t, "absent, and disabled then", storage.Widened(nil, base(state(model.Disabled)), at), []string(nil))
}
