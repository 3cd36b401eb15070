package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func init() {
	// claim holds a data folder until it is killed.
	roles["claim"] = func(args []string) error {
		_, err := Claim(context.Background(), args[0], "show", func(message string) {
			_ = os.WriteFile(filepath.Join(args[0], "heard"), []byte(message), 0o600)
		})
		if err != nil {
			return err
		}
		fmt.Println("ready")
		_, err = io.Copy(io.Discard, os.Stdin)
		return err
	}
	// start is a later start.
	roles["start"] = func(args []string) error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_, err := Claim(ctx, args[0], args[1], func(string) {})
		fmt.Println(err)
		return nil
	}
}

// claimed is the one app on dir, with all that it hears.
func claimed(t *testing.T, dir string) (*Single, chan string) {
	t.Helper()
	heard := make(chan string, 8)
	s, err := Claim(t.Context(), dir, "show", func(message string) { heard <- message })
	must(t, err)
	t.Cleanup(func() { must(t, s.Release()) })
	return s, heard
}

func TestALaterStartIsHeard(t *testing.T) {
	dir := t.TempDir()
	_, heard := claimed(t, dir)
	if out := play(t, "start", dir, "show backup bkp_1"); out != ErrAnswered.Error() {
		t.Fatalf("the second start says %q", out)
	}
	if message := <-heard; message != "show backup bkp_1" {
		t.Errorf("heard %q", message)
	}
	claimed(t, t.TempDir()) // another person's folder has an app of its own
}

func TestAKilledAppLocksNobodyOut(t *testing.T) {
	for name, run := range map[string]string{"session folder": t.TempDir(), "data folder": ""} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if run != "" {
				must(t, os.Chmod(run, 0o700))
			}
			t.Setenv("XDG_RUNTIME_DIR", run)
			first := keepPlaying(t, "claim", dir)
			must(t, first.Process.Kill())
			if err := first.Wait(); err == nil {
				t.Fatal("the first app was not killed")
			}
			left := 0
			for _, path := range socketPaths(dir) {
				if _, err := os.Lstat(path); err == nil {
					left++
				}
			}
			if left != 1 {
				t.Fatalf("%d sockets are left of the killed app, want 1", left)
			}
			_, heard := claimed(t, dir)
			play(t, "start", dir, "show")
			if message := <-heard; message != "show" {
				t.Errorf("heard %q", message)
			}
		})
	}
}

func TestAHangingAppIsNotWaitedForForEver(t *testing.T) {
	dir := t.TempDir()
	s, _ := claimed(t, dir)
	must(t, s.Deafen())
	ctx, cancel := context.WithTimeout(t.Context(), 3*singleAgain)
	defer cancel()
	if _, err := Claim(ctx, dir, "show", nil); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("claimed beside an app that does not answer: %v", err)
	}
}

func TestAnEndingAppIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	first, err := Claim(t.Context(), dir, "show", nil)
	must(t, err)
	must(t, first.Deafen())
	next := make(chan error, 1)
	var second *Single
	go func() {
		var err error
		second, err = Claim(context.Background(), dir, "show", nil)
		next <- err
	}()
	must(t, first.Release())
	must(t, <-next)
	must(t, second.Release())
}

func TestASocketIsForThisUserAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its folder says who may")
	}
	dir := t.TempDir()
	claimed(t, dir)
	for _, path := range socketPaths(dir) {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s is open as %v", path, info.Mode())
		}
	}
	open := t.TempDir()
	must(t, os.Chmod(open, 0o755))
	t.Setenv("XDG_RUNTIME_DIR", open)
	if paths := socketPaths(dir); len(paths) != 1 || filepath.Dir(paths[0]) != dir {
		t.Errorf("a socket would lie in a folder that is open to others: %v", paths)
	}
	if paths := socketPaths("/" + strings.Repeat("long/", 30)); len(paths) != 0 {
		t.Errorf("a path that no system takes is tried: %v", paths)
	}
}

func TestHostileMessages(t *testing.T) {
	dir := t.TempDir()
	_, heard := claimed(t, dir)
	for name, said := range map[string]string{
		"empty":            "",
		"no end":           "show",
		"too long":         strings.Repeat("x", MaxMessage+1) + "\n",
		"a control":        "show\x1b[2J\n",
		"a NUL":            "show\x00\n",
		"another way":      "show backup \u202e1\n",
		"not text":         "show \xff\xfe\n",
		"space at the end": "show \n",
	} {
		t.Run(name, func(t *testing.T) {
			var conn net.Conn
			var err error
			for _, path := range socketPaths(dir) {
				if conn, err = net.Dial("unix", path); err == nil {
					break
				}
			}
			must(t, err)
			defer func() { must(t, conn.Close()) }()
			_, err = io.WriteString(conn, said)
			must(t, err)
			must(t, conn.(*net.UnixConn).CloseWrite())
			// It may close before it has read all there is.
			if answer, err := io.ReadAll(conn); len(answer) > 0 {
				t.Errorf("answered %q, %v", answer, err)
			}
		})
	}
	play(t, "start", dir, "show") // it still listens
	if message := <-heard; message != "show" || len(heard) > 0 {
		t.Errorf("heard %q and %d more", message, len(heard))
	}
	for _, message := range []string{strings.Repeat("x", MaxMessage+1), "two\nlines"} {
		if _, err := Claim(t.Context(), dir, message, nil); err == nil || errors.Is(err, ErrAnswered) {
			t.Errorf("%.10q was sent: %v", message, err)
		}
	}
}
