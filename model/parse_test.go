package model_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"log/slog"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/model"
)

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "A b", "0", "x-_.y", strings.Repeat("n", 64), "..."} {
		if err := model.CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, part := range map[string]string{
		"":                                    "a name is needed",
		" a":                                  "space",
		"a ":                                  "space",
		strings.Repeat("n", 65):               "65 characters",
		"a\tb":                                "U+0009",
		"ünter":                               `'ü'`,
		"a/b":                                 `'/'`,
		"a\x1b]52;c;eA==\a":                   "U+001B",
		"a\u202eb":                            "U+202E",
		"a\xff":                               "UTF-8",
		"kw_" + strings.Repeat("a", 24):       "looks like a secret",
		"x kw_kw_" + strings.Repeat("Z9", 20): "looks like a secret",
		"🔑":                                   "🔑",
	} {
		err := model.CheckName(name)
		wantError(t, err, model.ErrInvalid, part)
		if err != nil && model.Clean(err.Error()) != err.Error() && !strings.Contains(name, "\xff") {
			t.Errorf("the error about %q is not clean: %q", name, err)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"app", "", " a", "a\x00", "\u202e", strings.Repeat("x", 70)} {
		f.Add(s)
	}
	shape := regexp.MustCompile(`^[A-Za-z0-9\-_.]([A-Za-z0-9 \-_.]{0,62}[A-Za-z0-9\-_.])?$`)
	f.Fuzz(func(t *testing.T, s string) {
		err := model.CheckName(s)
		if (err == nil) != (shape.MatchString(s) && !strings.HasSuffix(s, "\n")) {
			t.Errorf("%q: %v", s, err)
		}
		if clean := model.Clean(s); clean != model.Clean(clean) || !utf8.ValidString(clean) {
			t.Errorf("Clean(%q) = %q is not clean", s, clean)
		}
	})
}

// TestClean feeds what drives terminals: nothing of it may come out.
func TestClean(t *testing.T) {
	for _, s := range []string{
		"\x1b]52;c;ZXZpbA==\a", "\x1b]0;title\x07", "\x1b[2J", "\x1b]8;;http://x\x1b\\", "\x1bP+q\x1b\\", "\x1b", "\x9b2J", "\u009b2J", "\u0090x\u009c",
		"a\rb", "a\bb", "a\ab", "a\x00b", "a\x7fb", "a\nb", "a\tb", "a\vb", "a\u202eb", "a\u2066b\u2069", "a\u200bb", "a\u200db", "a\ufeffb",
		"a\u061cb", "a\u2028b", "a\u2029b", "a\u00adb", "a\U000e0041b", "\xff\xfe", "\xed\xa0\x80", "a\u180eb", "a\u3164b", "\ue000",
	} {
		got := model.Clean(s)
		if got == s || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }) {
			t.Errorf("Clean(%q) = %q", s, got)
		}
		if model.Clean(got) != got {
			t.Errorf("Clean is not idempotent on %q", s)
		}
	}
	for _, s := range []string{"", "plain", "Jürgen", "日本語", "e\u0301", "🔑", "שלום"} {
		if got := model.Clean(s); got != s {
			t.Errorf("Clean(%q) = %q", s, got)
		}
	}
	if got := model.CleanBlock("a\r\nb\x1b\nc"); got != "a\nb\ufffd\nc" {
		t.Errorf("CleanBlock: %q", got)
	}
}

func TestSecret(t *testing.T) {
	pattern := regexp.MustCompile(model.SecretPattern)
	seen := map[string]bool{}
	var counts [256]int
	n := race.Sample(20000, 2000)
	for range n {
		s, err := model.NewSecret(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		text := s.Reveal()
		if len(text) != model.SecretLength || seen[text] || pattern.FindString("x "+text+" y") != text {
			t.Fatalf("a bad secret: length %d, seen %t", len(text), seen[text])
		}
		seen[text] = true
		for _, c := range []byte(text[4:46]) { // the first digit carries less
			counts[c]++
		}
		if back, ok := model.ParseSecret(text); !ok || back.Reveal() != text {
			t.Fatal("a new secret does not parse")
		}
	}
	checkUniform(t, counts[:], n*42)
}

// checkUniform is a chi-square test over the 62 symbols, at a limit that chance
// passes once in a million runs (61 degrees of freedom).
func checkUniform(t *testing.T, counts []int, total int) {
	t.Helper()
	want, sum, symbols := float64(total)/62, 0.0, 0
	for _, c := range counts {
		if c > 0 {
			symbols++
			sum += (float64(c) - want) * (float64(c) - want) / want
		}
	}
	if symbols != 62 || sum > 130 {
		t.Errorf("%d symbols, chi-square %.1f", symbols, sum)
	}
}

func TestSecretTypos(t *testing.T) {
	s, err := model.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := s.Reveal()
	for i := range text {
		for _, c := range []byte("0aZ!\x00é") {
			if edited := text[:i] + string(c) + text[i+1:]; edited != text {
				if _, ok := model.ParseSecret(edited); ok {
					t.Errorf("an edit at %d goes unnoticed", i)
				}
			}
		}
	}
	for _, bad := range []string{"", "kw_", text[1:], text + "0", " " + text, strings.ToUpper(text)} {
		if _, ok := model.ParseSecret(bad); ok {
			t.Errorf("%d bytes pass for a secret", len(bad))
		}
	}
}

// TestSecretIsNeverPrinted: every way of printing gives a redaction.
func TestSecretIsNeverPrinted(t *testing.T) {
	s, err := model.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "ptr", &s)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "in", []any{s})
	b, err := json.Marshal(map[string]any{"s": s, "p": &s, "l": []model.Secret{s}})
	if err != nil {
		t.Fatal(err)
	}
	type hidden struct{ s model.Secret } // fmt calls no methods on what is in here
	all := log.String() + string(b) + fmt.Sprint(s, &s, []model.Secret{s}, struct{ S model.Secret }{s})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		all += fmt.Sprintf(verb, hidden{s}) + fmt.Sprintf(verb, &hidden{s}) + fmt.Sprintf(verb, []hidden{{s}})
		all += fmt.Sprintf(verb, s) + fmt.Sprintf(verb, struct{ S model.Secret }{s}) + fmt.Sprintf(verb, []model.Secret{s})
	}
	for i := 0; i+6 <= len(s.Reveal()); i++ {
		part := s.Reveal()[i : i+6]
		if strings.Contains(all, part) || strings.Contains(all, fmt.Sprintf("%x", part)) {
			t.Fatalf("characters %d to %d of a secret were printed", i, i+6)
		}
	}
	other := s
	defer func() {
		if s.Wipe(); !other.IsZero() || other.Reveal() != "" || !other.Digest().IsZero() {
			t.Error("a copy outlives Wipe")
		}
	}()
	if h := s.Hint().String(); len([]rune(h)) != 9 || h != s.Reveal()[3:7]+"…"+s.Reveal()[48:] {
		t.Errorf("the hint is wrong: %q", h)
	}
}

func TestParseBinding(t *testing.T) {
	for _, p := range []string{"/", "/a", "/a/", "/{x}", "/a/{b-c_1}/d", "/a?q={x}", "/a/{i}?q={x}&r={y}", "/a%20b", "/köln", "/a;b"} {
		if _, err := model.ParseBinding("GET", p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	for p, part := range map[string]string{
		"":                              "begin it with a slash",
		"a":                             "begin it with a slash",
		"//":                            "empty segment",
		"/a//b":                         "empty segment",
		"/a/../b":                       "dot segment",
		"/a/%2e":                        "dot segment",
		"/a%2fb":                        "slash",
		"/a\\b":                         "backslash",
		"/%zz":                          "percent-encoding",
		"/a#b":                          "#",
		"/a\x1b":                        "control",
		"/_keyward/x":                   "keyward's own",
		"/%5fkeyward":                   "keyward's own",
		"/openapi.yml":                  "keyward's own",
		"/openapi%2eyml/":               "keyward's own",
		"/{}":                           "whole segment",
		"/a{b}":                         "whole segment",
		"/{a b}":                        "whole segment",
		"/{a}/{a}":                      "twice",
		"/a?":                           "name={variable}",
		"/a?q":                          "name={variable}",
		"/a?q=1":                        "name={variable}",
		"/a?q={x}&":                     "name={variable}",
		"/a?q={x}&q={y}":                "twice",
		"/{x}?q={x}":                    "twice",
		"/a?auth-key={x}":               "keyward's own",
		"/a?%5Fprofile={x}":             "keyward's own",
		"/a?AUTH-KEY={x}":               "keyward's own",
		strings.Repeat("/a", 40):        "segments",
		"/" + strings.Repeat("a", 2000): "characters",
	} {
		_, err := model.ParseBinding("GET", p)
		wantError(t, err, model.ErrInvalid, part)
	}
	for method, part := range map[string]string{"get": "upper case", "": "cannot be bound", "CONNECT": "cannot be bound", "G\x1b": "cannot be bound"} {
		_, err := model.ParseBinding(method, "/a")
		wantError(t, err, model.ErrInvalid, part)
	}
}

func TestCheckUpstream(t *testing.T) {
	for _, u := range []string{"http://127.0.0.1:9000", "https://api.example.com/base/", "http://[::1]:80"} {
		if err := model.CheckUpstream(u); err != nil {
			t.Errorf("%q: %v", u, err)
		}
	}
	for _, u := range []string{"", "x", "ftp://x", "http://", "http://u:hunter2@x", "http://x?q", "http://x/#f", "http://x\x1b", "//x", "http://:80", "http://u:hunter2@[x", "http://h:99999", "http://h:0", "http://h/a/../b", "http://h/a%2fb", "http://h//a"} {
		err := model.CheckUpstream(u)
		wantError(t, err, model.ErrInvalid, "upstream")
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error quotes a password: %v", err)
		}
	}
}

func TestForwardQuery(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"a=1&b=2":                        "a=1&b=2",
		"auth-key=S":                     "",
		"a=1&auth-key=S&b=2":             "a=1&b=2",
		"a=1&_profile=Test":              "a=1",
		"_PROFILE=Test&%61uth-key=S&x=%": "x=%",
		"Auth-Key=S&a":                   "a",
		"a=1;auth-key=S;b=2":             "a=1;b=2",
		"a;auth%2dkey=S&c=%3B":           "a&c=%3B",
		"auth-keys=1&xauth-key=2":        "auth-keys=1&xauth-key=2",
		"a=auth-key=1&auth-key":          "a=auth-key=1",
		"&&a=1&&":                        "&&a=1&&",
		"a+b=1&auth-key=x":               "a+b=1",
		";auth-key=S":                    "",
		"+auth-key=S&a":                  "a",
		"AUTH%2dKEY%3dS&a":               "a",
		"%20_profile%00=S&a":             "a",
	} {
		if got := model.ForwardQuery(in); got != want {
			t.Errorf("ForwardQuery(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzQuery: no reader of the forwarded query finds a parameter of keyward's.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"auth-key=S", "a;auth-key=S", "%61uth-key", "_profile=x&_PROFILE", "a=1&&b", "%zz=1"} {
		f.Add(s)
	}
	own := func(name string) bool {
		return strings.EqualFold(name, model.AuthKeyParam) || strings.EqualFold(name, model.ProfileParam)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		out := model.ForwardQuery(raw)
		values, _ := url.ParseQuery(out)
		byAmp, _ := url.ParseQuery(strings.ReplaceAll(out, ";", "&"))
		for _, v := range []url.Values{values, byAmp} {
			for name := range v {
				if own(name) && isASCII(name) {
					t.Errorf("%q of %q still holds %q", out, raw, name)
				}
			}
		}
		if again := model.ForwardQuery(out); again != out {
			t.Errorf("ForwardQuery is not idempotent: %q, %q", out, again)
		}
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// FuzzHeader: whatever the header, nobody without the secret gets in, and no
// header of ours is forwarded.
func FuzzHeader(f *testing.F) {
	w, secret, _ := fixture(f)
	for _, s := range []string{"Key=x", "Bearer x", "Basic x", "key", "KEY =", "\x00", "Key=" + strings.Repeat("k", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := get("/customers/1?_profile=Test", model.Secret{})
		r.Authorization = []string{header}
		d := w.service.Snapshot().Decide(r)
		if d.Allowed() && !strings.Contains(header, secret.Reveal()) {
			t.Errorf("%q got in", header)
		}
		name, _, _ := strings.Cut(strings.TrimLeft(header, " \t"), "=")
		if d.Foreign && (strings.EqualFold(strings.TrimRight(name, " \t"), "key") || strings.EqualFold(strings.TrimSpace(header), "bearer")) {
			t.Errorf("%q would be forwarded", header)
		}
	})
}

// FuzzPath: an accepted path is the same workflow to readers that clean, decode
// and decode again.
func FuzzPath(f *testing.F) {
	w := newWorld(f)
	w.workflow("two", "GET", "/a/{x}")
	w.workflow("other", "GET", "/b")
	w.workflow("one", "GET", "/a")
	_, s, _ := w.token("k", "", "two")
	for _, p := range []string{"/a/b", "/a/%2e%2e", "/a/..%2fb", "/a/%252e%252e/", "/a/b/", "/a/..;/", "/a/%c0%ae"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		r := get("/", s)
		r.Path = p
		if d := w.service.Snapshot().Decide(r); !d.Allowed() {
			return
		}
		reader := strings.TrimSuffix(p, "/")
		for range 3 {
			if cleaned := strings.TrimSuffix(path.Clean(strings.ReplaceAll(reader, `\`, "/")), "/"); !strings.HasPrefix(cleaned, "/a/") && !strings.HasPrefix(p, "/%61/") || strings.Count(cleaned, "/") != 2 {
				t.Fatalf("%q was allowed, and a reader sees %q", p, cleaned)
			}
			decoded, err := url.PathUnescape(reader)
			if err != nil {
				return
			}
			reader = decoded
		}
	})
}

// FuzzTemplate: what parses is stable, and overlaps itself by an example that
// the decision finds ambiguous or its own.
func FuzzTemplate(f *testing.F) {
	for _, p := range []string{"/a/{x}?q={y}", "/", "/{a}/{b}", "/a%20b", "/ä;x", "/%7Bx%7D"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		b, err := model.ParseBinding("GET", p)
		if err != nil {
			return
		}
		example := model.Overlap(b, b)
		if example == "" {
			t.Fatalf("%q does not overlap itself", p)
		}
		w := newWorld(t)
		w.workflow("w", "GET", p)
		_, s, _ := w.token("k", "", "w")
		if d := w.service.Snapshot().Decide(get(example, s)); !d.Allowed() {
			t.Errorf("%q: its example %q is %s", p, example, d.Reason)
		}
	})
}

// TestSecretChecksum holds the checksum to hash/crc32.
func TestSecretChecksum(t *testing.T) {
	s, err := model.NewSecret(newNumbers(3))
	if err != nil {
		t.Fatal(err)
	}
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum, want := crc32.ChecksumIEEE([]byte(s.Reveal()[3:46])), ""
	for range 6 {
		want = string(digits[sum%62]) + want
		sum /= 62
	}
	if got := s.Reveal()[46:]; got != want {
		t.Errorf("the checksum is %q, want %q", got, want)
	}
}
