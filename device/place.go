package device

import (
	"context"
	"io/fs"
	"path/filepath"

	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/device/internal/disk"
)

// Place is where this device keeps what was downloaded: a folder, or a phone's
// public Downloads, whose files have no paths. It is safe for use by several
// goroutines.
type Place interface {
	download.Folder
	// StatAt describes a file by its place, also when it lies elsewhere.
	StatAt(l download.Location) (download.Info, error)
	// OfSize finds the published files of that many bytes (requirement B13).
	OfSize(ctx context.Context, size int64) ([]download.Info, error)
	// Remove deletes a file.
	Remove(l download.Location) error
	// Beside is where the archive at l is extracted to, and how much is free
	// there.
	Beside(l download.Location) (extract.Target, func() (int64, error))
	// Documents lists the files of a folder that an archive was extracted to, and
	// of those below it, that Open would open: at most so many, sorted. A Name is
	// the slash path within the folder.
	Documents(folder download.Location, most int) ([]download.Info, error)
	// Save writes a small file, in place of one of that name that the app wrote
	// before.
	Save(name string, content []byte) (download.Location, error)
	// Sweep removes what a killed run of the app left.
	Sweep() error
}

var _ Place = (*Folder)(nil)

// Remove deletes a file.
func (f *Folder) Remove(l download.Location) error { return RemoveFile(l) }

// Beside is the folder that the archive at l lies in.
func (f *Folder) Beside(l download.Location) (extract.Target, func() (int64, error)) {
	parent := filepath.Dir(string(l))
	return extract.Dir(parent), func() (int64, error) { return FreeSpace(parent) }
}

// Documents lists the files of a folder and of those below it that Open would
// open. Links are not followed, and not listed.
func (f *Folder) Documents(folder download.Location, most int) ([]download.Info, error) {
	var found []download.Info
	root := string(folder)
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || !isDocument(p) {
			return err
		}
		if len(found) == most {
			return filepath.SkipAll
		}
		info, err := statFile(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, p)
		info.Name = filepath.ToSlash(name)
		found = append(found, info)
		return err
	})
	if err != nil {
		return nil, folderError("read", root, err)
	}
	return found, nil
}

// Save replaces a small file in one step.
func (f *Folder) Save(name string, content []byte) (download.Location, error) {
	p, err := f.published(name)
	if err != nil {
		return "", err
	}
	if err := f.create(); err != nil {
		return "", err
	}
	if err := disk.ReplaceFile(p, content, 0o600); err != nil {
		return "", folderError("write", p, err)
	}
	return download.Location(p), nil
}

// Sweep removes what extractions that were killed left.
func (f *Folder) Sweep() error { return extract.Sweep(f.path) }
