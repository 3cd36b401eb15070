package shelf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"connectbackup/device/internal/disk"
)

// noteSuffix ends the names of notes.
const noteSuffix = ".pending"

// notes remember, one file a key and one line a file, what is pending.
type notes struct{ dir string }

// note is a file, and the name that it is to have: not every version of Android
// tells the name of what is pending.
type note struct{ uri, name string }

func (n notes) path(key string) string {
	return filepath.Join(n.dir, hex.EncodeToString([]byte(key))+noteSuffix)
}

// add notes one more file of key. A torn line names no file, and loses none
// that stood there before.
func (n notes) add(key string, of note) (err error) {
	if strings.ContainsAny(of.uri+of.name, "\n\x00") || strings.Contains(of.uri, " ") {
		return fmt.Errorf("note %q: %w", of, fs.ErrInvalid)
	}
	if err := disk.MakePrivate(n.dir); err != nil {
		return err
	}
	f, err := os.OpenFile(n.path(key), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(of.uri + " " + of.name + "\n")
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// of are the files of key.
func (n notes) of(key string) ([]note, error) {
	b, err := os.ReadFile(n.path(key))
	if err != nil {
		return nil, disk.IgnoreMissing(err)
	}
	lines := strings.Split(string(b), "\n")
	var all []note
	for _, line := range lines[:len(lines)-1] { // behind the last end of a line stands nothing, or what is torn
		uri, name, _ := strings.Cut(line, " ")
		all = append(all, note{uri, name})
	}
	return all, nil
}

func (n notes) forget(key string) error { return disk.IgnoreMissing(os.Remove(n.path(key))) }

// keys are all that something is noted of.
func (n notes) keys() ([]string, error) {
	entries, err := os.ReadDir(n.dir)
	if err != nil {
		return nil, disk.IgnoreMissing(err)
	}
	var keys []string
	for _, e := range entries {
		coded, ok := strings.CutSuffix(e.Name(), noteSuffix)
		key, err := hex.DecodeString(coded)
		if ok && err == nil && e.Type().IsRegular() {
			keys = append(keys, string(key))
		}
	}
	return keys, nil
}
