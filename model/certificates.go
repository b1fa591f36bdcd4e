package model

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// CertificateRow is a registered certificate as a list shows it, and the key
// that has it. Its texts are what the certificate says, as Certificate has them.
type CertificateRow struct {
	Key         ID       `json:"key"`
	Name        string   `json:"name"` // of the key
	Slot        SlotName `json:"slot"`
	Status      Status   `json:"status"`      // of the key
	Environment string   `json:"environment"` // of the key; "": any
	Production  bool     `json:"production"`  // the key may invoke production
	Renewed     bool     `json:"renewed"`     // the key's other slot has one that goes on where this ends, and works still
	Subject     string   `json:"subject"`
	Issuer      string   `json:"issuer"`
	Serial      string   `json:"serial"`
	SHA256      Digest   `json:"sha256"`
	NotBefore   Instant  `json:"notBefore"`
	NotAfter    Instant  `json:"notAfter"`
	DaysLeft    int      `json:"daysLeft"`           // whole ones; negative when it has expired
	LastUsed    Instant  `json:"lastUsed,omitempty"` // of the last call allowed by it, to the minute
}

// CertificateQuery asks for part of the list of certificates, which is in the
// order in which they end: those that have expired come first. Filter holds
// words, each of which must be found in the key's name, its environment's, the
// subject, the issuer, the serial number or the thumbprint or the SHA-256, or be
// the beginning of "expired" or of the status of the key.
type CertificateQuery struct {
	Filter string `json:"filter,omitempty"`
	Limit  int    `json:"limit,omitempty"`  // at most MaxPage, which zero means too
	Offset int    `json:"offset,omitempty"` // where the page begins
	Around Digest `json:"around,omitzero"`  // the page has this one, if the list has it
}

// CertificatePage is part of the list of certificates.
type CertificatePage struct {
	Certificates []CertificateRow `json:"certificates"`
	Offset       int              `json:"offset"` // of the first row, among Total
	Total        int              `json:"total"`  // rows that match the filter
	All          int              `json:"all"`    // certificates there are
}

// held is a certificate in its place.
type held struct {
	key  *Key
	slot SlotName
	ends Instant
}

func (h held) certificate() *Certificate { return h.key.Slot(h.slot).Certificate }

func compareHeld(a, b held) int {
	if c := cmp.Compare(a.ends, b.ends); c != 0 {
		return c
	}
	return cmp.Or(compareFold(a.key.Name, b.key.Name), cmp.Compare(a.slot, b.slot))
}

// Certificates returns part of the list of the certificates of all keys that are
// not deleted.
func (s *Session) Certificates(ctx context.Context, q CertificateQuery) (CertificatePage, error) {
	if err := ctx.Err(); err != nil {
		return CertificatePage{}, err
	}
	if q.Limit <= 0 || q.Limit > MaxPage {
		q.Limit = MaxPage
	}
	s.service.prepareCertificates()
	var page CertificatePage
	err := s.service.read(func(st *state) error {
		page = st.certificatePage(q, s.service.now())
		return nil
	})
	for i := range page.Certificates {
		row := &page.Certificates[i]
		row.LastUsed = s.service.usage.lastOf(row.Key, row.Slot)
	}
	return page, err
}

// prepareCertificates makes the list of certificates, which is kept and repaired
// from then on.
func (s *Service) prepareCertificates() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.held == nil {
		s.state.held = s.state.heldList()
	}
}

// heldList returns every certificate in the order in which they end. It is not
// nil.
func (st *state) heldList() []held {
	list := []held{}
	for _, k := range st.names {
		list = append(list, heldBy(k)...)
	}
	slices.SortFunc(list, compareHeld)
	return list
}

func heldBy(k *Key) []held {
	if k == nil || k.Kind != CertificateKey || k.State == Deleted {
		return nil
	}
	var list []held
	for _, n := range SlotNames {
		if c := k.Slot(n).Certificate; c != nil {
			list = append(list, held{k, n, At(c.NotAfter)})
		}
	}
	return list
}

// moveHeld repairs the list for a key that was changed, if it was made.
func (st *state) moveHeld(before, after *Key) {
	if st.held == nil {
		return
	}
	for _, h := range heldBy(before) {
		if i, found := slices.BinarySearchFunc(st.held, h, compareHeld); found {
			st.held = slices.Delete(st.held, i, i+1)
		}
	}
	for _, h := range heldBy(after) {
		i, _ := slices.BinarySearchFunc(st.held, h, compareHeld)
		st.held = slices.Insert(st.held, i, h)
	}
}

// certificatePage cuts q's part out of the filtered list.
func (st *state) certificatePage(q CertificateQuery, now time.Time) CertificatePage {
	all := st.held
	if all == nil {
		all = st.heldList() // the store was read anew since it was made
	}
	list := all
	if words := st.filterWords(q.Filter); len(words) > 0 {
		list = nil
		for _, h := range all {
			if h.matches(words, now) {
				list = append(list, h)
			}
		}
	}
	page := CertificatePage{Total: len(list), All: len(all), Offset: q.Offset}
	if !q.Around.IsZero() {
		if i := slices.IndexFunc(list, func(h held) bool { return h.certificate().SHA256 == q.Around }); i >= 0 {
			page.Offset = max(0, min(i-q.Limit/2, len(list)-q.Limit))
		}
	}
	page.Offset = min(max(page.Offset, 0), len(list))
	end := min(page.Offset+q.Limit, len(list))
	page.Certificates = make([]CertificateRow, 0, end-page.Offset)
	for _, h := range list[page.Offset:end] {
		page.Certificates = append(page.Certificates, st.certificateRow(h, now))
	}
	return page
}

func (h held) matches(words []filterWord, now time.Time) bool {
	c := h.certificate()
	for i := range words {
		w := &words[i]
		if !(containsFold(h.key.Name, w.text) || h.key.Environment != 0 && w.environments[h.key.Environment] ||
			containsFold(c.Subject, w.text) || containsFold(c.Issuer, w.text) || containsFold(c.Serial, w.text) ||
			w.hex && (containsFold(c.Thumbprint(), w.text) || containsFold(c.Fingerprint(), w.text)) ||
			c.Expired(now) && strings.HasPrefix("expired", w.text) ||
			strings.HasPrefix(h.key.Status(now).String(), w.text)) {
			return false
		}
	}
	return true
}

func (st *state) certificateRow(h held, now time.Time) CertificateRow {
	c, other := h.certificate(), h.key.Slot(h.slot.Other()).Certificate
	return CertificateRow{
		Key: h.key.ID, Name: h.key.Name, Slot: h.slot, Status: h.key.Status(now),
		Environment: st.environmentName(h.key.Environment),
		Production:  h.key.Environment == 0 || h.key.Environment == st.snapshot.environments.production.ID,
		Renewed:     renews(other, c, now) && !other.Expired(now),
		Subject:     c.Subject, Issuer: c.Issuer, Serial: c.Serial, SHA256: c.SHA256,
		NotBefore: At(c.NotBefore), NotAfter: At(c.NotAfter), DaysLeft: c.DaysLeft(now),
	}
}
