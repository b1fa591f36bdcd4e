package server

import (
	"net/http"

	"dev.keyward/keyward/model"
)

// addActivity takes in what another process's endpoint decided.
func addActivity(c *adminCall) {
	var in activityRequest
	if !c.read(&in) {
		return
	}
	service := c.service()
	if service == nil {
		return
	}
	c.send(http.StatusOK, service.AddActivity(c.partner(in.Self).PID, in.Post))
}

type activityRequest struct {
	Self model.Peer         `json:"self"`
	Post model.ActivityPost `json:"post"`
}
