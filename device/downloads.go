package device

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
)

// errNoHome says that nobody knows where the user's folder is.
var errNoHome = errors.New("this user has no home folder")

// homeDir is the user's own folder.
func homeDir() (string, error) {
	if dir, err := os.UserHomeDir(); err == nil && filepath.IsAbs(dir) {
		return dir, nil
	}
	u, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoHome, err)
	}
	if !filepath.IsAbs(u.HomeDir) {
		return "", errNoHome
	}
	return u.HomeDir, nil
}
