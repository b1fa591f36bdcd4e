package model

// upstreamSteps say, after the checks of an allowed call, what became of it
// where that was a failure.
func (e *explaining) upstreamSteps() []Step {
	a := e.a
	if !a.Failed() {
		return nil
	}
	t := &trace{}
	where := a.Upstream
	if where == "" {
		where = "the workflow's upstream"
	}
	switch {
	case a.FailedItself():
		t.add("upstream", false, "the call was passed on to %s, which answered %d: something is wrong there", where, a.Status)
	case a.UpstreamFailure == UpstreamDidNotFail:
		t.add("answer", false, "the call was allowed, and the caller got %d: what went wrong is not on record here", a.Status)
	case a.Status == 0 || a.Status < 500:
		t.add("upstream", false, "%s ended the connection in the middle of its answer", where)
	default:
		t.add("upstream", false, "%s %s; the caller got %d", where, a.UpstreamFailure.Cause(), a.Status)
	}
	return t.steps
}

// upstreamRemedies are for an allowed call whose upstream did not answer it, as
// long as the call would be allowed still.
func (e *explaining) upstreamRemedies(now Reason) []Remedy {
	a := e.a
	if !a.Failed() || now != Allowed {
		return nil
	}
	w, environment := e.snapshot.workflows[a.Workflow], e.environmentNamed(a.Environment)
	if w == nil || environment == nil {
		return nil
	}
	upstream := w.Upstreams[environment.ID]
	change := advice("Or change the upstream of %q in %q, if that is not where the service is", w.Name, environment.Name)
	change.Kind, change.Workflow, change.Environment = ChangeUpstream, w.ID, environment.ID
	origin := upstreamOrigin(upstream)
	switch {
	case a.UpstreamFailure == UpstreamDidNotFail && a.Upstream == "":
		return []Remedy{advice("Look into the log of the endpoint: it says why the caller got %d", a.Status)}
	case upstream == "":
		change.Text = Clean("Calls of it are answered without an upstream now: call again, or give the workflow one")
		return []Remedy{change}
	case origin == "":
		change.Text = Clean("Change the upstream of \"" + w.Name + "\" in \"" + environment.Name + "\": its URL cannot be read")
		return []Remedy{change}
	case a.Upstream != "" && a.Upstream != origin, a.UpstreamFailure == UpstreamUnreadable:
		change.Kind = CallAgain
		change.Text = Clean("Call again: the upstream is " + origin + " now, another one than then")
		return []Remedy{change}
	case a.FailedItself():
		return []Remedy{advice("Look into the log of the service at %s: it answered %d by itself", origin, a.Status)}
	}
	return []Remedy{upstreamAdvice(a.UpstreamFailure, origin), change}
}

func (e *explaining) environmentNamed(name string) *Environment {
	for _, environment := range e.snapshot.environments.byID {
		if environment.Name == name {
			return environment
		}
	}
	return nil
}

// upstreamAdvice is what is to be done where the upstream runs.
func upstreamAdvice(f UpstreamFailure, origin string) Remedy {
	switch f {
	case UpstreamRefused:
		return advice("Start the service at %s: the machine is there and nothing listens on that port", origin)
	case UpstreamUnknown:
		return advice("Compare the name in %s: the machine that the endpoint runs on finds no address for it", origin)
	case UpstreamTimeout:
		return advice("Look whether the service at %s is up and not overloaded, and whether a firewall is in between", origin)
	case UpstreamTLS:
		return advice("Look at the certificate of %s: the machine that the endpoint runs on has to trust it, under that name", origin)
	case UpstreamUnreachable:
		return advice("Look whether the machine of %s is up, and whether a network or a firewall is in between", origin)
	}
	return advice("Look into the log of the service at %s: it ended the connection", origin)
}
