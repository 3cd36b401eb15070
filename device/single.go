package device

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/gofrs/flock"
)

var (
	// ErrAnswered says that the app runs already and has done what was asked.
	ErrAnswered = errors.New("the app that runs already has answered")
	// ErrNoAnswer says that the app runs already but does not answer: it hangs,
	// or is taking long to end.
	ErrNoAnswer = errors.New("the app runs already but does not answer")
)

// MaxMessage is the most that one start can tell another, in bytes.
const MaxMessage = 512

const (
	singleLock   = "running" // the file whose lock says that the app runs
	singleSocket = "socket"
	singleAnswer = "ok\n"
	singleTurn   = time.Second            // for one message, from greeting to answer
	singleAgain  = 100 * time.Millisecond // between two tries
	// maxSocketPath is what every system takes; Linux 107, macOS 103 bytes.
	maxSocketPath = 100
)

// Single is the one app that runs on a data folder. It hears what later
// starts, which end at once, want of it. Whether it runs is told by a lock that
// the system gives free when the process ends, however it ends; the socket, a
// file of this user alone and never an open port, only carries messages.
type Single struct {
	lock     *flock.Flock
	listener net.Listener // nil: nobody can be heard
	done     chan struct{}
}

// Claim makes this process the one app on dir. heard is called on a goroutine
// of its own with each message of a later start; it decides what a message
// means, and must not trust it.
//
// When the app runs already it gets the message, and Claim returns
// ErrAnswered. One that is just ending is waited for; ErrNoAnswer when ctx ends
// before either. Any other error means that nobody can know whether the app
// runs.
func Claim(ctx context.Context, dir, message string, heard func(message string)) (*Single, error) {
	if len(message) > MaxMessage || message != plainText(message) {
		return nil, errors.New("a message to the app that runs must be one short line")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make %s: %w", dir, err)
	}
	lock := flock.New(filepath.Join(dir, singleLock), flock.SetPermissions(0o600))
	again := time.NewTicker(singleAgain)
	defer again.Stop()
	for {
		held, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
		}
		if held {
			return listen(lock, dir, heard), nil
		}
		if tell(ctx, dir, message) == nil {
			return nil, errors.Join(ErrAnswered, lock.Close())
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, errors.Join(ErrNoAnswer, lock.Close())
		}
	}
}

// listen belongs to who has the lock: what lies in the socket's place is left
// of a process that was killed. Without a socket the app works, but a later
// start cannot reach it.
func listen(lock *flock.Flock, dir string, heard func(string)) *Single {
	s := &Single{lock: lock, done: make(chan struct{})}
	for _, path := range socketPaths(dir) {
		if info, err := os.Lstat(path); err == nil && !info.IsDir() {
			_ = os.Remove(path) // if it stays, listening fails
		}
		l, err := net.Listen("unix", path)
		if err != nil {
			continue
		}
		if err := os.Chmod(path, 0o600); err != nil && Platform() != "windows" { // there its folder alone says who may
			_ = l.Close()
			continue
		}
		s.listener = l
		go s.serve(heard)
		return s
	}
	close(s.done)
	return s
}

func (s *Single) serve(heard func(string)) {
	defer close(s.done)
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed, or broken: later starts say ErrNoAnswer then
		}
		if message, err := hear(conn); err == nil {
			heard(message)
		}
	}
}

// hear reads one line and answers it. One after the other and each with little
// time: who says nothing, or too much, holds nobody up for long.
func hear(conn net.Conn) (message string, err error) {
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(singleTurn)); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(io.LimitReader(conn, MaxMessage+1)).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read what a later start wants: %w", err)
	}
	message = strings.TrimSuffix(line, "\n")
	if strings.ContainsFunc(message, unicode.IsControl) || message != plainText(message) {
		return "", errors.New("a later start said what nobody can understand")
	}
	_, err = io.WriteString(conn, singleAnswer)
	return message, err
}

// tell hands a message to the app that runs.
func tell(ctx context.Context, dir, message string) (err error) {
	var conn net.Conn
	for _, path := range socketPaths(dir) {
		if conn, err = (&net.Dialer{Timeout: singleTurn}).DialContext(ctx, "unix", path); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(2 * singleTurn)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, message+"\n"); err != nil {
		return err
	}
	answer := make([]byte, len(singleAnswer))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if string(answer) != singleAnswer {
		return errors.New("the app that runs answered something else")
	}
	return nil
}

// socketPaths are the places for the socket, the best first: the folder that
// the system keeps for this user's session, else the data folder itself. A path
// that is too long for a socket is left out.
func socketPaths(dir string) (paths []string) {
	if run := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(run) && closed(run) {
		sum := sha256.Sum256([]byte(filepath.Clean(dir)))
		paths = append(paths, filepath.Join(run, "connect-backup-"+hex.EncodeToString(sum[:6])))
	}
	paths = append(paths, filepath.Join(dir, singleSocket))
	fitting := paths[:0]
	for _, path := range paths {
		if len(path) <= maxSocketPath {
			fitting = append(fitting, path)
		}
	}
	return fitting
}

// closed reports whether a folder is shut to other users.
func closed(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir() && info.Mode().Perm()&fs.FileMode(0o077) == 0
}

// Deafen ends the listening, before the app ends: what it would still promise
// to do it could not do any more. A later start waits for Release then.
func (s *Single) Deafen() error {
	if s.listener == nil {
		return nil
	}
	err := s.listener.Close() // and removes the socket
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	<-s.done
	return err
}

// Release lets the next app start, as the last act of this one.
func (s *Single) Release() error { return errors.Join(s.Deafen(), s.lock.Close()) }
