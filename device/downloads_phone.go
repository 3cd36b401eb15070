//go:build ios

package device

import (
	"errors"
	"path/filepath"
)

// DownloadsDir is a folder in the app's own storage, which the app hands in
// with SetNative. It need not exist.
func DownloadsDir() (string, error) {
	dir := getNative().Storage
	if !filepath.IsAbs(dir) {
		return "", errors.New("the app has not said where its storage is")
	}
	return filepath.Join(dir, "Downloads"), nil
}
