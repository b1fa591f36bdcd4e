package server

import (
	"context"
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// Activity tells what endpoints decided.
func (c *Client) Activity(ctx context.Context, q model.ActivityQuery) (model.ActivityPage, error) {
	page, err := invoke[model.ActivityPage](ctx, c, "Activity", q)
	if q.Serving && earlier(err) {
		page, err = invoke[model.ActivityPage](ctx, c, "Activity", model.ActivityQuery{Limit: 1})
		page = model.ActivityPage{Records: []model.Activity{}, Serving: page.Serving, Consoles: page.Consoles}
	}
	return page, err
}

// Explain says why a call was decided as it was.
func (c *Client) Explain(ctx context.Context, a model.Activity) (model.Explanation, error) {
	out, err := invoke[model.Explanation](ctx, c, "Explain", a)
	if earlier(err) {
		out, err = invoke[model.Explanation](ctx, c, "Explain", asEarlier(a))
		out.Activity = a
	}
	return out, err
}

// earlier reports whether the owner is of a version that does not know all that
// it was told. What was added to a decision since the protocol was made may be
// left out.
func earlier(err error) bool {
	return err != nil && strings.Contains(err.Error(), "json: unknown field")
}

// asEarlier is a decision as an owner of any version reads it.
func asEarlier(a model.Activity) model.Activity {
	a.UpstreamFailure, a.Upstream = model.UpstreamDidNotFail, ""
	a.Run, a.Sequence, a.Clash = 0, 0, model.Clashing{}
	return a
}

// AddActivity tells the owner what the endpoint of this process decided, and
// returns what people watch for. It takes as many calls as the records need.
// After an error nothing is known of what became of it: who watches sees it, or
// does not.
func (c *Client) AddActivity(ctx context.Context, post model.ActivityPost) (model.ActivityWatch, error) {
	for {
		part := post
		part.Records = post.Records[:fitting(post.Records)]
		post.Records, post.Missed = post.Records[len(part.Records):], 0
		watch, err := invoke[model.ActivityWatch](ctx, c, "AddActivity", activityRequest{c.o.Self, part})
		if earlier(err) {
			part.Records = slices.Clone(part.Records)
			for i := range part.Records {
				part.Records[i] = asEarlier(part.Records[i])
			}
			watch, err = invoke[model.ActivityWatch](ctx, c, "AddActivity", activityRequest{c.o.Self, part})
		}
		if err != nil || len(post.Records) == 0 {
			return watch, err
		}
	}
}

// fitting is how many of the records certainly fit into a request.
func fitting(list []model.Activity) int {
	const escaped, fields = 6, 1 << 10 // bytes of JSON for one byte of text, and for all the rest of a record
	size := 64 << 10                   // the report
	for i := range list {
		a := &list[i]
		texts := len(a.Remote) + len(a.Method) + len(a.Host) + len(a.Path) + len(a.Query) + len(a.Agent) + len(a.KeyName) + len(a.Bound) + len(a.Environment) + len(a.Upstream)
		if size += fields + escaped*texts; size > maxAdminRequest && i > 0 {
			return i
		}
	}
	return len(list)
}
