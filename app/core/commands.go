package core

import (
	"context"
	"log/slog"
	"time"

	"connectbackup/api"
)

// Commands is what only commands ask of the server.
type Commands struct{ core *Core }

// Commands is the part of the app that only commands use.
func (c *Core) Commands() *Commands { return &Commands{c} }

// fixedToken is a token for the command line. It is never renewed, and kept
// nowhere.
type fixedToken string

// String hides the token.
func (t fixedToken) String() string { return "token (hidden)" }

// GoString hides the token.
func (t fixedToken) GoString() string { return t.String() }

// LogValue hides the token.
func (t fixedToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Load implements api.TokenStore.
func (t fixedToken) Load() (api.Tokens, error) { return api.Tokens{Access: string(t)}, nil }

// Save implements api.TokenStore. Nobody signs in with it.
func (t fixedToken) Save(api.Tokens) error { return nil }

// Clear implements api.TokenStore.
func (t fixedToken) Clear() error { return nil }

// UseToken makes a token for the command line the session of this run. The
// session of the window stays as it is. Errors are those of SignIn, and
// api.ErrSignedOut where the server does not accept it.
func (s *Sessions) UseToken(ctx context.Context, address, token string) (api.Account, error) {
	c := s.core
	address, err := api.NormaliseAddress(address)
	if err != nil {
		return api.Account{}, err
	}
	client, err := c.newClient(address, false, fixedToken(token))
	if err != nil {
		return api.Account{}, err
	}
	info, err := client.Info(ctx) // first, as in SignIn: a token is a password
	if err != nil {
		return api.Account{}, err
	}
	session, err := client.Session(ctx)
	if err != nil {
		return api.Account{}, err
	}
	account := api.Account{Server: address, Demo: info.Demo, User: session.User, Organisation: session.Organisation}
	c.leave()
	c.enter(client, account, "")
	return account, nil
}

// Await asks for a backup until it is no longer as known, or wait is over.
func (c *Commands) Await(ctx context.Context, known api.Backup, wait time.Duration) (api.Backup, error) {
	return ask(c, func(client *api.Client) (api.Backup, error) { return client.AwaitBackup(ctx, known.ID, known, wait) })
}

// Plan says what a backup would hold, without making it (requirement B11).
func (c *Commands) Plan(ctx context.Context, r api.EstimateRequest) (api.Estimate, error) {
	return ask(c, func(client *api.Client) (api.Estimate, error) { return client.Estimate(ctx, r) })
}

// DeleteFile deletes the file of a backup from the server. Copies on devices
// stay.
func (c *Commands) DeleteFile(ctx context.Context, id string) error {
	return c.tell(func(client *api.Client) error { return client.DeleteBackup(ctx, id) })
}

// Devices are those on which the person is signed in.
func (c *Commands) Devices(ctx context.Context) ([]api.SignedInDevice, error) {
	return ask(c, func(client *api.Client) ([]api.SignedInDevice, error) { return client.Devices(ctx) })
}

// RenameDevice gives one of them another name.
func (c *Commands) RenameDevice(ctx context.Context, id, name string) (api.SignedInDevice, error) {
	return ask(c, func(client *api.Client) (api.SignedInDevice, error) { return client.RenameDevice(ctx, id, name) })
}

// SignOutDevice ends every session of a device. Files there stay.
func (c *Commands) SignOutDevice(ctx context.Context, id string) error {
	return c.tell(func(client *api.Client) error { return client.RemoveDevice(ctx, id) })
}

// Tokens are the person's tokens for the command line, without their secrets.
func (c *Commands) Tokens(ctx context.Context) ([]api.CommandToken, error) {
	return ask(c, func(client *api.Client) ([]api.CommandToken, error) { return client.CommandTokens(ctx) })
}

// CreateToken makes one. Its secret is in this reply alone.
func (c *Commands) CreateToken(ctx context.Context, n api.NewCommandToken) (api.CommandToken, error) {
	return ask(c, func(client *api.Client) (api.CommandToken, error) { return client.CreateCommandToken(ctx, n) })
}

// RevokeToken ends one at once.
func (c *Commands) RevokeToken(ctx context.Context, id string) error {
	return c.tell(func(client *api.Client) error { return client.RevokeCommandToken(ctx, id) })
}

// ask asks the server of the session.
func ask[T any](c *Commands, f func(*api.Client) (T, error)) (T, error) {
	client, err := c.core.client()
	if err != nil {
		var none T
		return none, err
	}
	return f(client)
}

func (c *Commands) tell(f func(*api.Client) error) error {
	client, err := c.core.client()
	if err != nil {
		return err
	}
	return f(client)
}
