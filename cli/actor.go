package cli

import (
	"os"
	"os/user"
	"strconv"

	"dev.keyward/keyward/model"
)

// actor is who runs this process, for the audit trail: the user and process
// that the system vouches for, and the user that sudo says asked for it.
func (a *app) actor() model.Actor {
	actor := model.Actor{UID: os.Getuid(), PID: os.Getpid(), Claimed: model.Clean(a.env.Getenv("SUDO_USER"))}
	if len(actor.Claimed) > model.MaxName {
		actor.Claimed = actor.Claimed[:model.MaxName]
	}
	if u, err := user.LookupId(strconv.Itoa(actor.UID)); err == nil {
		actor.User = model.Clean(u.Username)
	}
	return actor
}

// caller is the operator for whom this run acts.
func (a *app) caller() model.Caller {
	return model.Caller{Actor: a.actor(), Reason: a.reason, ReadOnly: a.look}
}
