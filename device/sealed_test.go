package device

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vault stands for the Keystore: it turns bytes over, and opens only what was
// sealed with the same key for the same purpose.
type vault struct{ key byte }

func (v *vault) seal(secret, bound []byte) ([]byte, error) {
	b := append([]byte{v.key, byte(len(bound))}, bound...)
	for _, c := range secret {
		b = append(b, c^0xff)
	}
	return b, nil
}

func (v *vault) open(sealed, bound []byte) ([]byte, error) {
	head := append([]byte{v.key, byte(len(bound))}, bound...)
	rest, ok := bytes.CutPrefix(sealed, head)
	if !ok {
		return nil, errSealedAway
	}
	var secret []byte
	for _, c := range rest {
		secret = append(secret, c^0xff)
	}
	return secret, nil
}

func sealedAt(dir string, v *vault) *sealedStore {
	return &sealedStore{
		name: "a vault", dir: func() string { return dir }, seal: v.seal, open: v.open, ready: func() bool { return true },
	}
}

func TestASealedSecret(t *testing.T) {
	dir, v := filepath.Join(t.TempDir(), "sealed"), &vault{key: 7}
	s := sealedAt(dir, v)
	if _, err := s.Get("app", "session"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("before anything is kept: %v", err)
	}
	must(t, s.Set("app", "session", "token"))
	must(t, s.Set("app", "other/key", "second"))
	for key, want := range map[string]string{"session": "token", "other/key": "second"} {
		if got, err := s.Get("app", key); err != nil || got != want {
			t.Errorf("%s is %q, %v", key, got, err)
		}
	}
	for _, name := range names(t, dir) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		if strings.Contains(string(b), "token") {
			t.Error("the secret lies there in plain text")
		}
	}
	must(t, s.Delete("app", "session"))
	for _, err := range []error{s.Delete("app", "session"), second(s.Get("app", "session"))} {
		if !errors.Is(err, ErrNoSecret) {
			t.Errorf("after it was deleted: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A file that was changed, exchanged for another, or came from another phone is
// no secret, and no reason to distrust the store.
func TestASecretThatCannotBeOpenedCountsAsNone(t *testing.T) {
	dir := t.TempDir()
	s := sealedAt(dir, &vault{key: 7})
	must(t, s.Set("app", "a", "one"))
	must(t, s.Set("app", "b", "two"))
	all := names(t, dir)
	must(t, os.Rename(filepath.Join(dir, all[0]), filepath.Join(dir, all[1])))
	for _, key := range []string{"a", "b"} {
		if got, err := s.Get("app", key); !errors.Is(err, ErrNoSecret) {
			t.Errorf("%s is %q, %v", key, got, err)
		}
	}
	must(t, s.Set("app", "a", "one"))
	if got, err := sealedAt(dir, &vault{key: 8}).Get("app", "a"); !errors.Is(err, ErrNoSecret) || !errors.Is(err, errSealedAway) {
		t.Errorf("with another key it is %q, %v", got, err)
	}
	secrets := &systemSecrets{store: sealedAt(dir, &vault{key: 8}), files: openFileSecrets(t.TempDir()), patience: storePatience}
	must(t, secrets.Set("session", "new"))
	if got, err := secrets.Get("session"); err != nil || got != "new" {
		t.Errorf("a new one is %q, %v", got, err)
	}
	if where, protected := secrets.Where(); where != "a vault" || !protected {
		t.Errorf("it lies in %s, %v", where, protected)
	}
}
