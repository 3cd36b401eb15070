package device

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"connectbackup/device/internal/disk"
)

// ErrNoSecret says that nothing is kept under that key.
var ErrNoSecret = errors.New("no such secret")

// ErrStore says that the system has a store for secrets, which could not be
// asked: it is locked, or does not answer.
var ErrStore = errors.New("the system's store for secrets cannot be used")

// errNoStore says that the system has none.
var errNoStore = errors.New("this system has no store for secrets")

// SecretsEnv, set to "file", keeps secrets in a file even where the system has
// a store for them: for tests, and where nobody is there to unlock it.
const SecretsEnv = "CONNECT_BACKUP_SECRETS"

// Secrets keeps small secrets such as a session. It is safe for use by several
// goroutines; its methods may block while the person unlocks the system's
// store.
type Secrets interface {
	// Get returns ErrNoSecret when there is none, also when the system's store
	// could not be asked: then the reason is wrapped beside it.
	Get(key string) (string, error)
	Set(key, value string) error
	// Delete forgets a secret. None there is not an error.
	Delete(key string) error
	// Where names the place for people: the system's store, or the path of a
	// folder. protected is false when only file permissions guard it.
	Where() (place string, protected bool)
}

const (
	secretService = "connect-backup" // what our entries in the system's store are filed under
	secretsFolder = "secrets"
	secretMax     = 1 << 20 // bytes
	// storePatience is how long the system's store may take: long enough to
	// type a password that unlocks it.
	storePatience = 30 * time.Second
)

// errStoreSlow says that the system's store did not answer in time.
var errStoreSlow = errors.New("the system's store for secrets does not answer")

// store is the system's store for secrets.
type store interface {
	Get(service, key string) (string, error) // ErrNoSecret when there is none
	Set(service, key, value string) error
	Delete(service, key string) error // ErrNoSecret when there is none
	Name() string
	Ready() bool // asks nobody, and starts nothing
}

// OpenSecrets opens the system's store for secrets. Where there is none, or it
// fails, they are kept in files below dir that only this user can read.
func OpenSecrets(dir string) Secrets {
	files := openFileSecrets(dir)
	if os.Getenv(SecretsEnv) == "file" {
		return files
	}
	return &systemSecrets{store: systemStore(), files: files, patience: storePatience}
}

// OpenFileSecrets keeps secrets in files below dir that only this user can
// read, whatever store the system has: for work that nobody watches.
func OpenFileSecrets(dir string) Secrets { return openFileSecrets(dir) }

func openFileSecrets(dir string) *fileSecrets {
	return &fileSecrets{dir: filepath.Join(dir, secretsFolder)}
}

// systemSecrets asks the system's store, and falls back to files. Once the
// store has failed it is not asked again in this run: a store that hangs would
// hang every call.
type systemSecrets struct {
	files    *fileSecrets
	patience time.Duration

	mu    sync.Mutex
	store store
	asked bool
	fault error // why the store is not used
}

// usable probes the store once.
func (s *systemSecrets) usable() bool {
	if s.asked {
		return s.fault == nil
	}
	s.asked = true
	if s.store == nil || !s.store.Ready() {
		s.fault = errNoStore
		return false
	}
	_, err := s.ask(func() (string, error) { return s.store.Get(secretService, "probe") })
	return err == nil || errors.Is(err, ErrNoSecret)
}

// ask calls the store within its patience and remembers when it failed.
func (s *systemSecrets) ask(f func() (string, error)) (string, error) {
	type reply struct {
		value string
		err   error
	}
	done := make(chan reply, 1)
	go func() {
		v, err := f()
		done <- reply{v, err}
	}()
	timer := time.NewTimer(s.patience)
	defer timer.Stop()
	select {
	case r := <-done:
		if r.err != nil && !errors.Is(r.err, ErrNoSecret) && !errors.Is(r.err, errSecretTooBig) {
			s.fault = r.err
		}
		return r.value, r.err
	case <-timer.C:
		s.fault = errStoreSlow
		return "", errStoreSlow
	}
}

func (s *systemSecrets) Get(key string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// What lies in a file was put there when the store failed, and is newer.
	v, err := s.files.Get(key)
	if err == nil || !errors.Is(err, ErrNoSecret) {
		return v, err
	}
	if !s.usable() {
		if !errors.Is(s.fault, errNoStore) {
			return "", fmt.Errorf("%w: %w: %w", ErrNoSecret, ErrStore, s.fault)
		}
		return "", fmt.Errorf("%w: %w", ErrNoSecret, s.fault)
	}
	v, err = s.ask(func() (string, error) { return s.store.Get(secretService, key) })
	if err != nil && !errors.Is(err, ErrNoSecret) {
		return "", fmt.Errorf("%w: %w: %w", ErrNoSecret, ErrStore, err)
	}
	return v, err
}

func (s *systemSecrets) Set(key, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.usable() {
		kept, err := s.ask(func() (string, error) {
			if err := s.store.Set(secretService, key, value); err != nil {
				return "", err
			}
			return s.store.Get(secretService, key)
		})
		if err == nil && kept == value {
			return s.files.Delete(key)
		}
	}
	return s.files.Set(key, value)
}

func (s *systemSecrets) Delete(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.files.Delete(key)
	if s.usable() {
		_, storeErr := s.ask(func() (string, error) { return "", s.store.Delete(secretService, key) })
		if !errors.Is(storeErr, ErrNoSecret) {
			err = errors.Join(err, storeErr)
		}
	} else if errors.Is(s.fault, errStoreSlow) {
		err = errors.Join(err, s.fault) // it may still hold the secret
	}
	return err
}

func (s *systemSecrets) Where() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.usable() {
		return s.store.Name(), true
	}
	return s.files.Where()
}

// fileSecrets keeps one file a secret, in a folder for this user alone. One
// file each, since two processes may write at once.
type fileSecrets struct{ dir string }

func (f *fileSecrets) path(key string) string { return filepath.Join(f.dir, encodeKey(key)) }

func (f *fileSecrets) Get(key string) (string, error) {
	p := f.path(key)
	info, err := os.Lstat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoSecret
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("is no file: %w", fs.ErrInvalid)
	}
	if err != nil {
		return "", folderError("read", p, err)
	}
	file, err := os.Open(p)
	if err != nil {
		return "", folderError("read", p, err)
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, secretMax))
	if err != nil {
		return "", folderError("read", p, err)
	}
	return string(b), nil
}

func (f *fileSecrets) Set(key, value string) error {
	if key == "" || len(encodeKey(key)) > keyMax || len(value) > secretMax {
		return fmt.Errorf("a secret under %q: %w", key, fs.ErrInvalid)
	}
	if err := disk.MakePrivate(f.dir); err != nil {
		return folderError("create", f.dir, err)
	}
	return folderError("write", f.path(key), disk.ReplaceFile(f.path(key), []byte(value), 0o600))
}

func (f *fileSecrets) Delete(key string) error {
	for _, p := range []string{f.path(key), f.path(key) + disk.NewSuffix} {
		if err := disk.IgnoreMissing(os.Remove(p)); err != nil {
			return folderError("write", p, err)
		}
	}
	return nil
}

func (f *fileSecrets) Where() (string, bool) { return f.dir, false }
