package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCancelledGeneration: the generation of an RSA 4096 key is given up on the
// console, which goes back to the form with everything as it was typed, and
// leaves no file. A key may be found by luck before it is given up: then it is
// tried again, and one try in ten has to be.
func TestCancelledGeneration(t *testing.T) {
	t.Parallel()
	dir, home := filepath.Join(t.TempDir(), "data"), t.TempDir()
	keyward(t, dir, "environment", "create", "UAT")
	c := startConsole(t, dir, "HOME="+home)
	c.keys("C")
	c.wait(`Certificates`)
	c.keys("i")
	c.wait(`Filter`)
	c.text(home)
	c.keys("Enter")
	c.wait(`Directory ~`)
	cancelled := false
	for range 10 {
		if cancelled = c.givesUpGeneration(home); cancelled {
			break
		}
	}
	if !cancelled {
		t.Fatalf("no generation of ten was given up:\n%s", c.screen())
	}
	screen := c.wait(`enter generate`)
	for _, kept := range []string{"› caller-of-mine\n", "› /CN=caller of mine/O=Example\n", "› 77\n", "[rsa4096]"} {
		if !strings.Contains(screen, kept) {
			t.Errorf("%q is lost:\n%s", kept, screen)
		}
	}
	noFiles(t, home)
	c.keys("Right", "Right") // one that takes no time, with the rest as it was
	c.wait(`\[p256\]`)
	c.keys("Enter")
	c.wait(`CN=caller of mine`)
	c.gone(`enter generate`)
	for _, end := range []string{"crt", "cer", "key"} {
		if _, err := os.Stat(filepath.Join(home, "caller-of-mine."+end)); err != nil {
			t.Error(err)
		}
	}
}

// givesUpGeneration fills in the form, has the certificate generated and gives
// that up with the next key press. It reports whether that came in time.
func (c *console) givesUpGeneration(home string) bool {
	c.t.Helper()
	c.keys("C-g")
	c.wait(`Algorithm`)
	for i, text := range []string{"caller-of-mine", "/CN=caller of mine/O=Example", "77"} {
		if i > 0 {
			c.keys("Tab")
		}
		c.keys("C-u")
		c.text(text)
	}
	c.keys("Tab")
	c.wait(`› Algorithm  \[rsa4096\]`)
	c.tmux("send-keys", "Enter", "Escape")
	screen := c.wait(`Cancelled: nothing was made\.|Not used\. Its files stay`)
	if strings.Contains(screen, "Cancelled") {
		return true
	}
	files, err := filepath.Glob(filepath.Join(home, "caller-of-mine.*"))
	if err != nil || len(files) != 3 {
		c.t.Fatalf("it was made, and there is %v, %v", files, err)
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil {
			c.t.Fatal(err)
		}
	}
	return false
}

// noFiles fails the test where something is in a directory.
func noFiles(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
