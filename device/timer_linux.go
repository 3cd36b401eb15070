//go:build linux && !android

package device

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// timerName is what the units of systemd are called.
const timerName = "connect-backup-remind"

// systemctlPatience is how long systemctl may take.
const systemctlPatience = 20 * time.Second

// timerUnit wakes the service every hour, and after the machine was off or
// asleep as soon as it is on again. The command decides whether there is
// anything to say, and knows the quiet hours.
const timerUnit = `# Written by Connect Backup, which also removes it: Settings, Reminders.
[Unit]
Description=Remind of records that the Connect server is about to delete

[Timer]
OnCalendar=hourly
AccuracySec=5min
RandomizedDelaySec=5min
Persistent=true

[Install]
WantedBy=timers.target
`

// serviceUnit runs the command once. That nobody is signed in (4) is no failure.
const serviceUnit = `# Written by Connect Backup, which also removes it: Settings, Reminders.
[Unit]
Description=Remind of records that the Connect server is about to delete

[Service]
Type=oneshot
ExecStart=%s
SuccessExitStatus=4
TimeoutStartSec=5min
Nice=10
%s`

// carried are the variables that say where the app keeps its things, and its
// secrets. The user manager does not have those of this session.
var carried = []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", SecretsEnv}

// TimerInstalled reports whether the timer is installed; ErrNoTimer where no
// timers of the user run.
func TimerInstalled() (bool, error) {
	dir, err := unitsDir()
	if err != nil {
		return false, err
	}
	if _, err = os.Stat(filepath.Join(dir, timerName+".timer")); err == nil {
		return true, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if !hasUserManager() {
		return false, ErrNoTimer
	}
	return false, nil
}

// hasUserManager reports whether systemd looks after this user.
func hasUserManager() bool {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = fmt.Sprintf("/run/user/%d", os.Getuid())
	}
	if _, err := os.Stat(filepath.Join(dir, "systemd")); err != nil {
		return false
	}
	_, err := exec.LookPath("systemctl")
	return err == nil
}

// unitsDir is where the user's own units lie.
func unitsDir() (string, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for units: %w", err)
	}
	return filepath.Join(config, "systemd", "user"), nil
}

// InstallTimer has this program run with that command every hour, also while
// the app is closed, for as long as the person is logged in. ErrNoTimer where
// systemd does not look after this user: nothing is left behind then.
func InstallTimer(command string) error {
	dir, err := unitsDir()
	if err != nil {
		return err
	}
	program, err := thisProgram()
	if err != nil {
		return err
	}
	if !hasUserManager() {
		return ErrNoTimer
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder for units: %w", err)
	}
	for name, text := range map[string]string{
		".service": serviceText(program, command),
		".timer":   timerUnit,
	} {
		if err := os.WriteFile(filepath.Join(dir, timerName+name), []byte(text), 0o600); err != nil {
			return errors.Join(fmt.Errorf("write a unit: %w", err), removeUnits(dir))
		}
	}
	err = systemctl("daemon-reload")
	if err == nil {
		err = systemctl("enable", "--now", timerName+".timer")
	}
	if err != nil {
		return errors.Join(err, removeUnits(dir))
	}
	return nil
}

// RemoveTimer stops the timer and removes it; none there is fine.
func RemoveTimer() error {
	dir, err := unitsDir()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(dir, timerName+".timer")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	// Where systemd is gone by now, there is nothing to stop.
	stopped := systemctl("disable", "--now", timerName+".timer")
	if errors.Is(stopped, ErrNoTimer) {
		stopped = nil
	}
	if err := removeUnits(dir); err != nil {
		return errors.Join(stopped, err)
	}
	if stopped != nil {
		return stopped
	}
	if err := systemctl("daemon-reload"); err != nil && !errors.Is(err, ErrNoTimer) {
		return err
	}
	return nil
}

// removeUnits removes both files, and the link that enabling made.
func removeUnits(dir string) error {
	var errs []error
	for _, name := range []string{timerName + ".timer", timerName + ".service", "timers.target.wants/" + timerName + ".timer"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("remove a unit: %w", err))
		}
	}
	return errors.Join(errs...)
}

// systemctl asks the user's systemd; ErrNoTimer where it cannot be reached.
func systemctl(args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), systemctlPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "systemctl", append([]string{"--user", "--no-ask-password"}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	text := strings.TrimSpace(string(out))
	if errors.Is(err, exec.ErrNotFound) || strings.Contains(text, "Failed to connect to") ||
		strings.Contains(text, "not been booted with systemd") {
		return fmt.Errorf("%w: %s", ErrNoTimer, text)
	}
	return fmt.Errorf("systemctl %s: %w: %.300s", args[0], err, text)
}

// thisProgram is the file that starts this program: of an AppImage that file
// itself, since what is in it lies elsewhere each time.
func thisProgram() (string, error) {
	if image := os.Getenv("APPIMAGE"); filepath.IsAbs(image) {
		return image, nil
	}
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return program, nil
}

func serviceText(program, command string) string {
	var environment strings.Builder
	for _, name := range carried {
		if value := os.Getenv(name); value != "" {
			fmt.Fprintf(&environment, "Environment=%s\n", unitQuote(name+"="+value))
		}
	}
	// The colon keeps systemd from filling in variables. It takes no program
	// whose path has quotes or backslashes in it, quoted or not: a shell does.
	line := `:/bin/sh -c "exec \"$0\" \"$@\"" ` + unitQuote(program) + " " + unitQuote(command)
	return fmt.Sprintf(serviceUnit, line, environment.String())
}

// unitQuote writes one word as systemd.syntax(7) reads it: in quotes, with its
// specifiers and what C would escape made harmless.
func unitQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '%':
			b.WriteString("%%")
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
