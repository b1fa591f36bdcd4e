package model

import (
	"encoding/json"
	"fmt"
	"slices"
)

// mostClash is how many of the workflows that one request matches are told of.
const mostClash = 4

// Clashing is the ids of the workflows that one request matched, so that it
// could go to none of them: two at least and four at most, with zeroes behind;
// nothing but zeroes where there was no clash.
type Clashing [mostClash]ID

// has reports whether a workflow is among them.
func (c *Clashing) has(workflow ID) bool { return workflow != 0 && slices.Contains(c[:], workflow) }

// MarshalJSON writes an array of the ids that there are.
func (c Clashing) MarshalJSON() ([]byte, error) {
	there := slices.DeleteFunc(slices.Clone(c[:]), func(id ID) bool { return id == 0 })
	return json.Marshal(there)
}

// UnmarshalJSON reads what MarshalJSON wrote. Of a longer array it takes the
// first ids.
func (c *Clashing) UnmarshalJSON(b []byte) error {
	var list []ID
	if err := json.Unmarshal(b, &list); err != nil {
		return fmt.Errorf("parsing the workflows of a clash: %w", err)
	}
	*c = Clashing{}
	copy(c[:], list)
	return nil
}

func clashing(list []*Workflow) (c Clashing) {
	for i, w := range list[:min(len(list), mostClash)] {
		c[i] = w.ID
	}
	return c
}

// clash is the workflows that a request matches where it is more than one.
func (m *routeMatch) clash() []*Workflow {
	list := append(make([]*Workflow, 0, 2+len(m.others)), m.found.workflow, m.second.workflow)
	for _, rt := range m.others {
		list = append(list, rt.workflow)
	}
	return list
}

// names reports whether the decision was about a workflow: the call was its, or
// matched it as well as others.
func (s *observation) names(workflow ID) bool {
	return s.workflow != nil && s.workflow.ID == workflow ||
		slices.ContainsFunc(s.clash, func(w *Workflow) bool { return w.ID == workflow })
}
