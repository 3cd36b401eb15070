//go:build windows

package device

import (
	"errors"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"

	"connectbackup/device/download"
)

// CanOpen reports whether files can be shown with their default app.
func CanOpen() bool { return true }

// CanReveal reports whether files can be shown in the file manager.
func CanReveal() bool { return true }

// CanShare reports whether files can be handed to other apps by a share sheet.
func CanShare() bool { return false }

// Share is for systems with a share sheet.
func Share(download.Location) error { return ErrUnsupported }

// noAssociation is SE_ERR_NOASSOC of ShellExecute.
const noAssociation = syscall.Errno(31)

func shellExecute(verb, what, kind string) error {
	v, err := windows.UTF16PtrFromString(verb)
	if err != nil {
		return &OpenError{What: what, Err: err}
	}
	w, err := windows.UTF16PtrFromString(what)
	if err != nil {
		return &OpenError{What: what, Err: err}
	}
	err = windows.ShellExecute(0, v, w, nil, nil, windows.SW_SHOWNORMAL)
	if err == nil {
		return nil
	}
	fault := &OpenError{What: what, Err: err}
	if errors.Is(err, noAssociation) || errors.Is(err, windows.ERROR_NO_ASSOCIATION) {
		fault.Missing = kind
	}
	return fault
}

func openFile(p string) error { return shellExecute("open", p, kindOf(p)) }

func openFolder(p string) error { return shellExecute("explore", p, "folder") }

func openPage(address string) error { return shellExecute("open", address, "html") }

// revealFile hands the Explorer its command line as it wants it: a name on
// Windows holds no quotes. It answers 1 also when all is well.
func revealFile(p string) error {
	dir, err := windows.GetWindowsDirectory()
	if err != nil {
		return &OpenError{What: p, Err: err}
	}
	cmd := exec.Command(filepath.Join(dir, "explorer.exe"))
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `explorer.exe /select,"` + p + `"`}
	if err := launch(cmd); err != nil && exitCode(err) != 1 {
		return &OpenError{What: p, Err: err}
	}
	return nil
}

// detach has nothing to do: programs here do not end with the one that started
// them.
func detach(*exec.Cmd) {}
