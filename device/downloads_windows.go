//go:build windows

package device

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// DownloadsDir is the folder that this user downloads to: the Known Folder,
// which people may have moved to another drive. It need not exist.
func DownloadsDir() (string, error) {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_Downloads, windows.KF_FLAG_DONT_VERIFY)
	if err == nil && filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := homeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, "Downloads"), nil
}
