package cli

import (
	"time"

	"dev.keyward/keyward/model"
)

const demoDay = 24 * time.Hour

// Callers of the demo's traffic that are no key: the secret that was replaced
// and still works, and one that nobody registered.
const (
	retiredSecret = "reporting, replaced"
	stranger      = "a stranger"
)

// demoWorkflows are what an ordinary shop would have: none of their bindings
// overlap, and one is unbound. None has an upstream, so that the endpoint
// answers their invokes itself.
var demoWorkflows = []model.WorkflowDraft{
	{Name: "get-customer", Method: "GET", Path: "/customers/{id}"},
	{Name: "list-customers", Method: "GET", Path: "/customers?since={from}"},
	{Name: "create-order", Method: "POST", Path: "/orders"},
	{Name: "order-status", Method: "GET", Path: "/orders/{id}/status"},
	{Name: "cancel-order", Method: "DELETE", Path: "/orders/{id}"},
	{Name: "get-product", Method: "GET", Path: "/products/{sku}"},
	{Name: "update-stock", Method: "PUT", Path: "/products/{sku}/stock"},
	{Name: "create-invoice", Method: "POST", Path: "/invoices"},
	{Name: "get-invoice", Method: "GET", Path: "/invoices/{number}"},
	{Name: "nightly-report"},
}

// demoKey is a sample key. Spans are before or after the demo's start.
type demoKey struct {
	name, environment string
	workflows         []string
	age               time.Duration // since it was made
	expires           time.Duration // until it ends, negative when it has; 0: never
	subject           string        // of its certificate; "": it is token-based
	certificate       time.Duration // until that ends, negative when it has
	noQuery           bool
	disabled          time.Duration // since it was disabled; 0: it is enabled
	replaced          time.Duration // since its primary was regenerated with a grace of a week; 0: it was not
	used              [2]demoUse    // primary and secondary
}

// demoUse is how a slot was used before the demo began.
type demoUse struct {
	allowed, denied uint64
	last            time.Duration // since the last call
	remote          string
}

// demoKeys are keys of every kind and state.
var demoKeys = []demoKey{
	{name: "web-shop", environment: "Production", workflows: []string{"get-customer", "create-order", "order-status"}, age: 290 * demoDay,
		used: [2]demoUse{{184_212, 96, time.Minute, "10.20.0.11"}, {2_140, 0, 41 * demoDay, "10.20.0.12"}}},
	{name: "legacy-crm", workflows: []string{"get-customer", "list-customers"}, age: 285 * demoDay, disabled: 18 * demoDay,
		used: [2]demoUse{{40_027, 311, 19 * demoDay, "192.0.2.77"}}},
	{name: "mobile-app", environment: "Production", workflows: []string{"order-status", "get-product"}, age: 240 * demoDay, noQuery: true,
		used: [2]demoUse{{62_871, 1_204, 2 * time.Minute, "203.0.113.9"}, {58_400, 977, 6 * time.Minute, "203.0.113.40"}}},
	{name: "acme-logistics", environment: "Production", workflows: []string{"create-order", "order-status"}, age: 200 * demoDay,
		subject: "/C=DE/O=Acme Logistics GmbH/CN=orders.acme.example", certificate: 410 * demoDay,
		used: [2]demoUse{{9_318, 2, 11 * time.Minute, "198.51.100.4"}}},
	{name: "globex", environment: "Production", workflows: []string{"create-invoice", "get-invoice"}, age: 190 * demoDay,
		subject: "/C=US/O=Globex/CN=billing.globex.example", certificate: 9 * demoDay,
		used: [2]demoUse{{3_006, 0, 3 * time.Hour, "198.51.100.60"}}},
	{name: "initech-test", environment: "Test", workflows: []string{"create-invoice"}, age: 180 * demoDay,
		subject: "/O=Initech/CN=test.initech.example", certificate: -6 * demoDay,
		used: [2]demoUse{{412, 38, 6 * demoDay, "198.51.100.99"}}},
	{name: "integration-tests", environment: "Test", workflows: []string{"get-customer", "list-customers", "create-order", "order-status", "cancel-order"}, age: 160 * demoDay,
		used: [2]demoUse{{75_300, 4_410, 20 * time.Minute, "10.20.9.5"}}},
	{name: "reporting", environment: "Production", workflows: []string{"list-customers", "get-invoice"}, age: 150 * demoDay, replaced: demoDay,
		used: [2]demoUse{{1_803, 0, 8 * time.Hour, "10.20.4.2"}}},
	{name: "warehouse", environment: "Production", workflows: []string{"update-stock", "get-product"}, age: 78 * demoDay, expires: 12 * demoDay,
		used: [2]demoUse{{22_119, 7, 4 * time.Minute, "10.30.1.8"}}},
	{name: "summer-campaign", environment: "Production", workflows: []string{"get-product"}, age: 92 * demoDay, expires: -2 * demoDay,
		used: [2]demoUse{{15_540, 201, 2 * demoDay, "203.0.113.180"}}},
	{name: "nightly-build", environment: "Test", workflows: []string{"create-order", "cancel-order"}, age: 30 * demoDay, expires: 60 * demoDay,
		used: [2]demoUse{{812, 0, 9 * time.Hour, "10.20.9.6"}}},
	{name: "support-desk", environment: "Staging", workflows: []string{"get-customer", "order-status"}, age: 14 * demoDay, noQuery: true},
	{name: "new-partner", environment: "Test", age: 2 * time.Hour},
}
