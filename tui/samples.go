package tui

import (
	"slices"

	"dev.keyward/keyward/model"
)

// samples returns workflows to try keyward with: none of their bindings overlap,
// and one is unbound, as many are in real life. Without an upstream the
// endpoint answers their invokes itself.
func samples() []model.WorkflowDraft {
	return []model.WorkflowDraft{
		{Name: "get-customer", Method: "GET", Path: "/customers/{id}"},
		{Name: "list-customers", Method: "GET", Path: "/customers?since={from}"},
		{Name: "create-order", Method: "POST", Path: "/orders"},
		{Name: "order-status", Method: "GET", Path: "/orders/{id}/status"},
		{Name: "cancel-order", Method: "DELETE", Path: "/orders/{id}"},
		{Name: "update-stock", Method: "PUT", Path: "/products/{sku}/stock"},
		{Name: "nightly-report"},
	}
}

// sampleKey is the key of the tour. The names of all its samples begin alike.
const (
	samplePrefix = "sample-"
	sampleKey    = samplePrefix + "shop"
)

// tourSamples are the samples as the tour makes them in a store.
func tourSamples() []model.WorkflowDraft {
	list := samples()
	for i := range list {
		list[i].Name = samplePrefix + list[i].Name
	}
	return list
}

// isSample reports whether a workflow is one of the tour's, as it made it.
func isSample(w model.WorkflowRef) bool {
	return slices.ContainsFunc(tourSamples(), func(d model.WorkflowDraft) bool {
		return d.Name == w.Name && d.Method == w.Method && d.Path == w.Path
	})
}
