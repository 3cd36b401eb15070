//go:build darwin && !ios

package device

import (
	"context"
	"os/exec"
	"strings"
	"time"
)

// HasTray reports whether the desktop shows tray icons: the menu bar does.
func HasTray() bool { return true }

// CalmMotion reports whether the person asked the system for no animations.
func CalmMotion() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/bin/defaults", "read", "com.apple.universalaccess", "reduceMotion").Output()
	return err == nil && strings.TrimSpace(string(out)) == "1" // unset is an error
}
