//go:build darwin && !ios

package device

import "path/filepath"

// DownloadsDir is the folder that this user downloads to. It need not exist.
func DownloadsDir() (string, error) {
	home, err := homeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, "Downloads"), nil
}
