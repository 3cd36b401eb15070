package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// migrations bring the tables from one version to the next. A published one is
// never changed. Instants are Unix milliseconds.
//
// Records of all modules lie in one table, clustered by organisation, module
// and age: an export reads one stretch from front to back, and so does the
// sweeper. The cells are a JSON array of texts in the order of the module's
// columns, in the form of the plain CSV profile.
//
// The index backups_to_search holds all that a list is chosen by: reading the
// long rows of backups that are not shown would take many times as long.
//
// Events are written by triggers, in the transaction of what they tell: no
// change can be stored without its event, nor the other way round. They are
// numbered by organisation, and the last 1000 are kept.
//
// When records came stands in arrivals, a row for each import: see arrivals.go.
//
// The one row of reckoning is what the sweeper makes of the clock. Of a server
// that had none yet it is known when somebody last did something.
var migrations = []string{`
CREATE TABLE organisations (
	id INTEGER PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, timezone TEXT NOT NULL,
	locale TEXT NOT NULL, demo INTEGER NOT NULL DEFAULT 0, seeded_at INTEGER
);
CREATE TABLE users (
	id INTEGER PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, org_id INTEGER NOT NULL REFERENCES organisations(id),
	email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password TEXT NOT NULL, permissions TEXT NOT NULL,
	status TEXT NOT NULL DEFAULT 'active'
);
CREATE TABLE sessions (
	id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), device_id TEXT NOT NULL,
	device_name TEXT NOT NULL, device_platform TEXT NOT NULL, app_version TEXT NOT NULL,
	created_at INTEGER NOT NULL, revoked_at INTEGER
);
CREATE TABLE tokens (
	hash BLOB PRIMARY KEY, session_id INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
	kind TEXT NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER
) WITHOUT ROWID;
CREATE INDEX tokens_by_session ON tokens(session_id);
CREATE TABLE modules (
	org_id INTEGER NOT NULL REFERENCES organisations(id), key TEXT NOT NULL, position INTEGER NOT NULL,
	name TEXT NOT NULL, icon TEXT NOT NULL, subscribed INTEGER NOT NULL, columns TEXT NOT NULL,
	PRIMARY KEY (org_id, key)
) WITHOUT ROWID;
CREATE TABLE records (
	org_id INTEGER NOT NULL, module TEXT NOT NULL, created_at INTEGER NOT NULL, seq INTEGER NOT NULL,
	updated_at INTEGER NOT NULL, cells TEXT NOT NULL,
	PRIMARY KEY (org_id, module, created_at, seq)
) WITHOUT ROWID;
CREATE TABLE backups (
	id INTEGER PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, org_id INTEGER NOT NULL REFERENCES organisations(id),
	title TEXT NOT NULL, status TEXT NOT NULL, from_day TEXT NOT NULL, till_day TEXT NOT NULL,
	timezone TEXT NOT NULL, locale TEXT NOT NULL, csv_profile TEXT NOT NULL, modules TEXT NOT NULL,
	request_hash BLOB NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, search TEXT NOT NULL,
	performed_at INTEGER NOT NULL, data_as_of INTEGER, completed_at INTEGER, expires_at INTEGER, deleted_at INTEGER,
	completeness TEXT NOT NULL DEFAULT '', created_by INTEGER NOT NULL REFERENCES users(id),
	device_id TEXT NOT NULL, device_name TEXT NOT NULL, device_platform TEXT NOT NULL,
	file_name TEXT NOT NULL DEFAULT '', size INTEGER NOT NULL DEFAULT 0, sha256 TEXT NOT NULL DEFAULT '',
	manifest TEXT, error_code TEXT NOT NULL DEFAULT '', error_detail TEXT NOT NULL DEFAULT '',
	pending INTEGER GENERATED ALWAYS AS (status = 'pending') VIRTUAL
);
CREATE INDEX backups_in_order ON backups(org_id, pending DESC, performed_at DESC, public_id DESC);
CREATE INDEX backups_by_request ON backups(org_id, request_hash) WHERE status = 'pending';
CREATE INDEX backups_by_expiry ON backups(expires_at) WHERE status = 'completed';
CREATE TABLE idempotency (
	user_id INTEGER NOT NULL REFERENCES users(id), key TEXT NOT NULL, body_hash BLOB NOT NULL,
	reply TEXT NOT NULL, created_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, key)
) WITHOUT ROWID;
`, `
CREATE TABLE devices (
	user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, device_id TEXT NOT NULL, name TEXT NOT NULL,
	platform TEXT NOT NULL, app_version TEXT NOT NULL, created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, device_id)
) WITHOUT ROWID;
INSERT INTO devices SELECT user_id, device_id, device_name, device_platform, app_version, created_at, created_at
	FROM sessions WHERE true ORDER BY id
	ON CONFLICT DO UPDATE SET name = excluded.name, platform = excluded.platform,
		app_version = excluded.app_version, seen_at = excluded.seen_at;
CREATE INDEX sessions_by_device ON sessions(user_id, device_id);
CREATE TABLE command_tokens (
	id INTEGER PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
	hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL, scopes TEXT NOT NULL,
	created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER
);
CREATE INDEX command_tokens_by_user ON command_tokens(user_id);
CREATE TABLE downloads (
	id INTEGER PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, backup_id INTEGER NOT NULL REFERENCES backups(id) ON DELETE CASCADE,
	user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
	device_id TEXT NOT NULL, device_name TEXT NOT NULL, device_platform TEXT NOT NULL,
	event TEXT NOT NULL, file_name TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
	at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
	UNIQUE (backup_id, user_id, device_id, event, at)
);
CREATE TABLE events (
	org_id INTEGER NOT NULL REFERENCES organisations(id) ON DELETE CASCADE, id INTEGER NOT NULL, type TEXT NOT NULL,
	backup_id INTEGER, download_id INTEGER,
	PRIMARY KEY (org_id, id)
) WITHOUT ROWID;
CREATE TRIGGER events_are_bounded AFTER INSERT ON events BEGIN
	DELETE FROM events WHERE org_id = NEW.org_id AND id <= NEW.id - 1000;
END;
CREATE TRIGGER backup_is_created AFTER INSERT ON backups BEGIN
	INSERT INTO events SELECT NEW.org_id, COALESCE(MAX(id), 0) + 1, 'backup.created', NEW.id, NULL FROM events WHERE org_id = NEW.org_id;
END;
CREATE TRIGGER backup_has_ended AFTER UPDATE OF status ON backups WHEN NEW.status <> OLD.status BEGIN
	INSERT INTO events SELECT NEW.org_id, COALESCE(MAX(id), 0) + 1,
		'backup.' || CASE NEW.status WHEN 'completed' THEN 'ready' ELSE NEW.status END, NEW.id, NULL FROM events WHERE org_id = NEW.org_id;
END;
CREATE TRIGGER backup_is_renamed AFTER UPDATE OF title ON backups WHEN NEW.title <> OLD.title BEGIN
	INSERT INTO events SELECT NEW.org_id, COALESCE(MAX(id), 0) + 1, 'backup.renamed', NEW.id, NULL FROM events WHERE org_id = NEW.org_id;
END;
CREATE TRIGGER download_is_recorded AFTER INSERT ON downloads BEGIN
	INSERT INTO events SELECT b.org_id, (SELECT COALESCE(MAX(id), 0) + 1 FROM events WHERE org_id = b.org_id),
		'download.recorded', b.id, NEW.id FROM backups b WHERE b.id = NEW.backup_id;
END;
CREATE TRIGGER modules_have_changed AFTER UPDATE ON modules BEGIN
	INSERT INTO events SELECT NEW.org_id, COALESCE(MAX(id), 0) + 1, 'modules.changed', NULL, NULL FROM events WHERE org_id = NEW.org_id;
END;
`, `
ALTER TABLE backups ADD COLUMN module_keys TEXT NOT NULL DEFAULT '';
UPDATE backups SET module_keys = (SELECT ' ' || group_concat(json_extract(value, '$.key'), ' ') || ' ' FROM json_each(modules))
	WHERE json_array_length(modules) > 0;
CREATE INDEX backups_to_search ON backups(org_id, pending DESC, performed_at DESC, public_id DESC, status, from_day, till_day, module_keys, search);
DROP INDEX backups_in_order;
`, `
CREATE TABLE arrivals (
	org_id INTEGER NOT NULL, module TEXT NOT NULL, last_seq INTEGER NOT NULL, stored_at INTEGER,
	PRIMARY KEY (org_id, module, last_seq)
) WITHOUT ROWID;
`, `
CREATE TABLE reckoning (
	id INTEGER PRIMARY KEY CHECK (id = 1), believed_at INTEGER NOT NULL, doubted_at INTEGER, seen_at INTEGER NOT NULL
);
INSERT INTO reckoning SELECT 1, at, NULL, at
	FROM (SELECT MAX(at) AS at FROM (SELECT performed_at AS at FROM backups UNION ALL SELECT created_at FROM sessions))
	WHERE at IS NOT NULL;
`}

// migrated does what a version needs beside its tables, by its number.
var migrated = map[int]func(*Server, context.Context, *sql.Tx) error{4: (*Server).proveArrivals}

// migrate applies what the file does not have yet. A file of a newer program
// is refused rather than guessed at.
func (s *Server) migrate(ctx context.Context) error {
	var have int
	if err := s.c.Write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return err
	}
	if have > len(migrations) {
		return fmt.Errorf("the data is of version %d, this program knows up to %d", have, len(migrations))
	}
	for n := have; n < len(migrations); n++ {
		err := s.write(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, migrations[n]); err != nil {
				return err
			}
			if more := migrated[n+1]; more != nil {
				if err := more(s, ctx, tx); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", n+1))
			return err
		})
		if err != nil {
			return fmt.Errorf("version %d: %w", n+1, err)
		}
	}
	return nil
}

// write runs f in a transaction of the one writer. f must not use s.c.Write
// itself: it would wait for ever.
func (s *Server) write(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.c.Write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, rollback(tx))
	}
	return tx.Commit()
}

// rollback ends a transaction that a cancelled context may have ended before.
func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// exec is write for one statement; n is the number of rows it changed.
func (s *Server) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	r, err := s.c.Write.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// queryAll reads all rows of a query with scan.
func queryAll[T any](ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, scan func(*sql.Rows) (T, error), query string, args ...any,
) (all []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

func scanText(r *sql.Rows) (v string, err error) { return v, r.Scan(&v) }

// millis is how an instant is stored.
func millis(t time.Time) int64 { return t.UnixMilli() }

// instant is the instant stored as ms.
func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// instantOrNil is for columns that may be NULL.
func instantOrNil(ms sql.NullInt64) *time.Time {
	if !ms.Valid {
		return nil
	}
	t := instant(ms.Int64)
	return &t
}
