package cache

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// schema is the version of the tables. Those of another version are dropped:
// their content comes again from the server.
const schema = 1

var create = []string{
	`CREATE TABLE IF NOT EXISTS cache_meta (version INTEGER NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS cache_scopes (
		id INTEGER PRIMARY KEY,
		server TEXT NOT NULL, organisation TEXT NOT NULL, user TEXT NOT NULL,
		UNIQUE (server, organisation, user))`,
	`CREATE TABLE IF NOT EXISTS cache_backups (
		scope INTEGER NOT NULL, id TEXT NOT NULL,
		status TEXT NOT NULL, performed INTEGER NOT NULL, -- microseconds since 1970
		words TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
		PRIMARY KEY (scope, id)) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS cache_pages (
		id INTEGER PRIMARY KEY,
		scope INTEGER NOT NULL, query TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
		UNIQUE (scope, query))`,
	`CREATE TABLE IF NOT EXISTS cache_modules (
		scope INTEGER PRIMARY KEY, at TEXT NOT NULL, body TEXT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS cache_retention (
		scope INTEGER PRIMARY KEY, at TEXT NOT NULL, body TEXT NOT NULL)`,
}

var drop = []string{
	`DROP TABLE IF EXISTS cache_meta`, `DROP TABLE IF EXISTS cache_scopes`, `DROP TABLE IF EXISTS cache_backups`,
	`DROP TABLE IF EXISTS cache_pages`, `DROP TABLE IF EXISTS cache_modules`, `DROP TABLE IF EXISTS cache_retention`,
}

// Cache is the offline copies of all sessions.
type Cache struct{ db *sql.DB }

// Open makes the tables, whose names begin with cache_, or brings them up to
// date. It does not take db over: its owner closes it.
func Open(db *sql.DB) (*Cache, error) {
	c := &Cache{db: db}
	err := c.change(func(tx *sql.Tx) error {
		if version, known := versionOf(tx); !known || version != schema {
			if err := execAll(tx, drop); err != nil {
				return err
			}
		}
		if err := execAll(tx, create); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO cache_meta (version) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM cache_meta)`, schema)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open the offline copy: %w", err)
	}
	return c, nil
}

// versionOf is the version of the tables that are there. Any failure counts as
// not known, for what cannot be read is made anew.
func versionOf(tx *sql.Tx) (version int, known bool) {
	err := tx.QueryRow(`SELECT version FROM cache_meta`).Scan(&version)
	return version, err == nil
}

func execAll(tx *sql.Tx, statements []string) error {
	for _, s := range statements {
		if _, err := tx.Exec(s); err != nil {
			return err
		}
	}
	return nil
}

// change runs f in a transaction.
func (c *Cache) change(f func(*sql.Tx) error) error {
	tx, err := c.db.Begin()
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Scope is whose copy it is.
type Scope struct{ Server, Organisation, User string }

// For is the copy of one session. It writes nothing until something is saved.
func (c *Cache) For(s Scope) *Store { return &Store{cache: c, scope: s} }

// DamagedError says that a row of the offline copy cannot be read. It is as
// good as no copy.
type DamagedError struct {
	What string // such as "backup bkp_1"
	Err  error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("offline copy of %s is damaged: %v", e.What, e.Err)
}

func (e *DamagedError) Unwrap() error { return e.Err }

// unpack reads a row that holds what.
func unpack[T any](what, at, body string) (value T, when time.Time, err error) {
	when, err = time.Parse(time.RFC3339Nano, at)
	if err == nil {
		err = json.Unmarshal([]byte(body), &value)
	}
	if err != nil {
		var none T
		return none, time.Time{}, &DamagedError{What: what, Err: err}
	}
	return value, when, nil
}

// stamp writes an instant as the rows have it.
func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
