package core

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// logMax is when a log file is set aside, in bytes. With the one set aside
// before, the log takes at most twice that.
const logMax = 2 << 20

// logFile is a log that does not grow without end.
type logFile struct {
	path string
	mu   sync.Mutex
	f    *os.File
	size int64
}

func openLog(dir string) (*logFile, *slog.Logger, error) {
	l := &logFile{path: filepath.Join(dir, "connect-backup.log")}
	if err := l.reopen(); err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	return l, slog.New(slog.NewTextHandler(l, nil)), nil
}

func (l *logFile) reopen() error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.f, l.size = f, info.Size()
	return nil
}

// Write appends one record.
func (l *logFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return 0, fs.ErrClosed
	}
	if l.size+int64(len(b)) > logMax {
		if err := l.turn(); err != nil {
			return 0, err
		}
	}
	n, err := l.f.Write(b)
	l.size += int64(n)
	return n, err
}

// turn sets the full file aside and begins a new one.
func (l *logFile) turn() error {
	err := l.f.Close()
	l.f = nil
	if err == nil {
		err = os.Rename(l.path, l.path+".1")
	}
	return errors.Join(err, l.reopen())
}

// Close ends the log; later writes are refused.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	f := l.f
	l.f = nil
	return f.Close()
}
