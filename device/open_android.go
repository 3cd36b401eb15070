package device

import (
	"connectbackup/device/download"
	"connectbackup/device/shelf"
)

// CanOpen reports whether files can be shown with their default app.
func CanOpen() bool { return getNative().Java != nil }

// CanReveal reports whether files can be shown in the list of downloads.
func CanReveal() bool { return CanOpen() }

// CanShare reports whether files can be handed to other apps by a share sheet.
func CanShare() bool { return CanOpen() }

// Share hands a file to another app by the system's share sheet.
func Share(l download.Location) error {
	h, name, err := handOver(l)
	if err == nil {
		err = android.Send(h)
	}
	return openFault(name, kindOf(name), err)
}

// openElsewhere opens files by their URIs, and folders of Downloads, which may
// not be looked at by their paths.
func openElsewhere(l download.Location) (bool, error) {
	if shelf.IsURI(l) {
		return true, openFile(string(l))
	}
	if uri, ok := documentOf(string(l)); ok && isFolder(string(l)) {
		return true, openFault(string(l), "folder", android.ViewFolder(uri))
	}
	return false, nil
}

// revealElsewhere shows the list of all downloads: Android selects none in it.
func revealElsewhere(l download.Location) (bool, error) {
	return true, openFault(string(l), "folder", android.ViewDownloads())
}

func openFile(p string) error {
	h, name, err := handOver(download.Location(p))
	if err == nil {
		err = android.View(h)
	}
	return openFault(name, kindOf(name), err)
}

func openFolder(p string) error { return &OpenError{What: p, Err: ErrUnsupported} }

func revealFile(p string) error { return &OpenError{What: p, Err: ErrUnsupported} }

func openPage(address string) error {
	f := getNative().OpenURL
	if f == nil {
		return &OpenError{What: address, Err: ErrUnsupported}
	}
	return openFault(address, "html", f(address))
}
