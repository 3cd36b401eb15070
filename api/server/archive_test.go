package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/manifest"
)

func TestTheArchiveIsServedWithAllAClientNeeds(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Über: alles"))
	path := "/v1/backups/" + b.ID + "/archive"
	r := w.call("GET", path, nil, auth, "Accept-Encoding: gzip, br").want(200)
	sum := sha256.Sum256(r.body)
	for name, want := range map[string]string{
		"ETag":                `"sha256-` + hex.EncodeToString(sum[:]) + `"`,
		"Repr-Digest":         "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":",
		"Content-Disposition": `attachment; filename="acme-trading_uber-alles_2026-03-17_2026-06-17_` + strings.ToLower(b.ID[24:]) + `.zip"`,
		"Content-Type":        "application/zip",
		"Content-Length":      fmt.Sprint(len(r.body)),
		"Accept-Ranges":       "bytes",
		"Cache-Control":       "private, no-transform",
		"Content-Encoding":    "",
		"Last-Modified":       "Wed, 17 Jun 2026 10:00:00 GMT",
		"Date":                "Wed, 17 Jun 2026 10:00:00 GMT",
	} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if b.Archive.SHA256 != hex.EncodeToString(sum[:]) || b.Archive.Size != int64(len(r.body)) || b.Archive.MediaType != "application/zip" ||
		!strings.Contains(r.header.Get("Content-Disposition"), b.Archive.FileName) {
		t.Errorf("the backup says %+v", b.Archive)
	}
	head := w.call("HEAD", path, nil, auth).want(200)
	if len(head.body) > 0 || head.header.Get("Content-Length") != fmt.Sprint(len(r.body)) || head.header.Get("Repr-Digest") != r.header.Get("Repr-Digest") {
		t.Errorf("HEAD: %v", head.header)
	}
	w.call("GET", path, nil, auth, "If-None-Match: "+r.header.Get("ETag")).want(304)
	for range 5 { // S17: as often as one likes
		w.call("GET", path, nil, auth).want(200)
	}
}

func TestRangesAreGrantedAsRFC9110Says(t *testing.T) { // B1
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Ranges"))
	path := "/v1/backups/" + b.ID + "/archive"
	whole := w.call("GET", path, nil, auth).want(200).body
	n := len(whole)
	etag := b.Archive.ETag()
	for _, c := range []struct {
		name     string
		headers  []string
		from, to int // to 0: the whole file, with 200
	}{
		{"the rest", []string{"Range: bytes=100-"}, 100, n},
		{"a piece", []string{"Range: bytes=0-9"}, 0, 10},
		{"the end", []string{"Range: bytes=-7"}, n - 7, n},
		{"past the end", []string{"Range: bytes=10-999999999"}, 10, n},
		{"same file", []string{"Range: bytes=100-", "If-Range: " + etag}, 100, n},
		{"another file", []string{"Range: bytes=100-", `If-Range: "sha256-00"`}, 0, 0},
		{"weak tags never match", []string{"Range: bytes=100-", "If-Range: W/" + etag}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := w.call("GET", path, nil, append(c.headers, auth)...)
			if c.to == 0 {
				if r.want(200); !bytes.Equal(r.body, whole) {
					t.Error("not the whole file")
				}
				return
			}
			r.want(206)
			if want := fmt.Sprintf("bytes %d-%d/%d", c.from, c.to-1, n); r.header.Get("Content-Range") != want || r.header.Get("ETag") != etag {
				t.Errorf("got %v, want %s", r.header, want)
			}
			if !bytes.Equal(r.body, whole[c.from:c.to]) {
				t.Error("wrong bytes")
			}
		})
	}
	r := w.call("GET", path, nil, auth, fmt.Sprintf("Range: bytes=%d-", n))
	r.problem(416, api.CodeRangeNotSatisfiable)
	if got := r.header.Get("Content-Range"); got != fmt.Sprintf("bytes */%d", n) {
		t.Errorf("Content-Range %q", got)
	}
	if r.header.Get("Content-Disposition") != "" || r.header.Get("Repr-Digest") != "" {
		t.Errorf("a problem is not the file: %v", r.header)
	}
	w.call("GET", path, nil, auth, `If-Match: "sha256-00"`).problem(412, api.CodePreconditionFailed)
	for _, unknown := range []string{"lines=1-2", "bytes", "x"} { // RFC 9110, 14.2: a unit that is not known is ignored
		if r := w.call("GET", path, nil, auth, "Range: "+unknown).want(200); !bytes.Equal(r.body, whole) {
			t.Errorf("%s: not the whole file", unknown)
		}
	}
	for _, bad := range []string{"bytes=x", "bytes=5-1"} {
		r := w.call("GET", path, nil, auth, "Range: "+bad)
		r.problem(416, api.CodeRangeNotSatisfiable)
		if got := r.header.Get("Content-Range"); got != fmt.Sprintf("bytes */%d", n) {
			t.Errorf("%s: Content-Range %q", bad, got)
		}
	}
}

func TestWhyThereIsNoArchive(t *testing.T) {
	g := newGate(api.StageVerifying, "")
	w := newWorld(t, g.config)
	auth := w.demo()
	byTitle := map[string]api.Backup{}
	for _, b := range into[api.BackupPage](w.call("GET", "/v1/backups", nil, auth).want(200)).Items {
		byTitle[b.Title] = b
	}
	at := func(b api.Backup) string { return "/v1/backups/" + b.ID + "/archive" }
	expired := byTitle["Before moving to the new system"]
	p := w.call("GET", at(expired), nil, auth).problem(410, api.CodeArchiveExpired)
	if p.DeletedAt == nil || !p.DeletedAt.Equal(*expired.DeletedAt) || expired.Archive != nil || expired.Status != api.StatusExpired {
		t.Errorf("got %+v of %+v", p, expired)
	}
	deleted := byTitle["Customers and complaints, first half"]
	if p := w.call("GET", at(deleted), nil, auth).problem(410, api.CodeArchiveDeleted); p.DeletedAt == nil {
		t.Error("when?")
	}
	w.call("GET", at(byTitle["Complaints once more"]), nil, auth).problem(404, api.CodeNotFound)
	w.call("GET", at(byTitle["Wrong dates, please ignore"]), nil, auth).problem(404, api.CodeNotFound)
	pending := w.create(auth, request("Pending"))
	<-g.reached
	for _, path := range []string{at(pending), "/v1/backups/" + pending.ID + "/manifest"} {
		r := w.call("GET", path, nil, auth)
		if r.problem(409, api.CodeBackupNotReady); r.header.Get("Retry-After") == "" {
			t.Error("when then?")
		}
	}
	close(g.open)
	w.call("GET", at(w.ended(pending.ID)), nil, auth).want(200)
	// B3: what stood in it can still be compared with an old local file.
	m := into[manifest.Manifest](w.call("GET", "/v1/backups/"+expired.ID+"/manifest", nil, auth).want(200))
	if err := m.Validate(); err != nil || m.BackupID != expired.ID || len(m.ArchiveSHA256) != 64 || m.ArchiveSize == 0 {
		t.Errorf("%v, %+v", err, m)
	}
}

func TestDownloadingNeedsThePermission(t *testing.T) {
	w := newWorld(t)
	b := w.make(w.demo(), request("Mine"))
	w.call("GET", "/v1/backups/"+b.ID+"/archive", nil, w.signedIn("maria@acme.example")).want(200)
	if _, err := w.w.Exec("UPDATE users SET permissions = '[]' WHERE email = 'maria@acme.example'"); err != nil {
		t.Fatal(err)
	}
	w.call("GET", "/v1/backups/"+b.ID+"/archive", nil, w.signedIn("maria@acme.example")).problem(403, api.CodePermissionDenied)
}

func TestAFileThatIsNotTheOneIsNeverServed(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Damaged"))
	path := w.s.archivePath(b.ID)
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	w.call("GET", "/v1/backups/"+b.ID+"/archive", nil, auth).problem(500, api.CodeInternal)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	w.call("GET", "/v1/backups/"+b.ID+"/archive", nil, auth).problem(410, api.CodeArchiveDeleted)
}

func TestADownloadUnderWaySurvivesExpiry(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	b := w.make(auth, request("Just in time"))
	row, err := w.s.load(t.Context(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	f, err := w.s.openArchive(row)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	w.clock.set(b.ExpiresAt.Add(time.Second))
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, b.Archive.Size)
	if n, err := f.ReadAt(buf, 0); n != len(buf) || fmt.Sprintf("%x", sha256.Sum256(buf)) != b.Archive.SHA256 {
		t.Errorf("%d bytes, %v", n, err)
	}
}
