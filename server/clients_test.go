package server_test

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool returns the path of a program that the test needs. Without it the test
// is skipped, but in CI it fails.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// serverFile writes the endpoint's own certificate for a client to trust.
func (r *running) serverFile(t *testing.T) string {
	t.Helper()
	conn, err := r.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	name := filepath.Join(t.TempDir(), "server.pem")
	write(t, name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: conn.ConnectionState().PeerCertificates[0].Raw}))
	return name
}

// seedPair runs the seed's openssl line.
func seedPair(t *testing.T) (cert, key string) {
	t.Helper()
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "selfsigned.crt"), filepath.Join(dir, "selfsigned.key")
	out, err := exec.Command(tool(t, "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-sha256", "-keyout", key, "-out", cert,
		"-subj", "/", "-days", "600", "-nodes").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return cert, key
}

func TestCurl(t *testing.T) {
	curl := tool(t, "curl")
	cert, key := seedPair(t)
	text, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	w := newWorld(t)
	w.certificate("machine", block.Bytes)
	r := w.serve(nil)
	ca := r.serverFile(t)
	url := "https://" + r.tls + "/customers/7"
	secret := w.secrets["full"].Reveal()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"header":               {[]string{"-H", "Authorization: Key=" + secret, url}, `200 "full"`},
		"bearer":               {[]string{"--oauth2-bearer", secret, url}, `200 "full"`},
		"bearer, HTTP/1.1":     {[]string{"--http1.1", "--oauth2-bearer", secret, url}, `200 "full"`},
		"query":                {[]string{url + "?_profile=Test&auth-key=" + secret}, `200 "full"`},
		"certificate":          {[]string{"--cert", cert, "--key", key, url}, `200 "machine"`},
		"certificate, TLS 1.2": {[]string{"--tls-max", "1.2", "--http1.1", "--cert", cert, "--key", key, url}, `200 "machine"`},
		"sample client":        {[]string{"-H", "X-Provide-Client-Certificate: true", "--cert", cert, "--key", key, url}, `200 "machine"`},
		"basic beside":         {[]string{"-u", "x:y", "--cert", cert, "--key", key, url}, `200 "machine"`},
		"nothing":              {[]string{url}, `401 ""`},
		"dot segments":         {[]string{"--path-as-is", "-H", "Authorization: Key=" + secret, url + "/../7"}, `400 ""`},
	} {
		out, err := exec.Command(curl, append([]string{"-sS", "--cacert", ca, "-w", " %{http_code}"}, c.args...)...).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
			continue
		}
		body := string(out)
		status := body[strings.LastIndexByte(body, ' ')+1:]
		_, caller, _ := strings.Cut(body, `"username":"Key: `)
		caller, _, _ = strings.Cut(caller, `"`)
		if got := status + ` "` + caller + `"`; got != c.want {
			t.Errorf("%s: got %s, want %s: %s", name, got, c.want, body)
		}
	}
}

// TestOpenSSLDoesNotResume asks openssl to use its first session again.
func TestOpenSSLDoesNotResume(t *testing.T) {
	openssl := tool(t, "openssl")
	cert, key := seedPair(t)
	w := newWorld(t)
	r := w.serve(nil)
	session := filepath.Join(t.TempDir(), "session")
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		for _, how := range []string{"-sess_out", "-sess_in"} {
			cmd := exec.Command(openssl, "s_client", "-connect", r.tls, version, "-cert", cert, "-key", key, how, session)
			cmd.Stdin = strings.NewReader("GET /_keyward/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			out, err := cmd.CombinedOutput()
			if _, missing := os.Stat(session); how == "-sess_in" && missing != nil {
				continue // openssl was given no session to write
			}
			if err != nil || !strings.Contains(string(out), "New, TLS") || strings.Contains(string(out), "Reused, TLS") {
				t.Errorf("%s %s: %v: %s", version, how, err, out)
			}
		}
		_ = os.Remove(session)
	}
}
