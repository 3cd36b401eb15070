package server

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"runtime"
	"sync"
)

// spareReaders are the connections that jobs leave to everybody else.
const spareReaders = 2

// spareCores is how many cores jobs may use beside the one that each has: what
// the machine has, and what the pool has connections for.
func spareCores(c Config) int {
	n := orDefault(c.Cores, runtime.GOMAXPROCS(0)) - 1
	if c.Read != nil {
		if pool := c.Read.Stats().MaxOpenConnections; pool > 0 {
			n = min(n, pool-c.Workers-spareReaders)
		}
	}
	return max(0, n)
}

// snapshots begins up to n read transactions, at least one and as many as cores
// are spare, that all see the data of the same moment. Nobody writes until taken
// has been called, so that what comes later is known to have come later. end
// ends them.
func (s *Server) snapshots(ctx context.Context, n int, taken func()) (all []*sql.Tx, end func() error, err error) {
	cores := 0
	for taking := true; taking && cores < n-1; {
		select {
		case s.cores <- struct{}{}:
			cores++
		default:
			taking = false
		}
	}
	end = func() (err error) {
		for _, tx := range all {
			err = errors.Join(err, rollback(tx))
		}
		for range cores {
			<-s.cores
		}
		return err
	}
	err = s.nobodyWrites(ctx, func() error {
		for len(all) < cores+1 {
			tx, err := s.c.Read.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			all = append(all, tx)
			// A snapshot begins with the first thing that is read.
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM organisations").Scan(&n); err != nil {
				return err
			}
		}
		taken()
		return nil
	})
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return all, end, nil
}

// nobodyWrites runs f while it holds the write lock.
func (s *Server) nobodyWrites(ctx context.Context, f func() error) (err error) {
	c, err := s.c.Write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if _, err := c.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err = f()
	if _, rollbackErr := c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); rollbackErr != nil {
		// Not for others to find: a connection within a transaction.
		_ = c.Raw(func(any) error { return driver.ErrBadConn }) // says only that it is bad
		err = errors.Join(err, rollbackErr)
	}
	return err
}

// behind writes in a goroutine of its own, at most behindMax pieces behind.
// Close waits for it. What is written to it is copied.
type behind struct {
	full, free chan []byte
	done       sync.WaitGroup
	mu         sync.Mutex
	err        error // the first one
}

const behindMax = 3

func newBehind(w io.Writer) *behind {
	b := &behind{full: make(chan []byte, behindMax), free: make(chan []byte, behindMax)}
	for range behindMax {
		b.free <- nil
	}
	b.done.Go(func() {
		for piece := range b.full {
			if b.failed() == nil {
				if _, err := w.Write(piece); err != nil {
					b.mu.Lock()
					b.err = err
					b.mu.Unlock()
				}
			}
			b.free <- piece[:0]
		}
	})
	return b
}

func (b *behind) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Write takes a piece, and tells of an error with an earlier one.
func (b *behind) Write(p []byte) (int, error) {
	piece := <-b.free
	if err := b.failed(); err != nil {
		b.free <- piece
		return 0, err
	}
	b.full <- append(piece, p...)
	return len(p), nil
}

// Close waits until all is written, and tells of the first error.
func (b *behind) Close() error {
	close(b.full)
	b.done.Wait()
	return b.failed()
}
