package download

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"time"
)

// The patience of the engine.
const (
	openTimeout   = 60 * time.Second // for a reply to begin, sign-in renewal included
	idleTimeout   = 15 * time.Second // for the next byte of a reply
	backoffFirst  = 500 * time.Millisecond
	backoffMost   = 30 * time.Second
	retryMost     = 5 * time.Minute  // a server's Retry-After is obeyed up to this
	waitingAfter  = 10 * time.Minute // without a byte the state becomes Waiting
	oddAnswers    = 5                // replies in a row that make no sense
	sameEnds      = 3                // replies in a row that break at the same byte
	spaceReserve  = 64 << 20         // bytes that are left free on the disk,
	spaceLeast    = 1 << 20          // or as many as a smaller file has, but no less
	progressEvery = 100 * time.Millisecond
)

// backoff is the waiting between tries: full jitter under a bound that doubles
// (so that many devices do not come back at once), reset by progress.
type backoff struct{ tries int }

func (b *backoff) reset() { b.tries = 0 }

// next is how long to wait after err.
func (b *backoff) next(err error) time.Duration {
	bound := backoffMost
	if b.tries < 10 {
		bound = min(backoffMost, backoffFirst<<b.tries)
	}
	b.tries++
	wait := rand.N(bound)
	var later *RetryAfterError
	if errors.As(err, &later) {
		return max(wait, min(later.After, retryMost))
	}
	return wait
}

// final reports whether trying again cannot help.
func final(err error) bool {
	for _, e := range []error{
		ErrGone, ErrNotFound, ErrDenied, ErrAuthExpired, ErrNotReady, ErrNotTheFile,
		ErrUntrusted, ErrProxy, ErrRefused, ErrChanged, ErrTooBig, errPartChanged,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	var (
		space   *SpaceError
		folder  *FolderError
		damaged *DamagedError
		locked  *LockedError
	)
	return errors.As(err, &space) || errors.As(err, &folder) || errors.As(err, &damaged) || errors.As(err, &locked)
}

// useless reports whether, after this error, the bytes fetched so far will
// never become a file.
func useless(err error) bool {
	var damaged *DamagedError
	return errors.Is(err, ErrGone) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrChanged) ||
		errors.Is(err, ErrTooBig) || errors.As(err, &damaged)
}

// diskError types an error of the Folder.
func diskError(op, path string, need int64, err error) error {
	var (
		folder *FolderError
		locked *LockedError
		space  *SpaceError
		exists *ExistsError
	)
	switch {
	case err == nil:
		return nil
	case isTooBig(err):
		return fmt.Errorf("%w: %w", ErrTooBig, err)
	case errors.As(err, &space):
		return &SpaceError{Need: max(space.Need, need), Free: space.Free, Err: space.Err}
	case isFull(err):
		return &SpaceError{Need: need, Free: -1, Err: err}
	case errors.As(err, &folder), errors.As(err, &locked), errors.As(err, &exists):
		return err
	}
	var named *fs.PathError
	if errors.As(err, &named) {
		path = named.Path
	}
	return &FolderError{Path: path, Op: op, Err: err}
}

// fatMost is the size of the largest file of FAT32, in bytes.
const fatMost = 4<<30 - 1

// writeError types an error of writing up to offset end. FAT32 calls itself full
// at its largest file on Windows, however much is free.
func (t *transfer) writeError(err error, end int64) error {
	err = t.disk("write", err)
	var space *SpaceError
	if !errors.As(err, &space) || end <= fatMost {
		return err
	}
	if free, ferr := t.cfg.Folder.Free(); ferr != nil || free < spaceReserve {
		return err
	}
	return fmt.Errorf("%w: %w", ErrTooBig, err)
}

// rest waits before the next try. It ends early when the download is told to
// try at once, and tells when the long silence begins on the way.
func (t *transfer) rest(ctx context.Context, wait time.Duration, why error) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		silence, err := t.silent(why)
		if err != nil {
			return err
		}
		var quiet <-chan time.Time
		var alarm *time.Timer
		if silence > 0 {
			alarm = time.NewTimer(silence)
			quiet = alarm.C
		}
		again := false
		select {
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-timer.C:
		case <-t.hooks.wake:
		case <-quiet:
			again = true
		}
		if alarm != nil {
			alarm.Stop()
		}
		if !again {
			return err
		}
	}
}

// patience is how long to wait for a reply to begin: no longer than until the
// download is given up.
func (t *transfer) patience(limit time.Duration) time.Duration {
	if t.cfg.GiveUp <= 0 {
		return limit
	}
	return max(min(limit, t.cfg.GiveUp-time.Since(t.lastByte())), 0)
}

// idle is how long to wait for the next byte of a reply.
func (t *transfer) idle() time.Duration {
	if t.cfg.GiveUp > 0 {
		return min(idleTimeout, t.cfg.GiveUp)
	}
	return idleTimeout
}

// silent tells the state of a transfer that gets no bytes, and how long it is
// until that changes; 0: it will not.
func (t *transfer) silent(why error) (time.Duration, error) {
	since := time.Since(t.lastByte())
	if t.cfg.GiveUp > 0 && since >= t.cfg.GiveUp {
		return 0, &StalledError{After: t.cfg.GiveUp, Err: why}
	}
	if since >= waitingAfter {
		t.hooks.phase(Waiting, &StalledError{After: since.Round(time.Second), Err: why})
	} else {
		t.hooks.phase(Running, why)
	}
	next := time.Duration(0)
	if since < waitingAfter {
		next = waitingAfter - since
	}
	if left := t.cfg.GiveUp - since; left > 0 && (next == 0 || left < next) {
		next = left
	}
	return next, nil
}

func unexpected(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrOddAnswer, fmt.Sprintf(format, args...))
}
