//go:build built

package app_test

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"connectbackup/api/manifest"
)

// TestOutsideSpreadsheet opens the CSVs of an English and of a German
// organisation as people there do, in LibreOffice with that country's settings:
// columns, umlauts, dates and decimals must arrive (S24).
func TestOutsideSpreadsheet(t *testing.T) {
	for _, locale := range []string{"en-US", "de-DE"} {
		t.Run(locale, func(t *testing.T) {
			folder := exported(t, locale)
			m := manifestIn(t, folder)
			seen := map[string]int{}
			for _, f := range m.Files {
				if !slices.Contains([]string{"customers", "invoices", "appointments"}, f.Module) {
					continue
				}
				want := readCSV(t, filepath.Join(folder, f.Name), m.Profile)
				got := spreadsheet(t, locale, m.Profile, filepath.Join(folder, f.Name))
				compare(t, f, m.Profile, want, got, seen)
			}
			t.Logf("compared by kind: %v", seen)
			for _, kind := range []string{"umlaut", "day", "decimal", "line break"} {
				if seen[kind] == 0 {
					t.Errorf("no cell with a %s was compared", kind)
				}
			}
		})
	}
}

// compare holds what the spreadsheet shows against what the CSV says. Where a
// text or an identifier looks like a number, spreadsheets make it one: README.txt
// in the archive says so, and nothing is asked of those cells here.
func compare(t *testing.T, f manifest.File, p manifest.Profile, want [][]string, got [][]cell, seen map[string]int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d lines in the spreadsheet, want %d", f.Name, len(got), len(want))
	}
	for i, line := range want[1:] {
		shown := got[i+1]
		for j, text := range line {
			if text == "" {
				continue
			}
			if j >= len(shown) {
				t.Fatalf("%s, line %d has %d columns in the spreadsheet, want %d", f.Name, i+2, len(shown), len(line))
			}
			if kind, why := differs(f.Columns[j].Type, p, text, shown[j]); why != "" {
				t.Fatalf("%s, line %d, %s: %s", f.Name, i+2, f.Columns[j].Name, why)
			} else if kind != "" {
				seen[kind]++
			}
		}
	}
}

func differs(column string, p manifest.Profile, text string, c cell) (kind, why string) {
	switch {
	case column == "D":
		if c.kind != "date" || c.value != text {
			return "", fmt.Sprintf("%q is %s %q", text, c.kind, c.value)
		}
		return "day", ""
	case column == "N":
		want, err := strconv.ParseFloat(strings.Replace(text, p.Decimal, ".", 1), 64)
		got, gotErr := strconv.ParseFloat(c.value, 64)
		if err != nil || gotErr != nil || c.kind != "float" || got != want {
			return "", fmt.Sprintf("%q is %s %q", text, c.kind, c.value)
		}
		if strings.Contains(text, p.Decimal) {
			return "decimal", ""
		}
		return "number", ""
	case c.kind != "string":
		return "", ""
	case strings.Join(strings.Fields(c.value), " ") != strings.Join(strings.Fields(text), " "):
		return "", fmt.Sprintf("%q is shown as %q", text, c.value)
	case strings.Contains(text, "\n"):
		return "line break", ""
	case strings.ContainsAny(text, "äöüÄÖÜß"):
		return "umlaut", ""
	}
	return "text", ""
}

// exported makes a backup of an organisation in that locale and unzips it.
func exported(t *testing.T, locale string) (folder string) {
	t.Helper()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	_, stop := served(t, data)
	stop()
	setLocale(t, data, locale)
	s, stop := served(t, data)
	defer stop()
	var backup struct {
		ID, Status string
	}
	today := time.Now().UTC()
	order := fmt.Sprintf(`{"title": "For a spreadsheet", "from": %q, "till": %q}`,
		today.AddDate(-1, 0, 0).Format(time.DateOnly), today.AddDate(0, 0, -2).Format(time.DateOnly))
	into(t, s.curl(t, dir, "-H", "Idempotency-Key: "+t.Name(), "-H", "Content-Type: application/json", "-d", order, s.Address+"/v1/backups"), &backup)
	for backup.Status == "pending" {
		into(t, s.curl(t, dir, "-H", "Prefer: wait=25", s.Address+"/v1/backups/"+backup.ID), &backup)
	}
	s.curl(t, dir, "-o", "archive.zip", s.Address+"/v1/backups/"+backup.ID+"/archive")
	tool(t, dir, "unzip", "-q", "archive.zip", "-d", "out")
	return filepath.Join(dir, "out")
}

// setLocale moves the demo organisation to another country. Organisations are
// set up by whoever runs a server; there is no call for it in the contract.
func setLocale(t *testing.T, data, locale string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "*.db"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the server keeps %v, %v; want one database", files, err)
	}
	db, err := sql.Open("sqlite", files[0])
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec("UPDATE organisations SET locale = ?", locale)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func manifestIn(t *testing.T, folder string) (m manifest.Manifest) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func readCSV(t *testing.T, path string, p manifest.Profile) [][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	r.Comma = rune(p.Separator[0])
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// cell is one cell as the spreadsheet understood it.
type cell struct{ kind, value string }

// spreadsheet opens a CSV in LibreOffice, in a profile of its own set to the
// locale, and reads back what stands in the cells. Its import window finds out
// separator and encoding; without a window both have to be said.
func spreadsheet(t *testing.T, locale string, p manifest.Profile, path string) [][]cell {
	t.Helper()
	profile, out := t.TempDir(), t.TempDir()
	settings := `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>` + locale + `</value></prop></item></oor:items>`
	err := os.Mkdir(filepath.Join(profile, "user"), 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(profile, "user", "registrymodifications.xcu"), []byte(settings), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("soffice", "-env:UserInstallation=file://"+profile, "--headless",
		fmt.Sprintf("--infilter=CSV:%d,34,76,1", p.Separator[0]), "--convert-to", "fods", "--outdir", out, path)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("LibreOffice: %v\n%s", err, said)
	}
	f, err := os.Open(filepath.Join(out, strings.TrimSuffix(filepath.Base(path), ".csv")+".fods"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines, err := readSheet(f)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// readSheet reads the cells of a flat OpenDocument spreadsheet.
func readSheet(r io.Reader) (lines [][]cell, err error) {
	type xmlCell struct {
		Kind   string   `xml:"value-type,attr"`
		Value  string   `xml:"value,attr"`
		Date   string   `xml:"date-value,attr"`
		Repeat int      `xml:"number-columns-repeated,attr"`
		Lines  []xmlRun `xml:"p"`
	}
	type xmlRow struct {
		Repeat int       `xml:"number-rows-repeated,attr"`
		Cells  []xmlCell `xml:"table-cell"`
	}
	for d := xml.NewDecoder(r); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "table-row" {
			continue
		}
		var row xmlRow
		if err := d.DecodeElement(&row, &start); err != nil {
			return nil, err
		}
		var line []cell
		filled := false
		for _, c := range row.Cells {
			one := cell{c.Kind, c.Value + c.Date}
			for _, l := range c.Lines {
				if c.Kind == "string" {
					one.value += string(l) + "\n"
				}
			}
			filled = filled || one.kind != ""
			for range min(max(1, c.Repeat), 100) {
				line = append(line, one)
			}
		}
		if filled { // behind the last line stand a million empty ones
			for range max(1, row.Repeat) {
				lines = append(lines, line)
			}
		}
	}
}

// xmlRun is the text of a paragraph with all that is nested in it.
type xmlRun string

// UnmarshalXML implements xml.Unmarshaler.
func (x *xmlRun) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			*x += " " // a space, a tab, or a line break in it
		case xml.EndElement:
			depth--
		case xml.CharData:
			*x += xmlRun(token)
		}
	}
	return nil
}
