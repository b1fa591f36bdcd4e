package model

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Keys returns part of the list of keys.
func (s *Session) Keys(ctx context.Context, q KeyQuery) (KeyPage, error) {
	if err := ctx.Err(); err != nil {
		return KeyPage{}, err
	}
	after, err := parseCursor(q.Cursor)
	if err != nil {
		return KeyPage{}, err
	}
	if q.Limit <= 0 || q.Limit > MaxPage {
		q.Limit = MaxPage
	}
	if q.Within < 0 {
		return KeyPage{}, Invalid("within", "the span within which keys end is negative: give one such as 30d")
	}
	if err := s.service.prepareOrder(q.Sort); err != nil {
		return KeyPage{}, err
	}
	var page KeyPage
	err = s.service.read(func(st *state) error {
		page = st.page(q, after, s.service.now())
		return nil
	})
	for i := range page.Keys {
		page.Keys[i].LastUsed = s.service.usage.lastOf(page.Keys[i].ID, NoSlot)
	}
	return page, err
}

// prepareOrder makes the order's list, which is kept and repaired from then on.
// An order by status is made for each list: the clock changes it.
func (s *Service) prepareOrder(sort KeySort) error {
	if sort == SortName || sort == SortStatus {
		return nil
	}
	if int(sort) >= len(KeySorts) {
		return Invalid("sort", "there is no such order of keys")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.orders[sort] == nil {
		if s.state.orders == nil {
			s.state.orders = map[KeySort][]*Key{}
		}
		list := slices.Clone(s.state.names)
		slices.SortFunc(list, s.state.comparer(sort))
		s.state.orders[sort] = list
	}
	return nil
}

// page cuts q's part out of the ordered and filtered list.
func (st *state) page(q KeyQuery, after *cursor, now time.Time) KeyPage {
	made := scratch{pool: st.lists}
	defer made.release()
	list := dueKeys(st.matching(st.ordered(q.Sort, now, &made), q.Filter, now, &made), q.Within, now)
	page := KeyPage{Total: len(list), All: len(st.names), Offset: q.Offset}
	at := func(i int) *Key {
		if q.Desc {
			return list[len(list)-1-i]
		}
		return list[i]
	}
	switch {
	case after != nil:
		page.Offset = st.behind(list, q, after, now)
	case q.Around != 0:
		page.Offset = st.around(list, q, now)
	}
	page.Offset = min(max(page.Offset, 0), len(list))
	end := min(page.Offset+q.Limit, len(list))
	page.Keys = make([]KeyRow, 0, end-page.Offset)
	for i := page.Offset; i < end; i++ {
		row := st.keyRow(at(i), now)
		if q.Within > 0 {
			row.Due = at(i).dueWithin(q.Within, now)
		}
		page.Keys = append(page.Keys, row)
	}
	if end < len(list) && end > 0 {
		page.Next = st.cursorOf(at(end-1), q.Sort, now).String()
	}
	return page
}

// around returns an offset that puts the key q.Around in the middle of a page,
// or q.Offset where the list has it not.
func (st *state) around(list []*Key, q KeyQuery, now time.Time) int {
	k := st.keys.of(q.Around)
	if k == nil || k.State == Deleted {
		return q.Offset
	}
	c := st.cursorOf(k, q.Sort, now)
	i, found := st.place(list, q.Sort, &c, now)
	if !found {
		return q.Offset
	}
	if q.Desc {
		i = len(list) - 1 - i
	}
	return max(0, min(i-q.Limit/2, len(list)-q.Limit))
}

// place returns where in an ordered list the row of a cursor is, or would be.
func (st *state) place(list []*Key, sort KeySort, c *cursor, now time.Time) (i int, found bool) {
	return slices.BinarySearchFunc(list, c, func(k *Key, c *cursor) int { return compareRank(st.cursorOf(k, sort, now), *c) })
}

// behind returns how many rows of the list come before the one after c.
func (st *state) behind(list []*Key, q KeyQuery, c *cursor, now time.Time) int {
	i, found := st.place(list, q.Sort, c, now)
	switch {
	case q.Desc:
		return len(list) - i
	case found:
		return i + 1
	}
	return i
}

// ordered returns every key that is not deleted in that order.
func (st *state) ordered(sort KeySort, now time.Time, made *scratch) []*Key {
	switch sort {
	case SortName:
		return st.names
	case SortStatus:
		return st.byStatus(now, made)
	}
	if list := st.orders[sort]; list != nil {
		return list
	}
	list := slices.Clone(st.names) // the store was read anew since the order was made
	slices.SortFunc(list, st.comparer(sort))
	return list
}

// byStatus counts how many keys have each status, and then deals them out: there
// is a handful, and that is quicker than sorting.
func (st *state) byStatus(now time.Time, made *scratch) []*Key {
	statuses := make([]Status, len(st.names))
	var at [StatusEnabled + 1]int // where the next key of a status comes
	for i, k := range st.names {
		statuses[i] = k.Status(now)
		for after := int(statuses[i]) + 1; after < len(at); after++ {
			at[after]++
		}
	}
	list := made.keys(len(st.names))[:len(st.names)]
	for i, k := range st.names {
		list[at[statuses[i]]] = k
		at[statuses[i]]++
	}
	return list
}

// comparer returns the order of two keys. Keys that are equal come by name.
func (st *state) comparer(sort KeySort) func(a, b *Key) int {
	return func(a, b *Key) int {
		if c := st.compare(a, b, sort); c != 0 {
			return c
		}
		return compareFold(a.Name, b.Name)
	}
}

func (st *state) compare(a, b *Key, sort KeySort) int {
	switch sort {
	case SortKind:
		return cmp.Compare(a.Kind, b.Kind)
	case SortEnvironment:
		return compareFold(st.environmentName(a.Environment), st.environmentName(b.Environment))
	case SortWorkflows:
		return cmp.Compare(st.workflowCount(a), st.workflowCount(b))
	case SortCreated:
		return cmp.Compare(a.Created, b.Created)
	case SortEnds:
		return cmp.Compare(endRank(a), endRank(b))
	}
	return 0
}

// endRank sorts the keys that never end last.
func endRank(k *Key) int64 { return int64(uint64(k.End()-1) >> 1) } // wraps zero to the top

// cursor is a place in an ordered list: that of a row, which need not exist any
// more.
type cursor struct {
	Number int64  `json:"n,omitempty"`
	Text   string `json:"t,omitempty"`
	Name   string `json:"k"`
}

func (st *state) cursorOf(k *Key, sort KeySort, now time.Time) cursor {
	c := cursor{Name: k.Name}
	switch sort {
	case SortKind:
		c.Number = int64(k.Kind)
	case SortEnvironment:
		c.Text = st.environmentName(k.Environment)
	case SortStatus:
		c.Number = int64(k.Status(now))
	case SortWorkflows:
		c.Number = int64(st.workflowCount(k))
	case SortCreated:
		c.Number = int64(k.Created)
	case SortEnds:
		c.Number = endRank(k)
	}
	return c
}

func compareRank(a, b cursor) int {
	return cmp.Or(cmp.Compare(a.Number, b.Number), compareFold(a.Text, b.Text), compareFold(a.Name, b.Name))
}

// String returns the cursor as a KeyPage has it: opaque text.
func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s string) (*cursor, error) {
	if s == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	c := &cursor{}
	if err != nil || json.Unmarshal(b, c) != nil {
		return nil, Invalid("cursor", "the cursor is none that a list gave: begin the list anew")
	}
	return c, nil
}

// matching returns those keys of the list in which every word of filter is
// found.
func (st *state) matching(list []*Key, filter string, now time.Time, made *scratch) []*Key {
	words := st.filterWords(filter)
	if len(words) == 0 {
		return list
	}
	out := made.keys(len(list))
	for _, k := range list {
		if matchesAll(k, words, now) {
			out = append(out, k)
		}
	}
	return out
}

// filterWord is one word of a filter, with what does not depend on the key
// looked up beforehand.
type filterWord struct {
	text         string
	environments map[ID]bool
	kinds        [256]bool // a kind is a byte
	statuses     [StatusEnabled + 1]bool
	status       bool // one of statuses is true
	hex          bool // may be part of a thumbprint
}

func (st *state) filterWords(filter string) []filterWord {
	var words []filterWord
	for _, text := range strings.Fields(Fold(filter)) {
		w := filterWord{text: text, environments: map[ID]bool{}, hex: len(text) >= 4 && strings.Trim(text, "0123456789abcdef") == ""}
		for _, e := range st.environments {
			if containsFold(e.Name, text) {
				w.environments[e.ID] = true
			}
		}
		for _, kind := range []Kind{TokenKey, CertificateKey} {
			w.kinds[kind] = strings.HasPrefix(kind.String(), text)
		}
		for status := range w.statuses {
			w.statuses[status] = strings.HasPrefix(Status(status).String(), text)
			w.status = w.status || w.statuses[status]
		}
		words = append(words, w)
	}
	return words
}

func matchesAll(k *Key, words []filterWord, now time.Time) bool {
	for i := range words {
		if !words[i].matches(k, now) {
			return false
		}
	}
	return true
}

func (w *filterWord) matches(k *Key, now time.Time) bool {
	if containsFold(k.Name, w.text) || k.Environment != 0 && w.environments[k.Environment] ||
		w.kinds[k.Kind] || w.status && w.statuses[k.Status(now)] {
		return true
	}
	if k.Kind == TokenKey && len(w.text) != hintPart {
		return false // and the slots, which are most of a key, need not be fetched
	}
	for _, n := range SlotNames {
		if w.matchesSlot(k.Slot(n)) {
			return true
		}
	}
	return false
}

func (w *filterWord) matchesSlot(slot *Slot) bool {
	if c := slot.Certificate; c != nil {
		return containsFold(c.Subject, w.text) ||
			w.hex && (containsFold(c.Thumbprint(), w.text) || containsFold(slot.Digest.String(), w.text))
	}
	return len(w.text) == hintPart && slot.Hint != Hint{} &&
		(hasPrefixFold(string(slot.Hint[:hintPart]), w.text) || hasPrefixFold(string(slot.Hint[hintPart:]), w.text))
}

// workflowCount counts the key's permitted workflows that are still there.
func (st *state) workflowCount(k *Key) int {
	n := 0
	for _, id := range k.Workflows {
		if st.snapshot.workflows[id] != nil {
			n++
		}
	}
	return n
}

// keyRow is k with names in place of ids.
func (st *state) keyRow(k *Key, now time.Time) KeyRow {
	row := KeyRow{
		ID: k.ID, Name: k.Name, Kind: k.Kind, Status: k.Status(now), Enabled: k.State == Enabled,
		Created: k.Created, Expires: k.Expires, Ends: k.End(),
		Production: k.Environment == 0 || k.Environment == st.snapshot.environments.production.ID,
	}
	row.Environment = st.environmentName(k.Environment)
	row.WorkflowCount = st.workflowCount(k)
	return row
}

// keyInfo is everything about k but how it was used.
func (st *state) keyInfo(k *Key, now time.Time) KeyInfo {
	info := KeyInfo{KeyRow: st.keyRow(k, now), Changed: k.Changed, Query: k.Kind == TokenKey && !k.NoQuery, Workflows: []WorkflowRef{}}
	for _, w := range st.workflows {
		if k.Permits(w.ID) {
			info.Workflows = append(info.Workflows, w.ref())
		}
	}
	for _, n := range SlotNames {
		slot := k.Slot(n)
		si := SlotInfo{Slot: n, Empty: slot.IsZero(), Hint: slot.Hint, Created: slot.Created, Certificate: slot.Certificate}
		for _, r := range slot.Grace() {
			if !past(r.Until, At(now)) {
				si.Retiring = append(si.Retiring, RetiringInfo{r.Hint, r.Until})
			}
		}
		info.Slots = append(info.Slots, si)
	}
	return info
}

// withUsage adds to info how the key was used.
func (s *Service) withUsage(ctx context.Context, info *KeyInfo) error {
	slots, err := s.usageOf(ctx, UsageID{info.ID, Primary}, UsageID{info.ID, Secondary})
	if err != nil {
		return err
	}
	for i := range info.Slots {
		info.Slots[i].Usage = slots[i].view()
		info.LastUsed = max(info.LastUsed, slots[i].Last)
	}
	return nil
}
