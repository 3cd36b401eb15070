package extract_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// childEnv makes the test binary extract and then hang in the middle.
const childEnv = "EXTRACT_TEST_CHILD"

func TestMain(m *testing.M) {
	if args := os.Getenv(childEnv); args != "" {
		child(strings.Split(args, "\n"))
		return
	}
	goleak.VerifyTestMain(m)
}

// child begins an extraction, says so, and waits to be killed.
func child(args []string) {
	archive, parent := args[0], args[1]
	f, err := os.Open(archive)
	if err != nil {
		panic(err)
	}
	info, err := f.Stat()
	if err != nil {
		panic(err)
	}
	to := target{DirTarget: extract.Dir(parent), write: func([]byte) (int, error) {
		_, _ = os.Stdout.WriteString("writing\n")
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent ends
		select {}
	}}
	_, _ = extract.Archive(context.Background(), f, info.Size(), to, extract.Options{Name: "out", Clash: download.Replace, Workers: 1})
}

func startChild(t *testing.T, archive, parent string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+archive+"\n"+parent)
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = stdin.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "writing\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}
	return cmd
}

func TestZ38_KillThenSweep(t *testing.T) {
	parent := t.TempDir()
	archive := filepath.Join(t.TempDir(), "a.zip")
	must(t, os.WriteFile(archive, zipOf(t, file("a", "1"), file("dir/b", "2")), 0o644))
	must(t, os.Mkdir(filepath.Join(parent, "out"), 0o755))
	must(t, os.WriteFile(filepath.Join(parent, "out", "old"), []byte("old"), 0o644))

	cmd := startChild(t, archive, parent)
	left := list(t, parent)
	if len(left) != 3 {
		t.Fatalf("while it extracts there is %q", left)
	}
	// What somebody alive holds is left alone.
	must(t, extract.Sweep(parent))
	if got := list(t, parent); !slices.Equal(got, left) {
		t.Errorf("sweeping took %q down to %q", left, got)
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	// Another one was killed before it could say what it is about.
	must(t, os.WriteFile(filepath.Join(parent, ".b.extracting-0123456789abcdef.lock"), nil, 0o600))
	must(t, extract.Sweep(parent))
	if got := list(t, parent); !slices.Equal(got, []string{"out"}) {
		t.Errorf("after sweeping there is %q", got)
	}
	if got := tree(t, filepath.Join(parent, "out")); got["old"] != "old" {
		t.Errorf("the old folder became %q", got)
	}
	// And again.
	b, err := os.ReadFile(archive)
	must(t, err)
	assertTree(t, b, map[string]string{"a": "1", "dir/": "", "dir/b": "2"})
}

func TestSweepTouchesNothingElse(t *testing.T) {
	parent := t.TempDir()
	elsewhere := t.TempDir()
	must(t, os.WriteFile(filepath.Join(elsewhere, "precious"), []byte("x"), 0o644))
	claim := `{"kind":"connect-backup extracting, version 1","target":"out"}`
	files := map[string]string{
		".mine.extracting-0123456789abcdef/file":  "no claim beside it",
		".b.extracting-0123456789abcdee.lock":     "not our words",
		".b.extracting-0123456789abcdee/file":     "x",
		".c.extracting-0123456789abcded.lock":     `{"kind":"connect-backup extracting, version 1","target":"../out"}`,
		".c.extracting-0123456789abcded/file":     "x",
		"d.extracting-0123456789abcdef.lock":      claim,
		"d.extracting-0123456789abcdef/file":      "x",
		".e.extracting-0123456789abcdef.lock/dir": claim,
		"out/file": "x",
	}
	for name, text := range files {
		p := filepath.Join(parent, name)
		must(t, os.MkdirAll(filepath.Dir(p), 0o755))
		must(t, os.WriteFile(p, []byte(text), 0o644))
	}
	// A link in the place of a temporary folder is removed, not followed.
	must(t, os.Symlink(elsewhere, filepath.Join(parent, ".f.extracting-0123456789abcdef")))
	must(t, os.WriteFile(filepath.Join(parent, ".f.extracting-0123456789abcdef.lock"), []byte(claim), 0o644))
	must(t, extract.Sweep(parent))
	for name, text := range files {
		if b, err := os.ReadFile(filepath.Join(parent, name)); err != nil || string(b) != text {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	if names := list(t, elsewhere); len(names) != 1 {
		t.Errorf("elsewhere there is %q", names)
	}
	if names := list(t, parent); slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, ".f.") }) {
		t.Errorf("there is still %q", names)
	}
	must(t, extract.Sweep(filepath.Join(parent, "missing")))
}

// A kill between setting the old folder aside and showing the new one.
func TestSweepPutsBackWhatWasSetAside(t *testing.T) {
	parent := t.TempDir()
	base := filepath.Join(parent, ".out.extracting-0123456789abcdef")
	must(t, os.WriteFile(base+".lock", []byte(`{"kind":"connect-backup extracting, version 1","target":"out"}`), 0o644))
	must(t, os.Mkdir(base, 0o755))
	must(t, os.Mkdir(base+".old", 0o755))
	must(t, os.WriteFile(filepath.Join(base+".old", "mine"), []byte("old"), 0o644))
	must(t, extract.Sweep(parent))
	if names := list(t, parent); !slices.Equal(names, []string{"out"}) {
		t.Errorf("there is %q", names)
	}
	if got := tree(t, filepath.Join(parent, "out")); got["mine"] != "old" {
		t.Errorf("the folder holds %q", got)
	}
}

// A kill just after a file that came meanwhile was taken out.
func TestSweepPutsBackAFile(t *testing.T) {
	for _, suffix := range []string{"", ".old"} {
		parent := t.TempDir()
		base := filepath.Join(parent, ".out.extracting-0123456789abcdef")
		must(t, os.WriteFile(base+".lock", []byte(`{"kind":"connect-backup extracting, version 1","target":"out"}`), 0o644))
		must(t, os.WriteFile(base+suffix, []byte("mine"), 0o644))
		must(t, os.Mkdir(filepath.Join(parent, "out"), 0o755))
		must(t, extract.Sweep(parent))
		if got := tree(t, parent); len(got) != 2 || got["out (2)"] != "mine" {
			t.Errorf("there is %q", got)
		}
	}
}

func TestTargetNames(t *testing.T) {
	b := zipOf(t, file("a", "1"))
	for _, name := range []string{"", ".", "..", "a/b", "/x", "../x", "a\x00b", strings.Repeat("x", 256)} {
		parent := t.TempDir()
		_, err := extract.Archive(t.Context(), strings.NewReader(string(b)), int64(len(b)), extract.Dir(parent), extract.Options{Name: name})
		if err == nil {
			t.Errorf("a folder was called %q", name)
		}
		assertEmpty(t, parent)
	}
	for _, name := range []string{strings.Repeat("ü", 127), "-rf", "a b\nc", "客户"} {
		if _, _, err := extracted(t, b, extract.Options{Name: name}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
