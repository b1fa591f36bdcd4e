package model

import "fmt"

// checks are those of a decision, in order.
var checks = [...]string{"credential", "key", "path", "environment", "route", "permission"}

// check is at which of the checks a call with that reason ends; len(checks) for
// one that passed them all.
func (r Reason) check() int {
	switch r {
	case Allowed:
		return len(checks)
	case KeyDeleted, KeyDisabled, KeyExpired, SecretRetired, CertificateNotYetValid, CertificateExpired:
		return 1
	case PathRefused, PathReserved:
		return 2
	case EnvironmentRepeated, EnvironmentEmpty, EnvironmentUnknown, EnvironmentContradicted, EnvironmentNotPermitted:
		return 3
	case RouteUnknown, RouteAmbiguous, VariableRepeated:
		return 4
	case WorkflowNotPermitted:
		return 5
	}
	return 0
}

// recorded is the steps as far as the record alone tells.
func (e *explaining) recorded() []Step {
	t := &trace{}
	if e.a.Reason == Stale || e.a.Reason == Undecided {
		t.add("endpoint", false, "the endpoint had not seen the newest change yet, and decides nothing until it has: a key might have been taken away by it")
		return t.steps
	}
	failed := e.a.Reason.check()
	if e.a.Reason == CertificateUnknown && e.a.Key != 0 {
		failed = 1
	}
	for i, check := range checks[:min(failed, len(checks))] {
		if text := e.passed(i); text != "" {
			t.add(check, true, "%s", text)
		}
	}
	if failed < len(checks) {
		t.add(checks[failed], false, "%s", e.failed())
	}
	return t.steps
}

// passed says what a check found that was passed, where the record has it.
func (e *explaining) passed(check int) string {
	a := e.a
	switch checks[check] {
	case "credential":
		return e.proof()
	case "key":
		return fmt.Sprintf("the key %q was enabled", a.KeyName)
	case "path":
		return "the path could be read in one way only"
	case "environment":
		if a.Environment != "" {
			return fmt.Sprintf("the call asked for %q, which the key might invoke", a.Environment)
		}
	case "route":
		if a.Bound != "" {
			return fmt.Sprintf("%s %s was the workflow %q", a.Method, a.Path, a.Bound)
		}
	case "permission":
		if a.Bound != "" {
			return fmt.Sprintf("the key %q might invoke the workflow %q", a.KeyName, a.Bound)
		}
	}
	return ""
}

// proof says by what the caller was known.
func (e *explaining) proof() string {
	d := Decision{Credential: e.a.Credential, Slot: e.a.Slot, Retiring: e.a.Retiring, Key: &Key{Name: e.a.KeyName}}
	if d.Credential == CertificateCredential || d.Credential == AssumedCredential && e.key != nil && e.key.Kind == CertificateKey {
		d.Key.Kind = CertificateKey
	}
	text := d.proof()
	switch e.a.Credential {
	case HeaderCredential:
		text += "; it came in the Authorization header"
	case QueryCredential:
		text += "; it came in the query"
	}
	return text
}

// failed says which check was not passed, where the record has to be enough.
func (e *explaining) failed() string {
	a := e.a
	switch a.Reason {
	case QueryRefused:
		return fmt.Sprintf("the secret came in the query, which the key %q did not accept", a.KeyName)
	case KeyDeleted:
		return fmt.Sprintf("the key %q was deleted", a.KeyName)
	case KeyDisabled:
		return fmt.Sprintf("the key %q was disabled", a.KeyName)
	case KeyExpired:
		return fmt.Sprintf("the key %q had expired", a.KeyName)
	case SecretRetired:
		return fmt.Sprintf("the secret of the key %q was replaced, and worked no more", a.KeyName)
	case CertificateUnknown:
		return fmt.Sprintf("the key %q had no certificate", a.KeyName)
	case CertificateNotYetValid:
		return "the certificate was not valid yet"
	case CertificateExpired:
		return "the certificate had expired"
	case PathRefused:
		return fmt.Sprintf("the path %q was refused: two programs could read it differently", a.Path)
	case PathReserved:
		return fmt.Sprintf("the path %q is keyward's own and never an invoke", a.Path)
	case EnvironmentRepeated:
		return "the call carried _profile more than once"
	case EnvironmentEmpty:
		return "the call's _profile was empty"
	case EnvironmentUnknown:
		return "_profile named no environment that there was"
	case EnvironmentContradicted:
		return fmt.Sprintf("_profile named another environment than the host %s belonged to", a.Host)
	case EnvironmentNotPermitted:
		return fmt.Sprintf("the key %q was pinned to another environment than %q, for which the call asked", a.KeyName, a.Environment)
	case RouteUnknown:
		return fmt.Sprintf("no workflow was bound to %s %s", a.Method, a.Path)
	case RouteAmbiguous:
		return fmt.Sprintf("several workflows matched %s %s", a.Method, a.Path)
	case VariableRepeated:
		return "a query parameter that a workflow needs was there more than once or badly encoded"
	case WorkflowNotPermitted:
		return fmt.Sprintf("the workflow %q was not among those that the key %q might invoke", a.Bound, a.KeyName)
	}
	return fmt.Sprintf("the call was refused: %s", a.Reason)
}
