//go:build ios

package device

import "connectbackup/device/download"

// CanOpen reports whether files can be shown with their default app.
func CanOpen() bool { return getNative().Open != nil }

// CanReveal is false: phones show no files in folders.
func CanReveal() bool { return false }

// CanShare reports whether files can be handed to other apps by a share sheet.
func CanShare() bool { return getNative().Share != nil }

// Share hands a file to another app by the system's share sheet.
func Share(l download.Location) error { return byNative(getNative().Share, string(l)) }

func openFile(p string) error { return byNative(getNative().Open, p) }

func openFolder(p string) error { return &OpenError{What: p, Err: ErrUnsupported} }

func openPage(address string) error { return byNative(getNative().OpenURL, address) }

func revealFile(p string) error { return &OpenError{What: p, Err: ErrUnsupported} }

func byNative(f func(string) error, what string) error {
	if f == nil {
		return &OpenError{What: what, Err: ErrUnsupported}
	}
	if err := f(what); err != nil {
		return &OpenError{What: what, Err: err}
	}
	return nil
}
