package shelf

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"connectbackup/device/download"
	"connectbackup/device/internal/disk"
	"connectbackup/device/phone"
)

// Rows is the system's list of what lies in Downloads: on a phone MediaStore,
// through phone.Phone.
type Rows interface {
	// Insert makes a pending file. The folder ends with a slash.
	Insert(folder, name, mime string) (uri string, err error)
	// Open opens a file; fs.ErrNotExist when it is gone.
	Open(uri string, write bool) (*os.File, error)
	// Publish shows a file to everybody, under that name or one like it.
	Publish(uri, name string) error
	// Name is what a file is called; fs.ErrNotExist when it is gone.
	Name(uri string) (string, error)
	// Named, Under and OfSize find this app's files.
	Named(folder, name string) ([]phone.Row, error)
	Under(folder string) ([]phone.Row, error)
	OfSize(size int64) ([]phone.Row, error)
	// Delete deletes a file; fs.ErrNotExist when it is gone.
	Delete(uri string) error
}

// Parts is the app's own storage, where downloads are filled.
type Parts interface {
	OpenPart(key string) (download.Part, error)
	SaveJournal(key string, b []byte) error
	LoadJournal(key string) ([]byte, error)
	Journals() ([]string, error)
	Discard(key string) error
	Free() (int64, error)
}

// copyBuffer is how much is copied at a time, in bytes.
const copyBuffer = 256 << 10

// Options of a Folder. All but First are required.
type Options struct {
	Parts Parts
	Rows  Rows
	Root  string // what the system calls Downloads: Download/
	Path  string // where it is, for people
	Notes string // a folder of the app's own, for what is pending
	// First is called before a download is begun, for what has to be asked of
	// the person then. nil: nothing.
	First func()
}

// Folder is the public Downloads. It is safe for use by several goroutines.
type Folder struct {
	Parts

	rows        Rows
	root, place string
	notes       notes
	first       func()

	mu     sync.Mutex
	closed map[string]int64 // how long the parts were when this process closed them
}

var _ download.Folder = (*Folder)(nil)

// Open makes a Folder.
func Open(o Options) *Folder {
	return &Folder{
		Parts: o.Parts, rows: o.Rows, root: o.Root, place: o.Path, notes: notes{dir: o.Notes}, first: o.First,
		closed: map[string]int64{},
	}
}

// IsURI reports whether a location is no path.
func IsURI(l download.Location) bool { return strings.HasPrefix(string(l), "content://") }

// OpenPart opens a part in the app's own storage.
func (f *Folder) OpenPart(key string) (download.Part, error) {
	if f.first != nil {
		f.first()
	}
	part, err := f.Parts.OpenPart(key)
	if err != nil {
		return nil, err
	}
	return &openPart{Part: part, f: f, key: key}, nil
}

// openPart remembers how long a part was when it was closed.
type openPart struct {
	download.Part

	f   *Folder
	key string
}

func (p *openPart) Close() error {
	if size, err := p.Size(); err == nil {
		p.f.mu.Lock()
		p.f.closed[p.key] = size
		p.f.mu.Unlock()
	}
	return p.Part.Close()
}

// Stat describes this app's published file of that name; fs.ErrNotExist if
// there is none.
func (f *Folder) Stat(name string) (download.Info, error) {
	rows, err := f.rows.Named(f.root, name)
	if err != nil {
		return download.Info{}, f.fault("read", err)
	}
	for _, r := range rows {
		if info, err := f.StatAt(download.Location(r.URI)); !errors.Is(err, fs.ErrNotExist) {
			return info, err
		}
	}
	return download.Info{}, f.fault("read", fs.ErrNotExist)
}

// StatAt describes a file by its place: a URI, also one of another app that
// lets this one read it, or a path.
func (f *Folder) StatAt(l download.Location) (download.Info, error) {
	if !IsURI(l) {
		return f.statPath(string(l))
	}
	name, err := f.rows.Name(string(l))
	if err != nil {
		return download.Info{}, f.fault("read", err)
	}
	file, err := f.rows.Open(string(l), false)
	if err != nil {
		return download.Info{}, f.fault("read", err)
	}
	info, err := file.Stat()
	if err = errors.Join(err, file.Close()); err != nil {
		return download.Info{}, f.fault("read", err)
	}
	return download.Info{Name: name, Size: info.Size(), ModTime: info.ModTime(), Location: l}, nil
}

// statPath describes a file by its path. A folder of Downloads, which may not be
// looked at, is there when a file is in it.
func (f *Folder) statPath(p string) (download.Info, error) {
	if name, ok := strings.CutPrefix(p, f.place+"/"); ok {
		rows, err := f.rows.Under(f.root + name + "/")
		if err == nil && len(rows) > 0 {
			return download.Info{Name: path.Base(name), Location: download.Location(p)}, nil
		}
	}
	info, err := os.Stat(p)
	if err != nil {
		return download.Info{}, &download.FolderError{Path: p, Op: "read", Err: err}
	}
	return download.Info{Name: filepath.Base(p), Size: info.Size(), ModTime: info.ModTime(), Location: download.Location(p)}, nil
}

// Open opens a file for reading and tells its size in bytes.
func (f *Folder) Open(l download.Location) (download.ReaderAtCloser, int64, error) {
	file, size, err := f.open(l)
	if err != nil {
		return nil, 0, f.fault("read", err)
	}
	return file, size, nil
}

func (f *Folder) open(l download.Location) (file *os.File, size int64, err error) {
	if IsURI(l) {
		file, err = f.rows.Open(string(l), false)
	} else {
		file, err = os.Open(string(l))
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("is no file: %w", fs.ErrInvalid)
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// OfSize finds this app's files of that many bytes, also where people moved
// them within Downloads (requirement B13).
func (f *Folder) OfSize(ctx context.Context, size int64) ([]download.Info, error) {
	rows, err := f.rows.OfSize(size)
	if err != nil {
		return nil, f.fault("read", err)
	}
	var found []download.Info
	for _, r := range rows {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		info, err := f.StatAt(download.Location(r.URI))
		if err == nil && info.Size == size { // else it has gone or changed meanwhile
			found = append(found, info)
		}
	}
	return found, nil
}

// Files lists this app's files of a folder of Downloads and of those below it,
// sorted. A Name is the slash path within the folder.
func (f *Folder) Files(folder download.Location) ([]download.Info, error) {
	name, ok := strings.CutPrefix(string(folder), f.place+"/")
	if !ok {
		return nil, &download.FolderError{Path: string(folder), Op: "read", Err: fs.ErrNotExist}
	}
	within := f.root + name + "/"
	rows, err := f.rows.Under(within)
	if err != nil {
		return nil, f.fault("read", err)
	}
	var files []download.Info
	for _, r := range rows {
		files = append(files, download.Info{
			Name: strings.TrimPrefix(r.Folder, within) + r.Name, Size: r.Size, Location: download.Location(r.URI),
		})
	}
	slices.SortFunc(files, func(a, b download.Info) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

// Remove deletes a file.
func (f *Folder) Remove(l download.Location) error {
	if !IsURI(l) {
		if err := os.Remove(string(l)); err != nil {
			return &download.FolderError{Path: string(l), Op: "delete", Err: err}
		}
		return nil
	}
	if err := f.rows.Delete(string(l)); err != nil {
		return f.fault("delete", err)
	}
	return nil
}

// Free is half of what is free: publishing copies, and for a moment a download
// is there twice.
func (f *Folder) Free() (int64, error) {
	n, err := f.Parts.Free()
	return n / 2, err
}

// Discard removes part and journal, and what was about to be published.
func (f *Folder) Discard(key string) error {
	return errors.Join(f.drop(key), f.Parts.Discard(key))
}

// fault sorts an error into those that people can be told.
func (f *Folder) fault(op string, err error) error {
	var folder *download.FolderError
	var space *download.SpaceError
	switch {
	case errors.As(err, &folder), errors.As(err, &space):
		return err
	case disk.IsFull(err):
		return &download.SpaceError{Free: -1, Err: err}
	}
	return &download.FolderError{Path: f.place, Op: op, Err: err}
}
