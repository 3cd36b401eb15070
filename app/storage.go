package app

import (
	"os"
	"path/filepath"
)

// dropEmptyPreferences removes the empty file that Fyne leaves where the
// program is killed while it writes its preferences, at its end. Fyne would
// complain about it at each start until the next proper end. Beside what
// schedule.go keeps there nothing of the app is in it; its settings are written
// by app/core.
func dropEmptyPreferences() {
	var folders []string
	if config, err := os.UserConfigDir(); err == nil {
		folders = append(folders, config)
	}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, "Library", "Preferences")) // Fyne's on macOS
	}
	for _, folder := range folders {
		file := filepath.Join(folder, "fyne", ID, "preferences.json")
		if info, err := os.Lstat(file); err == nil && info.Mode().IsRegular() && info.Size() == 0 {
			_ = os.Remove(file) // it stays, and Fyne complains, at worst
		}
	}
}
