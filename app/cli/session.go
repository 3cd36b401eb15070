package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/device"
)

// Where a scheduled job says who it is. Never in arguments: everybody on the
// machine can read those.
const (
	serverEnv = "CONNECT_BACKUP_SERVER"
	tokenEnv  = "CONNECT_BACKUP_TOKEN"
)

type loginCommand struct {
	URL      string `arg:"" optional:"" help:"Address of the Connect server."`
	Email    string `help:"E-mail to sign in with; asked for where it is left out."`
	Insecure bool   `help:"Accept a connection that is not encrypted: others on the way can read the password and the data."`
	Demo     bool   `help:"Sign in to the demo that the app brings along."`
}

// Run signs in, and keeps the session where the window has its own.
func (c *loginCommand) Run(r *run) (err error) {
	if (c.URL == "") != c.Demo {
		return fmt.Errorf("%w: login wants the address of a server, or --demo", errUsage)
	}
	app, err := openApp(core.Options{Command: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	if a, in := app.Sessions().Current(); in {
		return say(errSignedIn, "You are signed in to %s as %s. Sign out first, with logout.", a.Organisation.Name, a.User.Email)
	}
	var account api.Account
	if c.Demo {
		if err = demoAlone(r.ctx); err == nil {
			account, err = app.Sessions().SignInDemo(r.ctx)
		}
	} else {
		account, err = c.signIn(r, app)
	}
	if err != nil {
		return err
	}
	where, protected := app.Settings().SecretStore()
	r.out.step("signed-in", fields{
		"server": account.Server, "demo": account.Demo, "organisation": account.Organisation.Name, "user": account.User.Email,
		"kept": where, "protected": protected,
	}, "Signed in to %s as %s", account.Organisation.Name, account.User.Email)
	if !protected {
		r.out.note("unprotected", "This system has no store for passwords that could be used, so the session lies in a file that only this user can read: "+where)
	}
	return nil
}

// demoAlone makes sure that the demo would not come beside an organisation of
// one's own, which would be treated as a demo then.
func demoAlone(ctx context.Context) error {
	dir, err := ownServer()
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	e, err := core.OpenEmbedded(ctx, core.EmbeddedOptions{Dir: dir, Version: core.Version})
	if err != nil {
		return err
	}
	names, demo, err := e.Organisations(ctx)
	if err = errors.Join(err, e.Close()); err != nil || demo || len(names) == 0 {
		return err
	}
	return say(errUsage, "The app's own server holds %s, which would be treated as a demo. "+
		"Run the demo with serve --data DIR --demo, and sign in to the address that it prints.", strings.Join(names, ", "))
}

// errSignedIn says that somebody is signed in already.
var errSignedIn = errors.New("somebody is signed in already")

func (c *loginCommand) signIn(r *run, app *core.Core) (api.Account, error) {
	if _, err := api.NormaliseAddress(c.URL); err != nil {
		return api.Account{}, err // before a password is asked for
	}
	email := c.Email
	if email == "" {
		if r.ask == nil {
			return api.Account{}, fmt.Errorf("%w: say who signs in with --email; the password is read from the input", errUsage)
		}
		var err error
		if email, err = r.ask(r.ctx, "E-mail:", false); err != nil {
			return api.Account{}, err
		}
		if strings.TrimSpace(email) == "" {
			return api.Account{}, fmt.Errorf("%w: no e-mail was given", errUsage)
		}
	}
	password, err := c.password(r, email)
	if err != nil {
		return api.Account{}, err
	}
	return app.Sessions().SignIn(r.ctx, c.URL, strings.TrimSpace(email), password, c.Insecure)
}

// password is asked for unseen, or is the one line of the input.
func (c *loginCommand) password(r *run, email string) (password string, err error) {
	if r.ask != nil {
		password, err = r.ask(r.ctx, "Password of "+email+":", true)
	} else if r.in != nil {
		password, err = readLine(r.in)
	}
	if errors.Is(err, io.EOF) || err == nil && password == "" {
		return "", fmt.Errorf("%w: no password was given", errUsage)
	}
	return password, err
}

type logoutCommand struct{}

// Run ends the session, for the window too.
func (logoutCommand) Run(r *run) (err error) {
	app, err := openApp(core.Options{Command: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	account, in := app.Sessions().Current()
	if !in {
		return signedOut(api.ErrSignedOut, false)
	}
	if err := app.Sessions().SignOut(r.ctx); err != nil {
		return err
	}
	r.out.step("signed-out", fields{"organisation": account.Organisation.Name, "user": account.User.Email},
		"Signed out of %s. Downloaded files stay where they are.", account.Organisation.Name)
	return nil
}

// openApp opens the app on this system's folders.
func openApp(o core.Options) (*core.Core, error) {
	if o.Paths == (core.Paths{}) {
		paths, err := core.SystemPaths()
		if err != nil {
			return nil, err
		}
		o.Paths = paths
	}
	return core.Open(o)
}

// with opens the app for one command: with the token of the environment, or
// with the session of the window. dir is where downloads go; empty: Downloads.
func (r *run) with(dir string, giveUp time.Duration, f func(*core.Core) error) (err error) {
	server, token, err := accessFrom(os.Getenv(serverEnv), os.Getenv(tokenEnv))
	if err != nil {
		return err
	}
	paths, err := core.SystemPaths()
	if err != nil {
		return err
	}
	if dir != "" {
		paths.Downloads = dir
	}
	app, err := openApp(core.Options{
		Paths: paths, Command: true, WithoutSession: token != "", GiveUp: giveUp,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	if token != "" {
		if _, err := app.Sessions().UseToken(r.ctx, server, token); err != nil {
			return signedOut(err, true)
		}
	} else if _, in := app.Sessions().Current(); !in {
		if _, why := app.Sessions().Ended(); why != nil && !errors.Is(why, api.ErrSignedOut) {
			return why
		}
		return signedOut(api.ErrSignedOut, false)
	}
	return signedOut(f(app), token != "")
}

// withSession is with, for what a token may not do.
func (r *run) withSession(f func(*core.Core) error) error {
	if os.Getenv(tokenEnv) != "" {
		return fmt.Errorf("%w: this needs you to be signed in; unset %s", errUsage, tokenEnv)
	}
	return r.with("", 0, f)
}

// accessFrom checks what the environment says. Its token is never repeated.
func accessFrom(server, token string) (address, secret string, err error) {
	switch {
	case token == "":
		return "", "", nil
	case server == "":
		return "", "", fmt.Errorf("%w: %s is set, but not %s, the server that it is for", errUsage, tokenEnv, serverEnv)
	case strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }):
		return "", "", fmt.Errorf("%w: what %s holds is not a token", errUsage, tokenEnv)
	}
	return server, token, nil
}

// signedOut gives the end of a session its words.
func signedOut(err error, byToken bool) error {
	var said *saidError
	switch {
	case errors.As(err, &said), !errors.Is(err, api.ErrSignedOut) && !api.IsCode(err, api.CodeSessionExpired):
		return err
	case byToken:
		return say(err, "The server does not accept the token of %s: it was revoked, its time is over, or it is for another server.", tokenEnv)
	case errors.Is(err, device.ErrStore):
		return err // the store is locked: core has words for that
	}
	return say(err, "You are not signed in. Sign in with login, or give %s and %s.", serverEnv, tokenEnv)
}
