package screens

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/device/download"
	"connectbackup/device/extract"
)

var aroundTests = surroundings{DeviceID: "dev_1", DeviceName: "Office PC", Now: testNow, Zone: time.UTC}

func TestCopyFacts(t *testing.T) { // B10
	at := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	mine := onDevice("Office PC", api.DownloadCompleted, at)
	mine.Device.ID = "dev_1"
	removed := []api.DownloadRecord{onDevice("Pixel 8", api.DownloadRemoved, at), onDevice("Pixel 8", api.DownloadCompleted, at.Add(-time.Hour))}
	nameless := onDevice("", api.DownloadCompleted, at)
	for name, c := range map[string]struct {
		records []api.DownloadRecord
		here    download.CopyState
		want    string
		note    bool
	}{
		"nowhere":                      {nil, download.CopyNone, "", true},
		"here":                         {nil, download.CopyPresent, "Office PC (this device): since 23 Nov 2026", false},
		"elsewhere":                    {onTwoDevices(), download.CopyNone, "Pixel 8: since 3 Nov 2026; Notebook of Bea: verified 12 Oct 2026", false},
		"here and elsewhere":           {onTwoDevices()[:1], download.CopyPresent, "Office PC (this device): since 23 Nov 2026; Pixel 8: since 3 Nov 2026", false},
		"the disk knows this device":   {[]api.DownloadRecord{mine}, download.CopyGone, "", true},
		"a changed file is no copy":    {nil, download.CopyChanged, "", true},
		"removed there":                {removed, download.CopyNone, "", true},
		"a device that has no name":    {[]api.DownloadRecord{nameless}, download.CopyNone, "A device without a name: since 3 Nov 2026", false},
		"a device told of once though": {append(onTwoDevices()[:1:1], onTwoDevices()[0]), download.CopyNone, "Pixel 8: since 3 Nov 2026", false},
	} {
		held := copyOf(sample(), c.here)
		var parts []string
		for _, f := range copyFacts(holders{c.records, true}, held, aroundTests) {
			parts = append(parts, f.Label+": "+f.Value)
		}
		if got := strings.Join(parts, "; "); got != c.want {
			t.Errorf("%s: got %s", name, got)
		}
		if note := copiesNote(holders{c.records, true}, held, aroundTests); (note != "") != c.note {
			t.Errorf("%s: noted %q", name, note)
		}
	}
	if note := copiesNote(holders{}, download.Copy{}, aroundTests); note != "" {
		t.Errorf("nobody was asked, yet it says %q", note)
	}
}

func TestVerifiedText(t *testing.T) { // B15
	for name, c := range map[string]struct {
		copy  func(*download.Copy)
		want  string
		stale bool
	}{
		"today":              {func(*download.Copy) {}, "Last verified today", false},
		"before midnight":    {func(c *download.Copy) { c.VerifiedAt = testNow.Add(-13 * time.Hour) }, "Last verified yesterday", false},
		"a while ago":        {func(c *download.Copy) { c.VerifiedAt = testNow.AddDate(0, 0, -12) }, "Last verified 12 days ago", false},
		"just not stale":     {func(c *download.Copy) { c.VerifiedAt = testNow.AddDate(0, 0, -179) }, "Last verified 179 days ago", false},
		"stale":              {func(c *download.Copy) { c.VerifiedAt = testNow.AddDate(0, 0, -180) }, "Last verified 180 days ago. It is time to verify it again.", true},
		"clock was put back": {func(c *download.Copy) { c.VerifiedAt = testNow.AddDate(0, 0, 3) }, "Last verified today", false},
		"never":              {func(c *download.Copy) { c.VerifiedAt = time.Time{} }, "Not verified yet.", true},
		"gone":               {func(c *download.Copy) { c.State = download.CopyGone }, "", false},
		"changed":            {func(c *download.Copy) { c.State = download.CopyChanged }, "", false},
	} {
		held := copyOf(sample(), download.CopyPresent)
		c.copy(&held)
		if text, stale := verifiedText(held, aroundTests); text != c.want || stale != c.stale {
			t.Errorf("%s: got %q, stale %v", name, text, stale)
		}
	}
}

// Before a copy is deleted it is said whether that is the last one.
func TestRemoveAndDeleteInquiries(t *testing.T) {
	known, others := holders{Known: true}, holders{onTwoDevices(), true}
	undated := with(func(b *api.Backup) { b.ExpiresAt = nil })
	for name, c := range map[string]struct{ got, want inquiry }{
		"served": {
			removeInquiry(sample(), known, aroundTests),
			inquiry{"Delete from this device?", "The server still has the file until 23 Nov 2028: it can be downloaded again."},
		},
		"served, nobody says how long": {
			removeInquiry(undated, known, aroundTests),
			inquiry{"Delete from this device?", "The server still has the file: it can be downloaded again."},
		},
		"on others": {
			removeInquiry(expiredSample(), others, aroundTests),
			inquiry{"Delete from this device?", "The server no longer has the file, so it cannot be downloaded again. These devices hold a copy: Pixel 8, Notebook of Bea."},
		},
		"the last": {
			removeInquiry(expiredSample(), known, aroundTests),
			inquiry{"Delete the last copy?", "This is the last copy: the server no longer has the file, and no other device is known to hold it. Once it is deleted it cannot be had back."},
		},
		"perhaps the last": {
			removeInquiry(expiredSample(), holders{}, aroundTests),
			inquiry{"Delete from this device?", "The server no longer has the file, so it cannot be downloaded again. Whether another device holds a copy is not known now: this may be the last one."},
		},
		"on the server, here": {
			deleteInquiry(known, copyOf(sample(), download.CopyPresent), aroundTests),
			inquiry{"Delete from the server?", "Nobody can download it any more. The copy on this device stays."},
		},
		"on the server, here and on others": {
			deleteInquiry(others, copyOf(sample(), download.CopyPresent), aroundTests),
			inquiry{"Delete from the server?", "Nobody can download it any more. Copies stay on this device and on: Pixel 8, Notebook of Bea."},
		},
		"on the server and on others": {
			deleteInquiry(others, download.Copy{}, aroundTests),
			inquiry{"Delete from the server?", "Nobody can download it any more. Copies stay on: Pixel 8, Notebook of Bea."},
		},
		"on the server alone": {
			deleteInquiry(known, copyOf(sample(), download.CopyChanged), aroundTests),
			inquiry{"Delete the last copy?", "This is the last copy: no device is known to hold the file. Once it is deleted it cannot be had back."},
		},
		"on the server, the rest unknown": {
			deleteInquiry(holders{}, download.Copy{}, aroundTests),
			inquiry{"Delete from the server?", "Nobody can download it any more. Whether a device holds a copy is not known now: this may be the last one."},
		},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %+v", name, c.got)
		}
	}
}

// What a check found is told in words, with the way to a whole file.
func TestFaults(t *testing.T) { // B3
	words := (&base{n: Needs{Words: core.Explain}}).say
	damaged := &extract.Error{Kind: extract.Damaged, Entry: "invoices.csv"}
	for name, c := range map[string]struct {
		err  error
		b    api.Backup
		h    holders
		want inquiry
	}{
		"damaged, served": {damaged, sample(), holders{}, inquiry{"The archive is damaged: invoices.csv cannot be read.", "Download the backup again."}},
		"another file": {
			fmt.Errorf("verify: %w", download.ErrNotTheFile), sample(),
			holders{},
			inquiry{"This is not the file that the server made.", "It was changed or damaged since, or is another one of the same name."},
		},
		"another checksum, on others": {
			&download.DamagedError{}, expiredSample(),
			holders{onTwoDevices(), true},
			inquiry{"This is not the file that the server made.", "It was changed or damaged since, or is another one of the same name. The server no longer has the file. These devices hold a copy: Pixel 8, Notebook of Bea."},
		},
		"gone meanwhile": {
			errors.Join(errDisk, core.ErrFileGone), expiredSample(),
			holders{Known: true},
			inquiry{"The file is no longer there.", "The server no longer has the file."},
		},
	} {
		if got := faultInquiry(c.err, c.b, c.h, aroundTests, words); got != c.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestExistsInquiry(t *testing.T) { // S18
	for state, want := range map[download.CopyState]string{
		download.CopyPresent: "Download it again?", download.CopyNone: "Another file has this name",
		download.CopyChanged: "Another file has this name", download.CopyGone: "Another file has this name",
	} {
		if got := existsInquiry("a.zip", "Downloads", download.Copy{State: state}); got.Title != want || !strings.Contains(got.Text, "a.zip is already in Downloads") {
			t.Errorf("%v: got %+v", state, got)
		}
	}
}
