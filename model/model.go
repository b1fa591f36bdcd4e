// Package model is what a key is and who may pass: keys, workflows and
// environments, the use cases that change them (Session), and the decision
// about one request (Snapshot.Decide). It imports the standard library only,
// does no I/O but through its Store port, and has no clock or randomness of its
// own. Everything else, the console, the commands and the endpoint, asks it.
package model
