package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/device"
)

// person is a home of its own, with or without somebody signed in.
func person(t *testing.T, account *api.Account) core.Paths {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", device.SecretsEnv: "file",
	} {
		t.Setenv(name, value)
	}
	paths, err := core.SystemPaths()
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{paths.Config, paths.Data} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(map[string]any{"account": account})
	if err == nil {
		err = os.WriteFile(filepath.Join(paths.Config, "settings.json"), b, 0o600)
	}
	if err == nil {
		err = device.OpenFileSecrets(paths.Config).Set("session", `{"Access":"a","Refresh":"r"}`)
	}
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestRemindAndItsExitCodes(t *testing.T) {
	nobody := &api.Account{Server: "http://127.0.0.1:1", Organisation: api.Organisation{ID: "org_1", Timezone: "UTC"}}
	for _, c := range []struct {
		name    string
		account *api.Account
		locked  bool
		code    int
		says    string
	}{
		{"nobody is signed in", nil, false, exitSignedOut, "Sign in"},
		{"the demo", &api.Account{Demo: true}, false, exitDone, "demo"},
		{"the app runs", nobody, true, exitDone, "running"},
		{"never reached the server, and not now", nobody, false, exitFailed, "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			paths := person(t, c.account)
			if c.locked {
				lock := flock.New(filepath.Join(paths.Data, "reminders.lock"))
				if mine, err := lock.TryLock(); err != nil || !mine {
					t.Fatal(mine, err)
				}
				defer func() { _ = lock.Unlock() }()
			}
			started := time.Now()
			if got := command(t, "remind"); got.code != c.code || !strings.Contains(got.out+got.err, c.says) {
				t.Errorf("%d, want %d with %q: %s%s", got.code, c.code, c.says, got.out, got.err)
			}
			if d := time.Since(started); d > time.Minute {
				t.Errorf("it took %v", d)
			}
		})
	}
}
