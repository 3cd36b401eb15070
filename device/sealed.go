package device

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"connectbackup/device/internal/disk"
)

// errSealedAway says that a kept secret cannot be opened any more: it was
// changed, or came here without its key, from a backup of another phone.
var errSealedAway = errors.New("the secret cannot be opened any more")

// sealedStore keeps secrets in files that a key of the system's seals, which
// never leaves it: on Android the Keystore's.
type sealedStore struct {
	name  string
	dir   func() string // empty: not known yet
	seal  func(secret, bound []byte) ([]byte, error)
	open  func(sealed, bound []byte) ([]byte, error) // errSealedAway when that cannot be
	ready func() bool
}

var _ store = (*sealedStore)(nil)

func (s *sealedStore) Name() string { return s.name }

func (s *sealedStore) Ready() bool { return s.dir() != "" && s.ready() }

func (s *sealedStore) path(service, key string) (path string, bound []byte) {
	name := service + "/" + key
	return filepath.Join(s.dir(), encodeKey(name)), []byte(name)
}

func (s *sealedStore) Get(service, key string) (string, error) {
	path, bound := s.path(service, key)
	sealed, err := os.ReadFile(path)
	if err = disk.IgnoreMissing(err); err != nil {
		return "", folderError("read", path, err)
	}
	if sealed == nil {
		return "", ErrNoSecret
	}
	secret, err := s.open(sealed, bound)
	if errors.Is(err, errSealedAway) {
		return "", fmt.Errorf("%w: %w", ErrNoSecret, err)
	}
	return string(secret), err
}

func (s *sealedStore) Set(service, key, value string) error {
	path, bound := s.path(service, key)
	sealed, err := s.seal([]byte(value), bound)
	if err != nil {
		return err
	}
	if err := disk.MakePrivate(s.dir()); err != nil {
		return folderError("create", s.dir(), err)
	}
	return folderError("write", path, disk.ReplaceFile(path, sealed, 0o600))
}

func (s *sealedStore) Delete(service, key string) error {
	path, _ := s.path(service, key)
	err := os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		return ErrNoSecret
	}
	return folderError("write", path, err)
}
