package model

import "fmt"

// remedies lists what would help a call that gets reason, the most likely first.
// An allowed call needs none.
func (e *explaining) remedies(reason Reason) []Remedy {
	switch reason.check() {
	case 0:
		return e.credentialRemedies(reason)
	case 1:
		return e.keyRemedies(reason)
	case 2:
		return e.pathRemedies(reason)
	case 3:
		return e.environmentRemedies(reason)
	case 4:
		return e.routeRemedies(reason)
	case 5:
		return e.permissionRemedies()
	}
	return nil
}

// advice is a remedy for the caller's side, or one that needs a thought.
func advice(format string, args ...any) Remedy {
	return Remedy{Kind: Advice, Text: Clean(fmt.Sprintf(format, args...))}
}

// about is a remedy that changes the key.
func (e *explaining) about(kind RemedyKind, format string, args ...any) Remedy {
	r := advice(format, args...)
	r.Kind = kind
	if e.key != nil {
		r.Key = e.key.ID
	}
	return r
}

// name is the key's, as it is now.
func (e *explaining) name() string {
	if e.key != nil {
		return e.key.Name
	}
	return e.a.KeyName
}

func (e *explaining) credentialRemedies(reason Reason) []Remedy {
	switch reason {
	case CredentialAmbiguous:
		return []Remedy{advice("Have the caller send one credential only: one Authorization header, or one auth-key in the query")}
	case CredentialMissing:
		list := []Remedy{advice(`Have the caller send its secret in the header "Authorization: Key=SECRET", or present its client certificate`)}
		if e.a.Foreign {
			list = append(list, advice("If the other Authorization header is for the upstream, send the secret as auth-key in the query, or use a client certificate"))
		}
		return list
	case CredentialMalformed:
		return []Remedy{advice("Have the caller compare what it sends with the secret that it was given: %s and %d letters and digits, nothing cut off, nothing added",
			SecretPrefix, SecretLength-len(SecretPrefix))}
	case QueryRefused:
		list := []Remedy{advice(`Have the caller send the secret in the header "Authorization: Key=SECRET", in place of auth-key in the query`)}
		return append(list, e.acceptQuery()...)
	case SecretUnknown:
		return []Remedy{
			advice("Find out which key the caller should have: its secret was regenerated or purged, or it is of another store"),
			e.about(Advice, "Then regenerate the slot that the caller uses, or make it a key of its own, and hand over the new secret"),
		}
	case CertificateUnknown:
		return e.unknownCertificate()
	}
	return []Remedy{advice("Wait a moment and call again: if it goes on, the endpoint cannot reach the owner of the store; its log and keyward doctor say more")}
}

func (e *explaining) keyRemedies(reason Reason) []Remedy {
	name := e.name()
	switch reason {
	case KeyDeleted:
		return []Remedy{e.about(e.restoring(), "Restore the key %q from the bin if it was deleted by mistake, or give the caller another key", name)}
	case KeyDisabled:
		return []Remedy{e.about(EnableKey, "Enable the key %q, if its holder may have access again", name)}
	case KeyExpired:
		return []Remedy{e.about(ExtendKey, "Change when the key %q expires, if its holder may go on", name)}
	case SecretRetired:
		return []Remedy{
			advice("Have the caller use the newer secret of the %s slot of the key %q, or the one in its other slot", e.a.Slot, name),
			e.about(RegenerateSlot, "Regenerate the %s slot of the key %q, if nobody has that secret any more", e.a.Slot, name),
		}
	case CertificateNotYetValid:
		return e.early()
	}
	return e.expired()
}

func (e *explaining) pathRemedies(reason Reason) []Remedy {
	if reason == PathReserved {
		return []Remedy{advice("Have the caller use another path: those below /_keyward, and %s in any other spelling, are never passed on", DocumentPath)}
	}
	return []Remedy{advice(`Have the caller send the path in its plain form: no "//", no "." or "..", no backslash, no encoded slash, nothing percent-encoded twice`)}
}

func (e *explaining) permissionRemedies() []Remedy {
	w := e.snapshot.workflows[e.a.Workflow]
	if w == nil { // the record is older than what now matches
		if d := e.nowMatched(); d != nil {
			w = d
		}
	}
	if w == nil {
		return []Remedy{advice("The workflow %q is gone: look at what is bound to %s %s now", e.a.Bound, e.a.Method, e.a.Path)}
	}
	r := e.about(PermitWorkflow, "Permit the workflow %q to the key %q", w.Name, e.name())
	r.Workflow = w.ID
	list := []Remedy{r}
	if e.key != nil {
		if e.key.Environment == 0 || e.target() != nil && e.target().Production {
			list[0].Text = Clean(fmt.Sprintf("Permit the workflow %q to the key %q, which may invoke production", w.Name, e.name()))
		}
	}
	return list
}

// nowMatched is the workflow that the call would reach now; nil: none.
func (e *explaining) nowMatched() *Workflow {
	r := e.request()
	r.Assume, r.AssumeSlot = e.key, e.slot()
	if e.key == nil || e.a.Partial {
		return nil
	}
	return e.snapshot.Decide(r).Workflow
}

// target is the key's environment; nil: any, or one that is gone.
func (e *explaining) target() *Environment {
	if e.key == nil {
		return nil
	}
	return e.snapshot.environments.byID[e.key.Environment]
}

func (e *explaining) asked() string {
	if e.a.Environment == "" {
		return "that environment"
	}
	return fmt.Sprintf("%q", e.a.Environment)
}

// reach says how a call asks for the key's own environment.
func (e *explaining) reach(t *Environment) Remedy {
	own := readOwnParams(e.a.Query)
	byHost := e.snapshot.environments.byHost[FoldHost(e.a.Host)]
	switch {
	case byHost != nil && byHost != t && len(t.Hosts) > 0:
		return advice("Have the caller use a host of %q: %s", t.Name, hostNames(t.Hosts))
	case byHost != nil && byHost != t:
		return advice("Have the caller use a host that belongs to no environment, and send %s: %s belongs to %q", ProfilePair(t.Name), FoldHost(e.a.Host), byHost.Name)
	case t.Production:
		return advice("Have the caller leave _profile out, which asks for %q", t.Name)
	case own.profiles > 0:
		return advice("Have the caller send %s in place of the _profile that it sends", ProfilePair(t.Name))
	}
	if len(t.Hosts) > 0 {
		return advice("Have the caller send %s with the call, or use a host of %q: %s", ProfilePair(t.Name), t.Name, hostNames(t.Hosts))
	}
	return advice("Have the caller send %s with the call", ProfilePair(t.Name))
}

// acceptQuery is for the key that takes no secret from the query, where it was
// the key that refused it.
func (e *explaining) acceptQuery() []Remedy {
	switch {
	case e.a.NoQuery:
		return []Remedy{advice("Or run the endpoint without --no-query: it takes no secret from the query, whatever the key's own setting is")}
	case e.key == nil:
		return []Remedy{advice("Or look for the keys that take no secret from the query: this was the secret of one of them, which the record does not name")}
	}
	return []Remedy{e.about(AcceptQuery, "Or let the key %q take its secret from the query, where logs and histories may keep it", e.name())}
}

// restoring is what can be done about a deleted key: RestoreKey as long as it is
// in the bin.
func (e *explaining) restoring() RemedyKind {
	if e.key != nil && e.key.State == Deleted {
		return RestoreKey
	}
	return Advice
}
