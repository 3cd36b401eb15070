package device

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestSecretsInFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "config")
	t.Setenv(SecretsEnv, "file")
	s := OpenSecrets(dir)
	if _, err := s.Get("session"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("got %v", err)
	}
	must(t, s.Delete("session"))
	keys := []string{"session", "Session", "https://a.example/ü", "../../x", "."}
	for _, key := range keys {
		must(t, s.Set(key, "old"))
		must(t, s.Set(key, "secret of "+key))
	}
	for _, key := range keys {
		if v, err := OpenSecrets(dir).Get(key); err != nil || v != "secret of "+key {
			t.Errorf("%q: got %q, %v", key, v, err)
		}
	}
	where, protected := s.Where()
	if where != filepath.Join(dir, "secrets") || protected {
		t.Errorf("it is in %q, %v", where, protected)
	}
	if runtime.GOOS != "windows" {
		assertPrivate(t, where)
	}
	for _, key := range keys {
		must(t, s.Delete(key))
		if v, err := s.Get(key); !errors.Is(err, ErrNoSecret) {
			t.Errorf("%q: still %q, %v", key, v, err)
		}
	}
	if got := names(t, where); len(got) > 0 {
		t.Errorf("there is %q", got)
	}
	if err := s.Set("", "x"); err == nil {
		t.Error("a secret without a name was kept")
	}
}

func assertPrivate(t *testing.T, dir string) {
	t.Helper()
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
	for _, name := range names(t, dir) {
		if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// A folder that somebody opened up is closed again before a secret goes in.
func TestSecretsFolderIsClosed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions of files are another matter there")
	}
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "secrets"), 0o777))
	must(t, os.Chmod(filepath.Join(dir, "secrets"), 0o777))
	must(t, os.WriteFile(filepath.Join(dir, "secrets", "session"), []byte("old"), 0o666))
	t.Setenv(SecretsEnv, "file")
	must(t, OpenSecrets(dir).Set("session", "new"))
	assertPrivate(t, filepath.Join(dir, "secrets"))
}

// fakeStore is a store that fails as real ones do.
type fakeStore struct {
	ready bool
	kept  map[string]string
	fail  error
	hang  chan struct{} // not nil: nothing answers before it is closed
	calls int
	mu    sync.Mutex
}

func (f *fakeStore) begin() error {
	if f.hang != nil {
		<-f.hang
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	return f.fail
}

func (f *fakeStore) Name() string { return "fake" }
func (f *fakeStore) Ready() bool  { return f.ready }

func (f *fakeStore) Get(_, key string) (string, error) {
	if err := f.begin(); err != nil {
		return "", err
	}
	v, ok := f.kept[key]
	if !ok {
		return "", ErrNoSecret
	}
	return v, nil
}

func (f *fakeStore) Set(_, key, value string) error {
	if err := f.begin(); err != nil {
		return err
	}
	f.kept[key] = value
	return nil
}

func (f *fakeStore) Delete(_, key string) error {
	if err := f.begin(); err != nil {
		return err
	}
	if _, ok := f.kept[key]; !ok {
		return ErrNoSecret
	}
	delete(f.kept, key)
	return nil
}

func withStore(dir string, s store) *systemSecrets {
	return &systemSecrets{store: s, files: &fileSecrets{dir: filepath.Join(dir, "secrets")}, patience: storePatience}
}

func TestSecretsPreferTheStore(t *testing.T) {
	dir := t.TempDir()
	f := &fakeStore{ready: true, kept: map[string]string{}}
	s := withStore(dir, f)
	if where, protected := s.Where(); where != "fake" || !protected {
		t.Errorf("it is in %q, %v", where, protected)
	}
	must(t, s.Set("session", "x"))
	if v, err := s.Get("session"); err != nil || v != "x" || f.kept["session"] != "x" {
		t.Errorf("got %q, %v; the store holds %q", v, err, f.kept)
	}
	if got := names(t, dir); len(got) > 0 {
		t.Errorf("on the disk there is %q", got)
	}
	// The store breaks: the newer secret is in a file, and found there.
	f.fail = errors.New("locked")
	must(t, s.Set("session", "newer"))
	if v, err := s.Get("session"); err != nil || v != "newer" {
		t.Errorf("got %q, %v", v, err)
	}
	if where, protected := s.Where(); where == "fake" || protected {
		t.Errorf("it is in %q, %v", where, protected)
	}
	// At the next start it works again: the newer one still counts, and moves
	// back when it is set.
	f.fail = nil
	s = withStore(dir, f)
	if v, err := s.Get("session"); err != nil || v != "newer" {
		t.Errorf("got %q, %v", v, err)
	}
	must(t, s.Set("session", "newest"))
	if got := names(t, filepath.Join(dir, "secrets")); len(got) > 0 {
		t.Errorf("on the disk there is %q", got)
	}
	must(t, s.Delete("session"))
	if _, err := s.Get("session"); !errors.Is(err, ErrNoSecret) || len(f.kept) > 0 {
		t.Errorf("got %v; the store holds %q", err, f.kept)
	}
}

func TestSecretsTooBigForTheStore(t *testing.T) {
	f := &fakeStore{ready: true, kept: map[string]string{}}
	s := withStore(t.TempDir(), f)
	s.Where()
	f.fail = errSecretTooBig
	must(t, s.Set("big", strings.Repeat("x", 5000)))
	f.fail = nil
	if v, err := s.Get("big"); err != nil || len(v) != 5000 {
		t.Errorf("got %d bytes, %v", len(v), err)
	}
	if _, protected := s.Where(); !protected {
		t.Error("one secret that is too big gave the store up")
	}
}

func TestSecretsWithoutAStore(t *testing.T) {
	for _, f := range []*fakeStore{{ready: false}, {ready: true, fail: errors.New("no collection")}} {
		s := withStore(t.TempDir(), f)
		if _, err := s.Get("session"); !errors.Is(err, ErrNoSecret) {
			t.Errorf("got %v", err)
		}
		must(t, s.Set("session", "x"))
		if v, err := s.Get("session"); err != nil || v != "x" {
			t.Errorf("got %q, %v", v, err)
		}
		must(t, s.Delete("session"))
		if f.calls > 1 {
			t.Errorf("a store that fails was asked %d times", f.calls)
		}
	}
}

func TestSecretsOfAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStore{ready: true, hang: make(chan struct{})}
		defer close(f.hang)
		s := withStore(t.TempDir(), f)
		start := time.Now()
		if _, err := s.Get("session"); !errors.Is(err, ErrNoSecret) || !errors.Is(err, errStoreSlow) {
			t.Errorf("got %v", err)
		}
		must(t, s.Set("session", "x"))
		if v, err := s.Get("session"); err != nil || v != "x" {
			t.Errorf("got %q, %v", v, err)
		}
		if took := time.Since(start); took != storePatience {
			t.Errorf("it took %v, and should wait once for %v", took, storePatience)
		}
		// What it may still hold is not forgotten silently.
		if err := s.Delete("session"); !errors.Is(err, errStoreSlow) {
			t.Errorf("got %v", err)
		}
	})
}
