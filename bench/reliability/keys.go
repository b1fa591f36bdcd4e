//go:build linux

package main

import (
	"context"
	"encoding/json"
	"path/filepath"
)

// tokenFor makes a token key with the real command.
func (r *rig) tokenFor(ctx context.Context, p *principal, dir string) error {
	out, err := r.run(ctx, "key", "create", p.name, "--environment", "Test", "--workflow", "ping", "--json", "--data", dir)
	if err != nil {
		return err
	}
	p.secret, err = primaryOf(out)
	return err
}

// primaryOf reads the primary secret of what "key create --json" printed.
func primaryOf(out []byte) (string, error) {
	var made struct {
		Primary string `json:"primary"`
	}
	err := json.Unmarshal(out, &made)
	return made.Primary, err
}

// certify makes a certificate with the real command, and a key for it.
func (r *rig) certify(ctx context.Context, p *principal, certificates string, c *console) error {
	if _, err := r.run(ctx, "cert", "generate", "--out", certificates, "--name", p.name, "--algorithm", "p256"); err != nil {
		return err
	}
	p.certificate, p.key = filepath.Join(certificates, p.name+".crt"), filepath.Join(certificates, p.name+".key")
	_, err := c.must(order{Op: "create", Name: p.name, Certificate: p.certificate, Workflow: "ping"})
	return err
}
