package server

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/manifest"
)

// unzipped is what the zip of a backup holds.
func (c *check) unzipped(b api.Backup) map[string][]byte {
	c.Helper()
	body := c.call("GET", "/v1/backups/"+b.ID+"/archive", nil, c.auth()).want(200).body
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		c.Fatal(err)
	}
	held := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			c.Fatal(err)
		}
		held[f.Name], err = io.ReadAll(r)
		if err != nil || r.Close() != nil {
			c.Fatalf("%s: %v", f.Name, err)
		}
	}
	return held
}

// holding is an archive that was read.
type holding struct {
	api.Backup
	profile manifest.Profile
	files   []manifest.File
	sheets  []sheet
}

// sheet is the CSV file of a module.
type sheet struct {
	manifest.File
	header []string
	rows   [][]string
	days   []calendar.Day // in the organisation's zone, on which the rows' records were made
}

// of is the sheet of a module; one without rows if there is none.
func (h holding) of(module string) sheet {
	if i := slices.IndexFunc(h.sheets, func(t sheet) bool { return t.Module == module }); i >= 0 {
		return h.sheets[i]
	}
	return sheet{}
}

// made counts the records that were made within a range.
func (t sheet) made(r calendar.Range) (n int64) {
	for _, day := range t.days {
		if r.Contains(day) {
			n++
		}
	}
	return n
}

// busiest is the day of a range on which most records were made.
func (h holding) busiest(r calendar.Range) calendar.Day {
	best, most := r.From, int64(0)
	for day := r.From; !day.After(r.Till); day = day.AddDays(1) {
		var n int64
		for _, t := range h.sheets {
			n += t.made(calendar.Range{From: day, Till: day})
		}
		if n > most {
			best, most = day, n
		}
	}
	return best
}

// read reads all the CSV files of a completed backup, once.
func (c *check) read(b api.Backup) holding {
	c.Helper()
	if h, ok := c.holdings[b.ID]; ok {
		return h
	}
	zone, err := time.LoadLocation(b.Timezone)
	if err != nil {
		c.Fatal(err)
	}
	files := c.unzipped(b)
	m, err := manifest.Parse(files[manifest.FileName])
	if err != nil {
		c.Fatal(err)
	}
	h := holding{Backup: b, profile: m.Profile, files: m.Files}
	for _, f := range m.Files {
		h.sheets = append(h.sheets, c.sheet(m.Profile, f, files[f.Name], zone))
	}
	c.holdings[b.ID] = h
	return h
}

// sheet reads a CSV file as its profile says that it is written.
func (c *check) sheet(p manifest.Profile, f manifest.File, text []byte, zone *time.Location) sheet {
	c.Helper()
	text, marked := bytes.CutPrefix(text, []byte("\ufeff"))
	if marked != p.BOM || !bytes.HasSuffix(text, []byte(p.LineEnd)) || p.LineEnd == "" {
		c.Errorf("%s is not written as %+v", f.Name, p)
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = []rune(p.Separator)[0]
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		c.Fatalf("%s has %d lines: %v", f.Name, len(rows), err)
	}
	t := sheet{File: f, header: rows[0], rows: rows[1:]}
	made := slices.Index(t.header, "created_at")
	if made < 0 {
		c.Fatalf("%s does not say when its records were made: %q", f.Name, t.header)
	}
	for _, row := range t.rows {
		day, err := dayOf(p, row[made], zone)
		if err != nil {
			c.Fatalf("%s: %v", f.Name, err)
		}
		t.days = append(t.days, day)
	}
	return t
}

// dayOf is the day of a time that stands in a CSV file.
func dayOf(p manifest.Profile, cell string, zone *time.Location) (calendar.Day, error) {
	if p.Name == api.ProfilePlain {
		at, err := time.Parse(time.RFC3339, cell)
		return calendar.DayOf(at, zone), err
	}
	at, err := time.Parse(time.DateTime, cell) // the zone's time of day: its day can be read, its instant may be one of two
	return calendar.DayOf(at, time.UTC), err
}

// span is a backup of everything from some weeks, all over.
func (c *check) span() api.NewBackup {
	c.Helper()
	today := c.modules().Today
	return api.NewBackup{Title: c.title(), From: today.AddDays(-42), Till: today.AddDays(-1)}
}

// whole is the archive of a span, which the rules share.
func (c *check) whole() holding {
	c.Helper()
	if c.spanned.ID == "" {
		c.spanned = c.made(c.span())
	}
	return c.read(c.spanned)
}

// part is an archive in profile plain of some of the days of the whole. It
// begins and ends with days of many records, to see that they are all there.
func (c *check) part() holding {
	c.Helper()
	if c.parted.ID == "" {
		w := c.whole()
		first, last := w.From, w.Till
		c.parted = c.made(api.NewBackup{
			Title: c.title(), CSVProfile: api.ProfilePlain,
			From: w.busiest(calendar.Range{From: first.AddDays(1), Till: first.AddDays(14)}),
			Till: w.busiest(calendar.Range{From: last.AddDays(-14), Till: last.AddDays(-1)}),
		})
	}
	return c.read(c.parted)
}

// archives are one in each profile of days that are over, and one with today.
func (c *check) archives() []holding {
	c.Helper()
	return []holding{c.whole(), c.part(), c.read(c.completed())}
}

// estimate is what is counted of each module from a day till another.
func (c *check) estimate(from, till calendar.Day) (counts map[string]int64) {
	c.Helper()
	e := into[api.Estimate](c.call("POST", "/v1/backups/estimate", api.EstimateRequest{From: from, Till: till}, c.auth()).want(200))
	counts = map[string]int64{}
	sum := int64(0)
	for _, m := range e.Modules {
		counts[m.Key] = m.Records
		sum += m.Records
	}
	if sum != e.Records {
		c.Errorf("%d records, and %d in the modules together", e.Records, sum)
	}
	return counts
}

// days is the range of an archive.
func (h holding) days() calendar.Range {
	return calendar.Range{From: h.From, Till: h.Till}
}

var recordRules = []rule{
	{"stands in the CSV file of its module, which has as many rows as manifest and backup say", func(c *check) {
		for _, h := range c.archives() {
			m := into[manifest.Manifest](c.call("GET", "/v1/backups/"+h.ID+"/manifest", nil, c.auth()).want(200))
			if !reflect.DeepEqual(m.Files, h.files) || len(h.files) != len(h.Modules) {
				c.Errorf("the archive names %+v, the server %+v", h.files, m.Files)
			}
			for _, m := range h.Modules {
				t := h.of(m.Key)
				if rows := int64(len(t.rows)); rows != m.Records || rows != t.Rows || t.Status != m.Status || t.Name != m.Key+".csv" {
					c.Errorf("%d rows, manifest %+v, backup %+v", rows, t.File, m)
				}
				if (m.Records > 0) != (m.Status == api.ModuleOK) {
					c.Errorf("%s: %d records are %s", m.Key, m.Records, m.Status)
				}
			}
		}
	}},
	{"has the columns of its module, in their order", func(c *check) {
		for _, h := range c.archives() {
			for _, m := range c.modules().Items {
				t := h.of(m.Key)
				if t.Module == "" {
					continue // it was not asked for
				}
				names, kinds := []string{}, []manifest.Column{}
				for _, column := range m.Columns {
					names, kinds = append(names, column.Name), append(kinds, manifest.Column(column))
				}
				if !slices.Equal(t.header, names) || !slices.Equal(t.Columns, kinds) {
					c.Errorf("%s has %q, manifest %v, want %v", t.Name, t.header, t.Columns, kinds)
				}
			}
		}
	}},
	{"was made on a day of the range, by the organisation's clock", func(c *check) {
		for _, h := range c.archives() {
			for _, t := range h.sheets {
				if n := int64(len(t.rows)) - t.made(h.days()); n > 0 {
					c.Errorf("%s holds %d records that were not made from %s till %s", t.Name, n, h.From, h.Till)
				}
			}
		}
	}},
	{"is counted by the estimate, once its day is over, as the backup holds it", func(c *check) {
		for _, h := range []holding{c.whole(), c.part()} {
			held := map[string]int64{}
			for _, m := range h.Modules {
				held[m.Key] = int64(len(h.of(m.Key).rows))
			}
			if counts := c.estimate(h.From, h.Till); !maps.Equal(counts, held) {
				c.Errorf("from %s till %s: estimated %v, held %v", h.From, h.Till, counts, held)
			}
		}
	}},
	{"is in one of two ranges that adjoin: their counts add up to that of both together", func(c *check) {
		whole, part := c.whole(), c.part()
		before := c.estimate(whole.From, part.From.AddDays(-1))
		after := c.estimate(part.Till.AddDays(1), whole.Till)
		for _, t := range whole.sheets {
			n := int64(len(part.of(t.Module).rows))
			if got, want := before[t.Module]+n+after[t.Module], int64(len(t.rows)); got != want {
				c.Errorf("%s: %d + %d + %d records, want %d, with the days from %s till %s in the middle",
					t.Module, before[t.Module], n, after[t.Module], want, part.From, part.Till)
			}
		}
	}},
	{"is the same in every backup of its day, whichever the profile", func(c *check) {
		for _, t := range c.whole().sheets {
			excel, plain := c.both(t)
			if len(excel) != len(plain) {
				c.Errorf("%s: %d of these records in one backup, %d in the other", t.Module, len(excel), len(plain))
				continue
			}
			for i := range excel {
				if !slices.Equal(excel[i].common, plain[i].common) {
					c.Errorf("%s: %q\nnot %q", t.Module, excel[i].row, plain[i].row)
					break // those after it are shifted
				}
			}
		}
	}},
	{"that a spreadsheet would run in part has a ' before that in profile excel, and none in plain", func(c *check) {
		formulas, guards := 0, 0 // in profile plain
		for _, t := range c.whole().sheets {
			c.guarded(t)
			excel, plain := c.both(t)
			for i := range min(len(excel), len(plain)) {
				if !slices.Equal(excel[i].common, plain[i].common) {
					break // another record: the rule before this one tells
				}
				for j, kind := range t.Columns {
					in, as := plain[i].row[j], excel[i].row[j]
					switch bare := strings.TrimLeft(in, "'"); {
					case runs(kind, in):
						formulas++
						if as != "'"+in {
							c.Errorf("%s: %s %q stands as %q", t.Module, kind.Name, in, as)
						}
					case runs(kind, bare):
						guards++ // or it has been stored so; with another ' or not
					case text(kind) && as != in:
						c.Errorf("%s: %s %q stands as %q", t.Module, kind.Name, in, as)
					}
				}
			}
		}
		switch whole, part := c.whole(), c.part(); {
		case !whole.profile.FormulaGuard || part.profile.FormulaGuard:
			c.Errorf("the manifests say %+v and %+v", whole.profile, part.profile)
		case formulas == 0 && guards > 0:
			c.Errorf("all %d formulas have a ' in profile plain", guards)
		case formulas == 0:
			c.Skip("no record of these days has anything that a spreadsheet would run")
		}
	}},
}

func text(column manifest.Column) bool { return column.Type == "T" || column.Type == "I" }

var (
	formula = regexp.MustCompile("^[=+@\t\r-]")
	phone   = regexp.MustCompile(`^\+[0-9]+$`)
)

// runs reports whether a spreadsheet would take a text for a formula.
func runs(column manifest.Column, cell string) bool {
	return text(column) && formula.MatchString(cell) && (column.Type != "I" || !phone.MatchString(cell))
}

// guarded fails the test if a spreadsheet would run a text of a sheet.
func (c *check) guarded(t sheet) {
	c.Helper()
	for _, row := range t.rows {
		for i, column := range t.Columns {
			if runs(column, row[i]) {
				c.Errorf("%s: %s is %q", t.Module, column.Name, row[i])
				return
			}
		}
	}
}

// likeness is a row, and what of it is the same in both profiles.
type likeness struct{ row, common []string }

// both are the rows of the same records from a sheet of the whole and from the
// part, in an order that does not depend on the backup.
func (c *check) both(t sheet) (excel, plain []likeness) {
	c.Helper()
	whole, part := c.whole(), c.part()
	zone, err := time.LoadLocation(whole.Timezone)
	if err != nil {
		c.Fatal(err)
	}
	for i, row := range t.rows {
		if part.days().Contains(t.days[i]) {
			excel = append(excel, likeness{row, c.common(whole.profile, t.Columns, row, zone)})
		}
	}
	other := part.of(t.Module)
	for _, row := range other.rows {
		plain = append(plain, likeness{row, c.common(part.profile, other.Columns, row, zone)})
	}
	byCommon := func(a, b likeness) int { return slices.Compare(a.common, b.common) }
	slices.SortFunc(excel, byCommon)
	slices.SortFunc(plain, byCommon)
	return excel, plain
}

// common is a row without guards, with a decimal point, and with times to the
// second in the organisation's zone.
func (c *check) common(p manifest.Profile, columns []manifest.Column, row []string, zone *time.Location) []string {
	c.Helper()
	row = slices.Clone(row)
	for i, column := range columns {
		switch {
		case text(column) && formula.MatchString(strings.TrimLeft(row[i], "'")):
			row[i] = strings.TrimLeft(row[i], "'")
		case column.Type == "N":
			row[i] = strings.Replace(row[i], p.Decimal, ".", 1)
		case column.Type == "Z" && row[i] != "" && p.Name == api.ProfilePlain:
			at, err := time.Parse(time.RFC3339, row[i])
			if err != nil || !strings.HasSuffix(row[i], "Z") {
				c.Fatalf("%s: %q is no time in UTC", column.Name, row[i])
			}
			row[i] = at.In(zone).Format(time.DateTime)
		}
	}
	return row
}
