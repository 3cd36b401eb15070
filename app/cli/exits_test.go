//go:build unix

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// TestExitCodesOfEveryCommand: scripts go by them.
func TestExitCodesOfEveryCommand(t *testing.T) {
	d := newDesk(t)
	const nobody = "16add739-6b0d-43a4-b4e4-8def09af789a"
	for _, args := range [][]string{ // nobody is signed in
		{"logout"},
		{"list"},
		{"show", "bkp_1"},
		{"create"},
		{"download", "bkp_1"},
		{"cancel", "bkp_1"},
		{"delete", "bkp_1", "--yes"},
		{"token", "list"},
		{"token", "create", "x"},
		{"token", "revoke", "x"},
		{"devices"},
		{"devices", "sign-out", nobody},
		{"devices", "rename", nobody, "x"},
	} {
		r := d.want(exitSignedOut, "not signed in", args...)
		if r.out != "" {
			t.Errorf("%q prints %q", args, r.out)
		}
		r = d.run("", append(args, "--json")...)
		if last := lastJSON(t, r.out); r.code != exitSignedOut || r.err != "" || last["event"] != "error" || last["exit"] != float64(exitSignedOut) {
			t.Errorf("%q --json: exit %d: %v, %q", args, r.code, last, r.err)
		}
	}
	d.want(exitUsage, "https://", "login", "ftp://example.org", "--email", "x")
	d.want(exitUsage, "--demo", "login")
	d.want(exitUsage, "--demo", "login", d.address, "--demo")
	d.login()
	failed := d.one("failed")
	deleted := d.one("deleted")
	done := d.one("completed")
	in := filepath.Join(d.home, "Downloads")
	d.want(exitDone, "verified", "download", done)
	for _, row := range []struct {
		code int
		text string
		args []string
	}{
		{exitUsage, "--limit", []string{"list", "--limit", "0"}},
		{exitUsage, "--status", []string{"list", "--status", "nonsense"}},
		{exitUsage, "--covers", []string{"list", "--covers", "today"}},
		{exitUsage, "not the ID", []string{"show", "../x"}},
		{exitUsage, "--till", []string{"create", "--till", "2024-02-30"}},
		{exitUsage, "--modules", []string{"create", "--modules", "a,,b"}},
		{exitUsage, "till: it is before", []string{"create", "--from", "2026-02-01", "--till", "2026-01-01"}},
		{exitUsage, "--give-up", []string{"create", "--give-up=-1s"}},
		{exitUsage, "--give-up", []string{"download", done, "--give-up=-1s"}},
		{exitUsage, "--on-clash", []string{"download", done, "--on-clash", "maybe"}},
		{exitUsage, "--yes", []string{"delete", done}},
		{exitUsage, "--days", []string{"token", "create", "x", "--days", "0"}},
		{exitUsage, "name", []string{"token", "create", " "}},
		{exitUsage, "name", []string{"devices", "rename", nobody, " "}},
		{exitUsage, "--connections", []string{"fetch", d.address, "--connections", "0"}},
		{exitUsage, "--connections", []string{"fetch", d.address, "--connections", "9"}},
		{exitUsage, "--connections", []string{"fetch", d.address, "--connections=-1"}},
		{exitNotFound, "no such backup", []string{"show", "bkp_none"}},
		{exitNotFound, "no such backup", []string{"download", "bkp_none"}},
		{exitNotFound, "no such backup", []string{"cancel", "bkp_none"}},
		{exitNotFound, "no such backup", []string{"delete", "bkp_none", "--yes"}},
		{exitNotFound, "no such token", []string{"token", "revoke", "tok_none"}},
		{exitNotFound, "no such device", []string{"devices", "sign-out", nobody}},
		{exitNotFound, "no such device", []string{"devices", "rename", nobody, "x"}},
		{exitNotFound, "it is failed", []string{"download", failed}},
		{exitNotFound, "it is deleted", []string{"download", deleted}},
		{exitNotFound, "no file", []string{"delete", deleted, "--yes"}},
		{exitFailed, "no longer be cancelled", []string{"cancel", done}},
		{exitFailed, "Sign out first", []string{"login", d.address, "--email", d.email}},
		{exitDamaged, "--on-clash", []string{"download", done}},
		{exitDone, "skipped", []string{"download", done, "--on-clash", "skip"}},
		{exitDone, "(2).zip", []string{"download", done, "--on-clash", "keep-both"}},
		{exitDone, "Here", []string{"show", done}},
		{exitDone, "There is no such backup", []string{"list", "--search", "nothing of the kind"}},
		{exitDone, "You have no tokens", []string{"token", "list"}},
	} {
		d.want(row.code, row.text, row.args...)
	}
	if got := names(t, in); len(got) != 2 {
		t.Errorf("in Downloads there is %q", got)
	}
	d.want(exitDone, "Signed out", "logout")
	d.want(exitSignedOut, "not signed in", "logout")
}

// one is the ID of a backup of that status.
func (d *desk) one(status string) string {
	d.Helper()
	id, rest, _ := strings.Cut(d.want(exitDone, "", "list", "--status", status, "--limit", "1").out, "\t")
	if !strings.HasPrefix(rest, status+"\t") {
		d.Fatalf("no backup is %s: %q %q", status, id, rest)
	}
	return id
}

// objects are the lines of JSON that a command prints, all of one event.
func (d *desk) objects(event string, args ...string) []map[string]any {
	d.Helper()
	var all []map[string]any
	for line := range strings.Lines(d.want(exitDone, "", append(args, "--json")...).out) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil || o["event"] != event {
			d.Fatalf("%q printed %q, %v", args, line, err)
		}
		all = append(all, o)
	}
	return all
}

// TestShapesForPrograms: one object a line, with the names of the contract.
func TestShapesForPrograms(t *testing.T) {
	d := newDesk(t)
	d.login()
	d.run("", "token", "create", "cron")
	for _, row := range []struct {
		event string
		least int
		args  []string
		names []string
	}{
		{"backup", 8, []string{"list", "--all"}, []string{"id", "title", "status", "from", "till", "timezone", "performed_at", "modules"}},
		{"token", 1, []string{"token", "list"}, []string{"id", "name", "scopes", "created_at", "expires_at"}},
		{"device", 1, []string{"devices"}, []string{"id", "name", "platform", "seen_at", "current"}},
		{"estimate", 1, []string{"create", "--dry-run"}, []string{"from", "till", "records", "bytes", "archive_bytes", "modules"}},
	} {
		got := d.objects(row.event, row.args...)
		if len(got) < row.least {
			t.Errorf("%q printed %d lines, want %d or more", row.args, len(got), row.least)
		}
		for _, o := range got {
			for _, name := range row.names {
				if _, there := o[name]; !there {
					t.Errorf("%q: no %q in %v", row.args, name, o)
				}
			}
		}
	}
	all := d.objects("backup", "list", "--all")
	if some := d.objects("backup", "list", "--limit", "3"); len(some) != 3 || some[2]["id"] != all[2]["id"] {
		t.Errorf("the first 3 are %v", some)
	}
	for _, o := range all {
		if shown := d.objects("backup", "show", fmt.Sprint(o["id"])); len(shown) != 1 || shown[0]["title"] != o["title"] {
			t.Errorf("shown: %v, listed: %v", shown, o)
		}
	}
}

// TestListAll: page after page, whatever the server gives at once.
func TestListAll(t *testing.T) {
	d := newDesk(t)
	var pages atomic.Int32
	d.behind(func(_ http.ResponseWriter, r *http.Request) bool {
		if q := r.URL.Query(); q.Get("limit") != "" {
			pages.Add(1)
			q.Set("limit", "3")
			r.URL.RawQuery = q.Encode()
		}
		return false
	}, nil)
	d.login()
	ids := map[any]bool{}
	for _, b := range d.objects("backup", "list", "--all") {
		ids[b["id"]] = true
	}
	if len(ids) != 8 || pages.Load() != 3 {
		t.Errorf("%d backups are listed, in %d pages", len(ids), pages.Load())
	}
	if got := d.objects("backup", "list", "--limit", "4"); len(got) != 4 {
		t.Errorf("of 4 at most %d are listed", len(got))
	}
	d.want(exitDone, "These are the first 5. --all shows the rest.", "list", "--limit", "5")
}

// TestListWhileABackupCompletes: it moves from the pending ones to its place by
// time, from one page to a later one.
func TestListWhileABackupCompletes(t *testing.T) {
	d := newDesk(t)
	item := func(id, status string) string {
		return `{"id":"` + id + `","title":"T","status":"` + status + `","modules":[],"from":"2024-03-01","till":"2026-03-01"}`
	}
	d.behind(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/backups" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		body := `{"items":[` + item("bkp_1", "pending") + `,` + item("bkp_2", "completed") + `],"next_cursor":"c"}`
		if r.URL.Query().Get("cursor") == "c" {
			body = `{"items":[` + item("bkp_1", "completed") + `,` + item("bkp_3", "completed") + `]}`
		}
		_, _ = io.WriteString(w, body)
		return true
	}, nil)
	d.login()
	for _, args := range [][]string{{"--all"}, {"--limit", "3"}} {
		var got []string
		for _, b := range d.objects("backup", append([]string{"list"}, args...)...) {
			got = append(got, fmt.Sprint(b["id"], " ", b["status"]))
		}
		if want := []string{"bkp_2 completed", "bkp_1 completed", "bkp_3 completed"}; !slices.Equal(got, want) {
			t.Errorf("%q: %q", args, got)
		}
	}
}

// TestDevicesFromOutside: one renames itself and another, and signs the other
// out, which then has nothing but its files.
func TestDevicesFromOutside(t *testing.T) {
	d := newDesk(t)
	d.login()
	mine := d.objects("device", "devices")[0]["id"].(string)
	home := d.home
	other := t.TempDir()
	t.Setenv("HOME", other)
	d.login()
	devices := d.objects("device", "devices")
	i := slices.IndexFunc(devices, func(o map[string]any) bool { return o["id"] == mine })
	if len(devices) != 2 || i < 0 || devices[i]["current"] != false {
		t.Fatalf("got %v", devices)
	}
	d.want(exitDone, "is now called Büro 机", "devices", "rename", mine, "Büro 机")
	t.Setenv("HOME", home)
	d.want(exitDone, "Büro 机 (this one)", "devices")
	theirs := devices[1-i]["id"].(string)
	d.want(exitUsage, "use logout", "devices", "sign-out", mine)
	d.want(exitDone, "Signed "+theirs+" out.", "devices", "sign-out", theirs)
	if got := d.objects("device", "devices"); len(got) != 1 || got[0]["id"] != mine {
		t.Errorf("left: %v", got)
	}
	t.Setenv("HOME", other)
	d.want(exitSignedOut, "not signed in", "list")
	t.Setenv("HOME", home)
	d.want(exitDone, "is now called Laptop", "devices", "rename", mine, "Laptop")
	d.want(exitDone, "Signed out", "logout")
	d.login()
	d.want(exitDone, "Laptop (this one)", "devices") // its own new name is kept
}
