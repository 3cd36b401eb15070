package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// table is the import of one file into one module.
type table struct {
	*importer
	module module
	done   *ImportedFile
	place  columnPlace
	width  int // columns of the file
	cells  cellReader
	marks  decimalMarks
	store  func(entry) error // insert; tests look at what comes

	base int64 // the greatest seq there ever was before
	n    int64
	rows []any // arguments of insertRecords, so far
	ids  []any // arguments for import_ids, so far
}

// begin makes room for the identifiers of the file: on the disk, since a file
// may have more than fit into memory.
func (t *table) begin() (err error) {
	t.store = t.insert
	for _, statement := range []string{
		"DROP TABLE IF EXISTS temp.import_ids",
		"CREATE TEMP TABLE import_ids (id TEXT NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (id, line)) WITHOUT ROWID",
	} {
		if _, err := t.tx.ExecContext(t.ctx, statement); err != nil {
			return err
		}
	}
	t.base, err = lastSeq(t.ctx, t.tx, t.org, t.module.key)
	return err
}

// wrong notes an error; only the first ones are kept.
func (t *table) wrong(line int, column, detail string) {
	t.done.ErrorCount++
	if len(t.done.Errors) < importErrorsMax {
		t.done.Errors = append(t.done.Errors, LineError{line, column, detail})
	}
}

// row checks one record, and hands it on if it is in order.
func (t *table) row(line int, fields []string) error {
	if len(fields) != t.width {
		t.wrong(line, "", fmt.Sprintf("there are %d fields, but the first line names %d columns", len(fields), t.width))
		return nil
	}
	before := t.done.ErrorCount
	cells := make([]string, len(t.module.columns))
	for i, c := range t.module.columns {
		v, err := t.cells.stored(c.Type, fields[t.place.at[i]])
		if err == nil && c.Type == "N" && t.cells.decimalComma {
			err = t.marks.see(markedNumber{line, c.Name, fields[t.place.at[i]]})
		}
		if err != nil {
			t.wrong(line, c.Name, err.Error())
		}
		if strings.HasPrefix(v, "'") && (c.Type == "T" || c.Type == "I") {
			if bare := strings.TrimLeft(v, "'"); bare != "" && strings.IndexByte("=+-@\t\r", bare[0]) >= 0 {
				t.done.Guarded++
			}
		}
		cells[i] = v
	}
	if cells[0] == "" {
		t.wrong(line, t.module.columns[0].Name, "it is empty, but names the record")
	}
	created, updated := t.stamps(line, fields)
	if t.done.ErrorCount > before {
		return nil
	}
	t.done.Records++
	return t.store(entry{line, cells, created, updated, t.count(created)})
}

// entry is a record that is in order.
type entry struct {
	line             int
	cells            []string
	created, updated time.Time
	kept             bool
}

// insert stores an entry; once there is an error, only for comparing, since
// nothing will be kept anyway.
func (t *table) insert(e entry) error {
	if t.ids = append(t.ids, e.cells[0], e.line); len(t.ids) == 2*demoBatch {
		if err := t.flushIDs(); err != nil {
			return err
		}
	}
	if !e.kept || t.done.ErrorCount > 0 {
		return nil
	}
	text, err := json.Marshal(e.cells)
	if err != nil {
		return err
	}
	t.n++
	t.rows = append(t.rows, t.org, t.module.key, millis(e.created), t.base+t.n, millis(e.updated), string(text))
	if len(t.rows) == 6*demoBatch {
		return t.flush()
	}
	return nil
}

// stamps are created_at and updated_at of a record.
func (t *table) stamps(line int, fields []string) (created, updated time.Time) {
	text := fields[t.place.created]
	created, err := t.cells.instant(text)
	switch {
	case text == "":
		t.wrong(line, "created_at", "it is empty, but the 24 months are counted from it")
	case err != nil:
		t.wrong(line, "created_at", err.Error())
	case created.After(t.now):
		t.wrong(line, "created_at", shortened(text)+" lies in the future")
	}
	updated = created
	if t.place.updated >= 0 && fields[t.place.updated] != "" {
		if updated, err = t.cells.instant(fields[t.place.updated]); err != nil {
			t.wrong(line, "updated_at", err.Error())
		}
	}
	return created, updated
}

// count sorts a record by what the 24-month rule does with it, and reports
// whether it is kept.
func (t *table) count(created time.Time) (kept bool) {
	day := calendar.DayOf(created, t.loc)
	widen := func(from, till *calendar.Day) {
		if from.IsZero() || day.Before(*from) {
			*from = day
		}
		if till.IsZero() || day.After(*till) {
			*till = day
		}
	}
	if created.Before(t.kept) {
		t.done.Overdue++
		widen(&t.done.OverdueFrom, &t.done.OverdueTill)
		return false
	}
	t.done.Kept++
	widen(&t.done.KeptFrom, &t.done.KeptTo)
	if created.Before(t.soon) {
		t.done.DueSoon++
	}
	return true
}

func (t *table) flush() error {
	n := len(t.rows) / 6
	if n == 0 {
		return nil
	}
	// The driver watches a context that can end anew for every statement; once
	// a batch is enough.
	if err := t.ctx.Err(); err != nil {
		return err
	}
	_, err := t.tx.ExecContext(context.WithoutCancel(t.ctx), insertRecords(n), t.rows...)
	t.rows = t.rows[:0]
	return err
}

func (t *table) flushIDs() error {
	n := len(t.ids) / 2
	if n == 0 {
		return nil
	}
	if err := t.ctx.Err(); err != nil {
		return err
	}
	_, err := t.tx.ExecContext(context.WithoutCancel(t.ctx),
		"INSERT INTO import_ids (id, line) VALUES (?, ?)"+strings.Repeat(", (?, ?)", n-1), t.ids...)
	t.ids = t.ids[:0]
	return err
}

// end stores the rest and looks for identifiers that come twice, in the file or
// in what the server has.
func (t *table) end() error {
	if err := errors.Join(t.flush(), t.flushIDs()); err != nil {
		return err
	}
	if t.n > 0 {
		if err := arrive(t.ctx, t.tx, t.org, t.module.key, t.base, t.base+t.n, t.arrived); err != nil {
			return err
		}
	}
	id := t.module.columns[0].Name
	for _, check := range []struct {
		query, detail string
		args          []any
	}{
		{`SELECT id, line, (SELECT MIN(line) FROM import_ids f WHERE f.id = i.id) first FROM import_ids i
			WHERE line > first ORDER BY line`, "%s stands in line %d already", nil},
		{
			`SELECT i.id, i.line, 0 FROM records r JOIN import_ids i
			ON i.id = CASE WHEN json_valid(r.cells) THEN json_extract(r.cells, '$[0]') END
			WHERE r.org_id = ? AND r.module = ? AND r.seq <= ?`, "a record %s is on the server already",
			[]any{t.org, t.module.key, t.base},
		},
	} {
		all, err := t.tx.QueryContext(t.ctx, check.query, check.args...)
		if err != nil {
			return err
		}
		if err := t.twice(all, id, check.detail); err != nil {
			return err
		}
	}
	slices.SortStableFunc(t.done.Errors, func(a, b LineError) int { return cmp.Compare(a.Line, b.Line) })
	_, err := t.tx.ExecContext(t.ctx, "DROP TABLE import_ids")
	return err
}

// twice notes the rows of a query for identifiers that are not unique.
func (t *table) twice(all *sql.Rows, column, detail string) (err error) {
	defer func() { err = errors.Join(err, all.Close()) }()
	for all.Next() {
		var id string
		var line, first int
		if err := all.Scan(&id, &line, &first); err != nil {
			return err
		}
		args := []any{shortened(id), first}[:strings.Count(detail, "%")]
		t.wrong(line, column, fmt.Sprintf(detail, args...))
	}
	return all.Err()
}

// NewOrganisation is an organisation with one user, who may do everything.
type NewOrganisation struct {
	Name     string
	Timezone string // IANA
	Locale   string // BCP 47
	Email    string
}

func (n NewOrganisation) check() error {
	if _, err := time.LoadLocation(n.Timezone); err != nil || n.Timezone == "" || n.Timezone == "Local" {
		return fmt.Errorf("%w: the time zone %q is not known; write it as Europe/Berlin", ErrImportOptions, n.Timezone)
	}
	if _, err := language.Parse(n.Locale); err != nil {
		return fmt.Errorf("%w: the locale %q is not known; write it as de-DE", ErrImportOptions, n.Locale)
	}
	if a, err := mail.ParseAddress(n.Email); err != nil || a.Address != n.Email {
		return fmt.Errorf("%w: %q is no e-mail address", ErrImportOptions, n.Email)
	}
	if strings.TrimSpace(n.Name) == "" {
		return fmt.Errorf("%w: the organisation needs a name", ErrImportOptions)
	}
	return nil
}

// found makes an organisation with all modules, and a password for its user.
func (m *importer) found(n NewOrganisation, report *ImportReport) (int64, error) {
	if err := n.check(); err != nil {
		return 0, err
	}
	var taken int
	if err := m.tx.QueryRowContext(m.ctx, "SELECT COUNT(*) FROM users WHERE email = ?", normalEmail(n.Email)).Scan(&taken); err != nil {
		return 0, err
	}
	if taken > 0 {
		return 0, fmt.Errorf("%w: somebody has the e-mail address %s already", ErrImportOptions, n.Email)
	}
	r, err := m.tx.ExecContext(m.ctx, "INSERT INTO organisations (public_id, name, timezone, locale) VALUES (?, ?, ?, ?)",
		newID("org_", m.s.clock()), n.Name, n.Timezone, n.Locale)
	if err != nil {
		return 0, err
	}
	org, err := r.LastInsertId()
	if err != nil {
		return 0, err
	}
	report.Password = rand.Text()
	user := demoUser{newID("usr_", m.s.clock()), n.Email, n.Email, "active", []string{api.PermissionCreate, api.PermissionDownload, api.PermissionDelete}}
	if _, err := addUser(m.ctx, m.tx, org, user, hashPassword(report.Password)); err != nil {
		return 0, err
	}
	modules := demoModules()
	for i := range modules {
		modules[i].subscribed = true
	}
	return org, addModules(m.ctx, m.tx, org, modules)
}
