package cache

import (
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"connectbackup/api"
)

// pagesMax is how many lists of one session are kept, so that searching does
// not make the copy grow for ever.
const pagesMax = 50

// Store is the copy of one session.
type Store struct {
	cache *Cache
	scope Scope
}

// page is a stored list: the backups themselves have rows of their own, so
// that news of one is news in every list.
type page struct {
	Query api.ListQuery `json:"query"`
	IDs   []string      `json:"ids"`
	Next  string        `json:"next,omitempty"`
}

// querier is a database or a transaction.
type querier interface {
	QueryRow(query string, args ...any) *sql.Row
	Query(query string, args ...any) (*sql.Rows, error)
}

// scopeID is the number of the store's scope, 0 when nothing was ever saved.
func (s *Store) scopeID(q querier) (id int64, err error) {
	err = q.QueryRow(`SELECT id FROM cache_scopes WHERE server = ? AND organisation = ? AND user = ?`,
		s.scope.Server, s.scope.Organisation, s.scope.User).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// save runs f in a transaction with the number of the scope.
func (s *Store) save(f func(tx *sql.Tx, scope int64) error) error {
	return s.cache.change(func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO cache_scopes (server, organisation, user) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			s.scope.Server, s.scope.Organisation, s.scope.User)
		if err != nil {
			return err
		}
		id, err := s.scopeID(tx)
		if err != nil {
			return err
		}
		return f(tx, id)
	})
}

// SavePage keeps a page as the server sent it at that instant.
func (s *Store) SavePage(q api.ListQuery, p api.BackupPage, at time.Time) error {
	return s.save(func(tx *sql.Tx, scope int64) error {
		list := page{Query: q, IDs: make([]string, 0, len(p.Items)), Next: p.NextCursor}
		for _, b := range p.Items {
			list.IDs = append(list.IDs, b.ID)
			if err := putBackup(tx, scope, b, at); err != nil {
				return err
			}
		}
		if err := dropVanished(tx, scope, q, p); err != nil {
			return err
		}
		return putPage(tx, scope, list, at)
	})
}

// SaveBackup keeps one backup. Lists that hold it show it as it is now; one
// that is new joins the first pages on which it would stand.
func (s *Store) SaveBackup(b api.Backup, at time.Time) error {
	return s.save(func(tx *sql.Tx, scope int64) error {
		if err := putBackup(tx, scope, b, at); err != nil {
			return err
		}
		pages, err := pagesOf(tx, scope)
		if err != nil {
			return err
		}
		for _, p := range pages {
			joins, err := joinsPage(tx, scope, b, p.page)
			if err != nil {
				return err
			}
			if !joins {
				continue
			}
			p.IDs = slices.Insert(p.IDs, 0, b.ID) // the last stays the server's last
			if err := putPage(tx, scope, p.page, p.at); err != nil {
				return err
			}
		}
		return nil
	})
}

// joinsPage reports whether b, which is not yet on the page, belongs there.
func joinsPage(tx *sql.Tx, scope int64, b api.Backup, p page) (bool, error) {
	if p.Query.Cursor != "" || slices.Contains(p.IDs, b.ID) || !p.Query.Matches(b) {
		return false, nil
	}
	if p.Next == "" || len(p.IDs) == 0 {
		return true, nil
	}
	last, err := readBackups(tx, `SELECT id, at, body FROM cache_backups WHERE scope = ? AND id = ?`, scope, p.IDs[len(p.IDs)-1])
	if err != nil || len(last) == 0 || last[0].err != nil {
		return false, err
	}
	return api.CompareBackups(b, last[0].value) < 0, nil
}

// SaveModules keeps the list of modules.
func (s *Store) SaveModules(l api.ModuleList, at time.Time) error {
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return s.save(func(tx *sql.Tx, scope int64) error {
		_, err := tx.Exec(`INSERT OR REPLACE INTO cache_modules (scope, at, body) VALUES (?, ?, ?)`, scope, stamp(at), string(body))
		return err
	})
}

// SaveRetention keeps what the server is about to delete.
func (s *Store) SaveRetention(r Retention, at time.Time) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.save(func(tx *sql.Tx, scope int64) error {
		_, err := tx.Exec(`INSERT OR REPLACE INTO cache_retention (scope, at, body) VALUES (?, ?, ?)`, scope, stamp(at), string(body))
		return err
	})
}

// Forget drops everything of this session (requirement I15), and overwrites it
// in the database file.
func (s *Store) Forget() error {
	err := s.cache.change(func(tx *sql.Tx) error {
		id, err := s.scopeID(tx)
		if err != nil || id == 0 {
			return err
		}
		if _, err := tx.Exec(`PRAGMA secure_delete = ON`); err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM cache_backups WHERE scope = ?`, `DELETE FROM cache_pages WHERE scope = ?`,
			`DELETE FROM cache_modules WHERE scope = ?`, `DELETE FROM cache_retention WHERE scope = ?`,
			`DELETE FROM cache_scopes WHERE id = ?`,
		} {
			if _, err := tx.Exec(statement, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Until its write-ahead log is emptied the file still holds the old pages.
	_, err = s.cache.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

func putBackup(tx *sql.Tx, scope int64, b api.Backup, at time.Time) error {
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT OR REPLACE INTO cache_backups (scope, id, status, performed, words, at, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		scope, b.ID, string(b.Status), b.PerformedAt.UnixMicro(), b.SearchText(), stamp(at), string(body))
	return err
}

func putPage(tx *sql.Tx, scope int64, p page, at time.Time) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	// Replaced rows get a new, higher id: the lowest are the longest unused.
	_, err = tx.Exec(`INSERT OR REPLACE INTO cache_pages (scope, query, at, body) VALUES (?, ?, ?, ?)`,
		scope, keyOf(p.Query), stamp(at), string(body))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM cache_pages WHERE scope = ? AND id NOT IN
		(SELECT id FROM cache_pages WHERE scope = ? ORDER BY id DESC LIMIT ?)`, scope, scope, pagesMax)
	return err
}

// dropVanished removes the backups that the server no longer lists: those that
// would stand between the first and the last of an unfiltered page, and do not.
// One that was pending has perhaps only ended, and stands on another page now:
// from then on it is looked for there, whatever it has become.
func dropVanished(tx *sql.Tx, scope int64, q api.ListQuery, p api.BackupPage) error {
	n := len(p.Items)
	if q != (api.ListQuery{Limit: q.Limit, Cursor: q.Cursor}) || n == 0 && (q.Cursor != "" || p.NextCursor != "") {
		return nil
	}
	places, err := placesOf(tx, scope)
	if err != nil {
		return err
	}
	within := func(b api.Backup) bool {
		return (q.Cursor == "" || api.CompareBackups(b, p.Items[0]) >= 0) &&
			(p.NextCursor == "" || api.CompareBackups(b, p.Items[n-1]) <= 0)
	}
	for _, b := range places {
		if !within(b) || slices.ContainsFunc(p.Items, func(listed api.Backup) bool { return listed.ID == b.ID }) {
			continue
		}
		statement := `DELETE FROM cache_backups WHERE scope = ? AND id = ?`
		ended := b
		ended.Status = api.StatusOther
		if !within(ended) {
			statement = `UPDATE cache_backups SET status = '` + string(api.StatusOther) + `' WHERE scope = ? AND id = ?`
		}
		if _, err := tx.Exec(statement, scope, b.ID); err != nil {
			return err
		}
	}
	return nil
}

// placesOf reads of every backup only what decides its place in a list.
func placesOf(q querier, scope int64) (all []api.Backup, err error) {
	rows, err := q.Query(`SELECT id, status, performed FROM cache_backups WHERE scope = ?`, scope)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var b api.Backup
		var performed int64
		if err := rows.Scan(&b.ID, &b.Status, &performed); err != nil {
			return nil, err
		}
		b.PerformedAt = time.UnixMicro(performed)
		all = append(all, b)
	}
	return all, rows.Err()
}

// keyOf names a query; queries that ask for the same share a key.
func keyOf(q api.ListQuery) string {
	b, err := json.Marshal(struct {
		Words  []string
		Status api.Status
		Limit  int
		Cursor string
		Module string `json:",omitempty"` // so that lists kept before are still found
		Covers string `json:",omitempty"`
	}{api.SearchWords(q.Q), q.Status, q.Limit, q.Cursor, q.Module, q.Covers.String()})
	if err != nil {
		return q.Q // never: strings and numbers can be written
	}
	return string(b)
}
