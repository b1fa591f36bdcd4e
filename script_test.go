package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dev.keyward/keyward/model"
	"dev.keyward/keyward/storage"
)

type script = testscript.TestScript

// scriptCommands are what scripts have beyond testscript's own.
func scriptCommands() map[string]func(*script, bool, []string) {
	return map[string]func(*script, bool, []string){
		"exits":     exits,
		"fields":    fields,
		"secret":    secret,
		"nosecret":  noSecret,
		"serve":     scriptServe,
		"stopserve": scriptStopServe,
		"call":      call,
		"damage":    damage,
	}
}

// exits runs a command that must end with an exit code: exits CODE PROGRAM
// ARGS... A code that means an error comes with just one line that says so.
func exits(ts *script, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	lines := 0
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		if strings.HasPrefix(line, "keyward: ") && !strings.HasPrefix(line, "keyward: warning: ") {
			lines++
		}
	}
	if isError := want != 0 && want != 5; isError && lines != 1 || !isError && lines != 0 {
		ts.Fatalf("%d lines of errors on standard error", lines)
	}
}

// fields compares the names of all fields in a JSON file with a list, one path
// a line: fields FILE WANT.
func fields(ts *script, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fields FILE WANT")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	seen := map[string]bool{}
	collect(v, "", seen)
	var got []string
	for path := range seen {
		got = append(got, path)
	}
	slices.Sort(got)
	want := strings.Fields(ts.ReadFile(args[1]))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("the fields of %s are\n%s\nwant\n%s", args[0], strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func collect(v any, path string, seen map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			seen[path+name] = true
			collect(value, path+name+".", seen)
		}
	case []any:
		for _, value := range v {
			collect(value, strings.TrimSuffix(path, ".")+"[].", seen)
		}
	}
}

// secret writes the secret of a slot, as the JSON in a file has it, to another
// file, or to one that holds an Authorization header: secret JSON SLOT FILE
// [HEADERFILE].
func secret(ts *script, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: secret JSON SLOT FILE")
	}
	var key map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &key))
	text, _ := key[args[1]].(string)
	if _, ok := model.ParseSecret(text); !ok {
		ts.Fatalf("%s.%s is no secret", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text+"\n"), 0o600))
}

// noSecret fails when a file holds a secret.
func noSecret(ts *script, _ bool, args []string) {
	for _, name := range args {
		if regexp.MustCompile(model.SecretPattern).MatchString(ts.ReadFile(name)) {
			ts.Fatalf("%s holds a secret", name)
		}
	}
}

// damage makes an entry of the audit trail unreadable: damage DATA SEQUENCE.
func damage(ts *script, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage DATA SEQUENCE")
	}
	seq, err := strconv.ParseUint(args[1], 10, 64)
	ts.Check(err)
	kv, err := storage.Open(ts.MkAbs(args[0]), storage.Options{})
	ts.Check(err)
	_, err = kv.Commit(context.Background(), storage.Tx{Writes: []storage.Write{{Key: fmt.Sprintf("a/%016x", seq), Value: []byte("damaged")}}})
	ts.Check(err)
	ts.Check(kv.Close())
}

// processKey finds a script's process among its values.
type processKey struct{}

// process is a keyward serve in the background.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // its standard error has ended
	log  *os.File
}

// scriptServe starts keyward serve with the flags and waits until it listens.
// Its addresses are $HTTPS and $HTTP then, its standard error is serve.log.
func scriptServe(ts *script, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! serve")
	}
	path, err := exec.LookPath("keyward")
	ts.Check(err)
	p := &process{cmd: exec.Command(path, append([]string{"serve"}, args...)...), done: make(chan struct{})}
	p.cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"HOME", "KEYWARD_DATA", "PATH", "GORACE"} {
		p.cmd.Env = append(p.cmd.Env, name+"="+ts.Getenv(name))
	}
	stderr, err := p.cmd.StderrPipe()
	ts.Check(err)
	p.log, err = os.Create(ts.MkAbs("serve.log"))
	ts.Check(err)
	ts.Check(p.cmd.Start())
	*ts.Value(processKey{}).(*process) = *p
	ts.Defer(func() { p.stop() })
	ready := make(chan map[string]string, 1)
	go p.read(stderr, ready)
	select {
	case addresses := <-ready:
		if addresses == nil {
			ts.Fatalf("keyward serve ended: %s", ts.ReadFile("serve.log"))
		}
		for name, address := range addresses {
			ts.Setenv(name, address)
		}
		ts.Setenv("PID", strconv.Itoa(p.cmd.Process.Pid))
	case <-time.After(30 * time.Second):
		ts.Fatalf("keyward serve did not say where it listens")
	}
}

// read copies the log and tells the addresses in it once all are there.
func (p *process) read(stderr io.Reader, ready chan<- map[string]string) {
	defer close(p.done)
	defer close(ready)
	addresses := map[string]string{}
	serving := regexp.MustCompile(`^keyward: serving (https?)://(\S+)`)
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		_, _ = fmt.Fprintln(p.log, lines.Text())
		if m := serving.FindStringSubmatch(lines.Text()); m != nil {
			addresses[strings.ToUpper(m[1])] = m[2]
		}
		if strings.HasPrefix(lines.Text(), "keyward: server certificate") {
			ready <- addresses
			ready = make(chan map[string]string, 1)
		}
	}
	_ = p.log.Close()
}

func (p *process) stop() int {
	_ = p.cmd.Process.Signal(os.Interrupt)
	<-p.done
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// scriptStopServe interrupts keyward serve, which must end well.
func scriptStopServe(ts *script, neg bool, args []string) {
	p := ts.Value(processKey{}).(*process)
	if neg || len(args) > 0 || p.cmd == nil {
		ts.Fatalf("usage: stopserve, after serve")
	}
	if code := p.stop(); code != 0 {
		ts.Fatalf("keyward serve ended with exit code %d", code)
	}
}

// call makes a request and wants a status: call STATUS METHOD URL [-secret
// FILE] [-cert CRT KEY] [-ca CRT]. The body is the standard output.
func call(ts *script, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: call STATUS METHOD URL [-secret FILE] [-cert CRT KEY] [-ca CRT]")
	}
	request, err := http.NewRequest(args[1], args[2], nil)
	ts.Check(err)
	config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	config.RootCAs.AppendCertsFromPEM([]byte(ts.ReadFile("data/server.crt")))
	for rest := args[3:]; len(rest) > 0; {
		switch {
		case rest[0] == "-secret" && len(rest) > 1:
			request.Header.Set("Authorization", "Key="+strings.TrimSpace(ts.ReadFile(rest[1])))
			rest = rest[2:]
		case rest[0] == "-ca" && len(rest) > 1:
			config.RootCAs.AppendCertsFromPEM([]byte(ts.ReadFile(rest[1])))
			rest = rest[2:]
		case rest[0] == "-cert" && len(rest) > 2:
			pair, err := tls.LoadX509KeyPair(ts.MkAbs(rest[1]), ts.MkAbs(rest[2]))
			ts.Check(err)
			config.Certificates, rest = []tls.Certificate{pair}, rest[3:]
		default:
			ts.Fatalf("call: %q is not understood", rest)
		}
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableKeepAlives: true}, Timeout: 20 * time.Second}
	answer, err := client.Do(request)
	ts.Check(err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	_, _ = ts.Stdout().Write(body)
	if strconv.Itoa(answer.StatusCode) != args[0] {
		ts.Fatalf("%s %s answered %d, want %s: %s", args[1], args[2], answer.StatusCode, args[0], body)
	}
}
