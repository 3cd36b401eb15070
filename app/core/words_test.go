package core

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/reminder"
	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// TestEveryErrorHasWords goes through every error that can reach a person: it
// says what happened, what to do next, and names what it must name.
func TestEveryErrorHasWords(t *testing.T) {
	type row struct {
		err  error
		says string
	}
	rows := []row{
		{&download.SpaceError{Need: 5_000_000, Free: 1_500}, "5.0 MB are needed, 1.5 kB are free"},
		{&download.SpaceError{Need: 1, Free: -1}, "disk is full"},
		{&download.SpaceError{Need: 1, Free: -1}, "What has already come is kept."},
		{fmt.Errorf("%w: %w", errExtraction, &download.SpaceError{Need: 1, Free: -1}), "disk is full"},
		{fmt.Errorf("%w: %w", errExtraction, &download.SpaceError{Need: 5, Free: 1}), "Nothing was extracted."},
		{&download.FolderError{Path: "/x/Downloads", Op: "write", Err: fs.ErrPermission}, "/x/Downloads cannot be written to"},
		{&download.FolderError{Path: "/x/Downloads/.connect-backup-0a.part", Op: "create", Err: fs.ErrPermission}, "/x/Downloads cannot be written to"},
		{&download.FolderError{Path: "/x/Downloads", Op: "create", Err: errors.New("not a directory")}, "not a directory"},
		{&download.FolderError{Path: "/x/acme", Op: "delete", Err: extract.ErrHoldsArchive}, "/x/acme cannot be replaced: the archive itself lies in it"},
		{&download.ExistsError{Name: "a.zip"}, "a.zip is already there"},
		{&download.DamagedError{Name: "a.zip"}, "damaged"},
		{&download.LockedError{Key: "x"}, "already downloading"},
		{&download.StalledError{After: time.Minute}, "No data"},
		{&download.RetryAfterError{After: time.Minute, Err: errors.New("x")}, "busy"},
		{download.ErrGone, "no longer has the file"},
		{download.ErrNotFound, "does not know"},
		{download.ErrDenied, "not allowed"},
		{download.ErrAuthExpired, "session has ended"},
		{download.ErrNotReady, "not ready"},
		{download.ErrNotTheFile, "sign-in page"},
		{download.ErrUntrusted, "not safe"},
		{download.ErrChanged, "changed during the download"},
		{download.ErrRange, "another part"},
		{download.ErrProxy, "proxy of this network"},
		{download.ErrRefused, "refuses to send"},
		{download.ErrTooBig, "cannot hold a file of that size"},
		{download.ErrUnknown, "no longer there"},
		{download.ErrClosed, "closing"},
		{api.ErrSignedOut, "session has ended"},
		{ErrFileGone, "moved or deleted"},
		{ErrServerBusy, "already running"},
		{&FileChangedError{Name: "a.zip"}, "a.zip is no longer the file that was downloaded, so it was not deleted"},
		{&FileKeptError{Name: "a.zip", Err: fs.ErrPermission}, "a.zip could not be deleted: permission denied"},
		{&OtherFileError{Name: "a.zip"}, "a.zip is not the file of this backup"},
		{&DamagedFileError{Name: "a.zip"}, "a.zip is damaged: it is not what was downloaded"},
		{&DamagedFileError{Name: "a.zip", Entries: []string{"b", "c"}}, "a.zip is damaged. Not whole in it: b, c."},
		{&DamagedFileError{Name: "a.zip", Entries: []string{"b", "c", "d", "e"}}, "not whole, among them b, c, d."},
		{&DamagedFileError{Name: "a.zip", Err: &extract.Error{Kind: extract.NotAnArchive}}, "a.zip is damaged"},
		{device.ErrNoAnswer, "does not answer"},
		{&device.OpenError{What: "a.zip", Missing: "zip"}, "opens zip files"},
		{&device.OpenError{What: "a.zip", Program: "xdg-open"}, "xdg-open is not installed"},
		{&device.OpenError{What: "a.zip"}, "a.zip could not be opened"},
		{device.ErrUnsafe, "for safety"},
		{device.ErrUnsupported, "cannot do that"},
		{device.ErrNoTimer, "no systemd"},
		{fmt.Errorf("%w: x", device.ErrNoNotifications), "shows notifications"},
		{reminder.ErrNotNow, "put off"},
		{ErrReminding, "reminds you by itself"},
		{context.Canceled, "Cancelled"},
		{context.DeadlineExceeded, "too long"},
		{&api.NotConnectError{URL: "https://x.example"}, "https://x.example does not answer as a Connect server"},
		{&api.VersionError{Server: "v9", Want: "v1"}, "version v9"},
		{&api.AddressError{Address: "??"}, "?? is not an address"},
		{&api.InsecureError{Address: "http://x.example"}, "not encrypted"},
		{&api.RedirectError{From: "https://x.example", To: "http://y"}, "leads on to another place"},
		{&api.Problem{Code: "brand-new", Detail: "the moon is full"}, "the moon is full"},
		{&api.Problem{}, "gave no reason"},
		{&api.Problem{Code: api.CodeRateLimited, RetryAfter: 1500 * time.Millisecond}, "in 2 s."},
		{&api.Problem{Code: api.CodeRateLimited}, "Wait a minute"},
		{errors.New("the cat sat on the disk"), "the cat sat on the disk"},
	}
	for kind := range archiveWords {
		rows = append(rows, row{&extract.Error{Kind: kind}, ""})
	}
	rows = append(rows, row{&extract.Error{Kind: extract.Damaged, Entry: "staff.csv"}, "staff.csv cannot be read"})
	for code := range problemWords {
		rows = append(rows, row{&api.Problem{Code: code, Status: 400}, ""})
	}
	for reason := range reachWords {
		rows = append(rows, row{&api.UnreachableError{Host: "x.example", Reason: reason, Err: errors.New("x")}, "x.example"})
	}
	for _, r := range rows {
		for _, err := range []error{r.err, fmt.Errorf("while doing something: %w", r.err)} {
			what, next, data := Explain(err)
			text := Sentence(err)
			if what == "" || next == "" {
				t.Errorf("%v: no words or no next step: %q %q", err, what, next)
			}
			if !strings.Contains(strings.ToLower(text), strings.ToLower(r.says)) {
				t.Errorf("%v: %q does not say %q", err, text, r.says)
			}
			if strings.Contains(text, "<no value>") || strings.Contains(text, "{{") {
				t.Errorf("%v: a gap in %q (data %v)", err, text, data)
			}
		}
	}
}

// TestWordsOfAnArchiveComeBeforeThoseOfTheCause: the file matters more to people than
// what stopped the reader.
func TestWordsOfAnArchiveComeBeforeThoseOfTheCause(t *testing.T) {
	err := &extract.Error{Kind: extract.Damaged, Entry: "a.csv", Err: context.Canceled}
	if text := Sentence(err); !strings.Contains(text, "a.csv") {
		t.Errorf("got %q", text)
	}
}

// The window has a log to show for what nobody foresaw; the command line must
// not send people to a window.
func TestTheUnforeseenOnTheCommandLine(t *testing.T) {
	err := errors.New("the moon is too near.")
	if got, want := Sentence(err), "It did not work: the moon is too near."; got != want {
		t.Errorf("the command line says %q, want %q", got, want)
	}
	if _, next, _ := Explain(err); !strings.Contains(next, "Settings") {
		t.Errorf("the window says %q", next)
	}
}
