package download

import (
	"context"
	"encoding/hex"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Config is what the engine works with. Source and Folder are needed, the rest
// has defaults.
type Config struct {
	Source Source
	Folder Folder
	// Parallel is how many downloads run at once; further ones queue. Default 2.
	Parallel int
	// Connections is how many of them one download may use, where that makes it
	// faster. Default 8, on phones 4; 1: never more.
	Connections int
	// Scope names the server and organisation that IDs belong to. Unfinished
	// downloads of another scope in the same Folder are left alone (I12).
	Scope string
	// Finished is called when a file was published and before the state
	// becomes Done, on the download's goroutine, never for a skipped one. An
	// error makes the download Failed, but the file stays, and Resume calls
	// Finished again.
	Finished func(Result) error
	// GiveUp is how long a download goes on without a byte until it fails
	// with *StalledError. 0: for ever; it is Waiting then.
	GiveUp time.Duration
	Log    *slog.Logger // default: none

	best *atomic.Int32 // how many connections were good for this server; 0: not known
}

func (c Config) withDefaults() *Config {
	if c.Parallel < 1 {
		c.Parallel = 2
	}
	if c.Connections < 1 {
		c.Connections = 8
		if runtime.GOOS == "android" || runtime.GOOS == "ios" {
			c.Connections = 4
		}
	}
	c.best = new(atomic.Int32)
	if c.Finished == nil {
		c.Finished = func(Result) error { return nil }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &c
}

// clean checks a request and makes its name safe.
func (r Request) clean() (Request, error) {
	r.Name = SafeName(r.Name)
	r.SHA256 = strings.ToLower(r.SHA256)
	if r.ID == "" {
		return r, &RequestError{Field: "id", Detail: "is empty"}
	}
	if r.Size < -1 {
		return r, &RequestError{Field: "size", Value: strconv.FormatInt(r.Size, 10), Detail: "is negative"}
	}
	if b, err := hex.DecodeString(r.SHA256); err != nil || (len(b) != 32 && r.SHA256 != "") {
		return r, &RequestError{Field: "sha256", Value: r.SHA256, Detail: "is not 64 hexadecimal digits"}
	}
	return r, nil
}

// Fetch carries one download out and returns when it is finished, as a command
// does. It resumes what an earlier run left. When ctx ends it keeps what can be
// resumed and returns the context's cause. report, which may be nil, is called
// as with Subscribe.
func Fetch(ctx context.Context, c Config, r Request, report func(State)) (Result, error) {
	m := New(c)
	end := make(chan State, 1)
	m.Subscribe(func(s State) {
		if report != nil {
			report(s)
		}
		if s.Phase == Done || s.Phase == Failed {
			select {
			case end <- s:
			default:
			}
		}
	})
	err := m.Start(r)
	var last State
	if err == nil {
		select {
		case last = <-end:
		case <-ctx.Done():
		}
	}
	res, _ := m.result(r.ID)
	if cerr := m.Close(); err == nil {
		err = cerr
	}
	<-m.out.ended // report was called for the last time
	switch {
	case err != nil:
		return Result{}, err
	case last.Phase == Done:
		return res, nil
	case last.Phase == Failed:
		return res, last.Err
	default:
		if res, ok := m.result(r.ID); ok { // it finished while it was being stopped
			return res, nil
		}
		return Result{}, context.Cause(ctx)
	}
}
