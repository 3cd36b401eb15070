package core

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"connectbackup/api"
	"connectbackup/api/cache"
	"connectbackup/device"
)

// embeddedAddress stands for the embedded server in requests and in the keys
// of tokens. The name is never looked up: the transport leads nowhere else.
const embeddedAddress = "http://localhost"

// signOutWait is how long signing out waits for the server, which may be out
// of reach: the session is forgotten here in any case.
const signOutWait = 5 * time.Second

// session is who is signed in, and what belongs to that.
type session struct {
	account api.Account
	name    string // tells this sign-in from others; empty for a token of the command line
	client  *api.Client
	store   *cache.Store
	ctx     context.Context // ends with the session
	end     context.CancelFunc
	work    sync.WaitGroup // what goes on for it
}

// Sessions signs in and out.
type Sessions struct{ core *Core }

// Sessions is the part of the app that signs in and out.
func (c *Core) Sessions() *Sessions { return &Sessions{c} }

// Current is who is signed in; false when nobody is.
func (s *Sessions) Current() (api.Account, bool) {
	current := s.core.current()
	if current == nil {
		return api.Account{}, false
	}
	return current.account, true
}

// SignInDemo starts the embedded server, fills its demo organisation if that
// is not there yet, and signs in to it.
func (s *Sessions) SignInDemo(ctx context.Context) (api.Account, error) {
	c := s.core
	embedded, err := c.openEmbedded(ctx)
	if err != nil {
		return api.Account{}, err
	}
	demo, err := embedded.SeedDemo(ctx)
	if err != nil {
		return api.Account{}, err
	}
	e := entrance{account: api.Account{Demo: true}, name: NewKey()}
	if e.client, err = c.newClient("", false, c.tokens(e.name)); err != nil {
		return api.Account{}, err
	}
	return c.signIn(ctx, e, demo.Email, demo.Password)
}

// SignIn signs in to the Connect server at that address. Errors:
// *api.AddressError, *api.InsecureError unless accepted,
// *api.UnreachableError, *api.NotConnectError, *api.VersionError, *api.Problem.
func (s *Sessions) SignIn(ctx context.Context, address, email, password string, acceptInsecure bool) (api.Account, error) {
	c := s.core
	address, err := api.NormaliseAddress(address)
	if err != nil {
		return api.Account{}, err
	}
	e := entrance{name: NewKey(), insecure: acceptInsecure}
	if e.client, err = c.newClient(address, acceptInsecure, c.tokens(e.name)); err != nil {
		return api.Account{}, err
	}
	// Asked first, so that a wrong address is told apart from a wrong password,
	// and no password is sent to something that is not a Connect server.
	info, err := e.client.Info(ctx)
	if err != nil {
		return api.Account{}, err
	}
	e.account = api.Account{Server: address, Demo: info.Demo}
	return c.signIn(ctx, e, email, password)
}

// SignOut forgets the session, the offline copy and unfinished downloads
// (requirement I15). Downloaded files stay. An error means that something of
// that could not be removed from this device; the session has ended anyway.
func (s *Sessions) SignOut(ctx context.Context) error {
	c := s.core
	old := c.leave()
	c.setLapse(lapse{})
	if old == nil {
		return nil
	}
	c.manager.Forget()
	ctx, cancel := context.WithTimeout(ctx, signOutWait)
	defer cancel()
	c.outbox.close(ctx, old)
	if err := old.client.SignOut(ctx); err != nil {
		c.log.Warn("tell the server of signing out", "error", err)
	}
	c.setToday(todayRecord{})
	return errors.Join(
		c.tokens(old.name).Clear(),
		old.store.Forget(),
		c.reminders.forget(),
		c.settings.change(func(v *settingsValues) {
			if v.Session == old.name { // nobody has signed in anew beside this window
				v.Account, v.AllowInsecure, v.Session = nil, false, ""
			}
		}),
	)
}

// PasswordReset is the page of that server where a forgotten password is
// replaced; empty when it names none.
func (s *Sessions) PasswordReset(ctx context.Context, address string) (string, error) {
	address, err := api.NormaliseAddress(address)
	if err != nil {
		return "", err
	}
	// Nothing secret is sent here, so http is no risk.
	client, err := s.core.newClient(address, true, nil)
	if err != nil {
		return "", err
	}
	info, err := client.Info(ctx)
	return info.PasswordResetURL, err
}

// entrance is where somebody signs in.
type entrance struct {
	client   *api.Client
	account  api.Account
	insecure bool
	name     string // of the session that begins
}

// signIn sends e-mail and password, and makes the reply the app's session.
func (c *Core) signIn(ctx context.Context, e entrance, email, password string) (api.Account, error) {
	client, account := e.client, e.account
	if c.alive() {
		if err := c.Sessions().SignOut(ctx); err != nil {
			return api.Account{}, err
		}
	}
	signedIn, err := client.SignIn(ctx, api.SignIn{Email: email, Password: password, Device: c.device()})
	if err != nil {
		return api.Account{}, err
	}
	account.User, account.Organisation = signedIn.User, signedIn.Organisation
	if err := c.changeOver(account); err != nil {
		return api.Account{}, errors.Join(err, client.SignOut(ctx))
	}
	err = c.settings.change(func(v *settingsValues) { v.Account, v.AllowInsecure, v.Session = &account, e.insecure, e.name })
	if err != nil {
		return api.Account{}, errors.Join(err, client.SignOut(ctx))
	}
	c.enter(client, account, e.name)
	c.goOn()
	return account, nil
}

// restoreSession continues the session of the last run, without a word to the
// server: it works offline (requirement I6).
func (c *Core) restoreSession() error {
	v := c.settings.get()
	if v.Account == nil {
		return nil
	}
	tokens := c.tokens(v.Session)
	_, err := tokens.Load()
	if err != nil {
		c.log.Warn("the session of the last run cannot go on", "error", err)
		c.setLapse(lapse{*v.Account, err})
		return nil
	}
	if v.Account.Server == "" {
		_, err := c.openEmbedded(c.ctx)
		if errors.Is(err, ErrServerBusy) {
			return err // another window is open: the person is told to use that
		}
		if err != nil {
			// The window must open to say so: signing in tries again.
			c.log.Error("start the embedded server", "error", err)
			c.setLapse(lapse{*v.Account, err})
			return nil
		}
	}
	client, err := c.newClient(v.Account.Server, v.AllowInsecure, tokens)
	if err != nil {
		return err
	}
	c.enter(client, *v.Account, v.Session)
	return nil
}

// enter makes client the app's session and begins what goes on for it: events,
// the watch over pending backups, and what the server has to be told.
func (c *Core) enter(client *api.Client, account api.Account, name string) {
	s := &session{account: account, name: name, client: client, store: c.storeOf(account)}
	s.ctx, s.end = context.WithCancel(c.ctx)
	c.mu.Lock()
	c.session, c.lapse = s, lapse{}
	c.mu.Unlock()
	for _, f := range []func(*session){c.backups.watch, c.backups.listen, c.outbox.send, c.reminders.run} {
		s.work.Go(func() { f(s) })
	}
	c.wait.Go(s.work.Wait)
}

// storeOf is the offline copy of what that account may see.
func (c *Core) storeOf(a api.Account) *cache.Store {
	return c.cache.For(cache.Scope{Server: a.Server, Organisation: a.Organisation.ID, User: a.User.ID})
}

// leave ends the session here and waits for what goes on for it; nil if there is none.
func (c *Core) leave() *session {
	c.mu.Lock()
	old := c.session
	c.session = nil
	c.mu.Unlock()
	if old != nil {
		old.end()
		old.work.Wait()
	}
	return old
}

func (c *Core) current() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// client is the client of the session; api.ErrSignedOut when there is none.
func (c *Core) client() (*api.Client, error) {
	if s := c.current(); s != nil {
		return s.client, nil
	}
	return nil, api.ErrSignedOut
}

// newClient makes a client for an address; empty is the embedded server, which
// must be running. Without tokens it keeps its own to itself.
func (c *Core) newClient(address string, insecure bool, tokens api.TokenStore) (*api.Client, error) {
	o := api.Options{
		BaseURL: address, AllowInsecure: insecure, Tokens: tokens,
		UserAgent: "connect-backup/" + Version, Clock: c.options.Clock, Log: c.log,
	}
	if address == "" {
		c.mu.Lock()
		embedded := c.embedded
		c.mu.Unlock()
		if embedded == nil {
			return nil, errors.New("the embedded server is not running")
		}
		o.BaseURL, o.Transport = embeddedAddress, embedded.Transport()
	}
	return api.New(o)
}

// openEmbedded starts the embedded server if it does not run yet.
func (c *Core) openEmbedded(ctx context.Context) (*Embedded, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.embedded != nil {
		return c.embedded, nil
	}
	e, err := OpenEmbedded(ctx, EmbeddedOptions{
		Dir:   filepath.Join(c.options.Paths.Data, "server"),
		Clock: c.options.Clock, Log: c.log, Version: Version, Pace: c.options.Pace,
	})
	if err != nil {
		return nil, err
	}
	c.embedded = e
	return e, nil
}

// device describes this machine to a server (requirement I2).
func (c *Core) device() api.Device {
	return api.Device{
		ID: c.deviceID, Name: c.Settings().DeviceName(),
		Platform: device.Platform(), AppVersion: Version,
	}
}
