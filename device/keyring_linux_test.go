//go:build linux && !android

package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

func init() {
	// go-keyring keeps one connection for the whole process: it gets one of
	// its own.
	roles["secrets"] = func(args []string) error {
		s := OpenSecrets(args[0])
		var said []string
		say := func(v any, err error) {
			if errors.Is(err, ErrNoSecret) {
				err = ErrNoSecret
			}
			said = append(said, fmt.Sprint(v, " ", err))
		}
		for _, step := range args[1:] {
			what, rest, _ := strings.Cut(step, " ")
			switch what {
			case "where":
				where, protected := s.Where()
				say(where, nil)
				say(protected, nil)
			case "get":
				say(s.Get(rest))
			case "set":
				key, value, _ := strings.Cut(rest, "=")
				say("set", s.Set(key, value))
			case "delete":
				say("deleted", s.Delete(rest))
			}
		}
		return json.NewEncoder(os.Stdout).Encode(said)
	}
}

// startKeyring starts a GNOME keyring of its own, unlocked, on the private bus.
// It needs gnome-keyring-daemon, which make test installs.
func startKeyring(t *testing.T) {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_RUNTIME_DIR"} {
		t.Setenv(name, home)
	}
	for _, name := range []string{"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		t.Setenv(name, filepath.Join(home, strings.ToLower(name)))
	}
	conn := connect(t)
	must(t, conn.AddMatchSignal(dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, "org.freedesktop.secrets")))
	owned := make(chan *dbus.Signal, 10)
	conn.Signal(owned)
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets", "--control-directory="+home)
	cmd.Stdin = strings.NewReader("password")
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	receive(t, owned)
}

func secretsSay(t *testing.T, dir string, steps ...string) []string {
	t.Helper()
	var said []string
	must(t, json.Unmarshal([]byte(play(t, "secrets", append([]string{dir}, steps...)...)), &said))
	return said
}

func TestSecretsInARealKeyring(t *testing.T) {
	startBus(t)
	startKeyring(t)
	dir := t.TempDir()
	got := secretsSay(t, dir, "where", "get session", "set session=s3cret", "get session")
	want := []string{"Secret Service <nil>", "true <nil>", " no such secret", "set <nil>", "s3cret <nil>"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if left := names(t, dir); len(left) > 0 {
		t.Errorf("on the disk there is %q", left)
	}
	// Another process, as after a restart.
	got = secretsSay(t, dir, "get session", "delete session", "get session", "delete session")
	want = []string{"s3cret <nil>", "deleted <nil>", " no such secret", "deleted <nil>"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("then got %q, want %q", got, want)
	}
	t.Setenv(SecretsEnv, "file")
	if got := secretsSay(t, dir, "where"); got[1] != "false <nil>" {
		t.Errorf("forced into a file: %q", got)
	}
}

func TestSecretsOnABusWithoutAKeyring(t *testing.T) {
	startBus(t)
	dir := t.TempDir()
	start := time.Now()
	got := secretsSay(t, dir, "where", "set session=x", "get session")
	want := []string{filepath.Join(dir, "secrets") + " <nil>", "false <nil>", "set <nil>", "x <nil>"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if took := time.Since(start); took > storePatience {
		t.Errorf("it took %v", took)
	}
	if keyringReady() || hasService(context.Background(), connect(t), "org.freedesktop.secrets") {
		t.Error("there is a keyring after all")
	}
}
