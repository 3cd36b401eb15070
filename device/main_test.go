package device

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// roleEnv makes the test binary play another process.
const roleEnv = "DEVICE_TEST_ROLE"

var roles = map[string]func(args []string) error{}

// TestMain keeps every test away from the real home, keyring and session bus.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleEnv); role != "" {
		args := strings.Split(role, "\n")
		if err := roles[args[0]](args[1:]); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	home, err := os.MkdirTemp("", "device-test-")
	if err != nil {
		panic(err)
	}
	for name, value := range map[string]string{
		"HOME": home, "USERPROFILE": home, "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "XDG_DOWNLOAD_DIR": "",
		"XDG_RUNTIME_DIR": home, "DBUS_SESSION_BUS_ADDRESS": "unix:path=" + filepath.Join(home, "no-bus"),
		"DISPLAY": "", "WAYLAND_DISPLAY": "", SecretsEnv: "",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if err := os.RemoveAll(home); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// play runs the test binary in a role and returns what it printed.
func play(t *testing.T, role string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+strings.Join(append([]string{role}, args...), "\n"))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", role, err, out)
	}
	return strings.TrimSpace(string(out))
}

// keepPlaying starts a role that says "ready" and then waits to be killed.
func keepPlaying(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+strings.Join(append([]string{role}, args...), "\n"))
	out, err := cmd.StdoutPipe()
	must(t, err)
	in, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("%s said %q, %v", role, line, err)
	}
	return cmd
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	found := make([]string, len(entries))
	for i, e := range entries {
		found[i] = e.Name()
	}
	return found
}
