package shelf

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/device/phone"
)

// extractKey begins the keys of extractions' notes.
const extractKey = "extract "

// showMark, in place of a URI among the notes of an extraction, says that what
// it replaces is being removed: from then on it is ended, not taken back. Behind
// it stand the URIs of all that goes.
const showMark = "show"

// target writes an archive out into a folder of Downloads, each file a pending
// row, and shows them all at the end. Empty folders have no rows, and are left
// out.
type target struct {
	f       *Folder
	archive download.Location // to be spared
	key     string            // of its notes
	name    string            // of the folder
	clash   download.Clash
	old     []phone.Row // to be replaced
	opened  bool

	mu   sync.Mutex
	made []phone.Row
	done bool
}

var _ extract.Target = (*target)(nil)

// Target is where the archive at that place is extracted to. A folder that holds
// it is not replaced.
func (f *Folder) Target(archive download.Location) extract.Target {
	return &target{f: f, archive: archive}
}

// Begin finds a name for the folder.
func (t *target) Begin(name string, clash download.Clash) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
		return t.f.fault("create", fmt.Errorf("name %q: %w", name, fs.ErrInvalid))
	}
	t.clash, t.key = clash, extractKey+rand.Text()
	for n := 1; n < 10_000; n++ {
		t.name = download.Numbered(name, n)
		rows, err := t.f.rows.Under(t.folder())
		switch {
		case err != nil:
			return t.f.fault("read", err)
		case clash == download.Replace && slices.ContainsFunc(rows, t.isArchive):
			return &download.FolderError{Op: "delete", Path: string(t.location()), Err: extract.ErrHoldsArchive}
		case len(rows) == 0 || clash == download.Replace:
			t.old, t.opened = rows, true
			return nil
		case clash != download.KeepBoth:
			return &download.ExistsError{Name: name, Location: t.location()}
		}
	}
	return t.f.fault("create", fs.ErrExist)
}

func (t *target) isArchive(r phone.Row) bool { return r.URI == string(t.archive) }

func (t *target) folder() string { return t.f.root + t.name + "/" }

// location is where people find the folder: rows have no folders of their own.
func (t *target) location() download.Location {
	return download.Location(filepath.Join(t.f.place, t.name))
}

// Create makes a pending file.
func (t *target) Create(entry string) (io.WriteCloser, error) {
	if !t.opened {
		return nil, t.f.fault("create", fs.ErrClosed)
	}
	row := phone.Row{Name: path.Base(entry), Folder: t.folder()}
	if dir := path.Dir(entry); dir != "." {
		row.Folder += dir + "/"
	}
	uri, err := t.f.rows.Insert(row.Folder, row.Name, phone.MimeOf(row.Name))
	if err != nil {
		return nil, t.f.fault("create", err)
	}
	row.URI = uri
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.f.notes.add(t.key, note{uri, row.Name}); err != nil {
		return nil, t.f.fault("create", errors.Join(err, t.f.gone(t.f.rows.Delete(uri))))
	}
	t.made = append(t.made, row)
	file, err := t.f.rows.Open(uri, true)
	if err != nil {
		return nil, t.f.fault("write", err)
	}
	return &outFile{file, t.f}, nil
}

// Mkdir has nothing to do.
func (t *target) Mkdir(string) error { return nil }

// Commit removes what is to be replaced and shows all files.
func (t *target) Commit() (download.Location, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.opened || t.done {
		return "", t.f.fault("rename", fs.ErrClosed)
	}
	if len(t.old) > 0 {
		var goes []string
		for _, r := range t.old {
			goes = append(goes, r.URI)
		}
		if err := t.f.notes.add(t.key, note{showMark, strings.Join(goes, " ")}); err != nil {
			return "", t.f.fault("write", err)
		}
		t.done = true // after this nothing is taken back: what was here before goes
	}
	for _, r := range t.old {
		if err := t.f.gone(t.f.rows.Delete(r.URI)); err != nil {
			return "", t.f.fault("delete", err)
		}
	}
	for _, r := range t.made {
		if err := t.f.rows.Publish(r.URI, r.Name); err != nil {
			return "", t.f.fault("rename", err)
		}
	}
	t.done = true
	return t.location(), t.f.notes.forget(t.key)
}

// Abort leaves nothing behind. After Commit it does nothing.
func (t *target) Abort() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.opened || t.done {
		return nil
	}
	t.done = true
	return t.f.drop(t.key)
}

// sweepExtraction removes what a killed extraction made; or, when what it
// replaces was being removed, the rest of that, and shows what it made. What
// fails is tried again at the next start.
func (f *Folder) sweepExtraction(key string) error {
	pending, err := f.notes.of(key)
	if err != nil {
		return err
	}
	mark := slices.IndexFunc(pending, func(p note) bool { return p.uri == showMark })
	if mark < 0 {
		return f.drop(key)
	}
	var errs []error
	for _, uri := range strings.Fields(pending[mark].name) {
		if err := f.gone(f.rows.Delete(uri)); err != nil {
			errs = append(errs, f.fault("delete", err))
		}
	}
	for _, p := range pending {
		if p.uri == showMark {
			continue
		}
		if err := f.gone(f.rows.Publish(p.uri, p.name)); err != nil {
			errs = append(errs, f.fault("rename", err))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return f.notes.forget(key)
}

// outFile brings a file to the disk when it is closed.
type outFile struct {
	*os.File

	f *Folder
}

func (o *outFile) Write(b []byte) (int, error) {
	n, err := o.File.Write(b)
	if err != nil {
		err = o.f.fault("write", err)
	}
	return n, err
}

func (o *outFile) Close() error {
	if err := errors.Join(o.Sync(), o.File.Close()); err != nil {
		return o.f.fault("write", err)
	}
	return nil
}
