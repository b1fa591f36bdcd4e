package model

import (
	"fmt"
	"slices"
	"strings"
)

// trace gathers the steps of a decision in words. A nil trace gathers nothing
// and costs nothing, so that explaining and deciding are one code path.
type trace struct{ steps []Step }

func (t *trace) add(check string, passed bool, format string, args ...any) {
	t.steps = append(t.steps, Step{check, passed, Clean(fmt.Sprintf(format, args...))})
}

func (t *trace) credential(r *Request, d *Decision) {
	if t == nil {
		return
	}
	const check = "credential"
	switch d.Reason {
	case CredentialAmbiguous:
		t.add(check, false, "the call carries more than one token: send one Authorization header or one auth-key, not both")
	case CredentialMissing:
		what := "no token and no client certificate came with the call"
		if d.Foreign {
			what = "the Authorization header is of another scheme than Key= or Bearer, and no client certificate came with the call"
		}
		t.add(check, false, "%s: send the header \"Authorization: Key=SECRET\" or a registered certificate", what)
	case CredentialMalformed:
		t.add(check, false, "the %s is not a keyward secret: %s and %d letters and digits whose checksum fits; it may be cut short or mistyped",
			d.source(), SecretPrefix, SecretLength-len(SecretPrefix))
	case QueryRefused:
		t.add(check, false, "the secret came in the query, which %s does not accept: send it in the Authorization header", queryRefuser(r, d))
	case SecretUnknown:
		t.add(check, false, "the %s is well formed, but no key has that secret: it was regenerated, or belongs to another store", d.source())
	case CertificateUnknown:
		t.add(check, false, "no key has the client certificate with the SHA-256 %s", r.Certificate)
	default:
		t.add(check, true, "%s", d.proof())
	}
}

// queryRefuser names who takes no secret from the query: the key whose it is,
// or the whole endpoint.
func queryRefuser(r *Request, d *Decision) string {
	switch {
	case r.NoQuery:
		return "this endpoint"
	case d.Key == nil: // an endpoint of an earlier version
		return "the key whose it is"
	}
	return fmt.Sprintf("the key %q", d.Key.Name)
}

// source names where the token came from.
func (d *Decision) source() string {
	if d.Credential == QueryCredential {
		return "value of auth-key"
	}
	return "value of the Authorization header"
}

// proof says by what the caller is known.
func (d *Decision) proof() string {
	thing := "secret"
	if d.Key.Kind == CertificateKey {
		thing = "certificate"
	}
	switch {
	case d.Credential == AssumedCredential:
		return fmt.Sprintf("assumed: the caller has the %s %s of the key %q", d.Slot, thing, d.Key.Name)
	case d.Retiring:
		return fmt.Sprintf("the secret is a replaced %s one of the key %q", d.Slot, d.Key.Name)
	}
	return fmt.Sprintf("the %s is the %s one of the key %q", thing, d.Slot, d.Key.Name)
}

func (t *trace) keyState(r *Request, d *Decision) {
	if t == nil {
		return
	}
	const check = "key"
	name := d.Key.Name
	switch d.Reason {
	case KeyDeleted:
		t.add(check, false, "the key %q was deleted", name)
	case KeyDisabled:
		t.add(check, false, "the key %q is disabled", name)
	case KeyExpired:
		t.add(check, false, "the key %q expired %s", name, d.Key.Expires.Text())
	case SecretRetired:
		t.add(check, false, "the secret of the key %q was replaced, and works no more", name)
	case CertificateNotYetValid:
		t.add(check, false, "the certificate is valid only from %s on", At(d.Key.Slot(d.Slot).Certificate.NotBefore).Text())
	case CertificateExpired:
		t.add(check, false, "the certificate expired %s", At(d.Key.Slot(d.Slot).Certificate.NotAfter).Text())
	case CertificateUnknown:
		t.add(check, false, "the key %q has no certificate", name)
	default:
		text := fmt.Sprintf("the key %q is enabled", name)
		if end := d.Key.Expires; end != 0 {
			text += " until " + end.Text()
		}
		if d.Retiring {
			text += ", and the replaced secret is in its grace period"
		}
		t.add(check, true, "%s", text)
	}
}

func (t *trace) path(r *Request, problem pathProblem) {
	switch {
	case t == nil:
	case problem != "":
		t.add("path", false, "the path %q is refused: %s, and two programs could read it differently", r.Path, problem)
	case ReservedPath(r.Path):
		t.add("path", false, "the path %q is keyward's own and never an invoke", r.Path)
	default:
		t.add("path", true, "the path %q can be read in one way only", r.Path)
	}
}

func (t *trace) environment(s *Snapshot, r *Request, own *ownParams, d *Decision) {
	if t == nil {
		return
	}
	const check = "environment"
	asked, _ := unescape(own.profile, true)
	switch d.Reason {
	case EnvironmentRepeated:
		t.add(check, false, "the call carries _profile %d times: send it once", own.profiles)
	case EnvironmentEmpty:
		t.add(check, false, "the call's _profile is empty: name an environment or leave it out")
	case EnvironmentUnknown:
		t.add(check, false, "_profile names %q, and there is no such environment: %s", asked, s.environmentNames())
	case EnvironmentContradicted:
		t.add(check, false, "_profile names %q, but the host %s belongs to %q", asked, r.Host, s.environments.byHost[FoldHost(r.Host)].Name)
	case EnvironmentNotPermitted:
		t.add(check, false, "%s", s.wrongEnvironment(r, own, d))
	default:
		text := fmt.Sprintf("%s, and the key may invoke any environment", s.askedHow(r, own, d))
		if d.Key.Environment != 0 {
			text = fmt.Sprintf("%s, the key's target", s.askedHow(r, own, d))
		}
		t.add(check, true, "%s", text)
	}
}

func (s *Snapshot) askedHow(r *Request, own *ownParams, d *Decision) string {
	switch {
	case own.profiles > 0:
		return fmt.Sprintf("_profile asks for %q", d.Environment.Name)
	case s.environments.byHost[FoldHost(r.Host)] != nil:
		return fmt.Sprintf("the host %s asks for %q", FoldHost(r.Host), d.Environment.Name)
	}
	return fmt.Sprintf("the call names no environment, which asks for %q", d.Environment.Name)
}

func (s *Snapshot) wrongEnvironment(r *Request, own *ownParams, d *Decision) string {
	target := "an environment that is gone"
	if e := s.environments.byID[d.Key.Environment]; e != nil {
		target = fmt.Sprintf("%q", e.Name)
		if own.profiles == 0 && !e.Production && s.environments.byHost[FoldHost(r.Host)] == nil {
			return fmt.Sprintf("the key is pinned to %s; the call did not send %s, so it asks for %q", e.Name, ProfilePair(e.Name), d.Environment.Name)
		}
	}
	return fmt.Sprintf("the key is pinned to %s; the call asks for %q", target, d.Environment.Name)
}

func (s *Snapshot) environmentNames() string {
	var names []string
	for _, e := range s.environments.byID {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return "there are " + strings.Join(names, ", ")
}

func (t *trace) route(s *Snapshot, r *Request, segs []string, m *routeMatch, d *Decision) {
	if t == nil {
		return
	}
	const check = "route"
	switch d.Reason {
	case VariableRepeated:
		t.add(check, false, "the query parameter %q is there more than once or badly encoded: send it once", m.repeated)
	case RouteAmbiguous:
		t.add(check, false, "%q (%s) and %q (%s) both match %s %s: change one of the two bindings",
			m.found.workflow.Name, m.found.workflow.Path, m.second.workflow.Name, m.second.workflow.Path, r.Method, r.Path)
	case RouteUnknown:
		t.add(check, false, "%s", s.noRoute(r, segs, m))
	default:
		w := d.Workflow
		t.add(check, true, "%s %s is the workflow %q, bound to %s", r.Method, r.Path, w.Name, w.Path)
	}
}

// noRoute says what came closest.
func (s *Snapshot) noRoute(r *Request, segs []string, m *routeMatch) string {
	if m.missing != "" {
		return fmt.Sprintf("a workflow is bound to %s %s, but needs the query parameter %q as well", r.Method, r.Path, m.missing)
	}
	for _, method := range methods {
		other := routeMatch{query: r.RawQuery}
		if s.routes.find(method, segs, &other); other.found != nil {
			return fmt.Sprintf("no workflow is bound to %s %s; %s %s is the workflow %q",
				r.Method, r.Path, method, r.Path, other.found.workflow.Name)
		}
	}
	if s.routes.bound == 0 {
		return "no workflow is bound to a REST path yet"
	}
	return fmt.Sprintf("no workflow is bound to %s %s", r.Method, r.Path)
}

func (t *trace) permission(d *Decision) {
	switch {
	case t == nil:
	case d.Reason == Allowed:
		t.add("permission", true, "the key %q may invoke the workflow %q", d.Key.Name, d.Workflow.Name)
	default:
		t.add("permission", false, "the workflow %q is not among the %d that the key %q may invoke",
			d.Workflow.Name, len(d.Key.Workflows), d.Key.Name)
	}
}
