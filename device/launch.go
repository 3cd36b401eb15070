//go:build !android && !ios

package device

import (
	"errors"
	"os/exec"
	"time"
)

// launchPatience is how long a program that opens something may take to fail.
// One that is still running then is the app that was wanted.
const launchPatience = 3 * time.Second

// launch starts a program, never through a shell, and waits a little for it to
// fail. It outlives this one.
func launch(cmd *exec.Cmd) error {
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }() // it must be waited for, or it stays behind as a zombie
	timer := time.NewTimer(launchPatience)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return nil
	}
}

// exitCode is what a program ended with; -1 when it did not run.
func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}
