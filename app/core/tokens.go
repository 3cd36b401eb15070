package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"

	"connectbackup/api"
	"connectbackup/device"
)

// secretTokens is the key of the session's tokens in the secret store.
const secretTokens = "session"

// keptTokens are what lies in the secret store.
type keptTokens struct {
	api.Tokens
	Session string `json:"session,omitempty"` // the sign-in that they belong to
}

// tokenStore keeps the tokens of one sign-in in the secret store. The window
// and any number of commands share them. Those of another sign-in, begun by a
// command beside the window, are nobody's here: they may be for another
// server, which must never see them from this one, or for another person.
type tokenStore struct {
	secrets device.Secrets
	session string
	lock    string          // the file by which processes take turns
	none    func(why error) // hears of it when there are no tokens, or no longer
	had     atomic.Bool     // whether there were any
}

// tokens keeps the tokens of the sign-in of that name.
func (c *Core) tokens(session string) *tokenStore {
	return &tokenStore{
		secrets: c.secrets, session: session, none: c.noTokens,
		lock: filepath.Join(c.options.Paths.Config, "session.lock"),
	}
}

// Lock implements api.TokenLocker.
func (s *tokenStore) Lock(ctx context.Context) (unlock func() error, err error) {
	return lockFile(ctx, s.lock)
}

// Load reads the tokens; api.ErrSignedOut when there are none. Where the
// system's store could not be asked, that is wrapped beside it.
func (s *tokenStore) Load() (api.Tokens, error) {
	kept, err := s.kept()
	if err == nil && kept.Session != s.session {
		err = api.ErrSignedOut
	}
	if errors.Is(err, api.ErrSignedOut) {
		s.none(err)
	}
	if err != nil {
		return api.Tokens{}, err
	}
	s.had.Store(true)
	return kept.Tokens, nil
}

// kept reads what lies in the store, whosever it is.
func (s *tokenStore) kept() (keptTokens, error) {
	text, err := s.secrets.Get(secretTokens)
	if errors.Is(err, device.ErrStore) {
		return keptTokens{}, fmt.Errorf("%w: %w", api.ErrSignedOut, err)
	}
	if errors.Is(err, device.ErrNoSecret) {
		return keptTokens{}, api.ErrSignedOut
	}
	if err != nil {
		return keptTokens{}, fmt.Errorf("read the session: %w", err)
	}
	var t keptTokens
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		// Whatever stands there is no session; its text stays out of the error.
		return keptTokens{}, api.ErrSignedOut
	}
	return t, nil
}

// others reports whether the store holds the tokens of another sign-in.
func (s *tokenStore) others() bool {
	kept, err := s.kept()
	return err == nil && kept.Session != s.session
}

// Save replaces the tokens. The first ones of a sign-in replace anybody's;
// renewed ones only its own.
func (s *tokenStore) Save(t api.Tokens) error {
	if s.had.Load() && s.others() {
		s.none(api.ErrSignedOut)
		return fmt.Errorf("keep the session: %w", api.ErrSignedOut)
	}
	b, err := json.Marshal(keptTokens{t, s.session})
	if err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	if err := s.secrets.Set(secretTokens, string(b)); err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	s.had.Store(true)
	return nil
}

// Clear forgets the tokens; none there is fine, and those of another sign-in
// stay.
func (s *tokenStore) Clear() error {
	s.none(api.ErrSignedOut)
	if s.others() {
		return nil
	}
	if err := s.secrets.Delete(secretTokens); err != nil && !errors.Is(err, device.ErrNoSecret) {
		return fmt.Errorf("forget the session: %w", err)
	}
	return nil
}
