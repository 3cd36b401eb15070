package download

import (
	"errors"
	"fmt"
	"time"
)

// Errors that a Source answers with, and that end a download at once. They may
// be wrapped.
var (
	ErrGone        = errors.New("the server no longer has the file")            // 410
	ErrNotFound    = errors.New("the server does not know the file")            // 404
	ErrDenied      = errors.New("the server does not allow this download")      // 403
	ErrAuthExpired = errors.New("the session ended and could not be renewed")   // 401 after a refresh
	ErrNotReady    = errors.New("the backup is not ready yet")                  // 409
	ErrNotTheFile  = errors.New("the server sent something else than the file") // a login page, a compressed body
	ErrUntrusted   = errors.New("the connection cannot be trusted")             // TLS refused, a redirect to plain http
	ErrProxy       = errors.New("the proxy lets nothing through")               // 407
	ErrRefused     = errors.New("the server refuses the download")              // 400 and its like
)

// ErrChanged says that the file on the server is not the one that was asked
// for. The engine discards what it has and tries once from the start.
var ErrChanged = errors.New("the file on the server has changed")

// ErrTooBig says that the disk's file system holds no file of that size, as
// FAT32 holds none of 4 GiB. What has come is of no use there.
var ErrTooBig = errors.New("the file system holds no file of that size")

// ErrRange says that the server has no bytes at that offset (416).
var ErrRange = errors.New("the server has no such range")

// ErrOddAnswer says that a reply makes no sense, or contradicts what was asked
// for. It is asked again a few times, then the download fails.
var ErrOddAnswer = errors.New("the server's answer does not fit the question")

// ErrUnknown says that the engine has no download of that ID.
var ErrUnknown = errors.New("no such download")

// ErrClosed says that the engine was closed.
var ErrClosed = errors.New("the download engine is closed")

// RequestError says that a Request cannot be carried out as it is.
type RequestError struct{ Field, Value, Detail string }

func (e *RequestError) Error() string {
	return fmt.Sprintf("download request: %s %q: %s", e.Field, e.Value, e.Detail)
}

// RetryAfterError says that the server asks to come back later (429, 503).
type RetryAfterError struct {
	After time.Duration // 0: the server named no time
	Err   error
}

func (e *RetryAfterError) Error() string {
	return fmt.Sprintf("the server asks to wait %v: %v", e.After, e.Err)
}

func (e *RetryAfterError) Unwrap() error { return e.Err }

// ExistsError says that a file of that name is already there.
type ExistsError struct {
	Name     string
	Location Location
}

func (e *ExistsError) Error() string { return fmt.Sprintf("%q is already there", e.Name) }

// SpaceError says that the disk has not enough room. All figures in bytes;
// Free is -1 when the system only said that the disk is full.
type SpaceError struct {
	Need, Free int64
	Err        error // nil when found before writing
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("not enough space: %d bytes needed, %d free", e.Need, e.Free)
}

func (e *SpaceError) Unwrap() error { return e.Err }

// FolderError says that the folder cannot be used.
type FolderError struct {
	Path string
	Op   string // "create", "write", "read", "rename", "delete"
	Err  error
}

func (e *FolderError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.Path, e.Err) }

func (e *FolderError) Unwrap() error { return e.Err }

// DamagedError says that the bytes that came are not those that were promised,
// also after a second try. Nothing was published.
type DamagedError struct {
	Name               string
	WantSize, GotSize  int64  // WantSize -1 when not known
	WantSHA256, SHA256 string // WantSHA256 empty when not known
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%q is damaged: want %d bytes, sha256 %s; got %d bytes, sha256 %s",
		e.Name, e.WantSize, e.WantSHA256, e.GotSize, e.SHA256)
}

// LockedError says that another process downloads the same file.
type LockedError struct{ Key string }

func (e *LockedError) Error() string {
	return fmt.Sprintf("another process is downloading %s", e.Key)
}

// StalledError says that no byte came for a while.
type StalledError struct {
	After time.Duration
	Err   error
}

func (e *StalledError) Error() string { return fmt.Sprintf("no data for %v: %v", e.After, e.Err) }

func (e *StalledError) Unwrap() error { return e.Err }
