package app

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestOnlyAnEmptyPreferencesFileIsDropped(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("looks where Fyne keeps it on Linux")
	}
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	file := filepath.Join(config, "fyne", ID, "preferences.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	dropEmptyPreferences() // there is none
	for content, stays := range map[string]bool{"": false, "{}\n": true} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		dropEmptyPreferences()
		if _, err := os.Stat(file); (err == nil) != stays {
			t.Errorf("with %q in it: %v; stays must be %v", content, err, stays)
		}
	}
}
