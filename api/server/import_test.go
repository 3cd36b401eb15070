package server

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

const departmentsHeader = "department_id,name,manager_id,manager_name,member_count,created_at,updated_at\n"

// file writes a CSV file to be imported.
func (w *world) file(text string) string {
	w.Helper()
	path := filepath.Join(w.TempDir(), "import.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	return path
}

func (w *world) imports(commit bool, module, text string) (ImportReport, error) {
	w.Helper()
	return w.s.Import(w.Context(), ImportOptions{Files: []ImportFile{{module, w.file(text)}}, Commit: commit})
}

func (w *world) imported(module, text string) ImportedFile {
	w.Helper()
	report, err := w.imports(true, module, text)
	if err != nil || !report.Imported {
		w.Fatalf("%v: %+v", err, report)
	}
	return report.Files[0]
}

func TestWhatIsImportedComesOutAgain(t *testing.T) {
	rows := "00042,=1+1,00007,2026-06-15,2026-06-15T06:05:09.25Z,,30,-8.25,app,52.52,,2026-06-16T09:00:00.5Z,2026-06-17T09:00:00Z\n" +
		"00043,\"Zoë \"\"Zed\"\"\r\nsecond, line\n\",00008,,,2026-06-15T07:00:00+02:00,0,0,\" a \",,,2026-06-16T09:30:00Z,\n"
	w := emptyWorld(t)
	_, email := w.organisation("Round", "Europe/Berlin", "de-DE")
	header := "attendance_id,staff_id,staff_name,work_date,check_in_at,check_out_at,break_minutes,worked_hours,method,latitude,longitude,created_at,updated_at\n"
	// staff_name stands third, the order is free: the file has it second.
	header = strings.Replace(header, "staff_id,staff_name", "Staff_Name , staff_id", 1)
	done := w.imported("attendance", header+rows)
	if done.Records != 2 || done.Kept != 2 || done.Overdue != 0 || done.KeptFrom != calendar.NewDay(2026, 6, 16) {
		t.Errorf("got %+v", done)
	}
	today := calendar.DayOf(noon, time.UTC)
	got, _ := w.export(email, api.NewBackup{From: today.AddDays(-3), Till: today, Modules: []string{"attendance"}, CSVProfile: "plain"})
	want := "attendance_id,staff_id,staff_name,work_date,check_in_at,check_out_at,break_minutes,worked_hours,method,latitude,longitude,created_at,updated_at\r\n" +
		"00042,00007,=1+1,2026-06-15,2026-06-15T06:05:09.25Z,,30,-8.25,app,52.52,,2026-06-16T09:00:00.5Z,2026-06-17T09:00:00Z\r\n" +
		"00043,00008,\"Zoë \"\"Zed\"\"\r\nsecond, line\n\",,,2026-06-15T05:00:00Z,0,0, a ,,,2026-06-16T09:30:00Z,2026-06-16T09:30:00Z\r\n"
	if got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestAnExportCanBeImportedElsewhere(t *testing.T) {
	w := newWorld(t)
	for _, profile := range []string{"plain", "excel"} {
		for _, locale := range []string{"en-GB", "de-DE"} {
			if _, err := w.w.Exec("UPDATE organisations SET locale = ?", locale); err != nil {
				t.Fatal(err)
			}
			n := request(profile + locale)
			n.Modules, n.CSVProfile = nil, profile
			_, files := w.archiveOf(w.demo(), w.make(w.demo(), n).ID)
			next := emptyWorld(t)
			_, email := next.organisation("Elsewhere", "Europe/Berlin", locale)
			o := ImportOptions{Commit: true}
			for name, text := range files {
				if module, isCSV := strings.CutSuffix(name, ".csv"); isCSV && module != "visitors" {
					o.Files = append(o.Files, ImportFile{module, next.file(string(text))})
				}
			}
			report, err := next.s.Import(t.Context(), o)
			if err != nil {
				t.Fatalf("%s %s: %v %+v", profile, locale, err, report)
			}
			auth := next.signedIn(email)
			_, again := next.archiveOf(auth, next.make(auth, n).ID)
			for name, text := range files {
				if strings.HasSuffix(name, ".csv") && profile == "plain" && !bytes.Equal(text, again[name]) {
					t.Errorf("%s %s %s: not the same", profile, locale, name)
				}
				if strings.HasSuffix(name, ".csv") && bytes.Count(text, []byte("\n")) != bytes.Count(again[name], []byte("\n")) {
					t.Errorf("%s %s %s: not as many lines", profile, locale, name)
				}
			}
		}
	}
}

func TestImportReadsEveryFormOfCSV(t *testing.T) {
	comma := departmentsHeader + "1,\"Sales; north\",2,Ann,3.5,2026-06-16 11:00:00,2026-06-16 12:00:00\n"
	semicolon := "department_id;name;manager_id;manager_name;member_count;created_at;updated_at\n1;\"Sales; north\";2;Ann;3,5;2026-06-16 11:00:00;2026-06-16 12:00:00\n"
	for name, text := range map[string]string{
		"comma": comma, "semicolon": semicolon,
		"BOM": "\ufeff" + comma, "BOM and semicolon": "\ufeff" + semicolon,
		"CRLF":             strings.ReplaceAll(comma, "\n", "\r\n"),
		"no last newline":  strings.TrimSuffix(semicolon, "\n"),
		"empty lines":      strings.ReplaceAll(comma, "\n", "\r\n\r\n"),
		"all quoted":       strings.ReplaceAll(`"`+strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(comma, "\n"), `"`, ""), ",", `","`)+`"`, "\n", "\"\n\""),
		"RFC 3339":         strings.ReplaceAll(comma, "2026-06-16 11:00:00", "2026-06-16T11:00:00+02:00"),
		"without updated":  "department_id,name,manager_id,manager_name,member_count,created_at\n1,Sales; north,2,Ann,3.5,2026-06-16 11:00:00\n",
		"point in Germany": strings.Replace(semicolon, "3,5", "3.5", 1),
	} {
		w := emptyWorld(t)
		w.organisation("Forms", "Europe/Berlin", "de-DE")
		if _, err := w.imports(true, "departments", text); err != nil {
			report, _ := w.imports(false, "departments", text)
			t.Errorf("%s: %v %+v", name, err, report)
			continue
		}
		var created, updated int64
		var cells string
		if err := w.r.QueryRow("SELECT created_at, updated_at, cells FROM records").Scan(&created, &updated, &cells); err != nil {
			t.Fatal(err)
		}
		wantUpdated := created + time.Hour.Milliseconds()
		if name == "without updated" {
			wantUpdated = created
		}
		if cells != `["1","Sales; north","2","Ann","3.5"]` || !instant(created).Equal(time.Date(2026, 6, 16, 9, 0, 0, 0, time.UTC)) || updated != wantUpdated {
			t.Errorf("%s: %s %v %v", name, cells, instant(created), instant(updated))
		}
	}
}

// semicolons is a file with these numbers, one a record, from line 2 on.
func semicolons(numbers ...string) string {
	text := strings.ReplaceAll(departmentsHeader, ",", ";")
	for i, n := range numbers {
		text += strconv.Itoa(i+1) + ";a;2;b;" + n + ";2026-06-16 11:00:00;\n"
	}
	return text
}

func TestEachFileHasADecimalMarkOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		numbers []string
		want    []string
	}{
		{[]string{"3,5", "1,234", "-0,125", "8"}, []string{"3.5", "1.234", "-0.125", "8"}},
		{[]string{"1.234", "3.5"}, []string{"1.234", "3.5"}}, // 3.5 says what the other point is
		{[]string{"1.234", "0.125"}, []string{"1.234", "0.125"}},
		{[]string{"1.234", "1000.125"}, []string{"1.234", "1000.125"}},
	} {
		w := emptyWorld(t)
		w.organisation("Marks", "Europe/Berlin", "de-DE")
		w.imported("departments", semicolons(c.numbers...))
		got, err := queryAll(t.Context(), w.r, func(r *sql.Rows) (n string, err error) { return n, r.Scan(&n) },
			"SELECT json_extract(cells, '$[4]') FROM records ORDER BY seq")
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, %v", c.numbers, got, err)
		}
	}
}

func TestImportTellsEveryErrorByItsLine(t *testing.T) {
	const h, good = departmentsHeader, "1,a,2,b,3,2026-06-16 11:00:00,\n"
	utf16File := "\xff\xfe"
	for _, u := range utf16.Encode([]rune(h + good)) {
		utf16File += string([]byte{byte(u), byte(u >> 8)})
	}
	for _, c := range []struct {
		name, text string
		want       []string // beginnings
	}{
		{"empty file", "", []string{"line 1: the file is empty"}},
		{"only a BOM", "\ufeff", []string{"line 1: the file is empty"}},
		{"UTF-16", utf16File, []string{"line 1: the file is UTF-16"}},
		{"Windows-1252", h + good + "2,M\xfcller,2,b,3,2026-06-16 11:00:00,\n", []string{"line 3: this is not UTF-8"}},
		{"NUL", h + "1,a\x00,2,b,3,2026-06-16 11:00:00,\n", []string{"line 2: there is a NUL"}},
		{"missing columns", "department_id,name,created_at\n", []string{"line 1: columns are missing: manager_id, manager_name, member_count"}},
		{"unknown column", strings.Replace(h, "name,", "name,colour,", 1), []string{`line 1: the module has no column "colour"`}},
		{"column twice", strings.Replace(h, "name,", "name,name,", 1), []string{`line 1: the column "name" is there twice`}},
		{"another module", "invoice_id,number\n", []string{"line 1: columns are missing: department_id"}},
		{"too few and too many", h + "1,a,2,b,3\n2,a,2,b,3,2026-06-16 11:00:00,,\n", []string{"line 2: there are 5 fields", "line 3: there are 8 fields"}},
		{"types", h + good + "2,a,2,b,three,16.06.2026,x\n", []string{
			`line 3, member_count: "three" is no number`, `line 3, created_at: "16.06.2026" is no time`, `line 3, updated_at: "x" is no time`,
		}},
		{"grouping", h + "1,a,2,b,\"1,000\",2026-06-16 11:00:00,\n", []string{`line 2, member_count: "1,000" is no number`}},
		{"a point after a comma", semicolons("1", "3,5", "1.234", "7", "2.5"), []string{
			`line 4, member_count: "1.234" has a point, but "3,5" in line 3 has a comma: `, `line 6, member_count: "2.5" has a point, but "3,5" in line 3`,
		}},
		{"a comma after points", semicolons("1.234", "2.5", "3,5", "4,5", "x"), []string{
			`line 2, member_count: "1.234" has a point, but "3,5" in line 4 has a comma: `, `line 6, member_count: "x" is no number`,
		}},
		{"points that may be of thousands", semicolons("7", "1.234", "-12.000", "100.000"), []string{
			`line 3, member_count: "1.234" may be 1234 or 1,234, and so may every number with a point in this file`,
		}},
		{"both marks in a number", semicolons("1.234,5"), []string{`line 2, member_count: "1.234,5" is no number`}},
		{"lines within quotes are counted", h + "1,\"a\nb\nc\",2,b,3,2026-06-16 11:00:00,\n,a,2,b,3,2026-06-16 11:00:00,\n", []string{"line 5, department_id: it is empty"}},
		{"twice in the file", h + good + "2,a,2,b,3,2026-06-16 11:00:00,\n" + good + good, []string{`line 4, department_id: "1" stands in line 2`, `line 5, department_id: "1" stands in line 2`}},
		{"on the server", h + "1,a,2,b,3,2026-06-16 11:00:00,\n001,a,2,b,3,2026-06-16 11:00:00,\n", []string{`line 3, department_id: a record "001" is on the server`}},
		{"no day of creation", h + "1,a,2,b,3,,\n", []string{"line 2, created_at: it is empty"}},
		{"the future", h + "1,a,2,b,3,2026-06-17 12:00:01,\n", []string{"line 2, created_at: \"2026-06-17 12:00:01\" lies in the future"}},
		{"an hour that was not", h + "1,a,2,b,3,2026-03-29 02:30:00,\n", []string{"line 2, created_at: \"2026-03-29 02:30:00\" does not exist"}},
		{"an open quote", h + good + "2,\"a,2,b\n,\n", []string{"line 3: a quote is opened here"}},
		{"a quote within", h + "2,a \"b\" c,2,b,3,,\n", []string{"line 2: there is a quote within"}},
		{"after a quote", h + "2,\"a\" b,2,b,3,,\n", []string{"line 2: something follows"}},
		{"CR alone", strings.ReplaceAll(h+good, "\n", "\r"), []string{"line 1: a line ends with a carriage return alone"}},
		{"a huge field", h + "2,\"" + strings.Repeat("x", recordMax+1), []string{"line 2: a record is larger than 4 MiB"}},
	} {
		w := emptyWorld(t)
		org, _ := w.organisation("Errors", "Europe/Berlin", "de-DE")
		w.record(org, "departments", noon, "001", "a", "2", "b", "3")
		w.record(org, "departments", noon, "002", "broken JSON comes next")
		if _, err := w.w.Exec("UPDATE records SET cells = '[\"cut o' WHERE cells LIKE '%broken%'"); err != nil {
			t.Fatal(err)
		}
		report, err := w.imports(true, "departments", c.text)
		if !errors.Is(err, ErrImportRefused) || report.Imported || len(report.Files) != 1 {
			t.Errorf("%s: %v, %+v", c.name, err, report)
			continue
		}
		var got []string
		for _, e := range report.Files[0].Errors {
			got = append(got, e.Error())
		}
		fits := len(got) == len(c.want) && report.Files[0].ErrorCount == int64(len(c.want))
		for i := range min(len(got), len(c.want)) {
			fits = fits && strings.HasPrefix(got[i], c.want[i])
		}
		if !fits {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if n := w.count("SELECT COUNT(*) FROM records"); n != 2 {
			t.Errorf("%s: %d records are there", c.name, n)
		}
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	w := emptyWorld(t)
	text := departmentsHeader +
		"1,a,2,b,3,2024-06-16 23:59:59,\n" + // a day too old
		"2,a,2,b,3,2024-06-17 00:00:00,\n" + // deleted tomorrow
		"3,'=1+1,2,b,3,2024-07-16 11:00:00,\n" +
		"4,a,2,b,3,2024-07-17 11:00:00,\n" // in 31 days
	fresh := ImportOptions{
		Organisation: "Müller KG", Files: []ImportFile{{"departments", w.file(text)}},
		New: &NewOrganisation{Name: "Müller KG", Timezone: "Europe/Berlin", Locale: "de-DE", Email: "ann@example.com"},
	}
	want := ImportedFile{
		Module: "departments", Path: fresh.Files[0].Path, Records: 4, Overdue: 1, OverdueFrom: calendar.NewDay(2024, 6, 16), OverdueTill: calendar.NewDay(2024, 6, 16),
		Kept: 3, DueSoon: 2, KeptFrom: calendar.NewDay(2024, 6, 17), KeptTo: calendar.NewDay(2024, 7, 17), Guarded: 1,
	}
	report, err := w.s.Import(t.Context(), fresh)
	if err != nil || report.Imported || report.Password != "" || !reflect.DeepEqual(report.Files, []ImportedFile{want}) {
		t.Errorf("%v: %+v", err, report)
	}
	if n := w.count("SELECT (SELECT COUNT(*) FROM records) + (SELECT COUNT(*) FROM organisations) + (SELECT COUNT(*) FROM users)"); n != 0 {
		t.Error("something has changed")
	}
	if _, err := w.imports(true, "departments", text); !errors.Is(err, ErrNoOrganisation) {
		t.Errorf("got %v", err)
	}
	fresh.Commit = true
	report, err = w.s.Import(t.Context(), fresh)
	if err != nil || !report.Imported || w.count("SELECT COUNT(*) FROM records") != 3 {
		t.Fatalf("%v: %+v", err, report)
	}
	in := signInAs("ann@example.com")
	in.Password = report.Password
	if session := into[api.Session](w.call("POST", "/v1/session", in).want(201)); session.Organisation.Name != "Müller KG" || !session.User.Can(api.PermissionDelete) {
		t.Errorf("got %+v", session)
	}
	w.sweepAt(noon)
	if n := w.count("SELECT COUNT(*) FROM records"); n != 3 {
		t.Errorf("%d records are left by the rule that the report speaks of", n)
	}
	w.sweepAt(noon.AddDate(0, 0, dueSoonDays))
	if n := w.count("SELECT COUNT(*) FROM records"); n != 1 {
		t.Errorf("%d records are left after 30 days", n)
	}
}

func TestSeveralFilesAreImportedTogetherOrNotAtAll(t *testing.T) {
	w := emptyWorld(t)
	w.organisation("Together", "UTC", "en-GB")
	good := w.file(departmentsHeader + "1,a,2,b,3,2026-06-16 11:00:00,\n")
	more := w.file(departmentsHeader + "2,a,2,b,3,2026-06-16 11:00:00,\n")
	bad := w.file("event_id,title\n")
	for name, c := range map[string]struct {
		files []ImportFile
		want  error
	}{
		"a bad one":       {[]ImportFile{{"departments", good}, {"events", bad}}, ErrImportRefused},
		"the same twice":  {[]ImportFile{{"departments", good}, {"departments", good}}, ErrImportRefused},
		"a missing one":   {[]ImportFile{{"departments", good}, {"departments", "/nowhere/x.csv"}}, os.ErrNotExist},
		"a folder":        {[]ImportFile{{"departments", good}, {"departments", w.dir}}, nil},
		"unknown module":  {[]ImportFile{{"departments", good}, {"unicorns", good}}, ErrImportOptions},
		"not subscribed":  {[]ImportFile{{"departments", good}, {"visitors", good}}, ErrImportOptions},
		"no organisation": {[]ImportFile{{"departments", good}}, ErrNoOrganisation},
	} {
		o := ImportOptions{Files: c.files, Commit: true}
		if name == "no organisation" {
			o.Organisation = "Nobody"
		}
		if _, err := w.s.Import(t.Context(), o); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if n := w.count("SELECT COUNT(*) FROM records"); n != 0 {
			t.Fatalf("%s: %d records were left", name, n)
		}
	}
	if _, err := w.s.Import(t.Context(), ImportOptions{Files: []ImportFile{{"departments", good}, {"departments", more}}, Commit: true}); err != nil {
		t.Error(err)
	}
	if n := w.count("SELECT COUNT(*) FROM records"); n != 2 {
		t.Errorf("%d records", n)
	}
}

func TestANewOrganisationIsChecked(t *testing.T) {
	w := emptyWorld(t)
	w.organisation("There", "UTC", "en-GB")
	sound := NewOrganisation{Name: "New", Timezone: "UTC", Locale: "en-GB", Email: "new@example.com"}
	for name, spoil := range map[string]func(*NewOrganisation){
		"name":   func(n *NewOrganisation) { n.Name = " " },
		"zone":   func(n *NewOrganisation) { n.Timezone = "Atlantis/Capital" },
		"locale": func(n *NewOrganisation) { n.Locale = "nonsense!" },
		"e-mail": func(n *NewOrganisation) { n.Email = "Ann <ann@example.com>" },
		"taken":  func(n *NewOrganisation) { n.Email = "USER@There.example" },
	} {
		n := sound
		spoil(&n)
		if _, err := w.s.Import(t.Context(), ImportOptions{Organisation: "New", New: &n, Commit: true}); !errors.Is(err, ErrImportOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzImport: whatever the file, the import ends, keeps nothing of a file with
// an error, and what it keeps can be exported.
func FuzzImport(f *testing.F) {
	for _, seed := range []string{
		departmentsHeader + "1,a,2,b,3,2026-06-16 11:00:00,\n",
		"\ufeff" + strings.ReplaceAll(departmentsHeader, ",", ";") + "1;\"a\r\n\"\"b\"\"\";2;b;3,5;2026-06-16T11:00:00Z;\r\n",
		departmentsHeader + "1,\"a", "", "\xff\xfe", departmentsHeader + "1,a,2,b,3,2024-06-16 11:00:00,x\n1,,,,,,\n",
	} {
		f.Add([]byte(seed))
	}
	columns := demoModules()[2]
	plain := newCSVStyle("plain", "en-GB", time.UTC)
	f.Fuzz(func(t *testing.T, text []byte) {
		done := ImportedFile{}
		s := &table{
			importer: &importer{loc: time.UTC, now: noon, ctx: t.Context(), kept: noon.AddDate(-2, 0, 0), soon: noon},
			module:   columns, done: &done,
		}
		stored := 0
		s.store = func(e entry) error {
			stored++
			cells := e.cells
			all := append(slices.Clone(cells), e.created.UTC().Format(time.RFC3339Nano), e.updated.UTC().Format(time.RFC3339Nano))
			row, err := plain.row(nil, columns.allColumns(), all)
			if err != nil {
				t.Fatalf("%q was stored, and cannot be exported: %v", cells, err)
			}
			// Reading it again gives the same.
			r, err := newCSVReader(bytes.NewReader(row))
			if err != nil {
				t.Fatal(err)
			}
			again, err := r.read()
			if err != nil || len(again) != len(all) {
				t.Fatalf("%q was written, and read as %q: %v", row, again, err)
			}
			for i, c := range columns.columns {
				if back, err := s.cells.stored(c.Type, again[i]); err != nil || back != cells[i] {
					t.Fatalf("%s: %q became %q: %v", c.Name, cells[i], back, err)
				}
			}
			return nil
		}
		err := s.read(bytes.NewReader(text))
		var form *csvError
		if err != nil && (!errors.As(err, &form) || form.line < 1 || form.line > bytes.Count(text, []byte("\n"))+1) {
			t.Fatalf("%v in %d lines", err, bytes.Count(text, []byte("\n")))
		}
		if int64(stored) > done.Records || done.Kept+done.Overdue != done.Records || len(done.Errors) > importErrorsMax {
			t.Errorf("%d stored: %+v", stored, done)
		}
	})
}
