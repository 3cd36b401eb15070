package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"

	"connectbackup/api"
)

// settingsFile holds what the person chose. Nothing secret stands in it.
const settingsFile = "settings.json"

// settingsMax is the most that is read of it, in bytes: more is not ours.
const settingsMax = 1 << 20

// settings is a small file that is replaced as a whole at every change.
type settings struct {
	path string
	mu   sync.Mutex
	v    settingsValues
}

type settingsValues struct {
	Account       *api.Account    `json:"account,omitempty"`        // who is signed in; the tokens are elsewhere
	Session       string          `json:"session,omitempty"`        // names that sign-in, so that its tokens are told from another's
	AllowInsecure bool            `json:"allow_insecure,omitempty"` // plain http was accepted for Account.Server
	Told          map[string]bool `json:"told,omitempty"`           // what the person was told once
	Theme         string          `json:"theme,omitempty"`          // light, dark, or empty for the system's
	Language      string          `json:"language,omitempty"`       // a tag, or empty for the system's
	KeepScreenOn  bool            `json:"keep_screen_on,omitempty"` // while something is downloaded
	Window        *windowSize     `json:"window,omitempty"`         // as it was at the end
}

// openSettings reads the settings; none yet are no error. A file that cannot
// be understood is moved aside, since it may hold what somebody wants back.
func openSettings(dir string) (*settings, error) {
	s := &settings{path: filepath.Join(dir, settingsFile)}
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	v, err := readSettings(f)
	if err == nil {
		s.v = v
	} else {
		if renameErr := os.Rename(s.path, s.path+".damaged"); renameErr != nil {
			return nil, fmt.Errorf("set damaged settings aside: %w", errors.Join(err, renameErr))
		}
	}
	return s, nil
}

// readSettings reads the file and closes it.
func readSettings(f *os.File) (v settingsValues, err error) {
	info, err := f.Stat()
	if err == nil && info.Size() <= settingsMax {
		err = json.NewDecoder(f).Decode(&v)
	} else if err == nil {
		err = fmt.Errorf("%s is %d bytes long", f.Name(), info.Size())
	}
	if closeErr := f.Close(); closeErr != nil && err == nil {
		err = closeErr
	}
	return v, err
}

// get is a copy of all values.
func (s *settings) get() settingsValues {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.v
	v.Told = maps.Clone(v.Told)
	return v
}

// change applies f to what stands in the file, where a command beside the
// window may have written, and writes it. When that fails the old values stay,
// in memory too.
func (s *settings) change(f func(*settingsValues)) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := lockFile(context.Background(), s.path+".lock")
	if err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	v := s.v
	v.Told = maps.Clone(v.Told)
	if file, openErr := os.Open(s.path); openErr == nil {
		if now, readErr := readSettings(file); readErr == nil {
			v = now // one that cannot be understood is replaced by what is known
		}
	}
	f(&v)
	b, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	if err := replaceFile(s.path, append(b, '\n')); err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	s.v = v
	return nil
}

// replaceFile writes b beside path, syncs it, and renames it: after a crash
// there is the old file or the new one.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
