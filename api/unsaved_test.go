package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// stubborn is a shared store that cannot be written or read when told so. It
// starts with the tokens of generation 1.
type stubborn struct {
	mu             sync.Mutex
	held           Tokens
	noSave, noLoad error
	tried, saves   int
	turn           chan struct{} // whose turn it is; as a file that processes lock
}

func generation(n int) Tokens {
	return Tokens{Access: fmt.Sprintf("access-%d-SECRET", n), Refresh: fmt.Sprintf("refresh-%d-SECRET", n)}
}

func newStubborn() *stubborn { return &stubborn{held: generation(1), turn: make(chan struct{}, 1)} }

func (s *stubborn) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *stubborn) Load() (Tokens, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noLoad == nil && s.held == (Tokens{}) {
		return Tokens{}, ErrSignedOut
	}
	return s.held, s.noLoad
}

func (s *stubborn) Save(t Tokens) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tried++; s.noSave != nil {
		return s.noSave
	}
	s.saves++
	s.held = t
	return nil
}

func (s *stubborn) Clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = Tokens{}
	return nil
}

func (s *stubborn) Lock(ctx context.Context) (func() error, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return func() error { <-s.turn; return nil }, nil
}

// rotating is a server on which every refresh token is good for one use, and a
// second one ends the session.
type rotating struct {
	*site
	mu      sync.Mutex
	now     int // the generation that is good
	over    bool
	deleted string // Authorization of the sign-out
}

func newRotating(t *testing.T) *rotating {
	r := &rotating{now: 1}
	r.site = serve(t, r.answer)
	return r
}

// age ends the access token.
func (r *rotating) age() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = -max(r.now, -r.now)
}

func (r *rotating) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
}

func (r *rotating) answer(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if q.URL.Path == "/v1/session/refresh" {
		var body Refresh
		n := max(r.now, -r.now)
		if err := json.NewDecoder(q.Body).Decode(&body); err != nil || r.over || body.RefreshToken != generation(n).Refresh {
			r.over = true
			sendProblem(w, 401, CodeSessionExpired)
			return
		}
		r.now = n + 1
		sendJSON(w, 200, strings.NewReplacer(newToken, generation(r.now).Access, "refresh-2-SECRET", generation(r.now).Refresh).Replace(sessionReply))
		return
	}
	if r.over || r.now < 0 || q.Header.Get("Authorization") != "Bearer "+generation(r.now).Access {
		sendProblem(w, 401, CodeSessionExpired)
		return
	}
	if q.Method == http.MethodDelete {
		r.deleted = q.Header.Get("Authorization")
		w.WriteHeader(204)
		return
	}
	sendJSON(w, 200, completedBackup)
}

var errFull = errors.New("no space left on device")

// renewedUnsaved is a client whose session was renewed just now, without its
// tokens having been saved.
func renewedUnsaved(t *testing.T) (*Client, *rotating, *stubborn, *bytes.Buffer) {
	t.Helper()
	s, tokens, said := newRotating(t), newStubborn(), &bytes.Buffer{}
	c, _ := client(t, s.site, tokens, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(said, nil)) })
	tokens.noSave = errFull
	s.age()
	asks(t, c)
	return c, s, tokens, said
}

func asks(t *testing.T, c *Client) {
	t.Helper()
	if _, err := c.Backup(t.Context(), "bkp_1"); err != nil {
		t.Fatal(err)
	}
}

func TestRenewedTokensThatCannotBeSavedAreUsedAndSavedLater(t *testing.T) {
	c, s, tokens, said := renewedUnsaved(t)
	asks(t, c)
	s.age() // and once more, while the disk is full
	asks(t, c)
	asks(t, c)
	if s.over || tokens.held != generation(1) || tokens.tried < 4 {
		t.Fatalf("over: %v, tried %d times", s.over, tokens.tried)
	}
	if got := said.String(); strings.Count(got, "WARN") != 1 || !strings.Contains(got, errFull.Error()) || strings.Contains(got, "SECRET") {
		t.Errorf("said %q", got)
	}
	tokens.set(func() { tokens.noSave = nil })
	asks(t, c)
	asks(t, c)
	if !sameTokens(tokens.held, generation(3)) || tokens.saves != 1 {
		t.Errorf("saved %d times", tokens.saves)
	}
	s.age()
	asks(t, c)
	if !sameTokens(tokens.held, generation(4)) || s.over {
		t.Error("the session does not go on as always")
	}
}

func TestUnsavedTokensAreSavedBeforeTheEnd(t *testing.T) {
	c, _, tokens, _ := renewedUnsaved(t)
	if err := c.Settle(t.Context()); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	tokens.set(func() { tokens.noSave = nil })
	if err := c.Settle(t.Context()); err != nil || !sameTokens(tokens.held, generation(2)) {
		t.Errorf("not saved: %v", err)
	}
}

func TestUnsavedTokensGiveWayToOthers(t *testing.T) {
	c, s, tokens, _ := renewedUnsaved(t)
	tokens.set(func() { tokens.held, tokens.noSave = generation(7), nil }) // another process renewed
	s.mu.Lock()
	s.now = 7
	s.mu.Unlock()
	asks(t, c)
	if tokens.held != generation(7) || tokens.saves != 0 || s.over {
		t.Error("the tokens of another process were not used, or replaced")
	}
	tokens.set(func() { tokens.held = generation(1) }) // they do not come back
	if got, err := c.load(); err != nil || got != generation(1) {
		t.Errorf("forgotten tokens are used: %v", err)
	}
}

func TestTheEndOfASessionForgetsUnsavedTokens(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *Client, *rotating, *stubborn){
		"signed out": func(t *testing.T, c *Client, s *rotating, _ *stubborn) {
			if err := c.SignOut(t.Context()); err != nil || s.deleted != "Bearer "+generation(2).Access {
				t.Errorf("signed out with other tokens than the renewed ones: %v", err)
			}
		},
		"signed out elsewhere": func(t *testing.T, _ *Client, _ *rotating, tokens *stubborn) {
			if err := tokens.Clear(); err != nil {
				t.Error(err)
			}
		},
		"ended by the server": func(t *testing.T, c *Client, s *rotating, _ *stubborn) {
			s.end()
			if _, err := c.Backup(t.Context(), "bkp_1"); !errors.Is(err, ErrSignedOut) {
				t.Errorf("got %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, s, tokens, _ := renewedUnsaved(t)
			end(t, c, s, tokens)
			tokens.set(func() { tokens.noSave = nil })
			asked := len(s.requests())
			if _, err := c.Backup(t.Context(), "bkp_1"); !errors.Is(err, ErrSignedOut) || len(s.requests()) != asked {
				t.Errorf("afterwards: %v", err)
			}
			if err := c.Settle(t.Context()); err != nil || tokens.saves != 0 || c.unsaved.Load() != nil {
				t.Errorf("the tokens are still there: saved %d times, %v", tokens.saves, err)
			}
		})
	}
}

// A store that locks itself while the server is asked.
func TestTokensRenewedWhileTheStoreCannotBeRead(t *testing.T) {
	s, tokens := newRotating(t), newStubborn()
	c, _ := client(t, s.site, tokens)
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/session/refresh" {
			tokens.set(func() { tokens.noLoad = errors.New("the keyring is locked") })
		}
		inner.ServeHTTP(w, r)
	})
	s.age()
	asks(t, c)
	if tokens.tried != 0 {
		t.Error("what is in the store was replaced unseen")
	}
	tokens.set(func() { tokens.noLoad = nil })
	asks(t, c)
	if !sameTokens(tokens.held, generation(2)) || s.over {
		t.Error("the renewed tokens are lost")
	}
}

func TestManyCallersWhileTokensCannotBeSaved(t *testing.T) {
	c, s, tokens, said := renewedUnsaved(t)
	const rounds = 20
	for round := range rounds {
		s.age()
		if round == rounds-1 {
			tokens.set(func() { tokens.noSave = nil })
		}
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				if _, err := c.Backup(t.Context(), fmt.Sprintf("bkp_%d", n)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if s.over || s.now != rounds+2 || !sameTokens(tokens.held, generation(s.now)) || c.unsaved.Load() != nil {
		t.Errorf("over: %v, generation %d, saved %d times", s.over, s.now, tokens.saves)
	}
	if got := strings.Count(said.String(), "WARN"); got != 1 {
		t.Errorf("said %d times", got)
	}
}
