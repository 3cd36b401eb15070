package core

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"connectbackup/api"
	"connectbackup/api/cache"
	"connectbackup/api/reminder"
)

// remindersName is the file that remembers of what people were reminded. It is
// not part of the settings: the command remind writes it too, while the app is
// closed, and must not write settings that the app has read before.
const remindersName = "reminders.json"

// reminderFile is read anew each time and replaced as a whole: what stands in
// memory would be old as soon as the other one wrote.
type reminderFile struct {
	path string
	mu   *sync.Mutex
}

// reminderValues are those of one account.
type reminderValues struct {
	Whose   cache.Scope       `json:"whose"`
	Options *reminder.Options `json:"options,omitempty"` // nil: the defaults
	State   reminder.State    `json:"state"`
}

func (v reminderValues) options() reminder.Options {
	if v.Options == nil {
		return reminder.Defaults()
	}
	return v.Options.Sound()
}

func openReminderFile(dir string) reminderFile {
	return reminderFile{path: filepath.Join(dir, remindersName), mu: &sync.Mutex{}}
}

func scopeOf(a api.Account) cache.Scope {
	return cache.Scope{Server: a.Server, Organisation: a.Organisation.ID, User: a.User.ID}
}

// get is what is remembered for an account; nothing when the file is somebody
// else's, or cannot be read.
func (f reminderFile) get(a api.Account) (reminderValues, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read(a)
}

func (f reminderFile) read(a api.Account) (v reminderValues, err error) {
	none := reminderValues{Whose: scopeOf(a)}
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	err = json.NewDecoder(io.LimitReader(file, settingsMax)).Decode(&v)
	if err = errors.Join(err, file.Close()); err != nil {
		return none, fmt.Errorf("read %s: %w", f.path, err)
	}
	if v.Whose != none.Whose {
		return none, nil
	}
	return v, nil
}

// change applies what do does, unless that fails. What cannot be read is begun
// anew.
func (f reminderFile) change(a api.Account, do func(*reminderValues) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, _ := f.read(a) // the error was told where it was read before
	if err := do(&v); err != nil {
		return err
	}
	b, err := json.MarshalIndent(v, "", "\t")
	if err == nil {
		err = replaceFile(f.path, append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("remember reminders: %w", err)
	}
	return nil
}

func (f reminderFile) forget() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget reminders: %w", err)
	}
	return nil
}
