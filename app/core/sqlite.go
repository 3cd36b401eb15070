package core

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"connectbackup/api/server"
)

// database is one SQLite file: a single writer, since SQLite has but one, and
// a pool of readers that can never write by mistake. A transaction of the
// writer takes the lock at its beginning: one that read first would not be
// made to wait for another process that writes, it would fail at once.
type database struct{ write, read *sql.DB }

// readers is the size of the pool: three jobs, the cores they work on, the
// sweeper and a few requests.
const readers = 16

// openDatabase opens path, and makes it and the folders above it if needed.
// The file can be read by its user alone.
func openDatabase(path string) (*database, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of %s: %w", path, err)
	}
	// SQLite would make the file readable for all that the umask lets in.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	common := [][2]string{{"busy_timeout", "10000"}, {"foreign_keys", "1"}}
	write, err := open(sqliteDSN(path, append([][2]string{{"journal_mode", "WAL"}, {"synchronous", "FULL"}}, common...), "immediate"), path)
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := open(sqliteDSN(path, append([][2]string{{"query_only", "1"}}, common...), "deferred"), path)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	return &database{write: write, read: read}, nil
}

// sqliteURI is the file URI of a path, as SQLite reads it on every system
// (a drive letter takes a slash before it).
func sqliteURI(path string) string {
	slashed := filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		slashed = "/" + slashed
	}
	return "file:" + (&url.URL{Path: slashed}).EscapedPath()
}

// replaceable reports whether a database that could not be opened for err is
// to make way for a new one. One that is closed to this user, or that another
// process holds, or for which the disk is too full, is sound.
func replaceable(err error) bool {
	return !errors.Is(err, os.ErrPermission) && !isBusy(err) && !server.NoRoom(err)
}

// openOrReplace opens a database that can be rebuilt from elsewhere. One that
// cannot be read is moved aside, never deleted, and a new one is begun; aside
// is where the old one went, empty if all was well.
func openOrReplace(path string, now time.Time) (db *database, aside string, err error) {
	db, err = openDatabase(path)
	if err == nil {
		err = db.check()
		if err == nil {
			return db, "", nil
		}
		err = errors.Join(err, db.Close())
	}
	if !replaceable(err) {
		return nil, "", err
	}
	aside = path + ".damaged-" + now.UTC().Format("20060102-150405")
	if renameErr := os.Rename(path, aside); renameErr != nil {
		return nil, "", errors.Join(err, renameErr)
	}
	for _, tail := range []string{"-wal", "-shm"} {
		if renameErr := os.Rename(path+tail, aside+tail); renameErr != nil && !errors.Is(renameErr, os.ErrNotExist) {
			return nil, "", errors.Join(err, renameErr)
		}
	}
	db, err = openDatabase(path)
	return db, aside, err
}

// check reads the structure of the whole file.
func (d *database) check() error {
	var word string
	if err := d.read.QueryRow("PRAGMA quick_check(1)").Scan(&word); err != nil {
		return fmt.Errorf("check the database: %w", err)
	}
	if word != "ok" {
		return fmt.Errorf("check the database: %s", word)
	}
	return nil
}

func open(dsn, path string) (*sql.DB, error) {
	db, err := sql.Open(sqliteDriver, dsn)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := db.Ping(); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return db, nil
}

// Close closes both; the readers first, so that the writer can fold the log.
func (d *database) Close() error { return errors.Join(d.read.Close(), d.write.Close()) }
