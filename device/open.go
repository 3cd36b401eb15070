package device

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"connectbackup/device/download"
)

// ErrUnsafe says that something is not opened because it could run as a
// program, or is no address of a web page.
var ErrUnsafe = errors.New("that is not opened for safety")

// OpenError says that a file, folder or page could not be shown, and what is
// missing for it.
type OpenError struct {
	What string // what was to be opened
	// Missing is the kind of file that no program is set up for, such as
	// "zip"; or the name of the system's program that is not installed, such
	// as "xdg-open". Both empty when something else went wrong.
	Missing, Program string
	Err              error
}

func (e *OpenError) Error() string {
	switch {
	case e.Program != "":
		return fmt.Sprintf("open %s: %s is not installed: %v", e.What, e.Program, e.Err)
	case e.Missing != "":
		return fmt.Sprintf("open %s: no program for %s files: %v", e.What, e.Missing, e.Err)
	}
	return fmt.Sprintf("open %s: %v", e.What, e.Err)
}

func (e *OpenError) Unwrap() error { return e.Err }

// documents are the endings of files that are opened. Names come from a
// server: what could be a program is not handed to the system.
var documents = map[string]bool{
	".zip": true, ".7z": true, ".rar": true, ".tar": true, ".gz": true, ".tgz": true, ".bz2": true, ".xz": true, ".zst": true,
	".csv": true, ".tsv": true, ".txt": true, ".md": true, ".json": true, ".sha256": true, ".log": true,
	".xlsx": true, ".ods": true, ".pdf": true, ".ics": true, ".png": true, ".jpg": true,
}

func isDocument(name string) bool { return documents[strings.ToLower(filepath.Ext(name))] }

// Open shows a file with the system's default app, or a folder in its file
// manager (requirement S21). It may block for some seconds.
func Open(l download.Location) error {
	if done, err := openElsewhere(l); done {
		return err
	}
	p := string(l)
	info, err := present(p)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return openFolder(p)
	}
	if !info.Mode().IsRegular() || !isDocument(p) {
		return &OpenError{What: p, Err: ErrUnsafe}
	}
	return openFile(p)
}

// Reveal shows a file or folder, selected, in the system's file manager. It may
// block for some seconds.
func Reveal(l download.Location) error {
	if done, err := revealElsewhere(l); done {
		return err
	}
	p := string(l)
	if _, err := present(p); err != nil {
		return err
	}
	return revealFile(p)
}

// OpenURL shows a web page: http and https only.
func OpenURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return &OpenError{What: "an address", Err: fmt.Errorf("%w: %w", ErrUnsafe, err)}
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.ContainsFunc(address, isSpaceOrControl) {
		return &OpenError{What: u.Redacted(), Err: ErrUnsafe}
	}
	return openPage(u.String())
}

func isSpaceOrControl(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// present makes sure that p is there, and that nothing can take it for an
// option or an address: it begins at the root.
func present(p string) (fs.FileInfo, error) {
	if !filepath.IsAbs(p) || strings.ContainsRune(p, 0) {
		return nil, &OpenError{What: p, Err: fs.ErrInvalid}
	}
	info, err := os.Stat(p)
	if err != nil {
		return nil, &OpenError{What: p, Err: err}
	}
	return info, nil
}

// kindOf names a kind of file for people.
func kindOf(p string) string {
	return strings.TrimPrefix(strings.ToLower(filepath.Ext(p)), ".")
}
