package server

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// nameMax is the longest name of a device or token, in characters.
const nameMax = 80

// meetDevice notes on what device somebody signs in.
func (s *Server) meetDevice(ctx context.Context, tx *sql.Tx, user int64, d api.Device) error {
	now := millis(s.clock())
	_, err := tx.ExecContext(ctx, `INSERT INTO devices (user_id, device_id, name, platform, app_version, created_at, seen_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name, platform = excluded.platform,
		app_version = excluded.app_version, seen_at = excluded.seen_at`,
		user, d.ID, d.Name, d.Platform, d.AppVersion, now, now)
	return err
}

// selectDevices are the devices on which a user is signed in: with a session
// that still can be used or refreshed.
const selectDevices = `SELECT d.device_id, d.name, d.platform, d.app_version, d.created_at, d.seen_at FROM devices d
	WHERE d.user_id = ? AND EXISTS (SELECT 1 FROM sessions s JOIN tokens t ON t.session_id = s.id
		WHERE s.user_id = d.user_id AND s.device_id = d.device_id AND s.revoked_at IS NULL AND t.used_at IS NULL AND t.expires_at > ?) `

type devicesOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         api.DeviceList
}

func (s *Server) listDevices(ctx context.Context, _ *struct{}) (*devicesOutput, error) {
	who := whoIs(ctx)
	if err := who.needPerson(); err != nil {
		return nil, err
	}
	items, err := queryAll(ctx, s.c.Read, func(r *sql.Rows) (api.SignedInDevice, error) { return scanDevice(r, who) },
		selectDevices+"ORDER BY d.seen_at DESC, d.device_id", who.userID, millis(s.clock()))
	if err != nil {
		return nil, err
	}
	if items == nil {
		items = []api.SignedInDevice{} // signed out everywhere while this was asked
	}
	return &devicesOutput{"private, no-cache", api.DeviceList{Items: items}}, nil
}

func scanDevice(r interface{ Scan(...any) error }, who *identity) (d api.SignedInDevice, err error) {
	var created, seen int64
	err = r.Scan(&d.ID, &d.Name, &d.Platform, &d.AppVersion, &created, &seen)
	d.CreatedAt, d.SeenAt, d.Current = instant(created), instant(seen), d.ID == who.device.ID
	return d, err
}

type deviceOutput struct{ Body api.SignedInDevice }

func (s *Server) renameDevice(ctx context.Context, in *struct {
	ID   string `path:"id" maxLength:"128"`
	Body api.DeviceChange
},
) (*deviceOutput, error) {
	who := whoIs(ctx)
	if err := who.needPerson(); err != nil {
		return nil, err
	}
	name, err := checkName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	_, err = s.exec(ctx, "UPDATE devices SET name = ? WHERE user_id = ? AND device_id = ?", name, who.userID, in.ID)
	if err != nil {
		return nil, err
	}
	items, err := queryAll(ctx, s.c.Read, func(r *sql.Rows) (api.SignedInDevice, error) { return scanDevice(r, who) },
		selectDevices+"AND d.device_id = ?", who.userID, millis(s.clock()), in.ID)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, notFound()
	}
	return &deviceOutput{items[0]}, nil
}

// checkName is the name without spaces around it, or why it cannot be one.
func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	wrong := func(code api.FieldCode, detail string) error {
		return invalid(api.FieldError{Field: "name", Code: code, Detail: detail})
	}
	switch {
	case calendar.Fold(name) == "":
		return "", wrong(api.FieldRequired, "a name is needed")
	case utf8.RuneCountInString(name) > nameMax:
		return "", wrong(api.FieldTooLong, "at most "+strconv.Itoa(nameMax)+" characters")
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", wrong(api.FieldInvalid, "line breaks and control characters are not possible")
	}
	return name, nil
}

// removeDevice ends all sessions of a device.
func (s *Server) removeDevice(ctx context.Context, in *idInput) (*struct{}, error) {
	who := whoIs(ctx)
	if err := who.needPerson(); err != nil {
		return nil, err
	}
	return nil, s.revoke(ctx, "UPDATE sessions SET revoked_at = ? WHERE user_id = ? AND device_id = ? AND revoked_at IS NULL",
		millis(s.clock()), who.userID, in.ID)
}

// revoke runs a statement that ends sessions or tokens, and lets go of their
// streams of events; not found when it ended none.
func (s *Server) revoke(ctx context.Context, query string, args ...any) error {
	n, err := s.exec(ctx, query, args...)
	if err != nil {
		return err
	}
	if n == 0 {
		return notFound()
	}
	s.changes.tell()
	return nil
}
