package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"connectbackup/api/calendar"
)

// ErrNoOrganisation says that the server has no organisation to import into, or
// none of the wanted name, or several to choose from.
var ErrNoOrganisation = errors.New("there is no such organisation")

// ErrImportRefused says that files have errors, which the report lists. Nothing
// was imported from any of them.
var ErrImportRefused = errors.New("the files have errors")

// ErrImportOptions says that something in ImportOptions makes no sense.
var ErrImportOptions = errors.New("the import is not possible")

// ImportOptions say what is imported. Only Files is required.
type ImportOptions struct {
	Organisation string           // its name; empty: the only one there is
	New          *NewOrganisation // made if there is none of that name
	Files        []ImportFile
	Commit       bool // false: a dry run, after which nothing has changed
}

// ImportFile is a CSV file with records of a module.
type ImportFile struct{ Module, Path string }

// ImportReport says what an import did, or what a dry run would have done.
type ImportReport struct {
	Organisation string
	Files        []ImportedFile
	Imported     bool   // the records are stored
	Password     string // of the new organisation's user, if one was made; it is not kept anywhere else
}

// ImportedFile is one file of a report.
type ImportedFile struct {
	Module, Path string
	Records      int64 // in order
	// Overdue records are over the 24 months (S3) today: the rule would delete
	// them at once, so they are left out. Their days:
	Overdue                  int64
	OverdueFrom, OverdueTill calendar.Day
	// Kept records, and how many of them the rule deletes within 30 days.
	Kept, DueSoon    int64
	KeptFrom, KeptTo calendar.Day
	// Guarded cells begin with ' before = + - or @, as those of a backup of the
	// profile excel. They are kept as they are.
	Guarded    int64
	ErrorCount int64
	Errors     []LineError // the first ones, by line
}

// LineError is one thing that is wrong with a file.
type LineError struct {
	Line   int // the first line of the file is 1
	Column string
	Detail string
}

func (e LineError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Detail)
	}
	return fmt.Sprintf("line %d, %s: %s", e.Line, e.Column, e.Detail)
}

// importErrorsMax is how many errors of a file are listed.
const importErrorsMax = 20

// dueSoonDays is how far a report looks ahead.
const dueSoonDays = 30

// errDryRun undoes what a dry run wrote.
var errDryRun = errors.New("a dry run")

// Import reads records from CSV files. Everything is checked, and either all of
// all files is stored, in one transaction, or nothing: ErrImportRefused with
// the report, ErrNoOrganisation, ErrImportOptions, or what went wrong with a file or the disk.
func (s *Server) Import(ctx context.Context, o ImportOptions) (report ImportReport, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		m := &importer{s: s, ctx: ctx, tx: tx}
		if err := m.organisation(o, &report); err != nil {
			return err
		}
		refused := false
		for _, f := range o.Files {
			done, err := m.file(f)
			if err != nil {
				return err
			}
			report.Files = append(report.Files, done)
			refused = refused || done.ErrorCount > 0
		}
		switch {
		case refused:
			return ErrImportRefused
		case !o.Commit:
			return errDryRun
		}
		return nil
	})
	if err == nil {
		report.Imported = true
		s.changes.tell()
		return report, nil
	}
	report.Password = "" // of a user that there is not
	if errors.Is(err, errDryRun) {
		return report, nil
	}
	return report, err
}

// importer reads into one organisation, within one transaction.
type importer struct {
	s   *Server
	ctx context.Context
	tx  *sql.Tx

	org     int64
	loc     *time.Location
	modules []module
	now     time.Time
	kept    time.Time // records of before are overdue
	soon    time.Time // those of before are due soon
	arrived int64     // when the records come: later than all snapshots without them
}

// organisation finds the organisation to import into, or makes it.
func (m *importer) organisation(o ImportOptions, report *ImportReport) error {
	type row struct {
		id         int64
		name, zone string
	}
	all, err := queryAll(m.ctx, m.tx, func(r *sql.Rows) (v row, err error) { return v, r.Scan(&v.id, &v.name, &v.zone) },
		"SELECT id, name, timezone FROM organisations ORDER BY id")
	if err != nil {
		return err
	}
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = v.name
	}
	at := slices.Index(names, o.Organisation)
	switch {
	case at < 0 && o.Organisation == "" && len(all) == 1:
		at = 0
	case at < 0 && o.New != nil:
		made, err := m.found(*o.New, report)
		if err != nil {
			return err
		}
		all, at = append(all, row{made, o.New.Name, o.New.Timezone}), len(all)
	case at < 0 && len(all) == 0:
		return fmt.Errorf("%w: the server has none yet", ErrNoOrganisation)
	case at < 0:
		return fmt.Errorf("%w: the server has %s", ErrNoOrganisation, strings.Join(names, ", "))
	}
	m.org, report.Organisation = all[at].id, all[at].name
	if m.loc, err = time.LoadLocation(all[at].zone); err != nil {
		return err
	}
	m.now = m.s.clock()
	if m.arrived, err = m.s.afterSnapshots(m.ctx, m.tx, m.org, m.now); err != nil {
		return err
	}
	today := calendar.DayOf(m.now, m.loc)
	m.kept, m.soon = keptFrom(today, m.loc), keptFrom(today.AddDays(dueSoonDays), m.loc)
	m.modules, err = modulesOf(m.ctx, m.tx, m.org)
	return err
}

// file imports one file. What is wrong with its content stands in done; err is
// for the file itself, the disk and the module's name.
func (m *importer) file(f ImportFile) (done ImportedFile, err error) {
	done = ImportedFile{Module: f.Module, Path: f.Path}
	at := slices.IndexFunc(m.modules, func(known module) bool { return known.key == f.Module })
	if at < 0 {
		keys := make([]string, len(m.modules))
		for i, known := range m.modules {
			keys[i] = known.key
		}
		return done, fmt.Errorf("%w: there is no module %q; there are %s", ErrImportOptions, f.Module, strings.Join(keys, ", "))
	}
	if !m.modules[at].subscribed {
		return done, fmt.Errorf("%w: the organisation has not subscribed to the module %q", ErrImportOptions, f.Module)
	}
	from, err := os.Open(f.Path)
	if err != nil {
		return done, err
	}
	defer func() { _ = from.Close() }() // only read
	t := &table{importer: m, module: m.modules[at], done: &done}
	if err := t.begin(); err != nil {
		return done, err
	}
	err = t.read(from)
	var form *csvError
	if errors.As(err, &form) { // nothing can be read after it
		t.wrong(form.line, "", form.detail)
		err = nil
	}
	if err == nil {
		err = t.end()
	}
	if err != nil {
		return done, fmt.Errorf("%s: %w", f.Path, err)
	}
	return done, nil
}

// read imports what is in a file; a *csvError where its form is wrong.
func (t *table) read(from io.Reader) error {
	r, err := newCSVReader(from)
	if err != nil {
		return err
	}
	header, err := r.header()
	if err != nil {
		return err
	}
	place, err := placeColumns(t.module, header)
	if err != nil {
		return &csvError{1, strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	t.place, t.width = place, len(header)
	t.cells = cellReader{loc: t.loc, decimalComma: r.separator == ';'}
	for {
		fields, err := r.read()
		if errors.Is(err, io.EOF) {
			if n, err := t.marks.doubt(); err != nil {
				t.wrong(n.line, n.column, err.Error())
			}
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.row(r.line, fields); err != nil {
			return err
		}
	}
}
