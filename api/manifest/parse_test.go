package manifest

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func sound() Manifest {
	sum := strings.Repeat("0a", 32)
	return Manifest{
		Schema: Schema, BackupID: "bkp_1", Title: "Jahr 2024 – Müller", Organisation: "Acme",
		From: "2024-02-29", Till: "2026-02-28", Timezone: "Europe/Berlin",
		DataAsOf: time.Date(2026, 2, 28, 9, 0, 0, 0, time.UTC),
		Profile:  Profile{Name: "excel", BOM: true, Separator: ";", Decimal: ",", LineEnd: "\r\n", FormulaGuard: true},
		Files: []File{
			{Name: "staff.csv", Module: "staff", Status: "ok", Rows: 3, Bytes: 120, SHA256: sum, Columns: []Column{{"staff_id", "I"}}},
			{Name: "visitors.csv", Module: "visitors", Status: "not_subscribed", SHA256: sum},
		},
		Missing: []string{"invoices"}, ArchiveName: "a.zip", ArchiveSHA256: sum, ArchiveSize: 99,
	}
}

func TestParseReadsWhatWasWritten(t *testing.T) {
	want := sound()
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	// A later minor version may add fields.
	b = append([]byte(`{"added_later":{"x":[1]},`), b[1:]...)
	got, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*Manifest)
		field string
	}{
		{"no backup", func(m *Manifest) { m.BackupID = "" }, "backup_id"},
		{"no day", func(m *Manifest) { m.From = "2026-02-30" }, "from"},
		{"till not a day", func(m *Manifest) { m.Till = "soon" }, "till"},
		{"till before from", func(m *Manifest) { m.Till = "2024-02-28" }, "till"},
		{"archive name leads out", func(m *Manifest) { m.ArchiveName = "../a.zip" }, "archive_name"},
		{"archive sum too short", func(m *Manifest) { m.ArchiveSHA256 = "0a" }, "archive_sha256"},
		{"archive size negative", func(m *Manifest) { m.ArchiveSize = -1 }, "archive_size"},
		{"too many files", func(m *Manifest) { m.Files = make([]File, filesMax+1) }, "files"},
		{"rows negative", func(m *Manifest) { m.Files[0].Rows = -1 }, "files[0].rows"},
		{"bytes negative", func(m *Manifest) { m.Files[1].Bytes = -1 }, "files[1].bytes"},
		{"sum in upper case", func(m *Manifest) { m.Files[0].SHA256 = strings.Repeat("0A", 32) }, "files[0].sha256"},
		{"sum not hexadecimal", func(m *Manifest) { m.Files[0].SHA256 = strings.Repeat("0g", 32) }, "files[0].sha256"},
		{"no module", func(m *Manifest) { m.Files[0].Module = "" }, "files[0].module"},
		{"same name but for case", func(m *Manifest) { m.Files[1].Name = "STAFF.csv" }, "files[1].name"},
		{"the manifest itself", func(m *Manifest) { m.Files[1].Name = "Manifest.json" }, "files[1].name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := sound()
			c.spoil(&m)
			b, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(b)
			var invalid *InvalidError
			if !errors.As(err, &invalid) || invalid.Field != c.field {
				t.Errorf("got %v, want a fault of %s", err, c.field)
			}
		})
	}
}

func TestParseRefusesUnsafeNames(t *testing.T) {
	for _, name := range []string{
		"", ".", "..", "../x", "/etc/passwd", `C:\x`, `\\srv\x`, "a/b", `a\b`, "a:ads", "a\x00b", "a\nb", "NUL", "con.csv", "Com1.txt",
		"lpt9", "x.", "x ", ".hidden", "-rf", "ü.csv", "a\u202Eb", "a?", "a*", `a"b`, "a<b", "a|b", strings.Repeat("a", 256), "\xff",
	} {
		m := sound()
		m.Files[0].Name = name
		var invalid *InvalidError
		if err := m.Validate(); !errors.As(err, &invalid) || invalid.Field != "files[0].name" {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestParseTellsAnotherSchemaFromRubbish(t *testing.T) {
	var schema *SchemaError
	if _, err := Parse([]byte(`{"schema":2,"files":"in another form"}`)); !errors.As(err, &schema) || schema.Got != 2 {
		t.Errorf("got %v, want a SchemaError of 2", err)
	}
	for _, text := range []string{"", "<html>", "[]", "null trailing", `{"schema":1,"files":{}}`, `{"schema":1}{}`} {
		var invalid *InvalidError
		if _, err := Parse([]byte(text)); !errors.As(err, &invalid) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// FuzzManifest looks for a manifest that passes and is not sound, or that is
// another one after it was written and read again.
func FuzzManifest(f *testing.F) {
	b, err := json.Marshal(sound())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"schema":1,"backup_id":"b","from":"2024-01-01","till":"2024-01-01","files":[{"name":"a.csv","module":"a","sha256":"` + strings.Repeat("0", 64) + `"}]}`))
	f.Add([]byte(`{"schema":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		var schema *SchemaError
		var invalid *InvalidError
		if err != nil {
			if !errors.As(err, &schema) && !errors.As(err, &invalid) {
				t.Fatalf("an error without a type: %v", err)
			}
			return
		}
		if err := m.Validate(); err != nil {
			t.Fatalf("parsed what is not valid: %v", err)
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		same, err := Parse(again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, again)
		}
		if once, err := json.Marshal(same); err != nil || string(once) != string(again) {
			t.Errorf("written again it is %s, before %s, %v", once, again, err)
		}
	})
}
