//go:build unix

package cli

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// desk is a machine of somebody's own, and a server elsewhere.
type desk struct {
	*testing.T
	home, address, email, password string
	said                           strings.Builder // by all commands but the one that prints a token
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, home: t.TempDir()}
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DOWNLOAD_DIR", serverEnv, tokenEnv} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", d.home)
	t.Setenv("CONNECT_BACKUP_SECRETS", "file")
	p := &started{Cmd: program(t, "serve", "--demo", "--json", "--listen", "127.0.0.1:0", "--data", demoData(t))}
	p.Cancel = func() error { return p.Process.Signal(syscall.SIGTERM) }
	p.Stderr = &p.err
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the end of the test's context has told it to stop
		_, _ = io.Copy(io.Discard, out)
		_ = p.Wait() // the exit code says more
		if code := p.ProcessState.ExitCode(); code != exitDone {
			t.Errorf("the server ended with %d: %s", code, p.err.String())
		}
	})
	var hello struct{ Address, Email, Password string }
	if err := json.NewDecoder(out).Decode(&hello); err != nil {
		t.Fatal(err)
	}
	d.address, d.email, d.password = hello.Address, hello.Email, hello.Password
	return d
}

// run runs one command; input is what it can read.
func (d *desk) run(input string, args ...string) result {
	d.Helper()
	p := &started{Cmd: program(d.T, args...)}
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(input), &p.out, &p.err
	if err := p.Start(); err != nil {
		d.Fatal(err)
	}
	return p.result(d.T)
}

// want runs one command and fails the test unless it ends so.
func (d *desk) want(code int, text string, args ...string) result {
	d.Helper()
	r := d.run("", args...)
	d.said.WriteString(r.out + r.err)
	if r.code != code || !strings.Contains(r.out+r.err, text) {
		d.Fatalf("%q: exit %d, want %d and %q:\n%s%s", args, r.code, code, text, r.out, r.err)
	}
	return r
}

func (d *desk) login() {
	d.Helper()
	r := d.run(d.password+"\n", "login", d.address, "--email", d.email)
	d.said.WriteString(r.out + r.err)
	if r.code != exitDone || !strings.Contains(r.out, "Signed in to") {
		d.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
}

// TestTheMainJobFromOutside is what a person at a terminal does (B18).
func TestTheMainJobFromOutside(t *testing.T) {
	d := newDesk(t)
	d.want(exitSignedOut, "not signed in", "list")
	if r := d.run("wrong\n", "login", d.address, "--email", d.email); r.code != exitSignedOut || !strings.Contains(r.err, "password is wrong") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	d.want(exitUsage, "--email", "login", d.address)
	d.login()
	d.want(exitFailed, "Sign out first", "login", d.address, "--email", d.email)
	d.want(exitDone, "about", "create", "--dry-run", "--modules", "departments")
	d.want(exitUsage, "modules", "create", "--modules", "nonsense")
	d.want(exitUsage, "--from", "create", "--from", "yesterday")
	r := d.want(exitDone, "verified", "create", "--title", "Late \u202e evening", "--modules", "departments,visitors", "--download")
	id, _, _ := strings.Cut(r.out, "\n")
	files := names(t, filepath.Join(d.home, "Downloads"))
	if len(files) != 1 || !strings.HasPrefix(files[0], "demo-") {
		t.Errorf("in Downloads there is %q", files)
	}
	if r := d.want(exitDone, id+"\tcompleted\t", "list", "--search", "evening"); strings.Contains(r.out, "\u202e") {
		t.Errorf("the terminal got %q", r.out)
	}
	d.want(exitDone, "SHA-256", "show", id)
	d.want(exitNotFound, "no such backup", "show", "bkp_none")
	d.want(exitUsage, "not the ID", "show", "../x")
	d.want(exitDamaged, "--on-clash", "download", id)
	d.want(exitDone, `"same":true`, "download", id, "--on-clash", "skip", "--json")
	d.want(exitDone, "other", "download", id, "--dir", filepath.Join(d.home, "other"))
	d.want(exitFailed, "no longer be cancelled", "cancel", id)
	d.want(exitDone, "this one", "devices")
	d.want(exitUsage, "--yes", "delete", id)
	d.want(exitDone, "Deleted", "delete", id, "--yes")
	d.want(exitNotFound, "deleted", "download", id)
	d.want(exitNotFound, "no file", "delete", id, "--yes")
	d.want(exitDone, `"status":"deleted"`, "show", id, "--json")
	d.want(exitDone, "Signed out", "logout")
	d.want(exitSignedOut, "not signed in", "list")
}

// TestAnAddressBesideTheServer: what answers there knows nothing of backups.
func TestAnAddressBesideTheServer(t *testing.T) {
	d := newDesk(t)
	r := d.run(d.password+"\n", "login", d.address+"/foo", "--email", d.email)
	if r.code != exitFailed || !strings.Contains(r.err, d.address+"/foo/v1/info does not answer as a Connect server. Check the address.") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
}

// TestNoBackupYet: a first look at an empty list is no failed search.
func TestNoBackupYet(t *testing.T) {
	d := newDesk(t)
	d.behind(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/backups" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"items":[]}`)
		return true
	}, nil)
	d.login()
	if r := d.want(exitDone, "There is no backup yet. Start one with create.", "list"); r.out != "" {
		t.Errorf("it prints %q", r.out)
	}
	d.want(exitDone, "There is no such backup.", "list", "--status", "failed")
}

// TestWhoStopsWaitingIsToldThatItGoesOn: Ctrl-C ends the command, not the backup.
func TestWhoStopsWaitingIsToldThatItGoesOn(t *testing.T) {
	d := newDesk(t)
	waits := make(chan struct{}, 100)
	one := regexp.MustCompile(`^/v1/backups/bkp_[^/]+$`)
	var hold atomic.Bool
	d.behind(func(_ http.ResponseWriter, r *http.Request) bool {
		if hold.Load() && one.MatchString(r.URL.Path) {
			waits <- struct{}{}
			<-r.Context().Done()
			return true
		}
		return false
	}, nil)
	d.login()
	hold.Store(true)
	p := start(t, "create", "--modules", "departments", "--wait")
	<-waits
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	r := p.result(t)
	id, _, _ := strings.Cut(r.out, "\n")
	if want := "The backup goes on at the server: download " + id + " brings it when it is completed."; r.code != exitFailed || !strings.Contains(r.err, want) {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	hold.Store(false)
	d.want(exitDone, id, "list")
}

// TestMissingModulesAreTold: who has a file must not take it for more than it is.
func TestMissingModulesAreTold(t *testing.T) {
	d := newDesk(t)
	d.login()
	const missing = "connect-backup: This backup is not complete: 1 module is missing: "
	line := d.want(exitDone, "", "list", "--search", "auditors").out
	id, rest, _ := strings.Cut(line, "\t")
	if !strings.HasPrefix(rest, "partial\t") {
		t.Errorf("listed as %q", line)
	}
	r := d.want(exitDone, "verified", "download", id)
	if r.err != missing+"Complaints.\n" {
		t.Errorf("a download says %q", r.err)
	}
	file, _, _ := strings.Cut(r.out, "\n")
	if r = d.want(exitDone, "entries", "verify", file); r.err != missing+"complaints.\n" {
		t.Errorf("verify says %q", r.err)
	}
	if got := lastJSON(t, d.want(exitDone, `"event":"partial"`, "verify", file, "--json").out); got["event"] != "checked" {
		t.Errorf("verify ends with %v", got)
	}
	got := lastJSON(t, d.want(exitDone, "This backup is not complete", "download", id, "--on-clash", "replace", "--json").out)
	if got["event"] != "downloaded" || got["completeness"] != "partial" {
		t.Errorf("it ends with %v", got)
	}
	whole := d.one("completed")
	r = d.want(exitDone, "downloaded", "download", whole, "--json")
	if got := lastJSON(t, r.out); got["completeness"] != "complete" || strings.Contains(r.out, "missing") {
		t.Errorf("a whole one: %s", r.out)
	}
}

// TestATokenIsEnoughAndIsToldOnce: what cron needs, and that the secret stands
// nowhere but in the one line that gives it out.
func TestATokenIsEnoughAndIsToldOnce(t *testing.T) {
	d := newDesk(t)
	d.login()
	r := d.run("", "token", "create", "cron", "--scopes", "create,download", "--days", "7")
	token := strings.TrimSpace(r.out)
	if r.code != exitDone || !strings.HasPrefix(token, "cbt_") || strings.Contains(r.err, token) {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	d.want(exitUsage, "--scopes", "token", "create", "x", "--scopes", "everything")
	d.want(exitUsage, "--days", "token", "create", "x", "--days", "400")
	tokenID, _, _ := strings.Cut(d.want(exitDone, "cron", "token", "list").out, "\t")
	d.want(exitDone, "Signed out", "logout")
	t.Setenv(tokenEnv, token)
	d.want(exitUsage, serverEnv, "list")
	t.Setenv(serverEnv, d.address)
	id, _, _ := strings.Cut(d.want(exitDone, "verified", "create", "--modules", "departments", "--download").out, "\n")
	d.want(exitDone, id, "list")
	d.want(exitDamaged, "not allowed", "delete", id, "--yes")
	d.want(exitUsage, tokenEnv, "token", "list")
	t.Setenv(tokenEnv, token+"x")
	d.want(exitSignedOut, "does not accept the token", "list")
	t.Setenv(tokenEnv, token+" \n")
	d.want(exitUsage, "not a token", "list")
	t.Setenv(tokenEnv, "")
	d.login()
	d.want(exitDone, "Revoked", "token", "revoke", tokenID)
	t.Setenv(tokenEnv, token)
	d.want(exitSignedOut, "does not accept the token", "list", "--json")
	secrets := []string{token, d.password}
	for _, secret := range secrets {
		if strings.Contains(d.said.String(), secret) {
			t.Errorf("a command printed a secret")
		}
	}
	err := filepath.WalkDir(d.home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, secret := range secrets {
			if strings.Contains(string(b), secret) {
				t.Errorf("%s holds a secret", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
