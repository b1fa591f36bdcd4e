package model

// limited says, after what would help, why the caller saw 429 where the reason
// has another status: who asks "why 429" finds its own call by that.
func (e *explaining) limited(now Reason) []Remedy {
	if e.a.Status != StatusLimited || !e.a.Reason.Unproven() || now == Allowed {
		return nil
	}
	return []Remedy{advice("The caller saw 429 in place of %d because its address makes more calls without a valid key than --failure-limit lets through; with a valid key a call passes all the same", e.a.Reason.Status())}
}
