package extract

import (
	"fmt"
	"io"

	"connectbackup/device/download"
)

// Target is where extracted files go: on a desktop a temporary folder that is
// renamed at the end, on a phone whatever its system offers. Create may be
// called from several goroutines; the other methods from one.
type Target interface {
	// Begin prepares a folder of that name. An existing one is an
	// *download.ExistsError unless clash says Replace, KeepBoth or Skip.
	Begin(name string, clash download.Clash) error
	// Create makes a file (and the folders above it). The entry is a relative
	// slash path that has been checked.
	Create(entry string) (io.WriteCloser, error)
	// Mkdir makes an empty folder.
	Mkdir(entry string) error
	// Commit makes everything visible in one step.
	Commit() (download.Location, error)
	// Abort leaves nothing behind. After Commit it does nothing.
	Abort() error
}

// Progress is told while extracting. Bytes are uncompressed; Total is -1 when
// the format does not say.
type Progress struct {
	Done, Total int64
	Entry       string
	Entries     int // finished
}

// Options of an extraction. The zero value is right for most.
type Options struct {
	Name    string // of the folder to make
	Clash   download.Clash
	Workers int                   // 0: min(cores, 4)
	Free    func() (int64, error) // free bytes at the target; nil: not checked
	Report  func(Progress)        // called from one goroutine at a time, at most 10 times a second and once at the end
	// AllowRatio accepts an archive whose contents are more than 200 times its
	// size: the person has agreed.
	AllowRatio bool
}

// Result of an extraction.
type Result struct {
	Location download.Location
	Files    int
	Bytes    int64
	Skipped  bool // a folder of that name was there and Clash was Skip: nothing was extracted
}

// Kind sorts what can be wrong with an archive.
type Kind string

// The kinds of an Error.
const (
	NotAnArchive Kind = "not-an-archive" // not a known format, or empty
	Damaged      Kind = "damaged"        // a CRC, a size or the structure is wrong
	Unsafe       Kind = "unsafe"         // a name or link that leads out, or that this system cannot hold
	Bomb         Kind = "bomb"           // far more content than its size can honestly hold
	Encrypted    Kind = "encrypted"
	Unsupported  Kind = "unsupported" // a method or feature nobody here can read
	Changed      Kind = "changed"     // the file changed while it was read
)

// Error says what is wrong with an archive, and with which entry of it.
type Error struct {
	Kind   Kind
	Entry  string // empty when it concerns the whole
	Detail string
	Err    error
}

func (e *Error) Error() string {
	s := "archive " + string(e.Kind)
	if e.Entry != "" {
		s += fmt.Sprintf(": %q", e.Entry)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }
