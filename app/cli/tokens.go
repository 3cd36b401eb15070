package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/app/core"
)

type tokenCommands struct {
	Create tokenCreateCommand `cmd:"" help:"Make a token and print it, this once."`
	List   tokenListCommand   `cmd:"" help:"List your tokens, without their secrets."`
	Revoke tokenRevokeCommand `cmd:"" help:"End a token at once."`
}

type tokenCreateCommand struct {
	Name   string   `arg:"" help:"What it is for."`
	Scopes []string `help:"What it may do beyond reading: create, download, delete, with commas between." default:"create,download"`
	Days   int      `help:"How many days it is good for, at most 366." default:"90"`
}

// Run makes a token. Its secret alone goes to the output, so that a script can
// keep it.
func (c *tokenCreateCommand) Run(r *run) error {
	scopes, err := scopesOf(c.Scopes)
	if err != nil {
		return err
	}
	if c.Days < 1 || c.Days > 366 {
		return fmt.Errorf("%w: --days wants a number from 1 to 366", errUsage)
	}
	return r.withSession(func(app *core.Core) error {
		account, _ := app.Sessions().Current()
		if account.Server == "" {
			return fmt.Errorf("%w: the demo within the app answers nobody else, so it needs no token", errUsage)
		}
		until := time.Now().Add(time.Duration(c.Days) * 24 * time.Hour)
		if c.Days == 366 {
			until = until.Add(-time.Minute) // the server's clock may be behind
		}
		t, err := app.Commands().CreateToken(r.ctx, api.NewCommandToken{Name: c.Name, Scopes: scopes, ExpiresAt: &until})
		if err != nil {
			return backupError(err)
		}
		if r.out.json {
			r.out.object("token", fieldsOf(t))
			return nil
		}
		r.out.note("token", fmt.Sprintf("Token %s (%s), good until %s for %s. Keep it now: it is not shown again.",
			t.Name, t.ID, moment(&t.ExpiresAt), account.Server))
		_, err = io.WriteString(r.out.out, printable(t.Token)+"\n")
		return err
	})
}

// scopesOf reads the flag --scopes.
func scopesOf(words []string) ([]string, error) {
	scopes := []string{}
	for _, word := range words {
		scope, ok := map[string]string{
			"create": api.PermissionCreate, "download": api.PermissionDownload, "delete": api.PermissionDelete,
		}[strings.TrimPrefix(strings.TrimSpace(word), "backup.")]
		if !ok {
			return nil, fmt.Errorf("%w: --scopes knows create, download and delete, not %q", errUsage, word)
		}
		scopes = append(scopes, scope)
	}
	return scopes, nil
}

type tokenListCommand struct{}

// Run lists the tokens.
func (tokenListCommand) Run(r *run) error {
	return r.withSession(func(app *core.Core) error {
		tokens, err := app.Commands().Tokens(r.ctx)
		if err != nil {
			return err
		}
		rows := make([][]string, len(tokens))
		for i, t := range tokens {
			t.Token = "" // a server that gives it away is not repeated
			if r.out.json {
				r.out.object("token", fieldsOf(t))
				continue
			}
			scopes := strings.ReplaceAll(strings.Join(t.Scopes, ","), "backup.", "")
			rows[i] = []string{t.ID, moment(&t.CreatedAt), moment(&t.ExpiresAt), moment(t.UsedAt), scopes, t.Name}
		}
		if !r.out.json {
			r.out.rows([]string{"ID", "Made", "Good until", "Last used", "May", "Name"}, rows)
			if len(rows) == 0 {
				r.out.note("empty", "You have no tokens.")
			}
		}
		return nil
	})
}

type tokenRevokeCommand struct {
	ID string `arg:"" help:"ID of the token, as token list shows it."`
}

// Run ends a token.
func (c *tokenRevokeCommand) Run(r *run) error {
	return r.withSession(func(app *core.Core) error {
		if err := app.Commands().RevokeToken(r.ctx, c.ID); err != nil {
			return thingError(err, "token", "token list")
		}
		r.out.step("revoked", fields{"id": c.ID}, "Revoked %s", c.ID)
		return nil
	})
}

type deviceCommands struct {
	List    deviceListCommand    `cmd:"" default:"1" help:"List them."`
	SignOut deviceSignOutCommand `cmd:"" help:"End every session of a device. Files there stay." name:"sign-out"`
	Rename  deviceRenameCommand  `cmd:"" help:"Give a device another name."`
}

type deviceListCommand struct{}

// Run lists the devices.
func (deviceListCommand) Run(r *run) error {
	return r.withSession(func(app *core.Core) error {
		devices, err := app.Commands().Devices(r.ctx)
		if err != nil {
			return err
		}
		rows := make([][]string, len(devices))
		for i, d := range devices {
			if r.out.json {
				r.out.object("device", fieldsOf(d))
				continue
			}
			name := d.Name
			if d.Current {
				name += " (this one)"
			}
			rows[i] = []string{d.ID, d.Platform, moment(&d.SeenAt), name}
		}
		if !r.out.json {
			r.out.rows([]string{"ID", "System", "Last seen", "Name"}, rows)
		}
		return nil
	})
}

type deviceSignOutCommand struct {
	ID string `arg:"" help:"ID of the device, as devices shows it."`
}

// Run ends the sessions of a device.
func (c *deviceSignOutCommand) Run(r *run) error {
	return r.withSession(func(app *core.Core) error {
		if c.ID == app.Settings().DeviceID() {
			return fmt.Errorf("%w: that is this device; use logout", errUsage)
		}
		if err := app.Commands().SignOutDevice(r.ctx, c.ID); err != nil {
			return thingError(err, "device", "devices")
		}
		r.out.step("signed-out", fields{"id": c.ID}, "Signed %s out. Files there stay.", c.ID)
		return nil
	})
}

type deviceRenameCommand struct {
	ID   string `arg:"" help:"ID of the device, as devices shows it."`
	Name string `arg:"" help:"Its new name."`
}

// Run gives a device another name.
func (c *deviceRenameCommand) Run(r *run) error {
	return r.withSession(func(app *core.Core) error {
		d, err := app.Commands().RenameDevice(r.ctx, c.ID, c.Name)
		if err != nil {
			return thingError(err, "device", "devices")
		}
		if d.Current { // it would be called as before at the next sign-in
			if err := app.Settings().SetDeviceName(d.Name); err != nil {
				return err
			}
		}
		r.out.step("renamed", fields{"id": d.ID, "name": d.Name}, "%s is now called %s", d.ID, d.Name)
		return nil
	})
}

// thingError gives the errors of a token or device the words of a command.
func thingError(err error, thing, list string) error {
	var id *api.IDError
	switch {
	case errors.As(err, &id):
		return say(err, "%q is not the ID of a %s. See %s.", id.ID, thing, list)
	case api.IsCode(err, api.CodeNotFound):
		return say(err, "There is no such %s. See %s.", thing, list)
	}
	return backupError(err)
}
