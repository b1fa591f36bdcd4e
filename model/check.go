package model

import (
	"context"
	"strings"
)

// Check decides about a call without making it and says why, step by step.
// ErrNotFound when q.Key names no key, ErrInvalid when q.URL is no URL.
func (s *Session) Check(ctx context.Context, q CheckQuery) (Verdict, error) {
	if err := ctx.Err(); err != nil {
		return Verdict{}, err
	}
	r := &Request{Method: q.Method, Secret: q.Secret, Certificate: q.Certificate, NoQuery: q.NoQuery, Now: s.service.now()}
	if q.Malformed {
		r.Authorization = []string{"Key="}
	}
	var err error
	if r.Host, r.Path, r.RawQuery, err = splitURL(q.URL); err != nil {
		return Verdict{}, err
	}
	if q.Key == "" {
		s.service.Snapshot() // the secret is looked for
	}
	var v Verdict
	err = s.service.read(func(st *state) error {
		if q.Key != "" {
			if r.Assume, err = st.key(q.Key); err != nil {
				return err
			}
		}
		explain := st.snapshot.Explain
		if r.Path == DocumentPath {
			explain = st.snapshot.explainDocument
		}
		d, steps := explain(r)
		v = verdict(d, steps)
		return nil
	})
	return v, err
}

// splitURL cuts a URL as a client would send it, without tidying anything up:
// what is checked must be what would arrive.
func splitURL(raw string) (host, path, query string, err error) {
	rest := raw
	if scheme, after, ok := strings.Cut(raw, "://"); ok && !strings.ContainsAny(scheme, "/?") {
		if s := Fold(scheme); s != "http" && s != "https" {
			return "", "", "", Invalid("url", "the URL %q must begin with https://, http:// or /", Clean(raw))
		}
		end := strings.IndexAny(after, "/?#")
		if end < 0 {
			end = len(after)
		}
		if host, rest = after[:end], after[end:]; host == "" || strings.Contains(host, "@") {
			return "", "", "", Invalid("url", "the URL must name a host, and no user")
		}
		if rest == "" || rest[0] != '/' {
			rest = "/" + rest
		}
	} else if !strings.HasPrefix(raw, "/") {
		return "", "", "", Invalid("url", "the URL %q must begin with https://, http:// or /", Clean(raw))
	}
	rest, _, _ = strings.Cut(rest, "#")
	path, query, _ = strings.Cut(rest, "?")
	return host, path, query, nil
}

func verdict(d Decision, steps []Step) Verdict {
	v := Verdict{Allowed: d.Allowed(), Reason: d.Reason, Status: d.Reason.Status(), Slot: d.Slot, Variables: d.Variables, Steps: steps}
	if d.Key != nil {
		v.Key = d.Key.Name
	}
	if d.Environment != nil {
		v.Environment = d.Environment.Name
	}
	if d.Workflow != nil {
		v.Workflow = d.Workflow.Name
	}
	if v.Variables == nil {
		v.Variables = []Variable{}
	}
	return v
}

// Certificate returns the certificate in a key's slot with its DER. ErrNotFound
// when the slot is empty or the key is token-based.
func (s *Session) Certificate(ctx context.Context, ref string, n SlotName) (Certificate, error) {
	var c Certificate
	err := s.service.read(func(st *state) error {
		k, err := st.key(ref)
		if err != nil {
			return err
		}
		slot := k.Slot(n)
		if slot == nil || slot.Certificate == nil {
			return &objectError{ErrNotFound, "the key " + k.Name + " has no " + n.String() + " certificate: see keyward key show"}
		}
		c = *slot.Certificate
		return nil
	})
	if err != nil {
		return Certificate{}, err
	}
	c.DER, err = s.service.store.CertificateDER(ctx, c.SHA256)
	return c, err
}
