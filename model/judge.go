package model

// keyState judges the key itself and what was proven of it (spec §2.2).
func keyState(r *Request, d *Decision, until Instant) Reason {
	now := At(r.Now)
	switch {
	case d.Key.State == Deleted:
		return KeyDeleted
	case d.Key.State != Enabled:
		return KeyDisabled
	case past(d.Key.Expires, now):
		return KeyExpired
	case past(until, now):
		return SecretRetired
	}
	if d.Key.Kind != CertificateKey {
		return Undecided
	}
	cert := d.Key.Slot(d.Slot).Certificate
	switch {
	case cert == nil:
		return CertificateUnknown
	case cert.NotYetValid(r.Now):
		return CertificateNotYetValid
	case cert.Expired(r.Now): // RFC 5280 §4.1.2.5: valid through NotAfter, inclusive
		return CertificateExpired
	}
	return Undecided
}

// judgeEnvironment settles which environment the call asks for and whether the
// key may use it (spec §2.3).
func (s *Snapshot) judgeEnvironment(r *Request, own *ownParams, d *Decision, t *trace) {
	d.Environment, d.Reason = s.askedEnvironment(r, own)
	if d.Reason == Undecided && d.Key.Environment != 0 && d.Key.Environment != d.Environment.ID {
		d.Reason = EnvironmentNotPermitted
	}
	t.environment(s, r, own, d)
}

func (s *Snapshot) askedEnvironment(r *Request, own *ownParams) (*Environment, Reason) {
	var byHost *Environment
	if len(s.environments.byHost) > 0 {
		byHost = s.environments.byHost[FoldHost(r.Host)]
	}
	if own.profiles == 0 {
		if byHost != nil {
			return byHost, Undecided
		}
		return s.environments.production, Undecided
	}
	if own.profiles > 1 {
		return nil, EnvironmentRepeated
	}
	name, ok := unescape(own.profile, true)
	if name == "" && ok {
		return nil, EnvironmentEmpty
	}
	asked := s.environments.byName[Fold(name)]
	switch {
	case !ok || asked == nil:
		return nil, EnvironmentUnknown
	case byHost != nil && byHost != asked:
		return nil, EnvironmentContradicted
	}
	return asked, Undecided
}

// judgeRoute finds the one bound workflow that the request matches (spec §2.4).
func (s *Snapshot) judgeRoute(r *Request, segs []string, d *Decision, t *trace) {
	m := routeMatch{query: r.RawQuery}
	s.routes.find(r.Method, segs, &m)
	switch {
	case m.repeated != "":
		d.Reason = VariableRepeated
	case m.second != nil:
		d.Reason, d.Clash = RouteAmbiguous, m.clash()
	case m.found == nil:
		d.Reason = RouteUnknown
	default:
		d.Workflow = m.found.workflow
		d.Variables = m.found.variables(segs, r.RawQuery)
	}
	t.route(s, r, segs, &m, d)
}
