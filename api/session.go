package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// signOutTimeout is how long signing out waits for the server: it must not
// keep a person who is offline.
const signOutTimeout = 10 * time.Second

// Tokens are what a session lives on.
type Tokens struct {
	Access, Refresh string
	ExpiresAt       time.Time // of Access
}

// TokenStore keeps the tokens of one session, such as in the system's secret
// store. Its methods may be called from several goroutines.
type TokenStore interface {
	Load() (Tokens, error) // ErrSignedOut when there are none
	Save(Tokens) error
	Clear() error // nothing there is not an error
}

// TokenLocker is a TokenStore that several processes share. Lock keeps the
// others from renewing the session until unlock is called: a refresh token is
// good for one use, and a second use, by whomever, ends the session.
type TokenLocker interface {
	Lock(ctx context.Context) (unlock func() error, err error)
}

// TokenStoreError says that the place where the session is kept failed.
type TokenStoreError struct {
	Op  string // "load", "save", "clear", "lock"
	Err error
}

func (e *TokenStoreError) Error() string { return fmt.Sprintf("%s session: %v", e.Op, e.Err) }

func (e *TokenStoreError) Unwrap() error { return e.Err }

// memoryTokens keeps a session no longer than the program runs.
type memoryTokens struct {
	mu   sync.Mutex
	held Tokens
}

func (m *memoryTokens) Load() (Tokens, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held == (Tokens{}) {
		return Tokens{}, ErrSignedOut
	}
	return m.held, nil
}

func (m *memoryTokens) Save(t Tokens) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = t
	return nil
}

func (m *memoryTokens) Clear() error { return m.Save(Tokens{}) }

// SignIn opens a session and keeps its tokens. A wrong e-mail or password is a
// Problem with CodeInvalidCredentials.
func (c *Client) SignIn(ctx context.Context, s SignIn) (Session, error) {
	r, err := c.send(ctx, call{method: http.MethodPost, path: "/v1/session", body: s}, "")
	if err != nil {
		return Session{}, withoutEcho(err, s.Password)
	}
	session, err := decode(r, checkNewSession)
	if err != nil {
		return Session{}, err
	}
	c.storing.Lock()
	defer c.storing.Unlock()
	c.seen.forget()
	if err := c.save(tokensOf(session)); err != nil {
		return session, err
	}
	c.unsaved.Store(nil)
	return session, nil
}

// Session is who is signed in. The token fields of the reply are empty.
func (c *Client) Session(ctx context.Context) (Session, error) {
	r, err := c.authorised(ctx, call{method: http.MethodGet, path: "/v1/session", retry: retryAlways})
	if err != nil {
		return Session{}, err
	}
	return decode(r, checkSession)
}

// SignOut ends the session. The tokens are cleared in every case, first of
// all; an error says that the server could not be told or that the store
// failed. Having had no session is not an error.
func (c *Client) SignOut(ctx context.Context) error {
	c.storing.Lock()
	tokens, err := c.load()
	clearErr := c.clear()
	c.storing.Unlock()
	if err != nil {
		if errors.Is(err, ErrSignedOut) {
			err = nil
		}
		return errors.Join(err, clearErr)
	}
	ctx, cancel := context.WithTimeout(ctx, signOutTimeout)
	defer cancel()
	goodbye := call{method: http.MethodDelete, path: "/v1/session"}
	err = c.order(ctx, goodbye, tokens.Access)
	if isUnauthorised(err) {
		// The access token has ended, but the session may be alive.
		var fresh Session
		if fresh, err = c.renew(ctx, tokens.Refresh); err == nil {
			err = c.order(ctx, goodbye, fresh.AccessToken)
		}
		if isRefused(err) {
			err = nil
		}
	}
	return errors.Join(err, clearErr)
}

// authorised makes a call with the session's token. When that has ended it is
// renewed, once for all callers, and the call is made once more.
func (c *Client) authorised(ctx context.Context, q call) (reply, error) {
	var r reply
	err := c.withToken(ctx, func(access string) error {
		var err error
		r, err = c.send(ctx, q, access)
		return err
	})
	return r, err
}

// authorisedOrder is authorised for a call that is answered by nothing.
func (c *Client) authorisedOrder(ctx context.Context, q call) error {
	return c.withToken(ctx, func(access string) error { return c.order(ctx, q, access) })
}

func (c *Client) withToken(ctx context.Context, f func(access string) error) error {
	tokens, err := c.load()
	if err != nil {
		return err
	}
	_ = c.saveAgain(ctx) // what is wrong with the store was told when it began
	if err = f(tokens.Access); !isUnauthorised(err) {
		return err
	}
	tokens, err = c.refresh(ctx, tokens.Access)
	if err != nil {
		return err
	}
	return f(tokens.Access)
}

// isUnauthorised reports whether the server itself, not one that a redirect
// led to, refused the token.
func isUnauthorised(err error) bool {
	var p *Problem
	if errors.As(err, &p) {
		return p.Status == http.StatusUnauthorized && !p.away
	}
	var n *NotConnectError
	return errors.As(err, &n) && n.Status == http.StatusUnauthorized && !n.away
}

// isRefused reports whether the server will never renew this session.
func isRefused(err error) bool {
	var p *Problem
	if !errors.As(err, &p) || p.away {
		return false
	}
	switch p.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// refresh returns tokens newer than the stale one. However many ask at once,
// the server is asked once: a refresh token is good for one use, and a second
// use would end the session. A caller that gives up does not stop it, because
// the reply holds the only copy of the next refresh token.
func (c *Client) refresh(ctx context.Context, stale string) (Tokens, error) {
	done := c.flight.DoChan("refresh", func() (any, error) {
		return c.refreshOnce(context.WithoutCancel(ctx), stale)
	})
	select {
	case result := <-done:
		tokens, _ := result.Val.(Tokens)
		return tokens, result.Err
	case <-ctx.Done():
		return Tokens{}, ctx.Err()
	}
}

// Settle waits until no renewal of the session is on its way, or ctx ends, and
// tries once more to save one that could not be saved. A process calls it
// before it ends, when nothing else uses the client any more: without the reply
// the session would be lost.
func (c *Client) Settle(ctx context.Context) error {
	done := c.flight.DoChan("refresh", func() (any, error) { return Tokens{}, context.Canceled })
	select {
	case <-done:
		return c.saveAgain(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) refreshOnce(ctx context.Context, stale string) (t Tokens, err error) {
	unlock, err := c.lock(ctx)
	if err != nil {
		return Tokens{}, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	old, err := c.load()
	if err != nil || old.Access != stale {
		return old, err // signed out, or renewed by somebody else meanwhile
	}
	if old.Refresh == "" { // a token for the command line, which is never renewed
		c.storing.Lock()
		defer c.storing.Unlock()
		return Tokens{}, errors.Join(fmt.Errorf("%w: the token is not accepted", ErrSignedOut), c.clear())
	}
	session, err := c.renew(ctx, old.Refresh)
	c.storing.Lock()
	defer c.storing.Unlock()
	now, loadErr := c.load()
	switch {
	case errors.Is(loadErr, ErrSignedOut) || loadErr == nil && now.Refresh != old.Refresh:
		// Signed out, signed in anew, or renewed by another process while the
		// server was asked: what is stored now counts.
		return now, loadErr
	case err == nil && loadErr != nil:
		c.keepHere(old, tokensOf(session), loadErr)
		return tokensOf(session), nil
	case loadErr != nil:
		return Tokens{}, loadErr
	case err == nil:
		c.keep(old, tokensOf(session))
		return tokensOf(session), nil
	case isRefused(err):
		return Tokens{}, errors.Join(fmt.Errorf("%w: %w", ErrSignedOut, err), c.clear())
	}
	return Tokens{}, err
}

// renew trades a refresh token for a new session. It is made again only when
// the server said that it did nothing.
func (c *Client) renew(ctx context.Context, refresh string) (Session, error) {
	r, err := c.send(ctx, call{
		method: http.MethodPost, path: "/v1/session/refresh",
		body: Refresh{RefreshToken: refresh}, retry: retryRefused,
	}, "")
	if err != nil {
		return Session{}, withoutEcho(err, refresh)
	}
	return decode(r, checkNewSession)
}

func tokensOf(s Session) Tokens {
	return Tokens{Access: s.AccessToken, Refresh: s.RefreshToken, ExpiresAt: s.ExpiresAt}
}

func (c *Client) save(t Tokens) error {
	if err := c.tokens.Save(t); err != nil {
		return &TokenStoreError{Op: "save", Err: err}
	}
	return nil
}

func (c *Client) clear() error {
	c.seen.forget()
	defer c.unsaved.Store(nil) // last: without them the spent ones would seem good
	if err := c.tokens.Clear(); err != nil {
		return &TokenStoreError{Op: "clear", Err: err}
	}
	return nil
}

// withoutEcho drops the words of a server that repeats a secret in them.
func withoutEcho(err error, secret string) error {
	var p *Problem
	if secret == "" || !errors.As(err, &p) {
		return err
	}
	for _, text := range []*string{&p.Type, &p.Title, &p.Detail, &p.RequestID} {
		if strings.Contains(*text, secret) {
			*text = ""
		}
	}
	for i := range p.Errors {
		if strings.Contains(p.Errors[i].Detail, secret) {
			p.Errors[i].Detail = ""
		}
	}
	return err
}
