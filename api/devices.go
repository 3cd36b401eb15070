package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// SignedInDevice is a machine on which the person is signed in.
type SignedInDevice struct {
	ID         string    `json:"id"`
	Name       string    `json:"name" doc:"name that people read"`
	Platform   string    `json:"platform" doc:"linux, windows, darwin, android or ios"`
	AppVersion string    `json:"app_version"`
	CreatedAt  time.Time `json:"created_at" doc:"when the person first signed in on it"`
	SeenAt     time.Time `json:"seen_at" doc:"when its session was last begun or refreshed"`
	Current    bool      `json:"current" doc:"it is the one that asks"`
}

// DeviceList is the reply of GET /v1/devices: the person's own, the last seen
// first.
type DeviceList struct {
	Items []SignedInDevice `json:"items"`
}

// DeviceChange is the body of PATCH /v1/devices/{id}.
type DeviceChange struct {
	Name string `json:"name" minLength:"1" maxLength:"80" doc:"name that people read"`
}

// NewCommandToken is the body of POST /v1/tokens.
type NewCommandToken struct {
	Name      string     `json:"name" minLength:"1" maxLength:"80" doc:"what it is for, in the person's words"`
	Scopes    []string   `json:"scopes" maxItems:"10" enum:"backup.create,backup.download,backup.delete" doc:"what it may do beyond reading; never more than the person may"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"90 days from now when absent, at most 366"`
}

// CommandToken lets the command line in without a password.
type CommandToken struct {
	ID        string     `json:"id" doc:"tok_ and a ULID"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	UsedAt    *time.Time `json:"used_at" doc:"when it was last used, to the hour; null if never"`
	Token     string     `json:"token,omitempty" doc:"the secret, for the header Authorization: only in the reply to its making"`
}

// CommandTokenList is the reply of GET /v1/tokens, the newest first.
type CommandTokenList struct {
	Items []CommandToken `json:"items"`
}

// Devices lists the machines on which the person is signed in.
func (c *Client) Devices(ctx context.Context) ([]SignedInDevice, error) {
	r, err := c.authorised(ctx, call{method: http.MethodGet, path: "/v1/devices", retry: retryAlways})
	if err != nil {
		return nil, err
	}
	l, err := decode(r, func(l *DeviceList) error {
		if l.Items == nil || slices.ContainsFunc(l.Items, func(d SignedInDevice) bool { return d.ID == "" }) {
			return errors.New("it is not a list of devices")
		}
		return nil
	})
	return l.Items, err
}

// RenameDevice gives one of the person's devices another name.
func (c *Client) RenameDevice(ctx context.Context, id, name string) (SignedInDevice, error) {
	path, err := pathOf("/v1/devices/", id, "")
	if err != nil {
		return SignedInDevice{}, err
	}
	r, err := c.authorised(ctx, call{method: http.MethodPatch, path: path, body: DeviceChange{Name: name}, retry: retryAlways})
	if err != nil {
		return SignedInDevice{}, err
	}
	return decode(r, func(d *SignedInDevice) error {
		if d.ID != id {
			return errors.New("it is not the device that was changed")
		}
		return nil
	})
}

// RemoveDevice ends every session of a device. Files that lie there stay.
func (c *Client) RemoveDevice(ctx context.Context, id string) error {
	path, err := pathOf("/v1/devices/", id, "")
	if err != nil {
		return err
	}
	return c.authorisedOrder(ctx, call{method: http.MethodDelete, path: path, retry: retryRefused})
}

// CommandTokens lists the person's tokens, without their secrets.
func (c *Client) CommandTokens(ctx context.Context) ([]CommandToken, error) {
	r, err := c.authorised(ctx, call{method: http.MethodGet, path: "/v1/tokens", retry: retryAlways})
	if err != nil {
		return nil, err
	}
	l, err := decode(r, func(l *CommandTokenList) error {
		if l.Items == nil || slices.ContainsFunc(l.Items, func(t CommandToken) bool { return t.ID == "" }) {
			return errors.New("it is not a list of tokens")
		}
		return nil
	})
	return l.Items, err
}

// CreateCommandToken makes a token. Its secret is in this reply alone, so a
// reply that was lost means a token to revoke.
func (c *Client) CreateCommandToken(ctx context.Context, n NewCommandToken) (CommandToken, error) {
	if n.Scopes == nil {
		n.Scopes = []string{}
	}
	r, err := c.authorised(ctx, call{method: http.MethodPost, path: "/v1/tokens", body: n, retry: retryRefused})
	if err != nil {
		return CommandToken{}, err
	}
	return decode(r, func(t *CommandToken) error {
		if t.ID == "" || t.Token == "" {
			return errors.New("it holds no token")
		}
		return nil
	})
}

// RevokeCommandToken ends a token at once.
func (c *Client) RevokeCommandToken(ctx context.Context, id string) error {
	path, err := pathOf("/v1/tokens/", id, "")
	if err != nil {
		return err
	}
	return c.authorisedOrder(ctx, call{method: http.MethodDelete, path: path, retry: retryRefused})
}
