package device

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestIdentityStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "config")
	id, name, err := Identity(dir)
	must(t, err)
	if !validDeviceID(id) || name == "" || strings.Contains(name, ".") {
		t.Errorf("it is %q, called %q", id, name)
	}
	must(t, SetName(dir, " Anna's laptop\n"))
	again, name, err := Identity(dir)
	if err != nil || again != id || name != "Anna's laptop" {
		t.Errorf("then it is %q, called %q, %v", again, name, err)
	}
	if err := SetName(dir, " \t\u202e "); err == nil {
		t.Error("a name that nobody can see was accepted")
	}
	must(t, SetName(dir, strings.Repeat("ü", 200)))
	if _, name, _ = Identity(dir); name != strings.Repeat("ü", 80) {
		t.Errorf("a long name became %q", name)
	}
	if other, _, err := Identity(t.TempDir()); err != nil || other == id {
		t.Errorf("two devices are %q, %v", other, err)
	}
	if info, err := os.Stat(filepath.Join(dir, identityFile)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
}

func TestDamagedIdentityIsReplaced(t *testing.T) {
	for _, text := range []string{"", "{", "null", `{"id":"","name":"x"}`, `{"id":"../../x","name":"x"}`, strings.Repeat("x", 1<<17)} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, identityFile), []byte(text), 0o600))
		id, name, err := Identity(dir)
		if err != nil || !validDeviceID(id) || name == "" {
			t.Errorf("%.20q: %q, %q, %v", text, id, name, err)
		}
		if again, _, err := Identity(dir); err != nil || again != id {
			t.Errorf("%.20q: then %q, %v", text, again, err)
		}
	}
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, identityFile), 0o700))
	if id, _, err := Identity(dir); err == nil {
		t.Errorf("a folder in the file's place gave %q", id)
	}
}

func TestTwoStartsGetOneIdentity(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	ids := make([]string, 16)
	for i := range ids {
		wait.Go(func() {
			id, _, err := Identity(dir)
			ids[i] = fmt.Sprint(id, err)
		})
	}
	wait.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("got %q", ids)
		}
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("there is %q", got)
	}
}
