package extract

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"unicode/utf8"

	"connectbackup/device/download"
	"connectbackup/device/internal/disk"
)

// A claim is a file beside a temporary folder, locked as long as the
// extraction lives. It says that the folder is ours: what has no claim is
// never touched, and what is locked belongs to somebody alive.
type claim struct {
	folder string // the temporary folder
	file   *os.File
	kept   bool // what lies in its place is somebody's, and stays
}

const (
	claimSuffix = ".lock"
	asideSuffix = ".old" // of the folder that is being replaced
	claimMax    = 4096   // bytes
	// claimName is how much of the folder's name its temporary one shows.
	claimName = 100
)

// claimed is what stands in the file beside a temporary folder.
type claimed struct {
	Kind   string `json:"kind"`
	Target string `json:"target"` // name of the folder to be
}

const claimKind = "connect-backup extracting, version 1"

// marshal cannot fail: it is two strings.
func (c claimed) marshal() []byte {
	b, _ := json.Marshal(c)
	return append(b, '\n')
}

var claimPattern = regexp.MustCompile(`^\..+\.extracting-[0-9a-f]{16}\.lock$`)

// makeClaim claims a new temporary folder for name; it does not make it.
func makeClaim(parent, name string) (*claim, error) {
	short := name
	for len(short) > claimName {
		_, n := utf8.DecodeLastRuneInString(short)
		short = short[:len(short)-n]
	}
	for range 10 {
		var random [8]byte
		_, _ = rand.Read(random[:]) // never fails since Go 1.24
		folder := filepath.Join(parent, fmt.Sprintf(".%s.extracting-%x", short, random))
		c, err := tryClaim(folder, name)
		if !errors.Is(err, disk.ErrLocked) && !errors.Is(err, fs.ErrExist) {
			return c, err
		}
	}
	return nil, disk.ErrLocked
}

func tryClaim(folder, name string) (*claim, error) {
	p := folder + claimSuffix
	f, err := disk.CreateShared(p)
	if err != nil {
		return nil, err
	}
	err = disk.Lock(f)
	if err == nil && !stillThere(f) {
		err = disk.ErrLocked // a sweep was faster
	}
	if err == nil {
		_, err = f.Write(claimed{Kind: claimKind, Target: name}.marshal())
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, errors.Join(err, disk.IgnoreMissing(os.Remove(p)), f.Close())
	}
	return &claim{folder: folder, file: f}, nil
}

// stillThere reports whether an open file has its name.
func stillThere(f *os.File) bool {
	here, err1 := f.Stat()
	there, err2 := os.Lstat(f.Name())
	return err1 == nil && err2 == nil && os.SameFile(here, there)
}

// release ends the claim. The file goes before its lock, so that nobody claims
// a name that is about to vanish.
func (c *claim) release() error {
	return errors.Join(disk.IgnoreMissing(os.Remove(c.file.Name())), disk.CloseLocked(c.file))
}

// end ends the claim when the folder has its name. What is left of an old one is
// still claimed, but by nobody: Sweep removes it.
func (c *claim) end(left string) error {
	if left == "" {
		return c.release()
	}
	return disk.CloseLocked(c.file)
}

// publish gives the temporary folder its name, or with both, one that is free.
func (c *claim) publish(target string, both bool) (string, error) {
	for n := 1; both && n < 10_000; n++ {
		p := download.Numbered(target, n)
		err := disk.RenameNew(c.folder, p)
		if err == nil {
			return p, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", folderError("rename", p, err)
		}
	}
	err := disk.RenameNew(c.folder, target)
	if errors.Is(err, fs.ErrExist) {
		return "", existsError(target)
	}
	if err != nil {
		return "", folderError("rename", target, err)
	}
	return target, nil
}

// Sweep removes what extractions that were killed left in parent. It touches
// only folders that a claim of ours names and nobody holds, among them what
// could not be removed of one that was replaced. A folder that was set aside to
// be replaced, and was not, is put back.
func Sweep(parent string) error {
	entries, err := os.ReadDir(parent)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return folderError("read", parent, err)
	}
	var errs []error
	for _, e := range entries {
		if e.Type().IsRegular() && claimPattern.MatchString(e.Name()) {
			errs = append(errs, sweepOne(parent, filepath.Join(parent, e.Name())))
		}
	}
	return errors.Join(errs...)
}

func sweepOne(parent, p string) error {
	f, err := disk.OpenShared(p, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its owner has just ended
	}
	if err != nil {
		return folderError("read", p, err)
	}
	defer func() { _ = disk.CloseLocked(f) }() // nothing is written to it
	if err := disk.Lock(f); errors.Is(err, disk.ErrLocked) {
		return nil
	} else if err != nil {
		return folderError("read", p, err)
	}
	b, err := io.ReadAll(io.LimitReader(f, claimMax))
	if err != nil {
		return folderError("read", p, err)
	}
	if len(b) == 0 { // killed before it said anything and made a folder
		return removeClaim(p)
	}
	var c claimed
	if json.Unmarshal(b, &c) != nil || c.Kind != claimKind || filepath.Base(c.Target) != c.Target || !filepath.IsLocal(c.Target) {
		return nil // not ours
	}
	folder := p[:len(p)-len(claimSuffix)]
	if err := sweepFolder(folder, filepath.Join(parent, c.Target)); err != nil {
		return err
	}
	return removeClaim(p)
}

func removeClaim(p string) error {
	if err := disk.IgnoreMissing(os.Remove(p)); err != nil {
		return folderError("write", p, err)
	}
	return nil
}

func sweepFolder(folder, target string) error {
	aside := folder + asideSuffix
	for _, out := range []string{folder, aside} {
		// Ours are folders: a file came there instead of the one to be replaced.
		if info, err := os.Lstat(out); err == nil && info.Mode().IsRegular() {
			if err := putBack(out, target); err != nil {
				return err
			}
		}
	}
	if err := disk.RenameNew(aside, target); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrExist) {
		return folderError("rename", aside, err)
	}
	if err := errors.Join(removeAll(folder), removeAll(aside)); err != nil {
		return folderError("write", folder, err)
	}
	return nil
}
