package api

import (
	"context"
	"errors"
	"time"
)

// saveWait is how long a call waits for its turn to save renewed tokens: they
// are good without.
const saveWait = 2 * time.Second

// unsavedTokens are renewed tokens that could not be saved. They count for as
// long as the store holds the ones that they replaced, which are spent: when it
// holds others, somebody signed in anew or another process has renewed.
type unsavedTokens struct{ replaced, tokens Tokens }

// sameTokens compares by the secrets: a store need not keep the instant as it
// was written.
func sameTokens(a, b Tokens) bool { return a.Access == b.Access && a.Refresh == b.Refresh }

// load is the session as it is now. Renewed tokens that could not be saved are
// looked for before the store is read: when they are saved in between, what was
// read may still be the ones that they replaced.
func (c *Client) load() (Tokens, error) {
	unsaved := c.unsaved.Load()
	tokens, err := c.tokens.Load()
	switch {
	case errors.Is(err, ErrSignedOut), err == nil && tokens.Access == "":
		c.unsaved.CompareAndSwap(unsaved, nil)
		return Tokens{}, ErrSignedOut
	case err != nil:
		return Tokens{}, &TokenStoreError{Op: "load", Err: err}
	case unsaved == nil:
		return tokens, nil
	case !sameTokens(tokens, unsaved.replaced):
		c.unsaved.CompareAndSwap(unsaved, nil)
		return tokens, nil
	}
	return unsaved.tokens, nil
}

// keep saves the tokens that replace old ones. When that fails they are kept
// here, for the server takes no others any more.
func (c *Client) keep(old, fresh Tokens) {
	err := c.save(fresh)
	if err == nil {
		c.unsaved.Store(nil)
		return
	}
	c.keepHere(old, fresh, err)
}

// keepHere is for tokens that could not be saved because of err.
func (c *Client) keepHere(old, fresh Tokens, err error) {
	unsaved := &unsavedTokens{replaced: old, tokens: fresh}
	if before := c.unsaved.Load(); before != nil && sameTokens(before.tokens, old) {
		unsaved.replaced = before.replaced // which the store still holds
	} else {
		c.log.Warn("the renewed session cannot be saved: it is tried again with every call", "error", err)
	}
	c.unsaved.Store(unsaved)
}

// saveAgain saves the tokens that could not be saved before, if there are such.
// One caller at a time tries.
func (c *Client) saveAgain(ctx context.Context) (err error) {
	if c.unsaved.Load() == nil || !c.saving.TryLock() {
		return nil
	}
	defer c.saving.Unlock()
	ctx, cancel := context.WithTimeout(ctx, saveWait)
	defer cancel()
	unlock, err := c.lock(ctx) // always before storing
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	c.storing.Lock()
	defer c.storing.Unlock()
	_, err = c.load() // forgets them when they do not count any more
	unsaved := c.unsaved.Load()
	if unsaved == nil {
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.save(unsaved.tokens); err != nil {
		return err
	}
	c.unsaved.Store(nil)
	c.log.Info("the renewed session is saved after all")
	return nil
}

// lock keeps other processes from renewing the session.
func (c *Client) lock(ctx context.Context) (unlock func() error, err error) {
	shared, ok := c.tokens.(TokenLocker)
	if !ok {
		return func() error { return nil }, nil
	}
	if unlock, err = shared.Lock(ctx); err != nil {
		return nil, &TokenStoreError{Op: "lock", Err: err}
	}
	return unlock, nil
}
