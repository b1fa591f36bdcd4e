package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Directories that keyward makes beside a data directory.
const (
	restoreInfix = ".restore-"        // a restore that is under way, or was cut off
	beforeInfix  = ".before-restore-" // what a restore replaced
	copyInfix    = ".copy-"           // the doctor's copy, or what is left of one
)

// diagnoseDir checks the directory and its files. real is its path without
// symbolic links, or "" where nothing further can be checked.
func diagnoseDir(dir string) (real string, found []Finding) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		real, err = filepath.EvalSymlinks(abs)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", []Finding{{
			Check: "directory", Detail: "there is nothing at " + abs,
			Advice: "name the data directory with --data; the first change makes it",
		}}
	}
	if err != nil {
		return "", []Finding{failed("directory", pathError(dir, err))}
	}
	f := checkDirectory(real)
	found = append(found, f)
	if names, err := readNames(real); err != nil || !slices.ContainsFunc(names, isStoreFile) {
		if f.OK {
			found[0] = Finding{Check: "directory", Detail: "there is no store in " + real, Advice: "name the data directory with --data; the first change makes it"}
		}
		return "", found
	}
	return real, append(found, checkFiles(real), spaceFinding(real), leftovers(real))
}

// checkDirectory looks at the owner and the mode of the directory and of the
// store in it.
func checkDirectory(dir string) Finding {
	for _, path := range []string{dir, filepath.Join(dir, storeName)} {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) && path != dir {
			continue
		}
		if err == nil && !info.IsDir() {
			return failed("directory", &DirError{Dir: path, Problem: "is a file, not a directory: " + otherDir})
		}
		if err == nil {
			err = checkOwner(path, info)
		}
		if err == nil {
			err = checkMode(path, info)
		}
		var bad *DirError
		if errors.As(err, &bad) {
			return failed("directory", bad)
		}
		if err != nil {
			return failed("directory", pathError(path, err))
		}
	}
	return Finding{Check: "directory", OK: true, Detail: dir + " is for its owner only"}
}

// checkFiles looks for files that others may read or write, or that are not the
// directory owner's: the service could not open those.
func checkFiles(dir string) Finding {
	home, err := os.Stat(dir)
	if err != nil {
		return failed("files", pathError(dir, err))
	}
	list, files := &problemList{}, 0
	add := func(format string, args ...any) {
		list.count++
		if len(list.named) < mostNamed {
			list.named = append(list.named, fmt.Sprintf(format, args...))
		}
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an owner removed it meanwhile
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || path == dir {
			return ignoreAbsent(err)
		}
		name, _ := filepath.Rel(dir, path)
		if uid, other := foreignOwner(home, info); other {
			add("%s belongs to uid %d", name, uid)
		}
		if othersMay(info) && filepath.Ext(name) != ".crt" { // certificates are for everyone to see
			add("%s has mode %04o", name, info.Mode().Perm())
		}
		files++
		return nil
	})
	switch {
	case err != nil:
		return failed("files", pathError(dir, err))
	case list.count > 0:
		return Finding{Check: "files", Detail: list.text(), Advice: "give all to the directory's owner (chown -R), for the owner only (chmod -R go-rwx)"}
	}
	return Finding{Check: "files", OK: true, Detail: count(files, "file is", "files are") + " the owner's alone"}
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func spaceFinding(dir string) Finding {
	free, ok := freeSpace(dir)
	if !ok {
		return Finding{Check: "space", OK: true, Detail: "it cannot be told here how much is free"}
	}
	f := Finding{Check: "space", OK: true, Detail: fmt.Sprintf("%d MiB free", free>>20)}
	if free < DefaultMinFree {
		f.OK, f.Advice = false, fmt.Sprintf("free some: keyward changes nothing below %d MiB", DefaultMinFree>>20)
	}
	return f
}

// leftovers looks beside the directory for what keyward left there.
func leftovers(dir string) Finding {
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil {
		return Finding{Check: "leftovers", OK: true, Detail: "what lies beside the directory cannot be listed"}
	}
	var cutOff, before []string
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), filepath.Base(dir))
		switch {
		case !ours:
		case strings.HasPrefix(rest, restoreInfix), strings.HasPrefix(rest, copyInfix):
			cutOff = append(cutOff, e.Name())
		case strings.HasPrefix(rest, beforeInfix):
			before = append(before, e.Name())
		}
	}
	switch {
	case len(cutOff) > 0:
		return Finding{
			Check: "leftovers", OK: true, Detail: "beside the directory: " + strings.Join(cutOff, ", "),
			Advice: "a restore or a doctor is running or was cut off; look into a .restore- directory (keyward audit --data) before you remove it, for it may be the store that was replaced",
		}
	case len(before) > 0:
		return Finding{
			Check: "leftovers", OK: true, Detail: "replaced by restores: " + strings.Join(before, ", "),
			Advice: "remove them when nobody needs them any more",
		}
	}
	return Finding{Check: "leftovers", OK: true, Detail: "none"}
}
