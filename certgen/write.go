package certgen

import (
	"io/fs"
	"os"
	"path/filepath"

	"dev.keyward/keyward/model"
)

// The modes of what is written, whatever the umask.
const (
	keyMode         fs.FileMode = 0o600
	certificateMode fs.FileMode = 0o644
	directoryMode   fs.FileMode = 0o700
)

// WriteOptions say where a pair goes.
type WriteOptions struct {
	// Dir is the directory, made with mode 0700 when it is missing.
	Dir string
	// Name is the file name without its ending.
	Name string
	// PFX asks for a PKCS#12 file as well.
	PFX *PFXOptions
	// Force replaces files that are there.
	Force bool
}

// Written are the paths that Write wrote.
type Written struct {
	Key         string `json:"key"`           // PKCS#8 PEM, mode 0600
	Certificate string `json:"certificate"`   // PEM, .crt
	DER         string `json:"der"`           // .cer
	PFX         string `json:"pfx,omitempty"` // mode 0600
}

// Check returns what Write would refuse, before a key is made for nothing: a
// bad name or PKCS#12 option as a *model.InputError, or files that exist.
func (o WriteOptions) Check() error {
	if o.Name == "" || o.Name == "." || filepath.Base(o.Name) != o.Name || !filepath.IsLocal(o.Name) || model.Clean(o.Name) != o.Name {
		return model.Invalid("name", "%q cannot name a file: use a name without slashes, such as selfsigned", o.Name)
	}
	if o.PFX != nil {
		if err := o.PFX.check(); err != nil {
			return err
		}
	}
	w := o.targets()
	files := []File{{Path: w.Key}, {Path: w.Certificate}, {Path: w.DER}}
	if o.PFX != nil {
		files = append(files, File{Path: w.PFX})
	}
	return checkTargets(files, o.Force)
}

func (o WriteOptions) targets() Written {
	base := filepath.Join(o.Dir, o.Name)
	w := Written{Key: base + ".key", Certificate: base + ".crt", DER: base + ".cer"}
	if o.PFX != nil {
		w.PFX = base + ".pfx"
	}
	return w
}

// Write writes the pair as NAME.key, NAME.crt, NAME.cer and, when asked for,
// NAME.pfx: all of them or none. See Check for what it refuses, and WriteFiles
// for how it writes.
func (p Pair) Write(o WriteOptions) (Written, error) {
	if err := o.Check(); err != nil {
		return Written{}, err
	}
	w := o.targets()
	key, err := p.KeyPEM()
	if err != nil {
		return Written{}, err
	}
	files := []File{
		{w.Key, key, keyMode},
		{w.Certificate, p.CertificatePEM(), certificateMode},
		{w.DER, p.Certificate.DER, certificateMode},
	}
	if o.PFX != nil {
		data, err := p.PFX(*o.PFX)
		if err != nil {
			return Written{}, err
		}
		files = append(files, File{w.PFX, data, keyMode})
	}
	if err := os.MkdirAll(filepath.Dir(w.Key), directoryMode); err != nil {
		return Written{}, cannotWrite("making directory", filepath.Dir(w.Key), err)
	}
	if err := WriteFiles(files, o.Force); err != nil {
		return Written{}, err
	}
	return w, nil
}
