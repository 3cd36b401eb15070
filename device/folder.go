package device

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"connectbackup/device/download"
	"connectbackup/device/internal/disk"
)

const (
	// ownPrefix begins the names of parts and journals. They are hidden, and
	// nothing published may be called so.
	ownPrefix     = ".connect-backup-"
	partSuffix    = ".part"
	journalSuffix = ".journal"
	// journalMax is the most that is read of a journal, in bytes: more is not
	// ours, and its checksum will say so.
	journalMax = 16 << 20
	// keyMax keeps the names of parts below the 255 bytes of most systems.
	keyMax = 200
)

// errForeignPart says that the part is not the file that this process filled.
var errForeignPart = errors.New("the part was replaced by somebody else")

// Folder is a directory that downloads end up in, usually Downloads. Parts and
// journals lie in it as hidden files, so that publishing is one rename on one
// file system. It is safe for use by several goroutines.
type Folder struct {
	path string

	mu     sync.Mutex
	closed map[string]fs.FileInfo // what the parts were when this process closed them
}

var _ download.Folder = (*Folder)(nil)

// OpenFolder makes a Folder of the directory at path, which need not exist: it
// is created by the first download.
func OpenFolder(path string) *Folder {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return &Folder{path: path, closed: make(map[string]fs.FileInfo)}
}

// Path is where the folder is.
func (f *Folder) Path() string { return f.path }

// Stat describes the published file of that name; fs.ErrNotExist if there is
// none. What else bears the name, a folder or a link that leads nowhere, is
// described too, since nothing can be published there.
func (f *Folder) Stat(name string) (download.Info, error) {
	p, err := f.published(name)
	if err != nil {
		return download.Info{}, err
	}
	return statFile(p)
}

// StatAt describes a published file by its place, also when it lies in another
// folder: Downloads may have been moved since.
func (f *Folder) StatAt(l download.Location) (download.Info, error) { return statFile(string(l)) }

func statFile(p string) (download.Info, error) {
	info, err := os.Stat(p)
	if errors.Is(err, fs.ErrNotExist) {
		info, err = os.Lstat(p)
	}
	if err != nil {
		return download.Info{}, folderError("read", p, err)
	}
	return download.Info{
		Name: filepath.Base(p), Size: info.Size(), ModTime: info.ModTime(), Location: download.Location(p),
	}, nil
}

// SaveJournal replaces the journal of key in one step: after a crash there is
// the old one or the new one.
func (f *Folder) SaveJournal(key string, b []byte) error {
	p, err := f.own(key, journalSuffix)
	if err != nil {
		return err
	}
	if err := f.create(); err != nil {
		return err
	}
	return folderError("write", p, disk.ReplaceFile(p, b, 0o600))
}

// LoadJournal returns fs.ErrNotExist if there is none.
func (f *Folder) LoadJournal(key string) ([]byte, error) {
	p, err := f.own(key, journalSuffix)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(p)
	if err != nil {
		return nil, folderError("read", p, err)
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, journalMax))
	if err != nil {
		return nil, folderError("read", p, err)
	}
	return b, nil
}

// Journals are the keys of all downloads that were begun here and not
// finished, sorted. A folder that is not there has none.
func (f *Folder) Journals() ([]string, error) {
	entries, err := os.ReadDir(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, folderError("read", f.path, err)
	}
	var keys []string
	for _, e := range entries {
		coded, ok := strings.CutPrefix(e.Name(), ownPrefix)
		if !ok {
			continue
		}
		if coded, ok = strings.CutSuffix(coded, journalSuffix); !ok {
			continue
		}
		if key, ok := decodeKey(coded); ok && e.Type().IsRegular() {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// Discard removes part and journal. Nothing there is not an error.
func (f *Folder) Discard(key string) error {
	f.mu.Lock()
	delete(f.closed, key)
	f.mu.Unlock()
	var errs []error
	for _, suffix := range []string{partSuffix, journalSuffix, journalSuffix + disk.NewSuffix} {
		p, err := f.own(key, suffix)
		if err != nil {
			return err
		}
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, folderError("write", p, err))
		}
	}
	return errors.Join(errs...)
}

// Open opens a published file for reading and tells its size in bytes.
func (f *Folder) Open(l download.Location) (download.ReaderAtCloser, int64, error) {
	file, size, err := OpenFile(l)
	if err != nil {
		return nil, 0, err
	}
	return file, size, nil
}

// OpenFile opens a file on this device for reading and tells its size in
// bytes. What is no regular file is refused: opening a pipe would never end.
func OpenFile(l download.Location) (*os.File, int64, error) {
	p := string(l)
	info, err := os.Stat(p)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("is no file: %w", fs.ErrInvalid)
	}
	if err != nil {
		return nil, 0, folderError("read", p, err)
	}
	file, err := os.Open(p)
	if err != nil {
		return nil, 0, folderError("read", p, err)
	}
	if info, err = file.Stat(); err != nil {
		return nil, 0, folderError("read", p, errors.Join(err, file.Close()))
	}
	return file, info.Size(), nil
}

// Free is how many bytes this user can still write there.
func (f *Folder) Free() (int64, error) { return FreeSpace(f.path) }

// FreeSpace is how many bytes this user can still write below path. Of what
// does not exist yet, the nearest folder above that does is asked.
func FreeSpace(path string) (int64, error) {
	dir := path
	for {
		n, err := disk.Free(dir)
		if err == nil {
			return n, nil
		}
		above := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || above == dir {
			return 0, folderError("read", path, err)
		}
		dir = above
	}
}

// create makes the folder when it is missing (requirements, "Downloads folder
// missing: it is created").
func (f *Folder) create() error {
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return folderError("create", f.path, err)
	}
	return nil
}

// own is the path of a hidden file of key.
func (f *Folder) own(key, suffix string) (string, error) {
	coded := encodeKey(key)
	if key == "" || len(coded) > keyMax {
		return "", &download.FolderError{Path: f.path, Op: "write", Err: fmt.Errorf("key %q: %w", key, fs.ErrInvalid)}
	}
	return filepath.Join(f.path, ownPrefix+coded+suffix), nil
}

// published is the path of a file that people see. The engine makes names safe
// before; this is the last door before the disk.
func (f *Folder) published(name string) (string, error) {
	if !filepath.IsLocal(name) || filepath.Base(name) != name || name == "." ||
		strings.ContainsAny(name, "/\\\x00") || strings.HasPrefix(name, ownPrefix) {
		return "", &download.FolderError{Path: f.path, Op: "write", Err: fmt.Errorf("name %q: %w", name, fs.ErrInvalid)}
	}
	return filepath.Join(f.path, name), nil
}

// encodeKey writes a key in characters that every file system keeps apart:
// capitals too, since many of them hold A and a for the same.
func encodeKey(key string) string {
	var b strings.Builder
	for i := range len(key) {
		c := key[i]
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

func decodeKey(coded string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(coded); i++ {
		if coded[i] != '%' {
			b.WriteByte(coded[i])
			continue
		}
		var c byte
		if i+2 >= len(coded) {
			return "", false
		}
		if _, err := fmt.Sscanf(coded[i+1:i+3], "%02x", &c); err != nil {
			return "", false
		}
		b.WriteByte(c)
		i += 2
	}
	return b.String(), encodeKey(b.String()) == coded && coded != ""
}

// folderError sorts an error of the disk into those that people can be told.
func folderError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	if disk.IsFull(err) {
		return &download.SpaceError{Free: -1, Err: err}
	}
	return &download.FolderError{Path: path, Op: op, Err: err}
}
