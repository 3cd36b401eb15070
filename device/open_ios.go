package device

import (
	"errors"
	"net/url"

	"connectbackup/device/download"
	"connectbackup/device/iphone"
)

// CanOpen reports whether files can be shown with their default app.
func CanOpen() bool { return true }

// CanReveal reports whether files can be shown in Files.
func CanReveal() bool { return true }

// CanShare reports whether files can be handed to other apps by a share sheet.
func CanShare() bool { return true }

// Share hands a file to another app by the system's share sheet.
func Share(l download.Location) error {
	info, err := present(string(l))
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || !isDocument(string(l)) {
		return &OpenError{What: string(l), Err: ErrUnsafe}
	}
	return phoneFault(string(l), kindOf(string(l)), iphone.Share(string(l)))
}

// archiveKinds are what the system's own view of a file shows nothing of: people
// choose the app for it.
var archiveKinds = map[string]bool{
	"zip": true, "7z": true, "rar": true, "tar": true, "gz": true, "tgz": true, "bz2": true, "xz": true, "zst": true,
}

func openFile(p string) error {
	kind := kindOf(p)
	return phoneFault(p, kind, iphone.Open(p, !archiveKinds[kind]))
}

// openFolder shows a folder in Files, by the address that Files is known by.
func openFolder(p string) error {
	address := url.URL{Scheme: "shareddocuments", Path: p}
	return phoneFault(p, "folder", iphone.OpenURL(address.String()))
}

// revealFile shows the file in Files: Files takes its address as well.
func revealFile(p string) error { return openFolder(p) }

func openPage(address string) error { return phoneFault(address, "html", iphone.OpenURL(address)) }

// phoneFault says what could not be opened, and what is missing for it.
func phoneFault(what, kind string, err error) error {
	if err == nil {
		return nil
	}
	fault := &OpenError{What: what, Err: err}
	if errors.Is(err, iphone.ErrNoApp) {
		fault.Missing = kind
	}
	return fault
}
