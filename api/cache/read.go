package cache

import (
	"database/sql"
	"errors"
	"slices"
	"time"

	"connectbackup/api"
)

// row is one stored backup; err is set when it cannot be read.
type row struct {
	id    string
	value api.Backup
	at    time.Time
	err   error
}

type storedPage struct {
	page
	at time.Time
}

// Backup is one backup as last seen; false when it never was.
func (s *Store) Backup(id string) (api.Snapshot[api.Backup], bool, error) {
	var none api.Snapshot[api.Backup]
	scope, err := s.scopeID(s.cache.db)
	if err != nil || scope == 0 {
		return none, false, err
	}
	rows, err := readBackups(s.cache.db, `SELECT id, at, body FROM cache_backups WHERE scope = ? AND id = ?`, scope, id)
	if err != nil || len(rows) == 0 {
		return none, false, err
	}
	if rows[0].err != nil {
		return none, false, rows[0].err
	}
	return api.Snapshot[api.Backup]{Value: rows[0].value, At: rows[0].at}, true, nil
}

// Modules is the list of modules as last seen; false when it never was.
func (s *Store) Modules() (api.Snapshot[api.ModuleList], bool, error) {
	return single[api.ModuleList](s, "modules", `SELECT at, body FROM cache_modules WHERE scope = ?`)
}

// Retention is what the server said last that it is about to delete.
type Retention struct {
	Report api.RetentionReport `json:"report"`
	Others []string            `json:"others,omitempty"` // IDs of backups whose file another device has
}

// Retention is what the server is about to delete, as last seen; false when it
// never was.
func (s *Store) Retention() (api.Snapshot[Retention], bool, error) {
	return single[Retention](s, "what is about to be deleted", `SELECT at, body FROM cache_retention WHERE scope = ?`)
}

// single reads what a session has one of.
func single[T any](s *Store, what, query string) (none api.Snapshot[T], found bool, err error) {
	scope, err := s.scopeID(s.cache.db)
	if err != nil || scope == 0 {
		return none, false, err
	}
	var at, body string
	err = s.cache.db.QueryRow(query, scope).Scan(&at, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return none, false, nil
	case err != nil:
		return none, false, err
	}
	value, when, err := unpack[T](what, at, body)
	if err != nil {
		return none, false, err
	}
	return api.Snapshot[T]{Value: value, At: when}, true, nil
}

// Page is the list as the server sent it last, with what was learned of single
// backups since; false when it was never asked for. Backups whose rows are
// damaged are left out.
func (s *Store) Page(q api.ListQuery) (api.Snapshot[api.BackupPage], bool, error) {
	var none api.Snapshot[api.BackupPage]
	scope, err := s.scopeID(s.cache.db)
	if err != nil || scope == 0 {
		return none, false, err
	}
	var at, body string
	err = s.cache.db.QueryRow(`SELECT at, body FROM cache_pages WHERE scope = ? AND query = ?`, scope, keyOf(q)).Scan(&at, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return none, false, nil
	case err != nil:
		return none, false, err
	}
	list, when, err := unpack[page]("a list", at, body)
	if err != nil {
		return none, false, err
	}
	var rows []row
	for _, id := range list.IDs {
		found, err := readBackups(s.cache.db, `SELECT id, at, body FROM cache_backups WHERE scope = ? AND id = ?`, scope, id)
		if err != nil {
			return none, false, err
		}
		rows = append(rows, found...)
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return r.err != nil || q.Status != "" && r.value.Status != q.Status })
	return api.Snapshot[api.BackupPage]{
		Value: api.BackupPage{Items: ordered(rows), NextCursor: list.Next}, At: when,
	}, true, nil
}

// Search looks through everything that was seen, by the rule of the server
// (api.ListQuery.Matches), and is for when the server cannot be asked. What it
// finds comes on one page, and is as old as the oldest of it. A later page
// (q.Cursor) is only found if it was seen; false when nothing was ever saved.
func (s *Store) Search(q api.ListQuery) (api.Snapshot[api.BackupPage], bool, error) {
	var none api.Snapshot[api.BackupPage]
	if q.Cursor != "" {
		return s.Page(q)
	}
	scope, err := s.scopeID(s.cache.db)
	if err != nil || scope == 0 {
		return none, false, err
	}
	pages, err := pagesOf(s.cache.db, scope)
	if err != nil {
		return none, false, err
	}
	query, args := `SELECT id, at, body FROM cache_backups WHERE scope = ?`, []any{scope}
	if q.Status != "" {
		query, args = query+` AND status = ?`, append(args, string(q.Status))
	}
	for _, word := range api.SearchWords(q.Q) {
		query, args = query+` AND instr(words, ?) > 0`, append(args, word)
	}
	rows, err := readBackups(s.cache.db, query, args...)
	if err != nil {
		return none, false, err
	}
	facts := api.ListQuery{Module: q.Module, Covers: q.Covers}
	rows = slices.DeleteFunc(rows, func(r row) bool { return r.err != nil || !facts.Matches(r.value) })
	if len(rows) == 0 && len(pages) == 0 {
		return none, false, nil
	}
	var at time.Time
	for _, r := range rows {
		at = earlier(at, r.at)
	}
	if len(rows) == 0 {
		for _, p := range pages {
			at = earlier(at, p.at)
		}
	}
	return api.Snapshot[api.BackupPage]{Value: api.BackupPage{Items: ordered(rows)}, At: at}, true, nil
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// ordered are the backups of rows in the order of lists.
func ordered(rows []row) []api.Backup {
	items := make([]api.Backup, 0, len(rows))
	for _, r := range rows {
		items = append(items, r.value)
	}
	slices.SortFunc(items, api.CompareBackups)
	return items
}

// readBackups reads rows of id, at and body.
func readBackups(q querier, query string, args ...any) (all []row, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r row
		var at, body string
		if err := rows.Scan(&r.id, &at, &body); err != nil {
			return nil, err
		}
		r.value, r.at, r.err = unpack[api.Backup]("backup "+r.id, at, body)
		if r.err == nil && r.value.ID != r.id {
			r.err = &DamagedError{What: "backup " + r.id, Err: errors.New("it is another one")}
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// pagesOf reads the stored lists; damaged ones are left out.
func pagesOf(q querier, scope int64) (all []storedPage, err error) {
	rows, err := q.Query(`SELECT at, body FROM cache_pages WHERE scope = ? ORDER BY id`, scope)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var at, body string
		if err := rows.Scan(&at, &body); err != nil {
			return nil, err
		}
		if list, when, err := unpack[page]("a list", at, body); err == nil {
			all = append(all, storedPage{list, when})
		}
	}
	return all, rows.Err()
}
