package model

// Unproven reports whether a request was denied because its caller proved no
// key in force: what came as a credential was nothing, unreadable, unknown or
// of a key that is deleted, disabled or expired. These are the failures that an
// endpoint counts by source (security.md G3). All of them count alike, or a
// caller could tell a disabled key's secret from a made-up one.
func (r Reason) Unproven() bool { return r >= CredentialAmbiguous && r <= CertificateExpired }

// StatusLimited is the HTTP status with which an endpoint answers an unproven
// request in place of its reason's, when too many came from its source.
const StatusLimited = 429

// Omit counts a decision that Count wanted and that is not kept, so that whoever
// watches learns that there was one.
func (r *Recorder) Omit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.number++
}
