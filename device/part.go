package device

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"connectbackup/device/download"
	"connectbackup/device/internal/disk"
)

// part is a file being filled. Its lock lasts as long as it is open.
type part struct {
	file *os.File
	done func(fs.FileInfo)
}

// OpenPart opens the part of key, empty if it is new, and locks it.
// *download.LockedError when it is open already, here or in another process.
func (f *Folder) OpenPart(key string) (download.Part, error) {
	p, err := f.own(key, partSuffix)
	if err != nil {
		return nil, err
	}
	if err := f.create(); err != nil {
		return nil, err
	}
	file, err := lockPart(p, true)
	if errors.Is(err, disk.ErrLocked) {
		return nil, &download.LockedError{Key: key}
	}
	if err != nil {
		return nil, folderError("write", p, err)
	}
	return &part{file: file, done: func(info fs.FileInfo) {
		f.mu.Lock()
		f.closed[key] = info
		f.mu.Unlock()
	}}, nil
}

func (p *part) ReadAt(b []byte, off int64) (int, error) { return p.file.ReadAt(b, off) }

func (p *part) WriteAt(b []byte, off int64) (int, error) {
	n, err := p.file.WriteAt(b, off)
	if err != nil {
		err = p.fault("write", err, int64(len(b)-n))
	}
	return n, err
}

func (p *part) Size() (int64, error) {
	info, err := p.file.Stat()
	if err != nil {
		return 0, p.fault("read", err, 0)
	}
	return info.Size(), nil
}

func (p *part) Truncate(size int64) error {
	if err := p.file.Truncate(size); err != nil {
		return p.fault("write", err, size)
	}
	return nil
}

func (p *part) Sync() error {
	if err := p.file.Sync(); err != nil {
		return p.fault("write", err, 0)
	}
	return nil
}

func (p *part) Close() error {
	info, statErr := p.file.Stat()
	if statErr == nil {
		p.done(info)
	}
	if err := disk.CloseLocked(p.file); err != nil {
		return p.fault("write", err, 0)
	}
	return nil
}

func (p *part) fault(op string, err error, need int64) error {
	err = folderError(op, p.file.Name(), err)
	var space *download.SpaceError
	if errors.As(err, &space) {
		space.Need = need
	}
	return err
}

// lockPart opens a part under its lock. Between opening and locking somebody
// may have published or removed the file; then its name leads elsewhere, and
// the new one is tried.
func lockPart(p string, create bool) (*os.File, error) {
	for range 100 {
		file, err := disk.OpenShared(p, create)
		if err != nil {
			return nil, err
		}
		if err := disk.Lock(file); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		here, err1 := file.Stat()
		there, err2 := os.Lstat(p)
		if err1 == nil && err2 == nil && os.SameFile(here, there) {
			return file, nil
		}
		if err := disk.CloseLocked(file); err != nil {
			return nil, err
		}
		if err := errors.Join(err1, err2); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, disk.ErrLocked
}

// Publish gives the closed part of key its final name, under the part's lock,
// and removes the journal. It never writes over a file unless clash is Replace;
// with KeepBoth it finds a free name such as "name (2).zip"; otherwise an
// existing file is a *download.ExistsError and the part stays.
func (f *Folder) Publish(key, name string, clash download.Clash) (download.Info, error) {
	target, err := f.published(name)
	if err != nil {
		return download.Info{}, err
	}
	p, err := f.own(key, partSuffix)
	if err != nil {
		return download.Info{}, err
	}
	file, err := lockPart(p, false)
	if errors.Is(err, disk.ErrLocked) {
		return download.Info{}, &download.LockedError{Key: key}
	}
	if err != nil {
		return download.Info{}, folderError("rename", p, err)
	}
	defer func() { _ = disk.CloseLocked(file) }() // nothing is written through it
	if err := f.sameAsClosed(key, file); err != nil {
		return download.Info{}, folderError("rename", p, err)
	}
	if target, err = moveTo(p, target, clash); err != nil {
		return download.Info{}, err
	}
	if err := f.afterPublish(key, target); err != nil {
		return download.Info{}, err
	}
	return statFile(target)
}

// sameAsClosed reports whether the part is what this process left.
func (f *Folder) sameAsClosed(key string, file *os.File) error {
	f.mu.Lock()
	was, ok := f.closed[key]
	f.mu.Unlock()
	if !ok {
		return nil
	}
	is, err := file.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(was, is) || was.Size() != is.Size() {
		return errForeignPart
	}
	return nil
}

func (f *Folder) afterPublish(key, target string) error {
	f.mu.Lock()
	delete(f.closed, key)
	f.mu.Unlock()
	if err := disk.Unhide(target); err != nil {
		return folderError("write", target, err)
	}
	journal, err := f.own(key, journalSuffix)
	if err != nil {
		return err
	}
	if err := os.Remove(journal); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return folderError("write", journal, err)
	}
	if err := disk.SyncDir(f.path); err != nil {
		return folderError("write", f.path, err)
	}
	return nil
}

// moveTo renames a file or folder as clash says and returns the name it got.
func moveTo(from, target string, clash download.Clash) (string, error) {
	switch clash {
	case download.Replace:
		if err := disk.RenameOver(from, target); err != nil {
			return "", folderError("rename", target, err)
		}
		return target, nil
	case download.KeepBoth:
		for n := 1; n < 10_000; n++ {
			p := download.Numbered(target, n)
			err := disk.RenameNew(from, p)
			if err == nil {
				return p, nil
			}
			if !errors.Is(err, fs.ErrExist) {
				return "", folderError("rename", p, err)
			}
		}
	}
	err := disk.RenameNew(from, target)
	if errors.Is(err, fs.ErrExist) {
		return "", &download.ExistsError{Name: filepath.Base(target), Location: download.Location(target)}
	}
	if err != nil {
		return "", folderError("rename", target, err)
	}
	return target, nil
}
