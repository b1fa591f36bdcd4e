package tui

import "dev.keyward/keyward/model"

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
