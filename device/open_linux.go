//go:build linux && !android

package device

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"connectbackup/device/download"
)

// CanOpen reports whether files can be shown with their default app.
func CanOpen() bool { return hasScreen() && hasProgram("xdg-open") }

// CanReveal reports whether files can be shown in the file manager.
func CanReveal() bool { return CanOpen() }

// CanShare reports whether files can be handed to other apps by a share sheet.
func CanShare() bool { return false }

// Share is for systems with a share sheet.
func Share(download.Location) error { return ErrUnsupported }

func hasScreen() bool {
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

func hasProgram(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// The exit codes of xdg-open(1).
const (
	xdgToolMissing  = 3
	xdgActionFailed = 4
)

func xdgOpen(what, kind string) error {
	program, err := exec.LookPath("xdg-open")
	if err != nil {
		return &OpenError{What: what, Program: "xdg-open", Err: err}
	}
	err = launch(exec.Command(program, what))
	if err == nil {
		return nil
	}
	fault := &OpenError{What: what, Err: err}
	if code := exitCode(err); code == xdgToolMissing || code == xdgActionFailed {
		fault.Missing = kind
	}
	return fault
}

func openFile(p string) error { return xdgOpen(p, kindOf(p)) }

func openFolder(p string) error { return xdgOpen(p, "folder") }

func openPage(address string) error { return xdgOpen(address, "html") }

// revealFile asks the file manager over the session bus
// (org.freedesktop.FileManager1), and opens the folder where there is none.
func revealFile(p string) error {
	if err := showItem(p); err == nil {
		return nil
	}
	return openFolder(filepath.Dir(p))
}

func showItem(p string) error {
	ctx, cancel := context.WithTimeout(context.Background(), busPatience)
	defer cancel()
	conn, err := openBus(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	const name = "org.freedesktop.FileManager1"
	if !hasService(ctx, conn, name) {
		return ErrUnsupported
	}
	file := url.URL{Scheme: "file", Path: p}
	return conn.Object(name, "/org/freedesktop/FileManager1").
		CallWithContext(ctx, name+".ShowItems", 0, []string{file.String()}, "").Err
}

// detach gives a program a session of its own: neither Ctrl-C here nor the end
// of the app ends it.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
