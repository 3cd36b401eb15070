package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"connectbackup/api"
)

// The bounds of the contract that this server keeps.
const (
	dataMonths    = 24 // S3, S29
	archiveMonths = 24 // S16
	pageMax       = 100
	pageDefault   = 50
	waitMax       = 25 * time.Second
	sweepEvery    = time.Hour
)

// Config says on what a server runs. Write, Read and Dir are required.
type Config struct {
	Write *sql.DB // one connection, SQLite, in WAL mode
	Read  *sql.DB // readers of the same file, query_only
	Dir   string  // archives/ and tmp/ are made in it

	Clock func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: nothing is logged
	// Pace is called between the units of a job's work, with the module for
	// StageCollecting. It may hold the job; an error of it stops the attempt.
	// nil: no delay.
	Pace    func(ctx context.Context, stage api.Stage, module string) error
	Workers int // jobs at a time; 0: 3
	Cores   int // on which the modules of a job may be packed; 0: all
	Version string

	// SignInPerMinute bounds failed sign-ins of one address, 0: 10;
	// CreatePerMinute bounds new backups of one user, 0: 6. Negative: no bound.
	SignInPerMinute, CreatePerMinute int

	Demo DemoOptions
}

// Server is a Connect server. Its methods may be called from several
// goroutines.
type Server struct {
	c       Config
	log     *slog.Logger
	clock   func() time.Time
	handler http.Handler
	jobs    *queue
	changes hub
	logins  *limiter
	creates *limiter
	reports *limiter
	streams streams
	downs   shutdowns
	cores   chan struct{} // what jobs may take beside the one that each has
	hashing chan struct{} // bounds the memory that password hashing takes
	seeding sync.Mutex

	// newFile makes a file of a job, rename publishes it. Tests let them fail.
	newFile func(path string) (jobFile, error)
	rename  func(from, to string) error

	ballast     ballast
	dropBallast func(dir string) error // tests see it

	ctx     context.Context // ends when the server closes
	cancel  context.CancelFunc
	tasks   sync.WaitGroup
	closing sync.Once
}

// Open starts a server: it brings the tables up to date, sweeps what a crash
// left behind and what is over its time, and starts waiting jobs again.
// ctx bounds opening only.
func Open(ctx context.Context, c Config) (*Server, error) {
	if c.Write == nil || c.Read == nil || c.Dir == "" {
		return nil, errors.New("server: Write, Read and Dir are required")
	}
	s := newServer(c)
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func newServer(c Config) *Server {
	s := &Server{c: c, log: c.Log, clock: c.Clock, newFile: createFile, rename: os.Rename, dropBallast: dropBallast, hashing: make(chan struct{}, 2)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if c.Workers <= 0 {
		s.c.Workers = 3
	}
	if c.Pace == nil {
		s.c.Pace = noPace
	}
	s.logins = newLimiter(s.clock, orDefault(c.SignInPerMinute, 10))
	s.creates = newLimiter(s.clock, orDefault(c.CreatePerMinute, 6))
	s.reports = newLimiter(s.clock, reportsPerMinute)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.cores = make(chan struct{}, spareCores(s.c))
	s.jobs = newQueue(s.ctx, s.c.Workers, s.runJob)
	s.handler = s.routes()
	return s
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func (s *Server) start(ctx context.Context) error {
	for _, dir := range []string{s.c.Dir, s.archives(), s.tmp()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("server: make folder: %w", err)
		}
	}
	if err := s.freeing(ctx, func() error { return s.migrate(ctx) }); err != nil {
		return fmt.Errorf("server: bring tables up to date: %w", err)
	}
	if err := errors.Join(s.sweepLeftovers(ctx, true), s.Sweep(ctx)); ctx.Err() != nil {
		return fmt.Errorf("server: sweep: %w", err)
	} else if err != nil { // no reason to keep everybody from their files
		s.log.Error("sweep failed", "err", err)
	}
	waiting, err := s.pendingIDs(ctx)
	if err != nil {
		return fmt.Errorf("server: find waiting jobs: %w", err)
	}
	for _, id := range waiting {
		s.jobs.add(id)
	}
	s.tasks.Go(s.sweepHourly)
	return nil
}

// Handler answers the requests of the contract. It needs no particular
// listener: RemoteAddr is only used to count failed sign-ins.
func (s *Server) Handler() http.Handler { return s.handler }

// Close stops the jobs, which start again at the next Open, lets go of held
// requests, and waits. The databases stay open: they are the caller's.
func (s *Server) Close() error {
	s.closing.Do(func() {
		s.jobs.close()
		s.cancel()
		s.tasks.Wait()
	})
	return nil
}

func (s *Server) archives() string { return filepath.Join(s.c.Dir, "archives") }

func (s *Server) tmp() string { return filepath.Join(s.c.Dir, "tmp") }

func (s *Server) archivePath(id string) string { return filepath.Join(s.archives(), id+".zip") }
