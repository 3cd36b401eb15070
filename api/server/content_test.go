package server

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/manifest"
)

// archiveOf downloads and unzips a backup.
func (w *world) archiveOf(auth, id string) (names []string, files map[string][]byte) {
	w.Helper()
	body := w.call("GET", "/v1/backups/"+id+"/archive", nil, auth).want(200).body
	r, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		w.Fatal(err)
	}
	files = map[string][]byte{}
	for _, f := range r.File {
		if f.Mode() != 0o644 || f.Method != zip.Deflate || f.Flags != 0 || !f.Modified.Equal(noon) {
			w.Errorf("%s: mode %v, method %d, flags %x, time %v", f.Name, f.Mode(), f.Method, f.Flags, f.Modified)
		}
		e, err := f.Open()
		if err != nil {
			w.Fatal(err)
		}
		b, err := io.ReadAll(e)
		if err != nil {
			w.Fatalf("%s: %v", f.Name, err)
		}
		names, files[f.Name] = append(names, f.Name), b
	}
	return names, files
}

func TestWhatStandsInAnArchive(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	n := request("What is in it")
	n.Modules = nil
	b := w.make(auth, n)
	names, files := w.archiveOf(auth, b.ID)
	want := []string{"manifest.json", "README.txt", "checksums.sha256"}
	for _, m := range b.Modules {
		want = append(want, m.Key+".csv")
	}
	if !slices.Equal(names, want) {
		t.Errorf("entries %v", names)
	}
	m, err := manifest.Parse(files["manifest.json"])
	if err != nil {
		t.Fatal(err)
	}
	if m.BackupID != b.ID || m.Title != n.Title || m.Organisation != "Acme Trading" || m.From != n.From.String() || m.Till != n.Till.String() ||
		m.Timezone != "Europe/Berlin" || !m.DataAsOf.Equal(noon) || m.ArchiveSHA256 != "" || m.ArchiveName != b.Archive.FileName ||
		m.Profile != (manifest.Profile{Name: "excel", BOM: true, Separator: ",", Decimal: ".", LineEnd: "\r\n", FormulaGuard: true, Times: "2006-01-02 15:04:05"}) {
		t.Errorf("manifest %+v", m)
	}
	if !b.DataAsOf.Equal(noon) || b.Completeness != api.Complete || b.Progress != nil || b.Stage != "" {
		t.Errorf("backup %+v", b)
	}
	for i, f := range m.Files {
		text := files[f.Name]
		records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		done := b.Modules[i]
		if int64(len(records)-1) != f.Rows || int64(len(text)) != f.Bytes || len(records[0]) != len(f.Columns) ||
			done.Key != f.Module || done.Records != f.Rows || done.Bytes != f.Bytes || done.Status != f.Status {
			t.Errorf("%s: %d rows, manifest %+v, backup %+v", f.Name, len(records)-1, f, done)
		}
		wantStatus := map[bool]string{true: api.ModuleOK, false: api.ModuleEmpty}[f.Rows > 0]
		if f.Module == "visitors" {
			wantStatus = api.ModuleNotSubscribed // S36: header only
		}
		if f.Status != wantStatus {
			t.Errorf("%s is %s with %d rows", f.Name, f.Status, f.Rows)
		}
	}
	checkSums(t, files)
	served := into[manifest.Manifest](w.call("GET", "/v1/backups/"+b.ID+"/manifest", nil, auth).want(200))
	if served.ArchiveSHA256 != b.Archive.SHA256 || served.ArchiveSize != b.Archive.Size || len(served.Files) != 13 {
		t.Errorf("served manifest %+v", served)
	}
}

// checkSums does what sha256sum -c does.
func checkSums(t *testing.T, files map[string][]byte) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(files["checksums.sha256"]), "\n"), "\n")
	if len(lines) != len(files)-1 {
		t.Errorf("%d of %d files are listed", len(lines), len(files)-1)
	}
	for _, line := range lines {
		want, name, found := strings.Cut(line, "  ")
		sum := sha256.Sum256(files[name])
		if !found || hex.EncodeToString(sum[:]) != want {
			t.Errorf("%q is wrong", line)
		}
	}
}

// export makes a backup of departments from one day to another and returns the
// CSV file.
func (w *world) export(email string, n api.NewBackup) (string, map[string][]byte) {
	w.Helper()
	auth := w.signedIn(email)
	if n.Title == "" {
		n.Title = "Export " + newKey()
	}
	if n.Modules == nil {
		n.Modules = []string{"departments"}
	}
	_, files := w.archiveOf(auth, w.make(auth, n).ID)
	return string(files[n.Modules[0]+".csv"]), files
}

func TestCSVFollowsTheOrganisationsLocale(t *testing.T) {
	w := emptyWorld(t)
	today := calendar.DayOf(noon, time.UTC)
	cells := []string{"00042", "00007", "=HYPERLINK(\"x\")", "2026-06-15", "2026-06-15T06:05:09Z", "", "30", "-8.25", "app", "52.52", ""}
	for _, c := range []struct{ locale, profile, want string }{
		{
			"de-DE", "excel",
			"\ufeffattendance_id;staff_id;staff_name;work_date;check_in_at;check_out_at;break_minutes;worked_hours;method;latitude;longitude;created_at;updated_at\r\n" +
				"00042;00007;\"'=HYPERLINK(\"\"x\"\")\";2026-06-15;2026-06-15 08:05:09;;30;-8,25;app;52,52;;2026-06-17 11:00:00;2026-06-17 11:00:00\r\n",
		},
		{
			"en-GB", "excel",
			"\ufeffattendance_id,staff_id,staff_name,work_date,check_in_at,check_out_at,break_minutes,worked_hours,method,latitude,longitude,created_at,updated_at\r\n" +
				"00042,00007,\"'=HYPERLINK(\"\"x\"\")\",2026-06-15,2026-06-15 08:05:09,,30,-8.25,app,52.52,,2026-06-17 11:00:00,2026-06-17 11:00:00\r\n",
		},
		{
			"de-DE", "plain",
			"attendance_id,staff_id,staff_name,work_date,check_in_at,check_out_at,break_minutes,worked_hours,method,latitude,longitude,created_at,updated_at\r\n" +
				"00042,00007,\"=HYPERLINK(\"\"x\"\")\",2026-06-15,2026-06-15T06:05:09Z,,30,-8.25,app,52.52,,2026-06-17T09:00:00Z,2026-06-17T09:00:00Z\r\n",
		},
	} {
		org, email := w.organisation("o-"+c.locale+c.profile, "Europe/Berlin", c.locale)
		w.record(org, "attendance", noon.Add(-time.Hour), cells...)
		got, files := w.export(email, api.NewBackup{From: today, Till: today, Modules: []string{"attendance"}, CSVProfile: c.profile})
		if got != c.want {
			t.Errorf("%s %s:\n%q\nwant\n%q", c.locale, c.profile, got, c.want)
		}
		checkSums(t, files)
		readme := string(files["README.txt"])
		if strings.Contains(strings.ReplaceAll(readme, "\r\n", ""), "\n") || !strings.Contains(readme, "leading zeros") || !strings.Contains(readme, "cannot be put back") {
			t.Errorf("README:\n%s", readme)
		}
		if strings.Contains(readme, "formula") != (c.profile == "excel") {
			t.Errorf("README of %s:\n%s", c.profile, readme)
		}
	}
}

func TestARangeIsWholeDaysOfTheOrganisation(t *testing.T) {
	w := emptyWorld(t)
	org, email := w.organisation("Days", "America/New_York", "en-US")
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	// Summer time began on 8 March 2026: that day had 23 hours.
	start := time.Date(2026, 3, 8, 0, 0, 0, 0, ny)
	end := time.Date(2026, 3, 9, 0, 0, 0, 0, ny)
	w.department(org, start.Add(-time.Millisecond), "before")
	w.department(org, start, "first")
	w.department(org, end.Add(-time.Millisecond), "last")
	w.department(org, end, "after")
	day := calendar.NewDay(2026, 3, 8)
	got, _ := w.export(email, api.NewBackup{From: day, Till: day})
	if lines := strings.Split(got, "\r\n"); len(lines) != 4 || !strings.HasPrefix(lines[1], "001,first,") || !strings.HasPrefix(lines[2], "001,last,") ||
		!strings.HasSuffix(lines[2], "2026-03-08 23:59:59,2026-03-08 23:59:59") {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsOverItsTimeIsNotExported(t *testing.T) { // S3
	w := emptyWorld(t)
	w.clock.set(time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC))
	org, email := w.organisation("Leap", "UTC", "en-GB")
	w.department(org, time.Date(2026, 2, 27, 23, 59, 59, 0, time.UTC), "over")
	w.department(org, time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), "kept")
	n := api.NewBackup{Title: "Leap", From: calendar.NewDay(2026, 2, 27), Till: calendar.NewDay(2028, 2, 29), Modules: []string{"departments"}}
	auth := w.signedIn(email)
	w.call("POST", "/v1/backups", n, auth, newKey()).problem(422, api.CodeValidation)
	n.From = calendar.NewDay(2026, 2, 28)
	got := w.make(auth, n)
	if got.Modules[0].Records != 1 {
		t.Errorf("%d records", got.Modules[0].Records)
	}
	// S16: two years on, clamped.
	if want := time.Date(2030, 2, 28, 12, 0, 0, 0, time.UTC); !got.ExpiresAt.Equal(want) || !got.CompletedAt.Equal(w.clock.now()) {
		t.Errorf("completed %v, expires %v, want %v", got.CompletedAt, got.ExpiresAt, want)
	}
}

func TestAJobSeesOneMoment(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := emptyWorld(t, g.config)
	org, email := w.organisation("Moment", "UTC", "en-GB")
	auth := w.signedIn(email)
	w.department(org, noon.Add(-time.Hour), "there")
	today := calendar.DayOf(noon, time.UTC)
	b := w.create(auth, api.NewBackup{Title: "x", From: today, Till: today, Modules: []string{"departments", "notices"}})
	<-g.reached
	w.department(org, noon.Add(-time.Minute), "too late")
	w.record(org, "notices", noon.Add(-time.Minute), "1", "t", "b", "a", "1", "", "", "0")
	close(g.open)
	if got := w.ended(b.ID); got.Modules[0].Records != 1 || got.Modules[1].Records != 0 || got.Modules[1].Status != api.ModuleEmpty {
		t.Errorf("got %+v", got.Modules)
	}
}

func TestCells(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	english, german, plain := newCSVStyle("excel", "en-GB", berlin), newCSVStyle("excel", "de-DE", berlin), newCSVStyle("plain", "de-DE", berlin)
	for _, c := range []struct {
		style          csvStyle
		kind, in, want string
	}{
		{english, "T", "plain text", "plain text"},
		{english, "T", "", ""},
		{english, "T", "a,b", `"a,b"`},
		{english, "T", "a;b", "a;b"},
		{german, "T", "a;b", `"a;b"`},
		{german, "T", "a,b", "a,b"},
		{english, "T", `say "hi"`, `"say ""hi"""`},
		{english, "T", "one\ntwo\r\nthree", "\"one\ntwo\r\nthree\""},
		{english, "T", "=1+1", "'=1+1"},
		{english, "T", "+1 from me", "'+1 from me"},
		{english, "T", "-5 %", "'-5 %"},
		{english, "T", "@jack", "'@jack"},
		{english, "T", "\ttab", "'\ttab"},
		{english, "T", "\rcr", "\"'\rcr\""},
		{english, "T", "a=1", "a=1"},
		{english, "T", "'quoted", "'quoted"},
		{english, "T", "'=1+1", "''=1+1"}, // else it could not be told from =1+1
		{english, "T", "''-x", "'''-x"},
		{english, "T", "''", "''"},
		{plain, "T", "'=1+1", "'=1+1"},
		{english, "T", "+4930123456", "'+4930123456"}, // a text, not an identifier
		{plain, "T", "=1+1", "=1+1"},
		{english, "I", "00042", "00042"},
		{english, "I", "+4930123456", "+4930123456"},
		{english, "I", "+49 30 1", "'+49 30 1"},
		{english, "I", "+", "'+"},
		{english, "I", "-1", "'-1"},
		{english, "I", "=A1", "'=A1"},
		{english, "N", "-5", "-5"},
		{english, "N", "1234.50", "1234.50"},
		{german, "N", "-1234.50", "-1234,50"},
		{plain, "N", "1234.50", "1234.50"},
		{german, "D", "2021-07-01", "2021-07-01"},
		{german, "Z", "2021-07-01T12:05:09Z", "2021-07-01 14:05:09"},
		{german, "Z", "2021-12-31T23:30:00Z", "2022-01-01 00:30:00"},
		{plain, "Z", "2021-07-01T14:05:09+02:00", "2021-07-01T12:05:09Z"},
		{plain, "Z", "2021-07-01T14:05:09.125+02:00", "2021-07-01T12:05:09.125Z"}, // plain loses nothing
		{german, "Z", "2021-07-01T12:05:09.999Z", "2021-07-01 14:05:09"},
		{english, "B", "true", "yes"},
		{english, "B", "false", "no"},
		{english, "N", "", ""},
		{english, "T", "שלום 你好 👍", "שלום 你好 👍"},
	} {
		b, err := c.style.row(nil, []api.Column{{Name: "c", Type: c.kind}}, []string{c.in})
		if got := strings.TrimSuffix(string(b), "\r\n"); err != nil || got != c.want {
			t.Errorf("%s %s %q: %q, %v, want %q", c.style.Name, c.kind, c.in, got, err, c.want)
		}
	}
	for _, c := range [][2]string{
		{"N", "12a"},
		{"N", "=1"},
		{"N", "1,5"},
		{"N", "+1"},
		{"N", "1."},
		{"N", ".5"},
		{"N", "-"},
		{"N", "1e5"},
		{"N", "--1"},
		{"D", "2021-02-30"},
		{"D", "soon"},
		{"Z", "2021-07-01"},
		{"B", "yes"},
		{"X", "x"},
	} {
		if b, err := english.row(nil, []api.Column{{Name: "c", Type: c[0]}}, []string{c[1]}); err == nil {
			t.Errorf("%v passed as %q", c, b)
		}
	}
}

func TestTheSeparatorFollowsTheDecimalMark(t *testing.T) {
	for locale, want := range map[string]string{
		"de-DE": ";", "de-AT": ";", "fr-FR": ";", "es-ES": ";", "it-IT": ";", "pl-PL": ";", "ru-RU": ";", "pt-BR": ";", "nl-NL": ";", "tr-TR": ";", "sv-SE": ";",
		"en-GB": ",", "en-US": ",", "de-CH": ",", "es-MX": ",", "ja-JP": ",", "zh-CN": ",", "he-IL": ",", "th-TH": ",", "": ",", "nonsense!": ",",
	} {
		if got := newCSVStyle("excel", locale, time.UTC).Separator; got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
	}
}

// FuzzRow holds that any text comes back out of a CSV file as it went in.
func FuzzRow(f *testing.F) {
	f.Add("a", "b")
	f.Add("\"", "\r\n;,\"\"")
	f.Add("=1+1", "\ttab")
	plain := newCSVStyle("plain", "en-GB", time.UTC)
	f.Fuzz(func(t *testing.T, a, b string) {
		columns := []api.Column{{Name: "a", Type: "T"}, {Name: "b", Type: "T"}}
		row, err := plain.row(nil, columns, []string{a, b})
		if err != nil {
			t.Fatal(err)
		}
		got, err := csv.NewReader(bytes.NewReader(row)).Read()
		// encoding/csv reads \r\n between quotes as \n.
		unix := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
		if err != nil || len(got) != 2 || got[0] != unix(a) || got[1] != unix(b) {
			t.Errorf("%q became %q: %v", []string{a, b}, got, err)
		}
		lines := &lineCounter{}
		half := len(row) / 2 // rows do not end where chunks do
		for _, piece := range [][]byte{row[:half], row[half:]} {
			if _, err := lines.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		if lines.n != 1 || lines.quoted {
			t.Errorf("%q counted as %d lines", row, lines.n)
		}
	})
}

// Go's archive/zip alone leaves the local header without zip64 fields, and 7z
// reports such an archive as damaged.
func TestAnEntryOver4GiBHasItsSizesInTheLocalHeader(t *testing.T) {
	const big = 5 << 30
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	j := &job{asOf: noon, loc: time.UTC}
	if err := errors.Join(
		j.add(w, "messages.csv", 7, big, 3, strings.NewReader("abc")),
		j.add(w, "small.csv", 7, 9, 3, strings.NewReader("abc")), w.Close()); err != nil {
		t.Fatal(err)
	}
	local := b.Bytes()
	le := binary.LittleEndian
	if v, packed, size := le.Uint16(local[4:]), le.Uint32(local[18:]), le.Uint32(local[22:]); v != 45 || packed != 1<<32-1 || size != 1<<32-1 {
		t.Errorf("version %d, sizes %x %x", v, packed, size)
	}
	extra := local[30+le.Uint16(local[26:]):][:le.Uint16(local[28:])]
	if i := bytes.Index(extra, []byte{1, 0, 16, 0}); i < 0 || le.Uint64(extra[i+4:]) != big || le.Uint64(extra[i+12:]) != 3 {
		t.Errorf("extra fields % x", extra)
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if f := r.File[0]; f.UncompressedSize64 != big || f.CompressedSize64 != 3 || bytes.Contains(f.Extra, []byte{1, 0, 16, 0}) || !f.Modified.Equal(noon) {
		t.Errorf("directory: %+v", f.FileHeader)
	}
	if f := r.File[1]; f.UncompressedSize64 != 9 || f.ReaderVersion >= 45 {
		t.Errorf("a small one: %+v", f.FileHeader)
	}
}
