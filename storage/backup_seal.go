package storage

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"filippo.io/age"
)

// How hard it is to try passphrases, as the power of two of scrypt's work. 17 is
// what OWASP's password storage guide asks for, and takes 128 MiB; 18 is what
// the age command writes, so that its files open too. More is refused: a hostile
// file could ask for any time and memory.
const (
	sealWork     = 17
	mostSealWork = 18
)

// sealHead is more than an age header with one passphrase has, in bytes. Age
// itself would hold a header of any size.
const sealHead = 4 << 10

// ErrPassphrase means that a passphrase does not open a backup. A backup that
// was altered at a certain place gives the same, for nothing tells the two
// apart.
var ErrPassphrase = errors.New("the passphrase does not open the backup: give the one that it was made with, or another copy if that is the one")

// Seal returns a writer that encrypts what it gets for passphrase, in the format
// of age (age-encryption.org/v1), onto w. Only Close writes the end. Anyone can
// open the result with age's own command.
func Seal(w io.Writer, passphrase string) (io.WriteCloser, error) {
	return seal(w, passphrase, sealWork)
}

func seal(w io.Writer, passphrase string, work int) (io.WriteCloser, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fmt.Errorf("encrypting the backup: %w", err)
	}
	recipient.SetWorkFactor(work)
	sealed, err := age.Encrypt(w, recipient)
	debug.FreeOSMemory() // scrypt's, or the garbage collector would let as much again pile up
	if err != nil {
		return nil, fmt.Errorf("encrypting the backup: %w", err)
	}
	return sealed, nil
}

// Opener opens what Seal wrote. It tries the passphrase once for each header, so
// that reading a file again costs nothing. It is safe for concurrent use.
type Opener struct {
	passphrase string

	mu      sync.Mutex
	stanzas []*age.Stanza
	fileKey []byte
}

// NewOpener returns an opener for one passphrase.
func NewOpener(passphrase string) *Opener { return &Opener{passphrase: passphrase} }

// Open returns what was sealed in r. Nothing that its Read returns is unverified.
//
// Errors, of Read too: ErrPassphrase, *BackupError where r is not what Seal
// wrote, and those of r.
func (o *Opener) Open(r io.Reader) (io.Reader, error) {
	source := &sourceReader{r: r}
	buffered := bufio.NewReaderSize(source, 64<<10)
	head, err := buffered.Peek(sealHead)
	if source.err != nil {
		return nil, readingBackup(source.err)
	}
	if !bytes.HasPrefix(head, []byte("age-encryption.org/v1\n")) {
		return nil, notSealed(head)
	}
	if !bytes.Contains(head, []byte("\n--- ")) {
		if errors.Is(err, io.EOF) {
			return nil, cutShort(err)
		}
		return nil, damagedBackup("its header has no end")
	}
	opened, err := age.Decrypt(buffered, o)
	if err != nil {
		return nil, source.explain(err)
	}
	return &openedReader{opened, source}, nil
}

// notSealed says what is wrong with a file that does not begin as age's do.
func notSealed(head []byte) error {
	switch {
	case len(head) == 0:
		return &BackupError{Problem: "is empty: " + anotherBackup}
	case bytes.HasPrefix(head, []byte(backupMagic)):
		return &BackupError{Problem: "is not encrypted, so anyone may have changed it: encrypt it with age --passphrase if you trust it"}
	case bytes.HasPrefix(head, []byte("-----BEGIN AGE ENCRYPTED FILE-----")):
		return &BackupError{Problem: "is in age's text form: turn it into the binary one (age --decrypt, then age --passphrase)"}
	}
	return &BackupError{Problem: "is none, or its beginning is damaged: give a file that keyward backup wrote"}
}

func cutShort(err error) error {
	return &BackupError{Problem: "is cut short: " + anotherBackup, Err: err}
}

// Unwrap implements age.Identity.
func (o *Opener) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fileKey != nil && slices.EqualFunc(o.stanzas, stanzas, sameStanza) {
		return slices.Clone(o.fileKey), nil
	}
	identity, err := age.NewScryptIdentity(o.passphrase)
	if err != nil {
		return nil, err
	}
	identity.SetMaxWorkFactor(mostSealWork)
	key, err := identity.Unwrap(stanzas)
	debug.FreeOSMemory() // as in seal
	if err != nil {
		return nil, err
	}
	o.stanzas, o.fileKey = stanzas, slices.Clone(key)
	return key, nil
}

func sameStanza(a, b *age.Stanza) bool {
	return a.Type == b.Type && slices.Equal(a.Args, b.Args) && bytes.Equal(a.Body, b.Body)
}

// sourceReader remembers an error of the file itself, which age would hide among
// its own.
type sourceReader struct {
	r   io.Reader
	err error
}

func (s *sourceReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// explain puts an error of age into a sentence.
func (s *sourceReader) explain(err error) error {
	var wrong *age.NoIdentityMatchError
	switch {
	case s.err != nil:
		return readingBackup(s.err)
	case errors.As(err, &wrong) && slices.Contains(wrong.StanzaTypes, "scrypt"):
		return ErrPassphrase
	case errors.As(err, &wrong):
		return &BackupError{Problem: "is not encrypted with a passphrase: give a file that keyward backup wrote"}
	case strings.Contains(err.Error(), "work factor too large"):
		return &BackupError{Problem: "asks for more work than keyward ever does before it opens, and is not read: give a file that keyward backup wrote"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return cutShort(err)
	case strings.Contains(err.Error(), "failed to decrypt and authenticate"):
		return &BackupError{Problem: "is damaged or cut short: " + anotherBackup, Err: err}
	}
	return &BackupError{Problem: "is damaged: " + anotherBackup, Err: err}
}

// openedReader explains age's errors.
type openedReader struct {
	r      io.Reader
	source *sourceReader
}

func (o *openedReader) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) { // age ends with EOF only where the file does
		err = o.source.explain(err)
	}
	return n, err
}
