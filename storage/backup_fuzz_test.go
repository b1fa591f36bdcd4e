package storage_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"dev.keyward/keyward/storage"
)

// FuzzReadBackup: whatever bytes and whatever frames with right checksums come,
// reading ends with an error of ours, of one line, or finds a whole backup.
func FuzzReadBackup(f *testing.F) {
	data, _ := sampleBackup(f)
	f.Add(data, byte('C'), []byte("\x81\xa2\x61k\x63u/1\x61v\x40"))
	f.Add(data[:len(data)/2], byte('E'), []byte{})
	f.Add([]byte("keyward backup 1\n"), byte('X'), []byte("\x9f"))
	f.Fuzz(func(t *testing.T, stream []byte, kind byte, payload []byte) {
		for _, bytesOf := range [][]byte{
			stream,
			storage.NewForgery(backupLine).Frame(kind, payload).Bytes(),
			storage.NewForgery(backupLine).Header(1, 1).Frame(kind, payload).Frame('E', payload).Bytes(),
		} {
			_, info, err := readAll(t, bytes.NewReader(bytesOf))
			switch {
			case err == nil && info.Seq == 0:
				t.Errorf("a backup of nothing: %+v", info)
			case err != nil && !errors.Is(err, storage.ErrBackup) && !errors.Is(err, storage.ErrNewerSchema):
				t.Errorf("an error of another kind: %v", err)
			case err != nil && strings.ContainsAny(err.Error(), "\n\x1b"):
				t.Errorf("an error that may steer a terminal: %q", err)
			}
		}
		_, err := unseal(stream, passphrase)
		if err != nil && !errors.Is(err, storage.ErrBackup) && !errors.Is(err, storage.ErrPassphrase) {
			t.Errorf("an error of another kind: %v", err)
		}
	})
}
