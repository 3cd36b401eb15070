package core

import (
	"errors"
	"maps"
	"slices"

	"connectbackup/api"
	"connectbackup/device/download"
)

// lapse is a session that ended although the person did not sign out.
type lapse struct {
	account api.Account
	why     error // nil: there is none
}

// Ended tells of a session that ended although the person did not sign out:
// whose it was, and why. The reason is nil when there is none such. While the
// app runs, that account stays the current one and its offline copies can be
// read; after a restart it is only told of here.
func (s *Sessions) Ended() (account api.Account, why error) {
	c := s.core
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lapse.account, c.lapse.why
}

// Subscribe calls f, on any goroutine, when the session ends although the
// person did not sign out. The function it returns ends that.
func (s *Sessions) Subscribe(f func()) (cancel func()) {
	c := s.core
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextHearer++
	id := c.nextHearer
	if c.endHearers == nil {
		c.endHearers = map[int]func(){}
	}
	c.endHearers[id] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.endHearers, id)
	}
}

// noTokens is called by the token store whenever it has none, or loses them.
// When somebody is signed in, that is the end of the session.
func (c *Core) noTokens(why error) {
	c.mu.Lock()
	if c.session == nil || c.lapse.why != nil {
		c.mu.Unlock()
		return
	}
	c.lapse = lapse{c.session.account, why}
	hearers := slices.Collect(maps.Values(c.endHearers))
	c.mu.Unlock()
	c.log.Info("the session has ended", "reason", why)
	for _, f := range hearers {
		f()
	}
}

func (c *Core) setLapse(l lapse) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lapse = l
}

// alive reports whether there is a session that can still go on, as far as is
// known. One that ended by itself keeps everything until it is known who signs
// in: the person was not asked, and may be the same.
func (c *Core) alive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session != nil && c.lapse.why == nil
}

// changeOver ends what was left of the session before, after somebody signed
// in. For somebody else, what belongs to the one before is forgotten.
func (c *Core) changeOver(to api.Account) error {
	before := c.settings.get().Account
	c.leave()
	if before == nil || sameAccount(*before, to) {
		return nil
	}
	c.manager.Forget()
	return errors.Join(c.outbox.drop(*before), c.reminders.forget(), c.storeOf(*before).Forget())
}

func sameAccount(a, b api.Account) bool {
	return a.Server == b.Server && a.Organisation.ID == b.Organisation.ID && a.User.ID == b.User.ID
}

// goOn resumes the downloads that only the end of the session had stopped.
func (c *Core) goOn() {
	for _, s := range c.manager.States() {
		if s.Phase != download.Failed || !errors.Is(s.Err, download.ErrAuthExpired) {
			continue
		}
		if err := c.manager.Resume(s.ID); err != nil {
			c.log.Warn("go on with a download after signing in", "backup", s.ID, "error", err)
		}
	}
}
