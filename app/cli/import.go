package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"connectbackup/api/server"
	"connectbackup/app/core"
)

// importFlags are what serve needs to bring in real data.
type importFlags struct {
	Import []string `help:"Import records from a CSV file into a module; may be given several times. Without --yes everything is checked and nothing is stored: 5 is the exit code if there are errors, else 0." placeholder:"MODULE=FILE.csv" sep:"none"`
	Yes    bool     `help:"Store what --import has checked."`

	Organisation string `help:"Organisation to import into, if there are several; with --email and --timezone it is made." placeholder:"NAME"`
	Email        string `help:"E-mail address of the user of a new organisation." placeholder:"ADDRESS"`
	Timezone     string `help:"Time zone of a new organisation: there its days begin and end." placeholder:"Europe/Berlin"`
	Locale       string `help:"Locale of a new organisation; it decides separator and decimal mark of its CSV files." default:"en-GB"`
}

// files are the files of --import.
func (f *importFlags) files() ([]server.ImportFile, error) {
	var all []server.ImportFile
	for _, text := range f.Import {
		module, path, found := strings.Cut(text, "=")
		if !found || module == "" || path == "" {
			return nil, fmt.Errorf("%w: --import is written MODULE=FILE.csv, not %q", errUsage, text)
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%w: --import wants a file, and %s is a folder", errUsage, path)
		}
		all = append(all, server.ImportFile{Module: module, Path: filepath.Clean(path)})
	}
	if len(all) == 0 && (f.Yes || f.Organisation != "" || f.Email != "" || f.Timezone != "") {
		return nil, fmt.Errorf("%w: --yes, --organisation, --email and --timezone belong to --import", errUsage)
	}
	return all, nil
}

// load imports the files, if there are any. Without --yes it only looks at them.
func (f *importFlags) load(r *run, e *core.Embedded, files []server.ImportFile, demo bool) error {
	if len(files) == 0 {
		return nil
	}
	o := server.ImportOptions{Organisation: f.Organisation, Files: files, Commit: f.Yes}
	if f.Email != "" {
		// Not guessed: a server often stands in another zone than its people.
		if f.Timezone == "" {
			return fmt.Errorf("%w: a new organisation needs --timezone, such as Europe/Berlin: there its days begin and end", errUsage)
		}
		o.New = &server.NewOrganisation{Name: f.Organisation, Email: f.Email, Timezone: f.Timezone, Locale: f.Locale}
	}
	if demo {
		d, err := e.SeedDemo(r.ctx)
		if err != nil {
			return err
		}
		if o.Organisation == "" {
			o.Organisation = d.Organisation
		}
	}
	report, err := e.Import(r.ctx, o)
	for _, done := range report.Files {
		tellImport(r.out, done)
	}
	switch {
	case errors.Is(err, server.ErrNoOrganisation):
		return &importError{err.Error() + "; name one with --organisation, and make it with --email and --timezone", errUsage}
	case errors.Is(err, server.ErrImportOptions):
		return &importError{err.Error(), errUsage}
	case errors.Is(err, server.ErrImportRefused):
		return &importError{"nothing was imported; correct the errors above, and try again", errDamaged}
	case err != nil:
		return err
	case !report.Imported:
		r.out.step("checked", fields{"organisation": report.Organisation},
			"There are no errors. Nothing was stored: this was a dry run, and --yes stores it in %s.", report.Organisation)
		return nil
	}
	tellImported(r.out, report, f.Email)
	return nil
}

// importError says why nothing was imported. kind decides the exit code.
type importError struct {
	text string
	kind error
}

func (e *importError) Error() string { return e.text }

func (e *importError) Unwrap() error { return e.kind }

// tellImport prints what was found in a file.
func tellImport(out *output, f server.ImportedFile) {
	errs := make([]fields, len(f.Errors))
	var lines strings.Builder
	for i, e := range f.Errors {
		errs[i] = fields{"line": e.Line, "column": e.Column, "detail": e.Detail}
		fmt.Fprintf(&lines, "\n  %s", printable(e.Error()))
	}
	if more := f.ErrorCount - int64(len(f.Errors)); more > 0 {
		fmt.Fprintf(&lines, "\n  and %s more", counted(more, "error", "errors"))
	}
	if f.Overdue > 0 {
		fmt.Fprintf(&lines, "\n  Older than 24 months, and left out since the server would delete it: %s of %s to %s.",
			counted(f.Overdue, "record", "records"), f.OverdueFrom, f.OverdueTill)
	}
	if f.DueSoon > 0 {
		fmt.Fprintf(&lines, "\n  %s will be older than 24 months within 30 days, and deleted then.", counted(f.DueSoon, "record", "records"))
	}
	if f.Guarded > 0 {
		fmt.Fprintf(&lines, "\n  %s with a ' before = + - or @, which stays. A backup of the profile plain has no such marks.", counted(f.Guarded, "cell", "cells"))
	}
	out.step("import", fields{
		"module": f.Module, "file": f.Path, "records": f.Records, "kept": f.Kept, "overdue": f.Overdue, "overdue_from": f.OverdueFrom,
		"overdue_till": f.OverdueTill, "due_soon": f.DueSoon, "guarded": f.Guarded, "errors": errs, "error_count": f.ErrorCount,
	}, "%s: %s for %s, %d of them to keep, %s"+strings.ReplaceAll(lines.String(), "%", "%%"),
		f.Path, counted(f.Records, "record", "records"), f.Module, f.Kept, counted(f.ErrorCount, "error", "errors"))
}

// tellImported prints that it is done, and how to get in where nobody could.
func tellImported(out *output, report server.ImportReport, email string) {
	f := fields{"organisation": report.Organisation}
	if report.Password == "" {
		out.step("imported", f, "Imported into %s", report.Organisation)
		return
	}
	f["email"], f["password"] = email, report.Password
	out.step("imported", f, "Imported into %s\nE-mail       %s\nPassword     %s\nNote the password: it is shown only now.",
		report.Organisation, email, report.Password)
}
