package server

import (
	"os"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/manifest"
)

func TestATitleIsOnlyChangedByWhoSawTheLastOne(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Befor"))
	path := "/v1/backups/" + b.ID
	tag := w.call("GET", path, nil, auth).want(200).header.Get("ETag")
	w.call("PATCH", path, api.TitleChange{Title: "x"}, auth).problem(428, api.CodePreconditionRequired)
	w.call("PATCH", path, api.TitleChange{Title: "x"}, auth, `If-Match: "other"`).problem(412, api.CodePreconditionFailed)
	w.call("PATCH", path, api.TitleChange{Title: "x"}, auth, "If-Match: W/"+tag).problem(412, api.CodePreconditionFailed)
	r := w.call("PATCH", path, api.TitleChange{Title: "  Before Müller "}, auth, `If-Match: W/"x", "y", `+tag).want(200)
	after := into[api.Backup](r)
	if after.Title != "Before Müller" || r.header.Get("ETag") == tag || r.header.Get("ETag") != w.call("GET", path, nil, auth).header.Get("ETag") {
		t.Errorf("%+v %v", after, r.header)
	}
	w.call("PATCH", path, api.TitleChange{Title: "late"}, auth, "If-Match: "+tag).problem(412, api.CodePreconditionFailed)
	if got := titles(into[api.BackupPage](w.call("GET", "/v1/backups?q=muller+before", nil, auth).want(200))); len(got) != 1 {
		t.Errorf("not found by its new title: %q", got)
	}
	if got := titles(into[api.BackupPage](w.call("GET", "/v1/backups?q=befor&status=completed", nil, auth).want(200))); len(got) != 1 {
		t.Errorf("got %q", got)
	}
	if after.Archive.FileName != b.Archive.FileName {
		t.Error("the published file got another name")
	}
	for _, bad := range []string{"", " ", strings.Repeat("x", 81), "a\tb"} {
		p := w.call("PATCH", path, api.TitleChange{Title: bad}, auth, "If-Match: *").problem(422, api.CodeValidation)
		if len(p.Errors) != 1 || p.Errors[0].Field != "title" {
			t.Errorf("%q: %+v", bad, p)
		}
	}
	w.call("PATCH", path, api.TitleChange{Title: "x"}, w.signedIn("maria@acme.example"), "If-Match: *").problem(403, api.CodePermissionDenied)
}

func TestARenamedBackupIsStillFoundByItsFileName(t *testing.T) { // S7, also when the file is gone
	w := newWorld(t)
	auth := w.demo()
	for _, query := range []string{"acme-trading_before-moving", "acme-trading_last-week"} {
		found := into[api.BackupPage](w.call("GET", "/v1/backups?q="+query, nil, auth).want(200)).Items
		if len(found) != 1 {
			t.Fatalf("%s: %q", query, titles(api.BackupPage{Items: found}))
		}
		w.call("PATCH", "/v1/backups/"+found[0].ID, api.TitleChange{Title: "Another"}, auth, "If-Match: *").want(200)
		if again := into[api.BackupPage](w.call("GET", "/v1/backups?q="+query+"+another", nil, auth).want(200)).Items; len(again) != 1 {
			t.Errorf("%s: not found any more", query)
		}
	}
}

func TestAPendingBackupIsNeitherRenamedNorDeleted(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := newWorld(t, g.config)
	auth := w.demo()
	b := w.create(auth, request("Pending"))
	for _, r := range []reply{
		w.call("PATCH", "/v1/backups/"+b.ID, api.TitleChange{Title: "x"}, auth, "If-Match: *"),
		w.call("DELETE", "/v1/backups/"+b.ID, nil, auth),
	} {
		if r.problem(409, api.CodeBackupNotReady); r.header.Get("Retry-After") == "" {
			t.Error("when then?")
		}
	}
	close(g.open)
	w.ended(b.ID)
}

func TestDeletingTakesTheFileAndLeavesTheRow(t *testing.T) { // S17
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Away"))
	path := "/v1/backups/" + b.ID
	w.call("DELETE", path, nil, w.signedIn("maria@acme.example")).problem(403, api.CodePermissionDenied)
	w.call("DELETE", path, nil, auth, `If-Match: "other"`).problem(412, api.CodePreconditionFailed)
	w.clock.add(30 * time.Minute)
	for range 2 { // once more, after a lost reply, is no error
		w.call("DELETE", path, nil, auth).want(204)
	}
	after := w.get(auth, b.ID)
	if after.Status != api.StatusDeleted || after.Archive != nil || !after.DeletedAt.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("got %+v", after)
	}
	if _, err := os.Stat(w.s.archivePath(b.ID)); !os.IsNotExist(err) {
		t.Errorf("the file: %v", err)
	}
	w.call("GET", path+"/archive", nil, auth).problem(410, api.CodeArchiveDeleted)
	if m := into[manifest.Manifest](w.call("GET", path+"/manifest", nil, auth).want(200)); m.ArchiveSHA256 != b.Archive.SHA256 {
		t.Errorf("the manifest: %+v", m)
	}
	// A failed one has no file: there is nothing to do, and it stays failed.
	failed := into[api.BackupPage](w.call("GET", "/v1/backups?status=failed", nil, auth).want(200)).Items[0]
	w.call("DELETE", "/v1/backups/"+failed.ID, nil, auth).want(204)
	if got := w.get(auth, failed.ID).Status; got != api.StatusFailed {
		t.Errorf("it is %s", got)
	}
}

func TestDownloadsAreCountedByDevice(t *testing.T) { // B10
	w := newWorld(t)
	phone, _ := w.signedInOn("phone")
	desk, _ := w.signedInOn("desk")
	b := w.make(phone, request("Fetched"))
	path := "/v1/backups/" + b.ID
	report := api.NewDownload{Event: api.DownloadCompleted, FileName: "a b.zip", Bytes: b.Archive.Size, SHA256: b.Archive.SHA256, At: noon.Add(time.Second)}
	first := into[api.DownloadRecord](w.call("POST", path+"/downloads", report, phone).want(201))
	if first.Device.Name != "The phone" || first.User.Name != "Alex Morgan" || first.BackupID != b.ID || first.FileName != "a b.zip" ||
		!first.At.Equal(report.At) || !first.RecordedAt.Equal(noon) {
		t.Errorf("got %+v", first)
	}
	if again := into[api.DownloadRecord](w.call("POST", path+"/downloads", report, phone).want(201)); again != first {
		t.Errorf("a lost reply made another one: %+v", again)
	}
	report.At = report.At.Add(time.Minute)
	w.call("POST", path+"/downloads", report, desk).want(201)
	w.call("POST", path+"/downloads", api.NewDownload{Event: api.DownloadRemoved, DeviceID: "desk", At: noon.Add(time.Hour)}, phone).want(201)
	for auth, here := range map[string]int{phone: 1, desk: 1, w.signedIn("maria@acme.example"): 0} {
		for _, got := range []api.Backup{w.get(auth, b.ID), into[api.BackupPage](w.call("GET", "/v1/backups", nil, auth).want(200)).Items[0]} {
			if d := got.Downloads; d.Count != 2 || d.ThisDevice != here || d.LastAt == nil || !d.LastAt.Equal(report.At) {
				t.Errorf("got %+v, want %d here", d, here)
			}
		}
	}
	list := into[api.DownloadList](w.call("GET", path+"/downloads", nil, desk).want(200)).Items
	if len(list) != 3 || list[0].Event != api.DownloadRemoved || list[0].Device.ID != "desk" || list[2] != first {
		t.Errorf("got %+v", list)
	}
	// It outlives the file: an old copy can still be verified (B3).
	w.call("DELETE", path, nil, phone).want(204)
	report.Event = api.DownloadVerified
	w.call("POST", path+"/downloads", report, desk).want(201)
}

func TestAReportThatCannotBeTrueIsRefused(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Fetched"))
	good := api.NewDownload{Event: api.DownloadCompleted, SHA256: b.Archive.SHA256, At: noon}
	for field, change := range map[string]func(*api.NewDownload){
		"sha256":    func(n *api.NewDownload) { n.SHA256 = strings.Repeat("0", 64) },
		"file_name": func(n *api.NewDownload) { n.FileName = "../a.zip" },
		"device_id": func(n *api.NewDownload) { n.DeviceID = "somebody_elses" },
		"at":        func(n *api.NewDownload) { n.At = noon.Add(72 * time.Hour) },
		"event":     func(n *api.NewDownload) { n.Event = "eaten" },
		"bytes":     func(n *api.NewDownload) { n.Bytes = -1 },
	} {
		n := good
		change(&n)
		p := w.call("POST", "/v1/backups/"+b.ID+"/downloads", n, auth).problem(422, api.CodeValidation)
		if len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%s: %+v", field, p.Errors)
		}
	}
	good.SHA256 = ""
	p := w.call("POST", "/v1/backups/"+b.ID+"/downloads", good, auth).problem(422, api.CodeValidation)
	if len(p.Errors) != 1 || p.Errors[0].Code != api.FieldRequired {
		t.Errorf("got %+v", p.Errors)
	}
	_, email := w.organisation("Other", "UTC", "en-GB")
	good.SHA256 = b.Archive.SHA256
	w.call("POST", "/v1/backups/"+b.ID+"/downloads", good, w.signedIn(email)).problem(404, api.CodeNotFound)
	w.call("GET", "/v1/backups/"+b.ID+"/downloads", nil, w.signedIn(email)).problem(404, api.CodeNotFound)
	failed := into[api.BackupPage](w.call("GET", "/v1/backups?status=cancelled", nil, auth).want(200)).Items[0]
	w.call("POST", "/v1/backups/"+failed.ID+"/downloads", good, auth).problem(404, api.CodeNotFound)
	if n := w.count("SELECT COUNT(*) FROM downloads"); n != 0 {
		t.Errorf("%d were recorded all the same", n)
	}
}
