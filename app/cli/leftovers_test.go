//go:build unix

package cli

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A journey that does not come to its end leaves nothing that nobody needs.
func TestAJourneyThatEndsEarlyLeavesNothing(t *testing.T) {
	for _, row := range []struct {
		name string
		end  func(*started, *os.File) error
		err  string
	}{
		{"Ctrl-C", func(p *started, _ *os.File) error { return p.Process.Signal(os.Interrupt) }, "Stopped."},
		{"nobody reads on", func(_ *started, out *os.File) error { return out.Close() }, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			p := &started{Cmd: program(t, "journey")}
			p.Stderr = &p.err
			out, in, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = out.Close() }()
			p.Stdout = in
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			if err := in.Close(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); !strings.HasPrefix(line, "Signed in") {
				t.Fatalf("it begins with %q, %v: %s", line, err, p.err.String())
			}
			if err := row.end(p, out); err != nil {
				t.Fatal(err)
			}
			if r := p.result(t); r.code != exitFailed || !strings.Contains(r.err, row.err) || row.err == "" && r.err != "" {
				t.Errorf("exit %d: %s", r.code, r.err)
			}
			if left := names(t, temp); len(left) > 0 {
				t.Errorf("it left %q", left)
			}
		})
	}
}

// A folder that cannot be is told before the work.
func TestAJourneyLooksAtItsFolderFirst(t *testing.T) {
	temp, dir := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	put(t, dir, "file", []byte("in the way"))
	to := filepath.Join(dir, "file", "x")
	r := start(t, "journey", "--dir", to).result(t)
	if r.code != exitFailed || r.out != "" || !strings.Contains(r.err, "The folder "+to+" cannot be used: not a directory.") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	if left := names(t, temp); len(left) > 0 {
		t.Errorf("it left %q", left)
	}
}
