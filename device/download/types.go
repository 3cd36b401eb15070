package download

import (
	"context"
	"io"
	"time"
)

// Source is where bytes come from. Its errors are the typed ones of this
// package (ErrGone, ErrDenied, ErrAuthExpired, *RetryAfterError, …); any other
// error is taken for a passing fault of the network and retried.
type Source interface {
	// OpenRange asks for the bytes of id from offset from up to, not
	// including, offset to; to -1 means to the end. With ifRange set, a
	// strong ETag, a server whose file has changed sends the whole new file
	// instead (If-Range, RFC 9110). Body says what the server GRANTED, which
	// is what counts. When ctx ends, so do the call and any Read of the Body.
	OpenRange(ctx context.Context, id string, from, to int64, ifRange string) (Body, error)
}

// Body is an opened reply. The reader yields the bytes From (inclusive) to To
// (exclusive) of a file of Total bytes. To and Total are -1 when the server
// did not say.
type Body struct {
	io.ReadCloser
	From, To, Total int64
	ETag            string // as sent, quotes included; empty without one
}

// Info describes a file in a Folder.
type Info struct {
	Name     string
	Size     int64
	ModTime  time.Time
	Location Location
}

// Part is a file being filled. WriteAt, ReadAt and Sync may be called from
// several goroutines at once; WriteAt never twice for the same offset at once.
// Close ends the lock.
type Part interface {
	io.WriterAt
	io.ReaderAt
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error // returns when the bytes are on the disk
	Close() error
}

// ReaderAtCloser is a published file opened for reading.
type ReaderAtCloser interface {
	io.ReaderAt
	io.Closer
}

// Folder is where downloads end up, such as the user's Downloads folder. Key
// names a part and its journal: 32 lower-case hexadecimal digits. Name is the
// final name that people see, and was made safe (SafeName).
type Folder interface {
	// Stat describes the published file of that name; fs.ErrNotExist if there
	// is none.
	Stat(name string) (Info, error)
	// OpenPart opens the part of key, empty if it is new, and locks it against
	// every other process: *LockedError if another one holds it.
	OpenPart(key string) (Part, error)
	// SaveJournal replaces the journal of key in one step: after a crash there
	// is the old one or the new one.
	SaveJournal(key string, b []byte) error
	// LoadJournal returns fs.ErrNotExist if there is none.
	LoadJournal(key string) ([]byte, error)
	// Journals lists the keys that have a journal, in any order.
	Journals() ([]string, error)
	// Publish gives the closed part of key its final name and removes the
	// journal. It never writes over a file unless clash is Replace; with
	// KeepBoth it finds a free name; otherwise an existing file is an
	// *ExistsError and the part stays. Info describes the file as published.
	Publish(key, name string, clash Clash) (Info, error)
	// Discard removes part and journal. Nothing there is not an error.
	Discard(key string) error
	// Open opens a published file and tells its size in bytes.
	Open(Location) (ReaderAtCloser, int64, error)
	// Free is how many bytes can still be written.
	Free() (int64, error)
}

// Location is where a published file is: a path, or on a phone a URI.
type Location string

// Clash is what to do when a file of that name is already there.
type Clash int

// The answers to a clash. The zero value asks: Start fails with *ExistsError
// before anything is fetched.
const (
	Ask Clash = iota
	Replace
	KeepBoth
	Skip
)

// Phase is where a local download is in its life. It is never mixed with the
// Status of a backup on the server.
type Phase string

// The phases of a download.
const (
	None      Phase = ""          // nothing is going on
	Queued    Phase = "queued"    // waits for its turn
	Running   Phase = "running"   // bytes are coming, or a retry is near
	Paused    Phase = "paused"    // by the person, or found unfinished at the start of the app
	Waiting   Phase = "waiting"   // no byte for a long time; goes on by itself when the network is back
	Verifying Phase = "verifying" // all bytes are here and are being checked
	Failed    Phase = "failed"    // Err says why; Resume tries again
	Done      Phase = "done"      // published and verified
)

// Active reports whether the download holds, or will soon hold, a worker.
func (p Phase) Active() bool {
	return p == Queued || p == Running || p == Waiting || p == Verifying
}

// State is a picture of one download at one moment.
type State struct {
	ID       string // of the Request
	Name     string // final file name
	Phase    Phase
	Done     int64         // bytes on this machine
	Total    int64         // bytes in all; -1 when not known
	Rate     float64       // bytes per second, smoothed over 3 s; 0 when not known
	Left     time.Duration // estimate; negative when not known
	Err      error         // why it failed, waits, or is about to try again; nil otherwise
	Location Location      // once Done
}

// same says whether s is in phase p with an error if err is one, and without
// one if it is nil: from one such state to another there is only progress.
func (s State) same(p Phase, err error) bool {
	return s.Phase == p && (s.Err == nil) == (err == nil)
}

// Request says what to download. Size and SHA256 come from whoever made the
// file; the engine publishes nothing that does not match them.
type Request struct {
	ID     string // handed to Source.OpenRange; unique among downloads of one Folder
	Name   string // final file name; made safe before use
	Size   int64  // bytes; -1 when not known
	SHA256 string // 64 lower-case hexadecimal digits; empty when not known
	ETag   string // strong entity tag; empty when not known
	Clash  Clash
}

// Result is a finished download.
//
// It has two fields of the name SHA256: the Request's is what was promised.
type Result struct {
	Request
	Location   Location
	FinalName  string // differs from Name after KeepBoth, or when Name was not safe
	Bytes      int64
	SHA256     string // of the bytes that were published
	ModTime    time.Time
	At         time.Time
	Resumed    int64 // bytes that were already here
	NewFetched int64 // bytes fetched in this run, retries included
	Skipped    bool  // a file of that name was there and Clash was Skip: nothing was fetched or checked
}

// CopyState says whether a file that was downloaded here is still what it was.
type CopyState int

// The states of a local copy.
const (
	CopyNone    CopyState = iota // never downloaded here
	CopyPresent                  // there, with the size and time it had
	CopyGone                     // deleted or moved since
	CopyChanged                  // there, but not as it was
)

// Copy is what this machine holds of one backup (requirement I3).
type Copy struct {
	ID         string // of the backup
	State      CopyState
	Name       string
	Location   Location
	Size       int64
	SHA256     string
	At         time.Time // when it was downloaded
	VerifiedAt time.Time // when its SHA-256 was last compared in full
}
