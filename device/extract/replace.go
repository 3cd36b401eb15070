package extract

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"connectbackup/device/download"
	"connectbackup/device/internal/disk"
)

// ErrHoldsArchive says that the folder to be replaced holds the very archive
// that is to be extracted: it would go with the rest.
var ErrHoldsArchive = errors.New("the archive lies in it")

// sparer is a Target that can be told of the archive, so that it does not
// remove it with what it replaces.
type sparer interface{ Spare(archive fs.FileInfo) }

var _ sparer = (*DirTarget)(nil)

// Spare tells, before Begin, which file is extracted. A folder that holds it is
// not replaced.
func (d *DirTarget) Spare(archive fs.FileInfo) { d.archive = archive }

// publish gives the folder its name. old is where what it replaces lies now;
// empty when that is nowhere.
func (d *DirTarget) publish() (target, old string, err error) {
	if d.clash != download.Replace {
		target, err = d.claim.publish(d.target, d.clash == download.KeepBoth)
		return target, "", err
	}
	err = disk.RenameNew(d.claim.folder, d.target)
	switch {
	case err == nil:
		return d.target, "", nil // the old one has gone meanwhile
	case !errors.Is(err, fs.ErrExist):
		return "", "", folderError("rename", d.target, err)
	}
	old, err = d.replace()
	return d.target, old, err
}

// replace swaps the two folders where the system can. What came out is looked
// at only then: nobody else puts anything into it any more.
func (d *DirTarget) replace() (old string, err error) {
	c := d.claim
	err = d.exchange(c.folder, d.target)
	if errors.Is(err, errors.ErrUnsupported) {
		return d.setAside()
	}
	if err != nil {
		return "", folderError("rename", d.target, err)
	}
	err = d.mayGo(c.folder)
	if err == nil {
		return c.folder, nil
	}
	if d.exchange(c.folder, d.target) != nil { // the new one has gone, or was moved
		if lost := putBack(c.folder, d.target); lost != nil {
			c.kept = true
			err = errors.Join(err, lost)
		}
	}
	return "", err
}

// setAside takes the old folder away before the new one gets its name. A kill
// in between is mended by Sweep.
func (d *DirTarget) setAside() (old string, err error) {
	aside := d.claim.folder + asideSuffix
	if err := disk.RenameNew(d.target, aside); err != nil {
		return "", folderError("rename", d.target, err)
	}
	err = d.mayGo(aside)
	if err == nil {
		if err = disk.RenameNew(d.claim.folder, d.target); err == nil {
			if disk.RenameNew(aside, d.claim.folder) == nil { // from there Sweep puts nothing back
				aside = d.claim.folder
			}
			return aside, nil
		}
		err = folderError("rename", d.target, err)
	}
	if lost := putBack(aside, d.target); lost != nil {
		err = errors.Join(err, lost)
	}
	return "", err
}

// putBack gives what was taken out its name again; when that is taken by now,
// one beside it. The error says where it stays.
func putBack(from, to string) error {
	var err error
	for n := 1; n < 10_000; n++ {
		if err = disk.RenameNew(from, download.Numbered(to, n)); !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	if err != nil {
		return folderError("rename", from, err)
	}
	return nil
}

// mayGo looks at what is to be replaced, wherever it lies now.
func (d *DirTarget) mayGo(old string) error {
	info, err := os.Lstat(old)
	if err != nil {
		return folderError("read", d.target, err)
	}
	if !info.IsDir() {
		return existsError(d.target) // it came meanwhile; a folder never replaces a file
	}
	if d.archive != nil && holds(old, d.archive) {
		return &download.FolderError{Op: "delete", Path: d.target, Err: ErrHoldsArchive}
	}
	return nil
}

// holds reports whether a file lies somewhere below dir, by whatever path it was
// opened: it may have a second name, or have been moved there meanwhile.
func holds(dir string, file fs.FileInfo) bool {
	found := false
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, _ error) error {
		if e == nil || !e.Type().IsRegular() {
			return nil // what cannot be listed cannot be removed either
		}
		if info, err := e.Info(); err == nil && os.SameFile(info, file) {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// removeAll removes a folder that the person gave up, also where folders in it
// may not be written to. Folders that may not be looked into stay: nobody knows
// whether the archive lies there.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	root, rootErr := os.OpenRoot(dir)
	if rootErr != nil {
		return err
	}
	_ = fs.WalkDir(root.FS(), ".", func(p string, e fs.DirEntry, _ error) error {
		if e == nil || !e.IsDir() {
			return nil
		}
		if info, err := e.Info(); err == nil && info.Mode()&0o500 == 0o500 {
			_ = root.Chmod(p, info.Mode().Perm()|0o200) // removing tells
		}
		return nil
	})
	_ = root.Close()
	return os.RemoveAll(dir)
}
