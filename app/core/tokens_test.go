package core

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"connectbackup/api"
	"connectbackup/device"
)

// TestTokensBelongToOneSignIn: a command that signs in beside the window, to
// another server perhaps, ends the window's session and keeps its own.
func TestTokensBelongToOneSignIn(t *testing.T) {
	secrets, lock := device.OpenFileSecrets(t.TempDir()), t.TempDir()+"/lock"
	ended := 0
	window := &tokenStore{secrets: secrets, session: "window", lock: lock, none: func(error) { ended++ }}
	command := &tokenStore{secrets: secrets, session: "command", lock: lock, none: func(error) {}}
	if err := window.Save(api.Tokens{Access: "a", Refresh: "ra"}); err != nil {
		t.Fatal(err)
	}
	if got, err := window.Load(); err != nil || got.Access != "a" {
		t.Fatalf("%v, %v", got, err)
	}
	if err := command.Save(api.Tokens{Access: "b", Refresh: "rb"}); err != nil {
		t.Fatal(err)
	}
	if got, err := window.Load(); !errors.Is(err, api.ErrSignedOut) || got != (api.Tokens{}) || ended != 1 {
		t.Errorf("the window got %v, %v; told %d times", got.Access, err, ended)
	}
	if err := window.Save(api.Tokens{Access: "late"}); !errors.Is(err, api.ErrSignedOut) {
		t.Errorf("a late reply was kept: %v", err)
	}
	if err := window.Clear(); err != nil {
		t.Fatal(err)
	}
	if got, err := command.Load(); err != nil || got.Access != "b" {
		t.Errorf("the command has %v, %v", got.Access, err)
	}
}

// TestOneAtATimeRenewsASharedSession: window and commands take turns, since a
// refresh token that is used twice ends the session for all.
func TestOneAtATimeRenewsASharedSession(t *testing.T) {
	secrets, lock := device.OpenFileSecrets(t.TempDir()), t.TempDir()+"/lock"
	var inside, most atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s := &tokenStore{secrets: secrets, lock: lock, none: func(error) {}}
			unlock, err := s.Lock(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if n := inside.Add(1); n > most.Load() {
				most.Store(n)
			}
			if err := s.Save(api.Tokens{Access: "a"}); err != nil {
				t.Error(err)
			}
			inside.Add(-1)
			if err := unlock(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d at once", most.Load())
	}
}

// TestASettingChangedBesideTheWindowStays: the window writes what it changes,
// not all that it remembers.
func TestASettingChangedBesideTheWindowStays(t *testing.T) {
	dir := t.TempDir()
	window, err := openSettings(dir)
	if err != nil {
		t.Fatal(err)
	}
	command, err := openSettings(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := command.change(func(v *settingsValues) { v.Session = "new" }); err != nil {
		t.Fatal(err)
	}
	if err := window.change(func(v *settingsValues) { v.Theme = "dark" }); err != nil {
		t.Fatal(err)
	}
	again, err := openSettings(dir)
	if err != nil {
		t.Fatal(err)
	}
	if v := again.get(); v.Session != "new" || v.Theme != "dark" {
		t.Errorf("the file holds %+v", v)
	}
}
