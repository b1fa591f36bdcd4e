package storage_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"dev.keyward/keyward/internal/race"
	"dev.keyward/keyward/storage"
)

const passphrase = "correct horse battery"

// sealed encrypts data with little work.
func sealed(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := storage.SealFast(&b, passphrase)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unseal opens and reads all of a file.
func unseal(file []byte, passphrase string) ([]byte, error) {
	r, err := storage.NewOpener(passphrase).Open(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestSeal(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("keyward"), 50_000)
	file := sealed(t, data)
	if bytes.Contains(file, []byte("keyward")) {
		t.Error("the file holds what it hides")
	}
	opener := storage.NewOpener(passphrase)
	for range 2 { // the second time with the key of the first
		r, err := opener.Open(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	if _, err := opener.Open(bytes.NewReader(sealed(t, data))); err != nil {
		t.Errorf("another file with the same opener: %v", err)
	}
	_, err := unseal(file, passphrase+"!")
	wantErr(t, "another passphrase", err, storage.ErrPassphrase)
	if _, err := storage.Seal(io.Discard, ""); err == nil {
		t.Error("sealed without a passphrase")
	}
}

// TestSealIsAge: age itself opens what Seal wrote.
func TestSealIsAge(t *testing.T) {
	t.Parallel()
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed(t, []byte("text"))), identity)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "text" {
		t.Errorf("age reads %q, %v", got, err)
	}
}

// TestSealDamaged: no altered or cut file opens, and the error is one of ours.
func TestSealDamaged(t *testing.T) {
	t.Parallel()
	data, _ := sampleBackup(t)
	file := sealed(t, data)
	opener := storage.NewOpener(passphrase)
	wantRefused := func(what string, n int, bent []byte) {
		t.Helper()
		r, err := opener.Open(bytes.NewReader(bent))
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, storage.ErrBackup) && !errors.Is(err, storage.ErrPassphrase) || strings.Contains(err.Error(), passphrase) || strings.Contains(err.Error(), "\n") {
			t.Fatalf("%s at %d: %v", what, n, err)
		}
	}
	for n := 0; n < len(file); n += race.Sample(1, 13) {
		bent := slices.Clone(file)
		bent[n] ^= 1 << (n % 8)
		if !claimsWork(bent) {
			wantRefused("flipped", n, bent)
		}
		if n < 300 || n%61 == 0 {
			wantRefused("cut", n, file[:n])
		}
	}
	wantRefused("longer", 0, append(slices.Clone(file), 0))
	pieces := sealed(t, bytes.Repeat([]byte("x"), 3*64<<10)) // age's pieces have 64 KiB
	for _, cut := range []int{1, 64<<10 + 16, 64 << 10, 2 * (64<<10 + 16)} {
		wantRefused("cut in pieces", cut, pieces[:len(pieces)-cut])
	}
}

// claimsWork reports whether the header asks for enough work to take a while,
// which is no damage that this test is about.
func claimsWork(file []byte) bool {
	line, _, _ := bytes.Cut(file[len("age-encryption.org/v1\n"):], []byte("\n"))
	return !bytes.HasSuffix(line, []byte(" 2")) && bytes.HasPrefix(line, []byte("-> scrypt "))
}

// errBroken is an error of a disk.
var errBroken = errors.New("input/output error")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestSealHostile(t *testing.T) {
	const intro = "age-encryption.org/v1\n"
	var toKey bytes.Buffer
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	w, err := age.Encrypt(&toKey, identity.Recipient())
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	work := func(n string) string {
		return strings.Replace(string(sealed(t, nil)), " 2\n", " "+n+"\n", 1)
	}
	for name, test := range map[string]struct {
		file io.Reader
		want string
	}{
		"empty":              {strings.NewReader(""), "is empty"},
		"not encrypted":      {strings.NewReader("keyward backup 1\nH"), "is not encrypted"},
		"text form":          {strings.NewReader("-----BEGIN AGE ENCRYPTED FILE-----\n"), "text form"},
		"other file":         {strings.NewReader("PK"), "is none"},
		"for a key":          {&toKey, "not encrypted with a passphrase"},
		"work 19":            {strings.NewReader(work("19")), "asks for more work"},
		"work 30":            {strings.NewReader(work("30")), "asks for more work"},
		"work 999":           {strings.NewReader(work("999")), "asks for more work"},
		"work 99999999999":   {strings.NewReader(work("99999999999999999999")), "is damaged"},
		"work 0":             {strings.NewReader(work("0")), "is damaged"},
		"endless line":       {io.MultiReader(strings.NewReader(intro), endless{}), "header has no end"},
		"endless header":     {io.MultiReader(strings.NewReader(intro+strings.Repeat("-> x\n\n", 5000)), endless{}), "header has no end"},
		"cut in the header":  {strings.NewReader(intro + "-> scrypt"), "cut short"},
		"two passphrases":    {strings.NewReader(intro + strings.Repeat("-> scrypt AAAAAAAAAAAAAAAAAAAAAA 2\nAAAA\n", 2) + "--- AAAA\n"), "is damaged"},
		"an end and nothing": {strings.NewReader(intro + "--- "), "is cut short"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := storage.NewOpener(passphrase).Open(test.file)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, storage.ErrBackup) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want a word of %q", name, err, test.want)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
			t.Errorf("%s: %d KiB were allocated", name, got>>10)
		}
	}
	_, err = storage.NewOpener(passphrase).Open(broken{})
	wantErr(t, "a broken disk", err, errBroken)
	_, err = unsealFrom(io.MultiReader(bytes.NewReader(sealed(t, make([]byte, 100_000))[:90_000]), broken{}))
	wantErr(t, "a disk that breaks later", err, errBroken)
}

func unsealFrom(r io.Reader) ([]byte, error) {
	opened, err := storage.NewOpener(passphrase).Open(r)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(opened)
}
