//go:build linux && !android

package device

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeSystemctl puts a systemctl first on the PATH that writes down how it was
// called, and then does as told; and the folder of a user manager.
func fakeSystemctl(t *testing.T, then string) (calls func() []string, config string) {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	script := "#!/bin/sh\nprintf '%s\\n' \"$*\" >> '" + log + "'\n" + then + "\n"
	must(t, os.WriteFile(filepath.Join(dir, "systemctl"), []byte(script), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("XDG_RUNTIME_DIR", dir)
	must(t, os.Mkdir(filepath.Join(dir, "systemd"), 0o700))
	config = filepath.Join(dir, "config of 100% \"me\"")
	t.Setenv("XDG_CONFIG_HOME", config)
	return func() []string {
		b, err := os.ReadFile(log)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		must(t, err)
		return strings.Split(strings.TrimSpace(string(b)), "\n")
	}, config
}

func TestTimer(t *testing.T) {
	calls, config := fakeSystemctl(t, "exit 0")
	if on, err := TimerInstalled(); on || err != nil {
		t.Errorf("before: %v, %v", on, err)
	}
	must(t, InstallTimer("remind"))
	must(t, InstallTimer("remind")) // again, after an update moved the program
	if on, err := TimerInstalled(); !on || err != nil {
		t.Errorf("installed: %v, %v", on, err)
	}
	units := filepath.Join(config, "systemd", "user")
	if got := names(t, units); !slices.Equal(got, []string{"connect-backup-remind.service", "connect-backup-remind.timer"}) {
		t.Errorf("written were %q", got)
	}
	must(t, RemoveTimer())
	must(t, RemoveTimer())
	if on, err := TimerInstalled(); on || err != nil || len(names(t, units)) > 0 {
		t.Errorf("removed: %v, %v, %q", on, err, names(t, units))
	}
	const user = "--user --no-ask-password "
	want := []string{
		user + "daemon-reload", user + "enable --now connect-backup-remind.timer",
		user + "daemon-reload", user + "enable --now connect-backup-remind.timer",
		user + "disable --now connect-backup-remind.timer", user + "daemon-reload",
	}
	if got := calls(); !slices.Equal(got, want) {
		t.Errorf("systemctl was called with\n%s", strings.Join(got, "\n"))
	}
}

func TestTimerWithoutSystemd(t *testing.T) {
	for name, then := range map[string]string{
		"no bus":      "echo 'Failed to connect to user scope bus via local transport: No medium found' >&2; exit 1",
		"not systemd": "echo 'System has not been booted with systemd as init system' >&2; exit 1",
	} {
		_, config := fakeSystemctl(t, then)
		if err := InstallTimer("remind"); !errors.Is(err, ErrNoTimer) {
			t.Errorf("%s: %v", name, err)
		}
		if left := names(t, filepath.Join(config, "systemd", "user")); len(left) > 0 {
			t.Errorf("%s: left behind were %q", name, left)
		}
	}
	fakeSystemctl(t, "echo 'Unit is masked' >&2; exit 1")
	if err := InstallTimer("remind"); err == nil || errors.Is(err, ErrNoTimer) || !strings.Contains(err.Error(), "masked") {
		t.Errorf("refused: %v", err)
	}
	calls, config := fakeSystemctl(t, "exit 0")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if on, err := TimerInstalled(); on || !errors.Is(err, ErrNoTimer) {
		t.Errorf("without a manager: %v, %v", on, err)
	}
	if err := InstallTimer("remind"); !errors.Is(err, ErrNoTimer) || len(calls()) > 0 {
		t.Errorf("without a manager: %v, after %q", err, calls())
	}
	if _, err := os.Stat(config); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was left behind: %v", err)
	}
}

// TestSystemdUnderstandsTheUnits has systemd itself read what was written, for
// a program and folders with all that has a meaning in a unit.
func TestSystemdUnderstandsTheUnits(t *testing.T) {
	_, config := fakeSystemctl(t, "exit 0")
	program := filepath.Join(t.TempDir(), `odd $HOME %h "q" \ ü`, "connect-backup")
	must(t, os.MkdirAll(filepath.Dir(program), 0o700))
	must(t, os.WriteFile(program, []byte("#!/bin/sh\nprintf 'it is told to %s' \"$*\"\n"), 0o700))
	t.Setenv("APPIMAGE", program)
	must(t, InstallTimer("remind"))
	units := filepath.Join(config, "systemd", "user")
	service, err := os.ReadFile(filepath.Join(units, timerName+".service"))
	must(t, err)
	for _, line := range []string{
		`ExecStart=:/bin/sh -c "exec \"$0\" \"$@\"" "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%").Replace(program) + `" "remind"`,
		`Environment="XDG_CONFIG_HOME=` + strings.NewReplacer(`"`, `\"`, "%", "%%").Replace(config) + `"`,
	} {
		if !strings.Contains(string(service), "\n"+line+"\n") {
			t.Errorf("the service lacks %s:\n%s", line, service)
		}
	}
	if got := unitQuote("a\nb\x7f"); got != `"a\x0ab\x7f"` {
		t.Errorf("quoted as %s", got)
	}
	out, err := exec.Command("/bin/sh", "-c", `exec "$0" "$@"`, program, "remind").Output()
	if err != nil || string(out) != "it is told to remind" {
		t.Errorf("the shell ran %q, %v", out, err)
	}
	analyse, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	for _, unit := range []string{timerName + ".service", timerName + ".timer"} {
		out, err := exec.Command(analyse, "--user", "verify", filepath.Join(units, unit)).CombinedOutput()
		if err != nil || strings.Contains(string(out), timerName) {
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
	}
}

func TestScheduleGoesToTheToolkit(t *testing.T) {
	if err := Schedule(nil); !errors.Is(err, ErrUnsupported) {
		t.Errorf("nobody takes them: %v", err)
	}
	var got []Scheduled
	SetNative(Native{Schedule: func(all []Scheduled) error { got = all; return nil }})
	t.Cleanup(func() { SetNative(Native{}) })
	must(t, Schedule([]Scheduled{{Title: "a\nb", Body: "c\u202ed"}}))
	if len(got) != 1 || got[0].Title != "a b" || got[0].Body != "cd" {
		t.Errorf("handed over was %+v", got)
	}
}
