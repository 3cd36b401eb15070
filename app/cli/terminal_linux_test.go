package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is one with somebody before it. Its far end is what the program has.
type terminal struct {
	*testing.T
	near, far *os.File
	seen      strings.Builder // all that it showed
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	near := os.NewFile(uintptr(fd), "terminal") // not blocking, so that a wait can end
	t.Cleanup(func() { _ = near.Close() })
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 200})
	}
	if err != nil {
		t.Fatal(err)
	}
	far, err := os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	return &terminal{T: t, near: near, far: far}
}

// start runs one command on the terminal; redirect may send what it says elsewhere.
func (c *terminal) start(redirect func(*started), args ...string) *started {
	c.Helper()
	p := &started{Cmd: program(c.T, args...)}
	p.Stdin, p.Stdout, p.Stderr = c.far, c.far, c.far
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if redirect != nil {
		redirect(p)
	}
	if err := p.Start(); err != nil {
		c.Fatal(err)
	}
	return p
}

// await reads until the terminal has shown this since the last wait.
func (c *terminal) await(text string) {
	c.Helper()
	if err := c.near.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		c.Fatal(err)
	}
	var since strings.Builder
	for b := make([]byte, 1); !strings.Contains(since.String(), text); {
		n, err := c.near.Read(b)
		if err != nil {
			c.Fatalf("waiting for %q: %v after %q", text, err, since.String())
		}
		since.Write(b[:n])
		c.seen.Write(b[:n])
	}
}

func (c *terminal) keys(text string) {
	c.Helper()
	if _, err := io.WriteString(c.near, text); err != nil {
		c.Fatal(err)
	}
}

// mode is how the terminal treats keys.
func (c *terminal) mode() unix.Termios {
	c.Helper()
	m, err := unix.IoctlGetTermios(int(c.far.Fd()), unix.TCGETS)
	if err != nil {
		c.Fatal(err)
	}
	return *m
}

// unseen types what must not be shown, once the program has seen to that.
func (c *terminal) unseen(text string) {
	c.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); c.mode().Lflag&unix.ECHO != 0; <-tick.C {
		if time.Now().After(deadline) {
			c.Fatalf("keys are shown at %q", c.seen.String())
		}
	}
	c.keys(text)
}

// ends waits for the end of a command, and for all that it showed.
func (c *terminal) ends(p *started, code int, text string) {
	c.Helper()
	err := p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.Fatal(err)
	}
	before := c.seen.Len()
	const end = "\x01the end"
	if _, err := io.WriteString(c.far, end); err != nil {
		c.Fatal(err)
	}
	c.await(end)
	shown := c.seen.String()
	c.seen.Reset()
	c.seen.WriteString(strings.TrimSuffix(shown, end))
	if got := p.ProcessState.ExitCode(); got != code || !strings.Contains(shown[before:], text) {
		c.Errorf("%q: exit %d, want %d and %q:\n%s", p.Args[1:], got, code, text, shown)
	}
}

// A password is asked for and never shown, on every way out of the question
// the terminal is as it was before, and who does not answer is told so.
func TestThePasswordIsAskedUnseen(t *testing.T) {
	d := newDesk(t)
	before := newTerminal(t).mode()
	for _, row := range []struct {
		name string
		act  func(*terminal, *started)
		code int
		text string
	}{
		{"Ctrl-C", func(c *terminal, _ *started) { c.unseen("half a secr\x03") }, exitFailed, "Stopped."},
		{"ended from elsewhere", func(c *terminal, p *started) {
			c.unseen("")
			if err := p.Process.Signal(syscall.SIGTERM); err != nil {
				c.Fatal(err)
			}
		}, exitFailed, "Stopped."},
		{"Ctrl-D, which does nothing", func(c *terminal, _ *started) { c.unseen("\x04\r") }, exitUsage, "no password was given"},
		{"nothing", func(c *terminal, _ *started) { c.unseen("\r") }, exitUsage, "no password was given"},
		{"a wrong one", func(c *terminal, _ *started) { c.unseen("half a secret\r") }, exitSignedOut, "password is wrong"},
		{"the right one", func(c *terminal, _ *started) { c.unseen(d.password + "\r") }, exitDone, "Signed in to"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := newTerminal(t)
			p := c.start(nil, "login", d.address)
			c.await("E-mail: ")
			c.keys(d.email + "\r")
			c.await("Password of " + d.email + ": ")
			row.act(c, p)
			c.ends(p, row.code, row.text)
			if seen := c.seen.String(); strings.Contains(seen, "half a secr") || strings.Contains(seen, d.password) {
				t.Errorf("the terminal showed the password: %q", seen)
			}
			if after := c.mode(); after != before {
				t.Errorf("the terminal is left as %+v, was %+v", after, before)
			}
		})
	}
}

// Where a password is typed, it is hidden, whichever way what is said goes;
// and where nobody can be asked, it is not taken.
func TestAPasswordIsNeverTypedInTheOpen(t *testing.T) {
	d := newDesk(t)
	c := newTerminal(t)
	p := c.start(func(p *started) { p.Stdout, p.Stderr = &p.out, &p.err }, "login", d.address, "--email", d.email)
	if r := p.result(t); r.code != exitUsage || !strings.Contains(r.err, "no password was given") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	p = c.start(func(p *started) { p.Stderr = &p.err }, "login", d.address, "--email", d.email)
	c.await("Password of ")
	c.unseen(d.password + "\r")
	c.ends(p, exitDone, "Signed in to")
	if strings.Contains(c.seen.String()+p.err.String(), d.password) {
		t.Errorf("the password is shown: %q %q", c.seen.String(), p.err.String())
	}
}

// Nobody at the first question: no e-mail is one answer too.
func TestNoEmail(t *testing.T) {
	d := newDesk(t)
	for _, keys := range []string{"\x04", " \r"} {
		c := newTerminal(t)
		p := c.start(nil, "login", d.address)
		c.await("E-mail: ")
		c.keys(keys)
		c.ends(p, exitUsage, "no e-mail was given")
	}
}

// What cannot be undone is asked first, and silence is a no.
func TestQuestionsOnATerminal(t *testing.T) {
	d := newDesk(t)
	d.login()
	r := d.want(exitDone, "verified", "create", "--title", "Asked", "--modules", "departments", "--download")
	id, _, _ := strings.Cut(r.out, "\n")
	downloads := filepath.Join(d.home, "Downloads")
	for _, row := range []struct {
		keys, command, question string
		code                    int
		text                    string
		files                   int
	}{
		{"\r", "download", "[r/k/N]", exitFailed, "Nothing was downloaded.", 1},
		{"\x04", "download", "[r/k/N]", exitFailed, "Nothing was downloaded.", 1},
		{"\x03", "download", "[r/k/N]", exitFailed, "Stopped.", 1},
		{"r\r", "download", "[r/k/N]", exitDone, "verified", 1},
		{"Keep\r", "download", "[r/k/N]", exitDone, "verified", 2},
		{"n\r", "delete", "[y/N]", exitFailed, "Nothing was deleted.", 2},
		{"\x04", "delete", "[y/N]", exitFailed, "Nothing was deleted.", 2},
		{"yes\r", "delete", "[y/N]", exitDone, "Deleted the file of Asked", 2},
	} {
		c := newTerminal(t)
		p := c.start(nil, row.command, id)
		c.await(row.question)
		c.keys(row.keys)
		c.ends(p, row.code, row.text)
		if got := names(t, downloads); len(got) != row.files {
			t.Errorf("%q, answered %q: in Downloads there is %q", row.command, row.keys, got)
		}
	}
}

// What fetch and extract find in their way they ask about as download does.
func TestClashesOnATerminal(t *testing.T) {
	content, _, s := file(t, 1<<20)
	dir := t.TempDir()
	put(t, dir, "file.bin", []byte("old"))
	put(t, dir, "good.zip", archiveBytes(t, map[string]string{"a": "1"}))
	if err := os.Mkdir(filepath.Join(dir, "good"), 0o755); err != nil {
		t.Fatal(err)
	}
	fetch := []string{"fetch", s.URL + "/file.bin", "--dir", dir}
	extract := []string{"extract", filepath.Join(dir, "good.zip")}
	for _, row := range []struct {
		keys     string
		args     []string
		question string
		code     int
		text     string
		there    string
	}{
		{"\r", fetch, "file.bin is already there. Download it again and replace it, keep both, or neither? [r/k/N]", exitFailed, "Nothing was downloaded.", "file.bin good good.zip"},
		{"\r", extract, "good is already there. Extract again and replace it, keep both, or neither? [r/k/N]", exitFailed, "Nothing was extracted.", "file.bin good good.zip"},
		{"\x03", fetch, "[r/k/N]", exitFailed, "Stopped.", "file.bin good good.zip"},
		{"\x03", extract, "[r/k/N]", exitFailed, "Stopped.", "file.bin good good.zip"},
		{"r\r", fetch, "[r/k/N]", exitDone, "SHA-256", "file.bin good good.zip"},
		{"r\r", extract, "[r/k/N]", exitDone, "Extracted 1 file,", "file.bin good good.zip"},
		{"k\r", fetch, "[r/k/N]", exitDone, "file (2).bin", "file (2).bin file.bin good good.zip"},
		{"keep\r", extract, "[r/k/N]", exitDone, "good (2)", "file (2).bin file.bin good good (2) good.zip"},
	} {
		c := newTerminal(t)
		p := c.start(nil, row.args...)
		c.await(row.question)
		c.keys(row.keys)
		c.ends(p, row.code, row.text)
		if got := strings.Join(names(t, dir), " "); got != row.there {
			t.Errorf("%q, answered %q: there is %q", row.args[0], row.keys, got)
		}
	}
	for name, want := range map[string]string{"file.bin": string(content), "file (2).bin": string(content), "good/a": "1", "good (2)/a": "1"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != want {
			t.Errorf("%s holds %d bytes, %v", name, len(b), err)
		}
	}
}

// A list is laid out for eyes, and a title can neither command the terminal nor
// is it spoilt where its script is another.
func TestListsOnATerminal(t *testing.T) {
	d := newDesk(t)
	d.login()
	titles := map[string]string{ // as sent, and as shown
		"監査用　バックアップ":          "監査用　バックアップ",
		"نسخه\u200cی پشتیبان": "نسخه\u200cی پشتیبان",
		"Année\u00a02024":     "Année\u00a02024",
		"evil \u202egnp.exe":  `evil \u202egnp.exe`,
		"joined 👩\u200d🔬":     "joined 👩\u200d🔬",
	}
	for title := range titles {
		d.want(exitDone, "Completed", "create", "--title", title, "--modules", "departments", "--wait")
	}
	c := newTerminal(t)
	p := c.start(nil, "list")
	c.ends(p, exitDone, "Title\r\n")
	shown := c.seen.String()
	head, rest, _ := strings.Cut(shown, "\r\n")
	column := strings.Index(head, "Title")
	lines := strings.Split(strings.TrimSpace(rest), "\r\n")
	if !strings.HasPrefix(head, "ID ") || column < 0 || strings.Contains(shown, "\t") || len(lines) < len(titles) {
		t.Fatalf("got\n%s", shown)
	}
	for _, want := range titles {
		at := -1
		for _, line := range lines {
			if i := strings.Index(line, want); i >= 0 {
				at = i
			}
		}
		if at != column {
			t.Errorf("%q stands at %d, its heading at %d:\n%s", want, at, column, shown)
		}
	}
	if strings.ContainsAny(strings.ReplaceAll(shown, "\r\n", ""), "\u202e\x1b\r") {
		t.Errorf("the terminal got %q", shown)
	}
}
