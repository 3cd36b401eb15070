package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"connectbackup/api"
	"connectbackup/api/server"
)

// ErrServerBusy says that another process already uses the data folder of the
// embedded server.
var ErrServerBusy = errors.New("another Connect Backup already uses this data")

// EmbeddedOptions say how the embedded server runs.
type EmbeddedOptions struct {
	Dir     string // its data; made if needed, locked while it runs
	Clock   func() time.Time
	Log     *slog.Logger
	Version string
	// Pace is called between the units of a job's work. The demo lets people
	// see what happens; tests hold a job where they want it.
	Pace func(ctx context.Context, stage api.Stage, module string) error
}

// Embedded is a Connect server inside this process.
type Embedded struct {
	server   *server.Server
	db       *database
	lock     *flock.Flock
	listener *memoryListener
	http     *http.Server
	served   chan error
}

// OpenEmbedded starts the server on the data in o.Dir. ErrServerBusy when
// another process has it.
func OpenEmbedded(ctx context.Context, o EmbeddedOptions) (*Embedded, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the server's folder: %w", err)
	}
	lock := flock.New(filepath.Join(o.Dir, "lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", o.Dir, err)
	}
	if !held {
		return nil, fmt.Errorf("%w: %s", ErrServerBusy, o.Dir)
	}
	var db *database
	err = server.WithRoom(o.Dir, func() (err error) {
		db, err = openDatabase(filepath.Join(o.Dir, "server.db"))
		return err
	})
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	s, err := server.Open(ctx, server.Config{
		Write: db.write, Read: db.read, Dir: o.Dir,
		Clock: o.Clock, Log: o.Log, Pace: o.Pace, Version: o.Version,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the embedded server: %w", err), db.Close(), lock.Unlock())
	}
	e := &Embedded{server: s, db: db, lock: lock, listener: newMemoryListener(), served: make(chan error, 1)}
	e.http = NewHTTPServer(s.Handler(), o.Log)
	go func() { e.served <- e.http.Serve(e.listener) }()
	return e, nil
}

// demoStep is how long DemoPace takes for one unit of a job's work.
const demoStep = 200 * time.Millisecond

// DemoPace is a Pace for people: the demo's jobs would be done before anybody
// has seen the yellow tag.
func DemoPace(ctx context.Context, _ api.Stage, _ string) error {
	t := time.NewTimer(demoStep)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// NewHTTPServer is an http.Server with limits that keep a slow or hostile
// client from holding it. Archives may take as long as they take.
func NewHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	if log != nil {
		s.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	}
	return s
}

// Transport leads to the server without a port.
func (e *Embedded) Transport() http.RoundTripper { return e.listener.transport() }

// Handler is the server itself, to be put on a port.
func (e *Embedded) Handler() http.Handler { return e.server.Handler() }

// SeedDemo fills the demo organisation if it is not there yet, and tells how
// to sign in to it.
func (e *Embedded) SeedDemo(ctx context.Context) (server.Demo, error) {
	d, err := e.server.SeedDemo(ctx)
	if err != nil {
		return server.Demo{}, fmt.Errorf("fill the demo organisation: %w", err)
	}
	return d, nil
}

// Organisations are the names of all but the demo, and whether that is there:
// its server tells everybody that it is one for trying things out.
func (e *Embedded) Organisations(ctx context.Context) (names []string, demo bool, err error) {
	return e.server.Organisations(ctx)
}

// Import reads records from CSV files into the server: all or nothing, and
// nothing at all in a dry run. See server.Import.
func (e *Embedded) Import(ctx context.Context, o server.ImportOptions) (server.ImportReport, error) {
	return e.server.Import(ctx, o)
}

// Close stops answering, stops the jobs (they start again next time), and
// gives the data folder free.
func (e *Embedded) Close() error {
	err := e.http.Close()
	if served := <-e.served; !errors.Is(served, http.ErrServerClosed) && !errors.Is(served, net.ErrClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(err, e.server.Close(), e.db.Close(), e.lock.Unlock())
}
