//go:build darwin && !ios

package device

import (
	"os/exec"
	"syscall"

	"connectbackup/device/download"
)

const opener = "/usr/bin/open"

// CanOpen reports whether files can be shown with their default app.
func CanOpen() bool { return true }

// CanReveal reports whether files can be shown in the file manager.
func CanReveal() bool { return true }

// CanShare reports whether files can be handed to other apps by a share sheet.
func CanShare() bool { return false }

// Share is for systems with a share sheet.
func Share(download.Location) error { return ErrUnsupported }

func openWith(kind string, args ...string) error {
	what := args[len(args)-1]
	err := launch(exec.Command(opener, args...))
	if err == nil {
		return nil
	}
	fault := &OpenError{What: what, Err: err}
	if exitCode(err) == 1 { // all that open(1) says when there is no app
		fault.Missing = kind
	}
	return fault
}

func openFile(p string) error { return openWith(kindOf(p), p) }

// openFolder names the Finder, since a folder called x.app would run.
func openFolder(p string) error { return openWith("", "-a", "Finder", p) }

func openPage(address string) error { return openWith("html", address) }

func revealFile(p string) error { return openWith("", "-R", p) }

// detach gives a program a session of its own: the end of the app does not end
// it.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
