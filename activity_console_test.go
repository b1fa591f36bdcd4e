//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWhyMendsARefusal: a refused call is on the Activity screen that is opened
// after it, is explained, and is allowed once its workflow is permitted there.
func TestWhyMendsARefusal(t *testing.T) {
	t.Parallel()
	home := shortTemporary(t)
	dir, secretFile := filepath.Join(home, "data"), filepath.Join(home, "s")
	keyward(t, dir, "workflow", "create", "get-customer", "--method", "GET", "--path", "/customers/{id}")
	keyward(t, dir, "workflow", "create", "get-order", "--method", "GET", "--path", "/orders/{id}")
	keyward(t, dir, "key", "create", "shop", "--environment", "Production", "--workflow", "get-customer", "--out", secretFile)
	e := startServe(t, dir)
	header := secretFile + ".header"
	if err := os.WriteFile(header, []byte("Authorization: Key="+secretOf(t, secretFile)), 0o600); err != nil {
		t.Fatal(err)
	}
	call := func() string { return e.curl("/orders/7?since=2026", "-H", "@"+header) }
	refused := call()
	if refused == "200" {
		t.Fatalf("before: %s", refused)
	}
	w := startTerm(t, 80, 24, []string{"HOME=" + home}, keywardBinary(t), "--data", dir)
	w.wait(`shop`)
	w.keys("L")
	w.wait(`✗ refused +shop +workflow-not-permitted +◆ Production`)
	w.keys("Enter")
	w.wait(`✗ Refused: workflow-not-permitted`)
	w.wait(`p +Permit the workflow "get-order"`)
	w.keys("p")
	w.wait(`Permit the workflow "get-order" to the key[^"]+"shop"\?`)
	w.wait(`production`)
	w.answer("y")
	w.wait(`permit it all the same\?`)
	w.answer("y")
	w.wait(`✓ Mended: the same call would be allowed now`)
	if got := call(); got != "200" {
		t.Errorf("after: %s", got)
	}
	w.keys("Escape")
	w.wait(`\bf follow`)
	w.keys("G")
	w.wait(`✓ allowed +shop .*get-order`)
	w.keys("T")
	w.wait(`✓ Allowed: "shop" would invoke "get-order" in "Production"`)
	w.keys("q")
	w.wait(`live, newest at the bottom|live; 1 refused`)
	e.stop()
	ended := `! the endpoint (at https://\S+ )?ended [0-9:]+ UTC: (no new decisions|nothing new) until one runs again`
	w.wait(ended)
	w.wait(`✓ allowed +shop .*get-order`)
	w.keys("K")
	w.wait(`shop +token`)
	w.keys("L")
	w.wait(ended)
	w.wait(`✗ refused +shop .*(?s:.*)✓ allowed +shop .*get-order`)
	w.keys("q", "q")
	w.ended()
}

// TestFailedUpstreamIsSeen: a call whose upstream is not there is no healthy
// one, says which upstream that was, and opens the form with its address.
func TestFailedUpstreamIsSeen(t *testing.T) {
	t.Parallel()
	home := shortTemporary(t)
	dir, secretFile := filepath.Join(home, "data"), filepath.Join(home, "s")
	keyward(t, dir, "workflow", "create", "get-invoice", "--method", "GET", "--path", "/invoices/{id}", "--upstream", "Test=http://127.0.0.1:1")
	keyward(t, dir, "key", "create", "shop", "--environment", "Test", "--workflow", "get-invoice", "--out", secretFile)
	e := startServe(t, dir)
	header := secretFile + ".header"
	if err := os.WriteFile(header, []byte("Authorization: Key="+secretOf(t, secretFile)), 0o600); err != nil {
		t.Fatal(err)
	}
	call := func() string { return e.curl("/invoices/7?_profile=Test", "-H", "@"+header) }
	w := startTerm(t, 80, 24, []string{"HOME=" + home}, keywardBinary(t), "--data", dir)
	w.wait(`shop`)
	if got := call(); got != "502" {
		t.Fatalf("the call got %s", got)
	}
	w.keys("L")
	w.wait(`! nobody watched from [0-9:]+ to [0-9:]+: 1 allowed call not kept`)
	if got := call(); got != "502" {
		t.Fatalf("the call got %s", got)
	}
	w.wait(`! allowed +shop +502 upstream refused`)
	w.keys("Enter")
	w.wait(`! Allowed, but the upstream did not answer \(502\)`)
	w.wait(`✗ upstream +http://127.0.0.1:1 refused the connection: nothing listens`)
	w.keys("Enter")
	w.wait(`› Test +http://127.0.0.1:1`)
	w.keys("Escape")
	w.wait(`! Allowed, but`)
	w.keys("q", "q", "q")
	w.ended()
}
