//go:build !linux || android

package device

import "fmt"

// TimerInstalled reports whether the timer is installed; ErrUnsupported where
// there are no such timers.
func TimerInstalled() (bool, error) { return false, fmt.Errorf("timer: %w", ErrUnsupported) }

// InstallTimer has this program run with that command every hour.
func InstallTimer(string) error { return fmt.Errorf("timer: %w", ErrUnsupported) }

// RemoveTimer removes it.
func RemoveTimer() error { return nil }
