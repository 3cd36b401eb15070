package shelf_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"connectbackup/device/phone"
)

// list stands for MediaStore: rows with files behind them, each pending until
// it is published; names are numbered where another file has them. The files of
// other apps are there, and shown to nobody.
type list struct {
	dir string

	mu    sync.Mutex
	next  int
	rows  map[string]*row
	fault map[string]error // by the name of the method
	calls []string
}

type row struct {
	phone.Row

	pending, foreign bool
}

func newList(t *testing.T) *list {
	t.Helper()
	return &list{dir: t.TempDir(), rows: map[string]*row{}, fault: map[string]error{}}
}

func (l *list) call(name string) error {
	l.calls = append(l.calls, name)
	return l.fault[name]
}

// foreign puts a file of another app there.
func (l *list) foreign(folder, name string) {
	l.next++
	uri := fmt.Sprintf("content://media/%d", l.next)
	l.rows[uri] = &row{Row: phone.Row{URI: uri, Name: name, Folder: folder}, foreign: true}
}

func (l *list) file(uri string) string { return filepath.Join(l.dir, filepath.Base(uri)) }

// free is the name that a file gets.
func (l *list) free(uri, folder, name string) string {
	candidate := name
	for n := 1; ; n++ {
		taken := false
		for other, r := range l.rows {
			taken = taken || other != uri && r.Folder == folder && r.Name == candidate && !r.pending
		}
		if !taken {
			return candidate
		}
		ext := filepath.Ext(name)
		candidate = fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
	}
}

func (l *list) Insert(folder, name, _ string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("Insert"); err != nil {
		return "", err
	}
	l.next++
	uri := fmt.Sprintf("content://media/%d", l.next)
	l.rows[uri] = &row{Row: phone.Row{URI: uri, Name: name, Folder: folder}, pending: true}
	return uri, os.WriteFile(l.file(uri), nil, 0o600)
}

func (l *list) Open(uri string, write bool) (*os.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("Open"); err != nil {
		return nil, err
	}
	if write && l.rows[uri] != nil && !l.rows[uri].pending {
		return nil, errors.New("a file is written to that everybody sees")
	}
	flags := os.O_RDONLY
	if write {
		flags = os.O_WRONLY
	}
	return os.OpenFile(l.file(uri), flags, 0)
}

func (l *list) Publish(uri, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("Publish"); err != nil {
		return err
	}
	r := l.rows[uri]
	if r == nil {
		return fs.ErrNotExist
	}
	r.Name, r.pending = l.free(uri, r.Folder, name), false
	return nil
}

func (l *list) Name(uri string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.rows[uri]; r != nil && !r.pending { // as some versions of Android do
		return r.Name, nil
	}
	return "", fmt.Errorf("no row: %w", fs.ErrNotExist)
}

func (l *list) find(wanted func(*row) bool) (found []phone.Row, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for uri, r := range l.rows {
		if r.foreign || r.pending {
			continue
		}
		info, err := os.Stat(l.file(uri))
		if err != nil {
			return nil, err
		}
		r.Size = info.Size()
		if wanted(r) {
			found = append(found, r.Row)
		}
	}
	return found, l.call("find")
}

func (l *list) Named(folder, name string) ([]phone.Row, error) {
	return l.find(func(r *row) bool { return r.Folder == folder && r.Name == name })
}

func (l *list) Under(folder string) ([]phone.Row, error) {
	return l.find(func(r *row) bool { return strings.HasPrefix(r.Folder, folder) })
}

func (l *list) OfSize(size int64) ([]phone.Row, error) {
	return l.find(func(r *row) bool { return r.Size == size })
}

func (l *list) Delete(uri string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.call("Delete"); err != nil {
		return err
	}
	if l.rows[uri] == nil {
		return fs.ErrNotExist
	}
	delete(l.rows, uri)
	return os.Remove(l.file(uri))
}

// shown is what people see, by folder and name.
func (l *list) shown(t *testing.T) map[string]string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	all := map[string]string{}
	for uri, r := range l.rows {
		if r.pending || r.foreign {
			continue
		}
		b, err := os.ReadFile(l.file(uri))
		if err != nil {
			t.Fatal(err)
		}
		all[r.Folder+r.Name] = string(b)
	}
	return all
}

// pending is how many files nobody sees.
func (l *list) pending() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.rows {
		if r.pending {
			n++
		}
	}
	return n
}
