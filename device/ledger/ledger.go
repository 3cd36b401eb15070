package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"connectbackup/device/download"
)

// ErrNotFound says that nothing is recorded of that backup.
var ErrNotFound = errors.New("nothing was downloaded of that backup")

// VersionError says that the tables were written by a newer version of the
// app. They are left as they are.
type VersionError struct{ Found, Known int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the ledger was written by a newer version (%d, this one knows %d)", e.Found, e.Known)
}

// schema is the version of the tables. Records cannot be fetched again, so each
// schema brings older ones along.
const schema = 2

var create = []string{
	`CREATE TABLE IF NOT EXISTS ledger_meta (version INTEGER NOT NULL)`,
	`INSERT INTO ledger_meta (version) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ledger_meta)`,
	`CREATE TABLE IF NOT EXISTS ledger_files (
		server TEXT NOT NULL, organisation TEXT NOT NULL, backup TEXT NOT NULL,
		title TEXT NOT NULL, file_name TEXT NOT NULL, location TEXT NOT NULL,
		size INTEGER NOT NULL, sha256 TEXT NOT NULL,
		modified INTEGER NOT NULL, at INTEGER NOT NULL, verified INTEGER NOT NULL, -- microseconds since 1970; 0: never
		PRIMARY KEY (server, organisation, backup)) WITHOUT ROWID`,
}

// later are the statements that bring the tables of version 1, 2, … to the next.
var later = [][]string{
	{ // what the server has still to be told
		`CREATE TABLE ledger_outbox (
			id INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of writing, and never twice
			server TEXT NOT NULL, organisation TEXT NOT NULL, user TEXT NOT NULL,
			kind TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL)`,
		`CREATE INDEX ledger_outbox_of ON ledger_outbox (server, organisation, user, id)`,
	},
}

// Record is one downloaded file. Server and Organisation keep the backups of
// one organisation from another's (requirement I12).
type Record struct {
	Server       string // empty for the embedded one
	Organisation string
	BackupID     string
	Title        string
	FileName     string
	Location     download.Location
	Size         int64  // bytes
	SHA256       string // 64 lower-case hexadecimal digits
	ModTime      time.Time
	At           time.Time // when it was downloaded
	VerifiedAt   time.Time // when its SHA-256 was last compared in full; zero: never
}

// Ledger is the record in a database.
type Ledger struct{ db *sql.DB }

// Open makes the tables, whose names begin with ledger_, if they are missing.
// It does not take db over: its owner closes it. *VersionError when a newer
// version of the app was here.
func Open(db *sql.DB) (*Ledger, error) {
	tx, err := db.Begin()
	if err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	for _, statement := range create {
		if _, err := tx.Exec(statement); err != nil {
			return nil, errors.Join(fmt.Errorf("open the ledger: %w", err), tx.Rollback())
		}
	}
	if err := bringAlong(tx); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	return &Ledger{db: db}, nil
}

// bringAlong makes the tables those of this version.
func bringAlong(tx *sql.Tx) error {
	var version int
	if err := tx.QueryRow(`SELECT max(version) FROM ledger_meta`).Scan(&version); err != nil {
		return fmt.Errorf("open the ledger: %w", err)
	}
	if version < 1 || version > schema {
		return &VersionError{Found: version, Known: schema}
	}
	for _, statements := range later[version-1:] {
		for _, statement := range statements {
			if _, err := tx.Exec(statement); err != nil {
				return fmt.Errorf("bring the ledger along: %w", err)
			}
		}
	}
	if _, err := tx.Exec(`UPDATE ledger_meta SET version = ? WHERE version <> ?`, schema, schema); err != nil {
		return fmt.Errorf("bring the ledger along: %w", err)
	}
	return nil
}

// Put writes a record, in place of an older one of the same backup.
func (l *Ledger) Put(r Record) error {
	_, err := l.db.Exec(`INSERT INTO ledger_files (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET title = excluded.title, file_name = excluded.file_name,
		location = excluded.location, size = excluded.size, sha256 = excluded.sha256,
		modified = excluded.modified, at = excluded.at, verified = excluded.verified`,
		r.Server, r.Organisation, r.BackupID, r.Title, r.FileName, string(r.Location),
		r.Size, r.SHA256, stamp(r.ModTime), stamp(r.At), stamp(r.VerifiedAt))
	if err != nil {
		return fmt.Errorf("record backup %s: %w", r.BackupID, err)
	}
	return nil
}

// Get is the record of a backup, or ErrNotFound.
func (l *Ledger) Get(server, organisation, backupID string) (Record, error) {
	return l.one(`server = ? AND organisation = ? AND backup = ?`, server, organisation, backupID)
}

// ByName is the newest record of a file of that name, or ErrNotFound.
func (l *Ledger) ByName(server, organisation, fileName string) (Record, error) {
	return l.one(`server = ? AND organisation = ? AND file_name = ? ORDER BY at DESC, backup LIMIT 1`,
		server, organisation, fileName)
}

// ByLocation is the newest record of a file in that place, whoever's it is, or
// ErrNotFound.
func (l *Ledger) ByLocation(at download.Location) (Record, error) {
	return l.one(`location = ? ORDER BY at DESC, backup LIMIT 1`, string(at))
}

// BySHA256 is the newest record of a file with that content, wherever it is
// now, or ErrNotFound.
func (l *Ledger) BySHA256(sum string) (Record, error) {
	return l.one(`sha256 = ? ORDER BY at DESC, backup LIMIT 1`, sum)
}

// List is all records of an organisation, the newest first.
func (l *Ledger) List(server, organisation string) ([]Record, error) {
	return l.all(`server = ? AND organisation = ? ORDER BY at DESC, backup`, server, organisation)
}

// Verified notes that the whole SHA-256 of the file was compared at that time,
// and was right; the zero time, that it was wrong. ErrNotFound when nothing is recorded.
func (l *Ledger) Verified(server, organisation, backupID string, at time.Time) error {
	return l.change(`UPDATE ledger_files SET verified = ? WHERE server = ? AND organisation = ? AND backup = ?`,
		stamp(at), server, organisation, backupID)
}

// Remove forgets a record; the file stays. ErrNotFound when nothing is recorded.
func (l *Ledger) Remove(server, organisation, backupID string) error {
	return l.change(`DELETE FROM ledger_files WHERE server = ? AND organisation = ? AND backup = ?`,
		server, organisation, backupID)
}

// sameTime is how far two times of one file may be apart: FAT keeps them to
// two seconds.
const sameTime = 2 * time.Second

// Check says whether the file of a record is still what it was, by a look at
// its size and time. What cannot be looked at, for want of permission or
// because its disk is away, counts as gone.
func Check(r Record, stat func(download.Location) (download.Info, error)) download.CopyState {
	info, err := stat(r.Location)
	switch {
	case err != nil:
		return download.CopyGone
	case info.Size != r.Size, info.ModTime.Sub(r.ModTime).Abs() >= sameTime:
		return download.CopyChanged
	default:
		return download.CopyPresent
	}
}

const columns = `server, organisation, backup, title, file_name, location, size, sha256, modified, at, verified`

func (l *Ledger) one(where string, args ...any) (Record, error) {
	records, err := l.all(where, args...)
	if err != nil {
		return Record{}, err
	}
	if len(records) == 0 {
		return Record{}, ErrNotFound
	}
	return records[0], nil
}

func (l *Ledger) all(where string, args ...any) (records []Record, err error) {
	rows, err := l.db.Query(`SELECT `+columns+` FROM ledger_files WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	defer func() {
		if cerr := rows.Close(); cerr != nil && err == nil {
			err = fmt.Errorf("read the ledger: %w", cerr)
		}
	}()
	for rows.Next() {
		var r Record
		var location string
		var modified, at, verified int64
		if err := rows.Scan(&r.Server, &r.Organisation, &r.BackupID, &r.Title, &r.FileName, &location,
			&r.Size, &r.SHA256, &modified, &at, &verified); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		r.Location = download.Location(location)
		r.ModTime, r.At, r.VerifiedAt = moment(modified), moment(at), moment(verified)
		records = append(records, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return records, nil
}

// change runs a statement that is to touch one record.
func (l *Ledger) change(statement string, args ...any) error {
	result, err := l.db.Exec(statement, args...)
	if err != nil {
		return fmt.Errorf("change the ledger: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return fmt.Errorf("change the ledger: %w", err)
	} else if n == 0 {
		return ErrNotFound
	}
	return nil
}

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros)
}
