package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// DemoOptions change the demo organisation. The zero value is the usual one.
type DemoOptions struct {
	Locale string  // BCP 47; empty: en-GB. de-DE gives CSV files with ; and decimal comma
	Scale  float64 // how much data, 0: 1, which is 65,000 to 75,000 kept records
}

// Demo is how to sign in to the demo organisation.
type Demo struct{ Email, Password, Organisation string }

// DemoOrganisation is what the demo organisation is called.
const DemoOrganisation = "Acme Trading"

const (
	demoZone     = "Europe/Berlin"
	demoPassword = "demo-password"
	demoMonths   = 30
)

// demoUser is somebody of the demo organisation; all have the same password.
type demoUser struct {
	id, email, name, status string
	permissions             []string
}

var demoUsers = []demoUser{
	{"usr_demo_alex", "demo@acme.example", "Alex Morgan", "active", []string{api.PermissionCreate, api.PermissionDownload, api.PermissionDelete}},
	{"usr_demo_maria", "maria@acme.example", "Maria Silva", "active", []string{api.PermissionDownload}},
	{"usr_demo_noor", "noor@acme.example", "Noor Haddad", "pending", []string{api.PermissionDownload}},
}

// SeedDemo makes the demo organisation, once: 30 months of made-up data up to
// today, and earlier backups in several states, whose archives were written by
// the same code as any other. What is over 24 months is swept at once. The
// data is the same each time, but for the days, which end today.
func (s *Server) SeedDemo(ctx context.Context) (Demo, error) {
	s.seeding.Lock()
	defer s.seeding.Unlock()
	demo := Demo{demoUsers[0].email, demoPassword, DemoOrganisation}
	var org int64
	var seeded sql.NullInt64
	err := s.c.Read.QueryRowContext(ctx, "SELECT id, seeded_at FROM organisations WHERE demo = 1").Scan(&org, &seeded)
	switch {
	case err == nil && seeded.Valid:
		return demo, nil
	case err == nil: // a crash came in between: begin anew
		if err := s.removeOrganisation(ctx, org); err != nil {
			return demo, fmt.Errorf("server: remove half a demo: %w", err)
		}
	case !errors.Is(err, sql.ErrNoRows):
		return demo, fmt.Errorf("server: look for the demo: %w", err)
	}
	if err := s.seed(ctx); err != nil {
		return demo, fmt.Errorf("server: seed the demo: %w", err)
	}
	return demo, nil
}

// Organisations are the names of all but the demo, and whether that is there.
func (s *Server) Organisations(ctx context.Context) (names []string, demo bool, err error) {
	type row struct {
		name string
		demo bool
	}
	all, err := queryAll(ctx, s.c.Read, func(r *sql.Rows) (v row, err error) { return v, r.Scan(&v.name, &v.demo) },
		"SELECT name, demo FROM organisations ORDER BY id")
	for _, v := range all {
		if v.demo {
			demo = true
		} else {
			names = append(names, v.name)
		}
	}
	return names, demo, err
}

func (s *Server) seed(ctx context.Context) error {
	loc, err := time.LoadLocation(demoZone)
	if err != nil {
		return err
	}
	now := s.clock()
	d := &demoSeed{s: s, now: now, today: calendar.DayOf(now, loc), loc: loc, locale: s.c.Demo.Locale, scale: s.c.Demo.Scale}
	if d.locale == "" {
		d.locale = "en-GB"
	}
	if d.scale <= 0 {
		d.scale = 1
	}
	if err := s.write(ctx, func(tx *sql.Tx) error { return d.organisation(ctx, tx) }); err != nil {
		return err
	}
	if err := d.history(ctx); err != nil {
		return err
	}
	if err := s.Sweep(ctx); err != nil {
		return err
	}
	_, err = s.exec(ctx, "UPDATE organisations SET seeded_at = ? WHERE id = ?", millis(now), d.org)
	return err
}

// demoSeed makes the demo organisation.
type demoSeed struct {
	s      *Server
	now    time.Time
	today  calendar.Day
	loc    *time.Location
	locale string
	scale  float64
	org    int64
	users  []int64
}

func (d *demoSeed) organisation(ctx context.Context, tx *sql.Tx) error {
	r, err := tx.ExecContext(ctx, "INSERT INTO organisations (public_id, name, timezone, locale, demo) VALUES ('org_demo', ?, ?, ?, 1)",
		DemoOrganisation, demoZone, d.locale)
	if err != nil {
		return err
	}
	if d.org, err = r.LastInsertId(); err != nil {
		return err
	}
	password := hashPassword(demoPassword)
	for _, u := range demoUsers {
		id, err := addUser(ctx, tx, d.org, u, password)
		if err != nil {
			return err
		}
		d.users = append(d.users, id)
	}
	if err := addModules(ctx, tx, d.org, demoModules()); err != nil {
		return err
	}
	return newDemoRecords(d, tx).fill(ctx)
}

func addUser(ctx context.Context, tx *sql.Tx, org int64, u demoUser, password string) (int64, error) {
	permissions, err := json.Marshal(u.permissions)
	if err != nil {
		return 0, err
	}
	r, err := tx.ExecContext(ctx, `INSERT INTO users (public_id, org_id, email, name, password, permissions, status)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, u.id, org, normalEmail(u.email), u.name, password, string(permissions), u.status)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func addModules(ctx context.Context, tx *sql.Tx, org int64, modules []module) error {
	for i, m := range modules {
		columns, err := json.Marshal(m.columns)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO modules (org_id, key, position, name, icon, subscribed, columns)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, org, m.key, i, m.name, m.icon, m.subscribed, string(columns))
		if err != nil {
			return err
		}
	}
	return nil
}

// removeOrganisation deletes all there is of an organisation.
func (s *Server) removeOrganisation(ctx context.Context, org int64) error {
	ids, err := queryAll(ctx, s.c.Read, scanText, "SELECT public_id FROM backups WHERE org_id = ?", org)
	if err != nil {
		return err
	}
	for _, id := range ids {
		s.jobs.cancel(ctx, id)
		if err := os.Remove(s.archivePath(id)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		const users = "(SELECT id FROM users WHERE org_id = ?)"
		for _, statement := range []string{
			"DELETE FROM tokens WHERE session_id IN (SELECT id FROM sessions WHERE user_id IN " + users + ")",
			"DELETE FROM sessions WHERE user_id IN " + users,
			"DELETE FROM idempotency WHERE user_id IN " + users,
			"DELETE FROM backups WHERE org_id = ?",
			"DELETE FROM records WHERE org_id = ?",
			"DELETE FROM arrivals WHERE org_id = ?",
			"DELETE FROM modules WHERE org_id = ?",
			"DELETE FROM users WHERE org_id = ?",
			"DELETE FROM organisations WHERE id = ?",
		} {
			if _, err := tx.ExecContext(ctx, statement, org); err != nil {
				return err
			}
		}
		return nil
	})
}
