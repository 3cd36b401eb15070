package device

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"connectbackup/device/iphone"
)

// DownloadsDir is the app's Documents, which Files shows under the app's name:
// iOS has no Downloads that every app may write to.
func DownloadsDir() (string, error) { return iphone.Documents() }

// SupportDir is the folder for what is the app's alone, which Files does not
// show.
func SupportDir() (string, error) { return iphone.Support() }

// HideFolder makes a folder that Files does not show.
func HideFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	if err := unix.Chflags(path, unix.UF_HIDDEN); err != nil {
		return fmt.Errorf("hide %s: %w", path, err)
	}
	return nil
}
