package extract

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"connectbackup/device/download"
	"connectbackup/device/internal/disk"
)

// DirTarget writes into a hidden temporary folder that is renamed at the end.
// Nothing can be written outside it: everything goes through an os.Root. It is
// used for one extraction.
type DirTarget struct {
	parent   string
	clash    download.Clash
	target   string
	archive  fs.FileInfo // to be spared; nil when not known
	exchange func(a, b string) error
	remove   func(old string) error // what was replaced
	claim    *claim
	root     *os.Root
	sync     *syncer

	mu      sync.Mutex
	folders map[place]int32 // their numbers
	done    bool
}

var _ Target = (*DirTarget)(nil)

// Dir is a Target that makes its folder in parent, which is made too when it is
// missing.
func Dir(parent string) *DirTarget {
	return &DirTarget{parent: parent, exchange: disk.Exchange, remove: removeAll, folders: make(map[place]int32)}
}

// Begin claims a temporary folder.
func (d *DirTarget) Begin(name string, clash download.Clash) error {
	clean, err := cleanName(name)
	if err != nil || clean != name || path.Base(clean) != name {
		return folderError("create", filepath.Join(d.parent, name), fmt.Errorf("name %q: %w", name, fs.ErrInvalid))
	}
	if d.parent, err = filepath.Abs(d.parent); err != nil {
		return folderError("create", d.parent, err)
	}
	if err := os.MkdirAll(d.parent, 0o755); err != nil {
		return folderError("create", d.parent, err)
	}
	d.clash, d.target = clash, filepath.Join(d.parent, name)
	if err := d.checkClash(); err != nil {
		return err
	}
	if d.claim, err = makeClaim(d.parent, name); err != nil {
		return folderError("create", d.parent, err)
	}
	if err := os.Mkdir(d.claim.folder, 0o755); err != nil {
		d.claim.kept = true // whatever lies there is not ours
		return folderError("create", d.claim.folder, err)
	}
	if d.root, err = os.OpenRoot(d.claim.folder); err != nil {
		return folderError("create", d.claim.folder, err)
	}
	d.sync = newSyncer()
	return nil
}

// checkClash looks before anything is written; renaming looks again.
func (d *DirTarget) checkClash() error {
	_, err := os.Lstat(d.target)
	switch {
	case errors.Is(err, fs.ErrNotExist) || d.clash == download.KeepBoth && err == nil:
		return nil
	case err != nil:
		return folderError("read", d.target, err)
	case d.clash == download.Replace:
		return d.mayGo(d.target)
	}
	return existsError(d.target)
}

func existsError(p string) error {
	return &download.ExistsError{Name: filepath.Base(p), Location: download.Location(p)}
}

// Create makes a file that must not be there yet.
func (d *DirTarget) Create(entry string) (io.WriteCloser, error) {
	if err := d.makeFolders(path.Dir(entry)); err != nil {
		return nil, err
	}
	f, err := d.root.OpenFile(filepath.FromSlash(entry), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, folderError("create", filepath.Join(d.claim.folder, entry), err)
	}
	return &outFile{f, d.sync}, nil
}

// Mkdir makes an empty folder.
func (d *DirTarget) Mkdir(entry string) error { return d.makeFolders(entry) }

func (d *DirTarget) makeFolders(p string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p == "." {
		return nil
	}
	in, start := int32(0), 0
	for i := 0; i <= len(p); i++ {
		if i < len(p) && p[i] != '/' {
			continue
		}
		name := p[start:i]
		number, ok := d.folders[place{in, name}]
		if !ok {
			if err := d.root.Mkdir(filepath.FromSlash(p[:i]), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
				return folderError("create", filepath.Join(d.claim.folder, p[:i]), err)
			}
			number = int32(len(d.folders) + 1)
			d.folders[place{in, strings.Clone(name)}] = number // a part would keep the whole path
		}
		in, start = number, i+1
	}
	return nil
}

// Commit brings everything to the disk, then gives the folder its name.
func (d *DirTarget) Commit() (download.Location, error) {
	if d.root == nil || d.done {
		return "", folderError("rename", d.target, fs.ErrClosed)
	}
	if err := d.sync.wait(d.claim.folder); err != nil {
		return "", folderError("write", d.claim.folder, err)
	}
	if err := d.root.Close(); err != nil {
		return "", folderError("write", d.claim.folder, err)
	}
	target, old, err := d.publish()
	if err != nil {
		return "", err
	}
	d.done = true
	if err := disk.SyncDir(d.parent); err != nil {
		_ = d.claim.end(old) // the fault of the disk is told
		return "", folderError("write", d.parent, err)
	}
	// The files are shown; what is left over is swept at a later start.
	if old == "" || d.remove(old) == nil {
		old = ""
	}
	_ = d.claim.end(old)
	return download.Location(target), nil
}

// Abort leaves nothing behind. After Commit it does nothing.
func (d *DirTarget) Abort() error {
	if d.done || d.claim == nil {
		return nil
	}
	d.done = true
	var err error
	if d.sync != nil {
		_ = d.sync.drain() // of files that are thrown away
	}
	if d.root != nil {
		_ = d.root.Close() // it may be closed already
	}
	if !d.claim.kept {
		err = os.RemoveAll(d.claim.folder)
	}
	if err = errors.Join(err, d.claim.release()); err != nil {
		return folderError("write", d.claim.folder, err)
	}
	return nil
}

// folderError sorts an error of the disk into those that people can be told.
func folderError(op, p string, err error) error {
	if disk.IsFull(err) {
		return &download.SpaceError{Free: -1, Err: err}
	}
	return &download.FolderError{Op: op, Path: p, Err: err}
}
