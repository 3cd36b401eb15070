package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// The ballast is a file that only takes up room. On a full disk not even a
// deletion can be stored: it is dropped for the writes that free room, and
// taken on again when there is room.
const (
	ballastName = "reserve-for-a-full-disk"
	ballastSize = 2 << 20 // bytes
	ballastText = "Connect Backup keeps this file, so that something can be deleted when the disk is full.\n" +
		"It may be removed. It comes again when there is room.\n"
)

// ballast is held while it is dropped and by those who use the room that it
// leaves, so that nobody takes it on again under them.
type ballast struct{ mu sync.Mutex }

func ballastPath(dir string) string { return filepath.Join(dir, ballastName) }

// freeing runs a write that makes room. Where there is none left even for that
// one, it is run once more with the room of the ballast.
func (s *Server) freeing(ctx context.Context, write func() error) error {
	err := write()
	if !isDiskFull(err) {
		return err
	}
	s.ballast.mu.Lock()
	defer s.ballast.mu.Unlock()
	s.log.Warn("disk full: the reserve is given up", "err", err)
	if err := s.dropBallast(s.c.Dir); err != nil {
		s.log.Error("reserve not given up", "err", err)
	}
	// What lies in the log only is brought to its place, so that the log can be
	// written anew from its beginning. Where that fails it goes on growing.
	if _, err := s.exec(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		s.log.Warn("log not folded", "err", err)
	}
	return write()
}

// execFreeing is exec for a statement that makes room.
func (s *Server) execFreeing(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = s.freeing(ctx, func() (err error) {
		n, err = s.exec(ctx, query, args...)
		return err
	})
	return n, err
}

// keepBallast makes the ballast if it is not there and leaves as much room
// again.
func (s *Server) keepBallast() {
	s.ballast.mu.Lock()
	defer s.ballast.mu.Unlock()
	path := ballastPath(s.c.Dir)
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && info.Size() == ballastSize {
		return
	}
	if free, err := freeSpace(s.c.Dir); err == nil && free < 2*ballastSize {
		s.log.Warn("no room for the reserve", "free", free)
		return
	}
	if err := makeBallast(path); err != nil {
		s.log.Warn("no reserve made", "err", err)
	}
}

func makeBallast(path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	b := make([]byte, ballastSize)
	// Noise: zeros take no room on a disk that leaves holes, or packs.
	if _, err := rand.Read(b); err != nil {
		return err
	}
	copy(b, ballastText)
	// Its room is taken with the writing: there is no need to wait for the disk.
	_, err = f.Write(b)
	return err
}

// dropBallast gives the room of the ballast up. It is emptied first: where
// something else has it open, and holds its name, its room is free all the same.
func dropBallast(dir string) error {
	path := ballastPath(dir)
	emptied := os.Truncate(path, 0)
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) && emptied != nil {
		return errors.Join(emptied, err)
	}
	return nil
}

// WithRoom runs open, which opens the database of the data folder dir. Where
// the disk is too full for that, it is run once more with the room that a
// server keeps there for such days; Open makes it again when there is some.
func WithRoom(dir string, open func() error) error {
	err := open()
	if !isDiskFull(err) {
		return err
	}
	if dropErr := dropBallast(dir); dropErr != nil {
		return errors.Join(err, fmt.Errorf("make room: %w", dropErr))
	}
	return open()
}

// NoRoom reports whether err, of a database or a file, says that the disk is
// full. What could not be opened for that is not damaged.
func NoRoom(err error) bool { return isDiskFull(err) }
