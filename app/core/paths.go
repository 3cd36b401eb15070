package core

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"connectbackup/device"
)

// folderName is what the app's own folders are called.
const folderName = "connect-backup"

// Paths are the folders that the app uses. Config and Data are its own;
// Downloads belongs to the person.
type Paths struct {
	Config    string // settings, and secrets where the system has no store for them
	Data      string // databases, the embedded server, the log
	Downloads string
}

// SystemPaths are the folders where this system wants them.
func SystemPaths() (Paths, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return Paths{}, fmt.Errorf("find the folder for settings: %w", err)
	}
	data, err := dataDir(config)
	if err != nil {
		return Paths{}, err
	}
	downloads, err := device.DownloadsDir()
	if err != nil {
		return Paths{}, fmt.Errorf("find the Downloads folder: %w", err)
	}
	return Paths{
		Config:    filepath.Join(config, folderName),
		Data:      filepath.Join(data, folderName),
		Downloads: downloads,
	}, nil
}

// PathsIn puts everything below one folder, as phones, tests and the journey
// want it.
func PathsIn(root, downloads string) Paths {
	return Paths{Config: filepath.Join(root, "config"), Data: filepath.Join(root, "data"), Downloads: downloads}
}

// dataDir follows the XDG base directories where they apply. Windows and macOS
// keep settings and data side by side.
func dataDir(config string) (string, error) {
	if device.Platform() != "linux" {
		return config, nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for data: %w", err)
	}
	return filepath.Join(home, ".local", "share"), nil
}

// make creates the app's own folders, for this user alone. Downloads is left
// to the first download.
func (p Paths) make() error {
	if p.Config == "" || p.Data == "" || p.Downloads == "" {
		return errors.New("a folder of the app has no name")
	}
	for _, dir := range []string{p.Config, p.Data} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make %s: %w", dir, err)
		}
	}
	return nil
}
