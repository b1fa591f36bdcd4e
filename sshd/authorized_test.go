package sshd

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// newKey makes an Ed25519 key, and the text of its public half without a comment.
func newKey(t testing.TB) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, publicText(signer.PublicKey())
}

func publicText(k ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k)))
}

func TestParseLine(t *testing.T) {
	_, key := newKey(t)
	_, other, _ := strings.Cut(key, " ")
	zone := time.FixedZone("test", 3600)
	short, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // it has to be refused
	if err != nil {
		t.Fatal(err)
	}
	shortKey, err := ssh.NewPublicKey(&short.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	trailing := base64.StdEncoding.EncodeToString(append(mustBase64(t, other), 0))
	for _, c := range []struct {
		name, text string
		role       Role
		comment    string
		console    bool
		refused    string // part of why
	}{
		{name: "plain", text: key, role: Viewer, console: true},
		{name: "comment", text: key + "  ada @ laptop ", role: Viewer, comment: "ada @ laptop", console: true},
		{name: "hostile comment", text: key + " a\x1b]52;c;eA==\ab", role: Viewer, comment: "a\ufffd]52;c;eA==\ufffdb", console: true},
		{name: "tabs and blanks", text: "\t " + strings.Replace(key, " ", " \t ", 1) + "\tada", role: Viewer, comment: "ada", console: true},
		{name: "admin", text: `keyward-role="admin" ` + key, role: Admin, console: true},
		{name: "viewer", text: `keyward-role="viewer" ` + key, role: Viewer, console: true},
		{name: "case of names", text: `Keyward-Role="admin",RESTRICT,Pty ` + key, role: Admin, console: true},
		{name: "restrict", text: `restrict ` + key, role: Viewer},
		{name: "restrict and pty", text: `restrict,pty ` + key, role: Viewer, console: true},
		{name: "pty before restrict", text: `pty,restrict ` + key, role: Viewer},
		{name: "no-pty", text: `no-pty ` + key, role: Viewer},
		{name: "what there is not", text: `no-port-forwarding,no-agent-forwarding,no-X11-forwarding,no-user-rc ` + key, role: Viewer, console: true},
		{name: "all", text: `from="10.0.0.0/8,!10.1.0.0/16",expiry-time="20270101",keyward-role="admin" ` + key + " ops", role: Admin, comment: "ops", console: true},

		{name: "unknown role", text: `keyward-role="root" ` + key, refused: "viewer or admin"},
		{name: "role without quotes", text: `keyward-role=admin ` + key, refused: "not in quotes"},
		{name: "role without value", text: `keyward-role ` + key, refused: "needs a value"},
		{name: "two roles", text: `keyward-role="viewer",keyward-role="admin" ` + key, refused: "twice"},
		{name: "two froms", text: `from="10.0.0.1",from="*" ` + key, refused: "twice"},
		{name: "authority", text: `cert-authority ` + key, refused: "cert-authority"},
		{name: "authority with more", text: `cert-authority,principals="x" ` + key, refused: "cert-authority"},
		{name: "command", text: `command="/bin/sh" ` + key, refused: "option command is not known"},
		{name: "environment", text: `environment="A=b" ` + key, refused: "option environment is not known"},
		{name: "permitopen", text: `restrict,permitopen="h:1" ` + key, refused: "option permitopen"},
		{name: "port-forwarding", text: `restrict,port-forwarding ` + key, refused: "option port-forwarding"},
		{name: "flag with value", text: `restrict="yes" ` + key, refused: "takes no value"},
		{name: "open quotes", text: `from="10.0.0.1 ` + key, refused: "not closed"},
		{name: "text after quotes", text: `from="10.0.0.1"x ` + key, refused: "something follows"},
		{name: "blank between options", text: `restrict, no-pty ` + key, refused: "neither an option"},
		{name: "empty option", text: `restrict,,pty ` + key, refused: "neither an option"},
		{name: "comma at the end", text: `restrict, ` + key, refused: "neither an option"},
		{name: "options only", text: `restrict`, refused: "no key behind the options"},
		{name: "hostile option", text: "res\x1btrict " + key, refused: "neither an option"},
		{name: "expired form", text: `expiry-time="soon" ` + key, refused: "expiry-time is"},
		{name: "no such day", text: `expiry-time="20260231" ` + key, refused: "expiry-time is"},
		{name: "nine digits", text: `expiry-time="202602011" ` + key, refused: "expiry-time is"},
		{name: "sign", text: `expiry-time="+0260201" ` + key, refused: "expiry-time is"},
		{name: "from a name", text: `from="*.example.com" ` + key, refused: "names are not looked up"},
		{name: "from not a name", text: `from="!bad.example.com,*" ` + key, refused: "names are not looked up"},
		{name: "from nothing", text: `from="" ` + key, refused: "empty element"},
		{name: "from with a gap", text: `from="10.0.0.1,,10.0.0.2" ` + key, refused: "empty element"},
		{name: "from host bits", text: `from="10.0.0.1/8" ` + key, refused: "write 10.0.0.0/8"},
		{name: "from too long", text: `from="10.0.0.0/33" ` + key, refused: "network that is none"},
		{name: "from no address", text: `from="10.0.0.256" ` + key, refused: "address that is none"},
		{name: "from with a zone", text: `from="fe80::1%eth0" ` + key, refused: "names are not looked up"},
		{name: "dsa", text: "ssh-dss AAAAB3NzaC1kc3MAAACBAA==", refused: "type ssh-dss"},
		{name: "certificate", text: "ssh-ed25519-cert-v01@openssh.com AAAA", refused: "type ssh-ed25519-cert"},
		{name: "no base64", text: "ssh-ed25519 ????", refused: "base64"},
		{name: "no key", text: "ssh-ed25519", refused: "base64"},
		{name: "cut key", text: key[:len(key)-8], refused: "cannot be read"},
		{name: "more behind the key", text: "ssh-ed25519 " + trailing, refused: "cannot be read"},
		{name: "other type", text: "ssh-rsa " + other, refused: "of another type"},
		{name: "short rsa", text: publicText(shortKey), refused: "1024 bits"},
		{name: "no text", text: "ssh-ed25519 \xff", refused: "no text"},
		{name: "zero byte", text: key + " a\x00b", refused: "no text"},
		{name: "lines of another age", text: key + " a\r" + key + " b", refused: "carriage return"},
		{name: "hidden comment", text: "# old\r" + key, refused: "carriage return"},
		{name: "byte order mark", text: "\ufeff" + key, refused: "save the file as UTF-8 without one"},
		{name: "escaped quotes in a role", text: `keyward-role="viewer\",keyward-role=\"admin" ` + key, refused: "viewer or admin"},
		{name: "blank of another kind", text: "keyward-role=\"admin\"\u00a0" + key, refused: "something follows"},
		{name: "long", text: key + " " + strings.Repeat("x", maxKeysLine), refused: "more than 8192"},
		{name: "known_hosts", text: "example.com " + key, refused: "option example.com is not known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, blank, err := parseLine([]byte(c.text), zone)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("got %v, want a refusal with %q", err, c.refused)
				}
				return
			}
			if err != nil || blank {
				t.Fatalf("refused: %v, blank %v", err, blank)
			}
			if l.role != c.role || l.comment != c.comment || l.console != c.console {
				t.Errorf("got role %s, comment %q, console %v; want %s, %q, %v", l.role, l.comment, l.console, c.role, c.comment, c.console)
			}
		})
	}
}

func mustBase64(t *testing.T, text string) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestParseKeysGoesOn: what is wrong with a line costs that line.
func TestParseKeysGoesOn(t *testing.T) {
	_, first := newKey(t)
	_, second := newKey(t)
	text := "# comment\r\n\n   \n" + first + " one\r\ncert-authority " + first + "\nnonsense\n" + `keyward-role="admin" ` + second + " two"
	p := parseKeys([]byte(text), time.UTC)
	if len(p.lines) != 2 || p.lines[0].number != 4 || p.lines[0].comment != "one" || p.lines[1].number != 7 || p.lines[1].role != Admin {
		t.Errorf("got %+v", p.lines)
	}
	if got := fmt.Sprint(p.refused); len(p.refused) != 2 || p.refused[0].number != 5 || p.refused[1].number != 6 {
		t.Errorf("refused %s", got)
	}
}

func TestParseExpiry(t *testing.T) {
	zone := time.FixedZone("test", -7*3600)
	for text, want := range map[string]time.Time{
		"20270203":        time.Date(2027, 2, 3, 0, 0, 0, 0, zone),
		"20270203Z":       time.Date(2027, 2, 3, 0, 0, 0, 0, time.UTC),
		"202702031545":    time.Date(2027, 2, 3, 15, 45, 0, 0, zone),
		"20270203154559":  time.Date(2027, 2, 3, 15, 45, 59, 0, zone),
		"20270203154559Z": time.Date(2027, 2, 3, 15, 45, 59, 0, time.UTC),
	} {
		if got, err := parseExpiry(text, zone); err != nil || !got.Equal(want) {
			t.Errorf("%s: got %v, %v; want %v", text, got, err, want)
		}
	}
}

// TestFrom is sshd's rule (addr_match_list): a negated element that matches
// refuses, whatever its place.
func TestFrom(t *testing.T) {
	for _, c := range []struct {
		list, address string
		want          bool
	}{
		{"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "10.0.0.10", false},
		{"10.0.0.1", "::ffff:10.0.0.1", true},
		{"10.0.0.0/8", "10.255.0.1", true},
		{"10.0.0.0/8", "11.0.0.1", false},
		{"10.0.0.0/8,192.168.1.7", "192.168.1.7", true},
		{"10.0.0.0/8,!10.1.0.0/16", "10.1.2.3", false},
		{"!10.1.0.0/16,10.0.0.0/8", "10.1.2.3", false},
		{"!10.1.0.0/16,10.0.0.0/8", "10.2.2.3", true},
		{"!10.1.0.0/16", "10.2.2.3", false},
		{"192.168.1.*", "192.168.1.20", true},
		{"192.168.1.*", "192.168.11.20", false},
		{"192.168.1.?", "192.168.1.2", true},
		{"192.168.1.?", "192.168.1.20", false},
		{"*", "2001:db8::1", true},
		{"!192.168.*,*", "192.168.3.4", false},
		{"2001:db8::/32", "2001:db8:1::5", true},
		{"2001:DB8::1", "2001:db8::1", true},
		{"2001:db8::*", "2001:db8::77", true},
		{"::1", "::1", true},
		{"::1", "127.0.0.1", false},
	} {
		l, err := parseAddressList(c.list)
		if err != nil {
			t.Errorf("%s: %v", c.list, err)
			continue
		}
		if got := l.matches(netip.MustParseAddr(c.address)); got != c.want {
			t.Errorf("from=%q, client %s: got %v, want %v", c.list, c.address, got, c.want)
		}
	}
	l, _ := parseAddressList("*")
	if l.matches(netip.Addr{}) {
		t.Error("a client without an address was let in")
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
		err  string
	}{
		{"", []string{}, ""},
		{"keyward key list", []string{"key", "list"}, ""},
		{"key  show\t'my key'", []string{"key", "show", "my key"}, ""},
		{`key show "a \"b\" c"`, []string{"key", "show", `a "b" c`}, ""},
		{`key show a\ b`, []string{"key", "show", "a b"}, ""},
		{`check GET '/a?_profile=Test&x={1}' --key ''`, []string{"check", "GET", "/a?_profile=Test&x={1}", "--key", ""}, ""},
		{"key list; id", nil, "no shell"},
		{"key list && id", nil, "no shell"},
		{"key show `id`", nil, "no shell"},
		{`key show "$(id)"`, nil, "no shell"},
		{"key list > /tmp/x", nil, "no shell"},
		{"key list\nid", nil, "one line"},
		{"key show 'x", nil, "not closed"},
		{strings.Repeat("x", mostCommand+1), nil, "bytes"},
	} {
		got, err := Words(c.text)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%.40q: got %v, want an error with %q", c.text, err, c.err)
			}
			continue
		}
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%q: got %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}

// FuzzAuthorizedKeys: nothing makes the parser panic, what it takes is a key that
// can be read again, and a role is never more than the text says.
func FuzzAuthorizedKeys(f *testing.F) {
	_, key := newKey(f)
	for _, seed := range []string{
		key, key + " ada", `keyward-role="admin" ` + key, `from="10.0.0.0/8,!10.1.*",expiry-time="20270101Z",restrict,pty ` + key + " x",
		"cert-authority " + key, "# x\n\n" + key + "\r\n", `command="a\"b" ` + key, `restrict,` + key, "ssh-rsa AAAA", "\xff\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := parseKeys(data, time.UTC)
		for _, l := range p.lines {
			if _, err := ssh.ParsePublicKey(l.key); err != nil {
				t.Errorf("line %d was taken, and its key cannot be read: %v", l.number, err)
			}
			text := strings.Split(string(data), "\n")[l.number-1]
			if l.role != Viewer && !strings.Contains(strings.ToLower(text), `keyward-role="admin"`) {
				t.Errorf("line %d is %s: %q", l.number, l.role, text)
			}
			if strings.Contains(strings.ToLower(strings.TrimSpace(text)+" "), "cert-authority ssh-") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "cert-authority") {
				t.Errorf("line %d is an authority's", l.number)
			}
			l.from.matches(netip.MustParseAddr("10.1.2.3"))
		}
		for _, r := range p.refused {
			if strings.ContainsAny(r.String(), "\x1b\n\r\a") {
				t.Errorf("the refusal %q is not clean", r.String())
			}
		}
	})
}

// FuzzWords: what is cut into words holds no line break, and quoting each word
// gives the same words again.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"key list", `key show 'a b' "c\"d" e\ f`, "a;b", "'", `\`, "\x00", "\\\x00", "a\\\n", "keyward keyward"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, err := Words(text)
		if err != nil {
			return
		}
		again := "keyward"
		for _, w := range words {
			if strings.ContainsAny(w, "\n\r\x00") {
				t.Errorf("%q has the word %q", text, w)
			}
			again += " '" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		if len(again) > mostCommand {
			return
		}
		if got, err := Words(again); err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", words) {
			t.Errorf("%q are %q, and quoted %q, %v", text, words, got, err)
		}
	})
}

// TestWritersAreNotChecked: where nobody checks who may write the file, the log
// says so; elsewhere it does not.
func TestWritersAreNotChecked(t *testing.T) {
	t.Parallel()
	for _, checked := range []bool{false, true} {
		log := &buffer{}
		f := OpenKeyFile("operators.keys", time.UTC)
		f.log = slog.New(slog.NewTextHandler(log, nil))
		f.warn(checked)
		if warned := strings.Contains(log.String(), "level=WARN") && strings.Contains(log.String(), "operators.keys"); warned == checked {
			t.Errorf("checked %v: %q", checked, log)
		}
	}
}
