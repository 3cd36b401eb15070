package core

import (
	"errors"
	"slices"
	"testing"
	"time"

	"connectbackup/api"
)

func TestRenamingABackup(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	heard := make(chan api.Backup, 9)
	defer c.Backups().Subscribe(func(x api.Backup) { heard <- x })()
	now, err := c.Backups().Rename(t.Context(), b, "Für das Finanzamt")
	if err != nil || now.Title != "Für das Finanzamt" {
		t.Fatalf("renamed: %q, %v", now.Title, err)
	}
	until(t, heard, func(x api.Backup) bool { return x.ID == b.ID && x.Title == now.Title })
	if kept, ok := c.Backups().CachedBackup(b.ID); !ok || kept.Value.Title != now.Title {
		t.Errorf("the offline copy says %q", kept.Value.Title)
	}
	// With what somebody else has changed meanwhile, nothing is overwritten.
	if _, err := c.Backups().Rename(t.Context(), b, "Mine"); !api.IsCode(err, api.CodePreconditionFailed) {
		t.Errorf("renaming what was renamed: %v", err)
	}
}

func TestEstimateBeforeCreating(t *testing.T) {
	w := newWorld(t)
	c := w.start()
	signInDemo(t, c)
	b := completed(t, c)
	e, err := c.Backups().Estimate(t.Context(), api.EstimateRequest{From: b.From, Till: b.Till, Modules: []string{"staff", "departments", "notices"}})
	if err != nil {
		t.Fatal(err)
	}
	var rows int64
	for _, m := range b.Modules {
		rows += m.Records
	}
	if e.Records != rows || !slices.ContainsFunc(e.Overlaps, func(o api.Overlap) bool { return o.BackupID == b.ID && o.Covers }) {
		t.Errorf("%d rows of %d, overlaps %+v (B11)", e.Records, rows, e.Overlaps)
	}
}

func TestWhichDevicesHoldAFile(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	said := func(minute int, device string, event api.DownloadEvent) api.DownloadRecord {
		return api.DownloadRecord{
			ID: device + string(event), Event: event, RecordedAt: at.Add(time.Duration(minute) * time.Minute), Device: api.DeviceRef{ID: device},
		}
	}
	for name, row := range map[string]struct {
		records []api.DownloadRecord
		want    []string
	}{
		"nobody":           {nil, nil},
		"the newest first": {[]api.DownloadRecord{said(1, "a", api.DownloadCompleted), said(2, "b", api.DownloadVerified)}, []string{"bverified", "acompleted"}},
		"removed since":    {[]api.DownloadRecord{said(2, "a", api.DownloadRemoved), said(1, "a", api.DownloadCompleted)}, nil},
		"fetched again":    {[]api.DownloadRecord{said(1, "a", api.DownloadRemoved), said(2, "a", api.DownloadCompleted)}, []string{"acompleted"}},
		"never arrived":    {[]api.DownloadRecord{said(1, "a", api.DownloadFailed)}, nil},
		"a second download failed, the first file is still there": {
			[]api.DownloadRecord{said(1, "a", api.DownloadCompleted), said(2, "a", api.DownloadFailed)}, []string{"acompleted"},
		},
		"a word of a newer version": {[]api.DownloadRecord{said(1, "a", api.DownloadCompleted), said(2, "a", "moved")}, nil},
	} {
		var got []string
		for _, r := range holders(row.records) {
			got = append(got, r.ID)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v (B10)", name, got, row.want)
		}
	}
}

// Two devices of one person: each sees the other, and can sign it out.
func TestTheDevicesOfAPerson(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	s := w.server()
	here, there := w.start(), other.start()
	for _, c := range []*Core{here, there} {
		if _, err := c.Sessions().SignIn(t.Context(), s.URL, seeded.email, seeded.password, false); err != nil {
			t.Fatal(err)
		}
	}
	devices, err := here.Sessions().Devices(t.Context())
	if err != nil || len(devices) != 2 {
		t.Fatalf("devices %+v, %v", devices, err)
	}
	at := slices.IndexFunc(devices, func(d api.SignedInDevice) bool { return !d.Current })
	if at < 0 || devices[at].ID != there.Settings().DeviceID() {
		t.Fatalf("the other one is %+v", devices)
	}
	ended := make(chan bool, 1)
	defer there.Sessions().Subscribe(func() { ended <- true })()
	if err := here.Sessions().SignOutDevice(t.Context(), devices[at].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := there.Backups().Estimate(t.Context(), api.EstimateRequest{}); !errors.Is(err, api.ErrSignedOut) {
		t.Errorf("it still answers there: %v", err)
	}
	until(t, ended, func(bool) bool { return true })
	if devices, err = here.Sessions().Devices(t.Context()); err != nil || len(devices) != 1 {
		t.Errorf("afterwards %+v, %v", devices, err)
	}
}

func TestNobodySignedInCanChangeNothing(t *testing.T) {
	c := newWorld(t).start()
	ctx := t.Context()
	b, s, d := c.Backups(), c.Sessions(), c.Downloads()
	second := func(_ any, err error) error { return err }
	for name, err := range map[string]error{
		"Estimate":      second(b.Estimate(ctx, api.EstimateRequest{})),
		"Rename":        second(b.Rename(ctx, api.Backup{ID: "x"}, "y")),
		"Delete":        second(b.Delete(ctx, "x")),
		"Holders":       second(b.Holders(ctx, "x")),
		"Devices":       second(s.Devices(ctx)),
		"SignOutDevice": s.SignOutDevice(ctx, "x"),
		"Remove":        d.Remove(api.Backup{ID: "x"}),
		"Verify":        second(d.Verify(ctx, api.Backup{ID: "x"}, noReport)),
		"Find":          second(d.Find(ctx, api.Backup{ID: "x"})),
	} {
		if !errors.Is(err, api.ErrSignedOut) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !d.LastVerified().IsZero() {
		t.Error("something was verified")
	}
}
