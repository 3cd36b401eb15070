package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockPatience = time.Minute           // longer than a server is waited for
	lockAgain    = 20 * time.Millisecond // between two tries
)

var errLocked = errors.New("another Connect Backup holds it")

// lockFile keeps other processes, and others in this one, out of what the file
// at path stands for, until unlock is called.
func lockFile(ctx context.Context, path string) (unlock func() error, err error) {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	lock := flock.New(path)
	held, err := lock.TryLockContext(ctx, lockAgain)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && !held {
		err = errLocked
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), lock.Close())
	}
	return lock.Unlock, nil
}
