package server

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"connectbackup/api"
)

// cellReader turns the text of a CSV cell into the form that is stored. It is
// the way back from csvStyle.cell, and also takes what that never writes.
type cellReader struct {
	loc          *time.Location
	decimalComma bool
}

// stored is a cell of a column of this kind. The error says for people what is
// wrong with it.
func (r cellReader) stored(kind, v string) (string, error) {
	if v == "" {
		return "", nil
	}
	switch kind {
	case "T", "I": // kept as they are, leading zeros, spaces and all
		return v, nil
	case "N":
		n := v
		if r.decimalComma && !strings.Contains(v, ".") {
			n = strings.Replace(v, ",", ".", 1)
		}
		if !isNumber(n) {
			return "", fmt.Errorf("%s is no number: digits, a minus and one decimal mark are possible", shortened(v))
		}
		return n, nil
	case "D":
		if _, err := time.Parse(time.DateOnly, v); err != nil {
			return "", fmt.Errorf("%s is no day of the form 2021-07-01", shortened(v))
		}
		return v, nil
	case "Z":
		t, err := r.instant(v)
		if err != nil {
			return "", err
		}
		return t.UTC().Format(time.RFC3339Nano), nil
	case "B":
		switch strings.ToLower(v) {
		case "yes", "true", "1":
			return "true", nil
		case "no", "false", "0":
			return "false", nil
		}
		return "", fmt.Errorf("%s is neither yes nor no", shortened(v))
	}
	return "", fmt.Errorf("the column's type %q is not known", kind)
}

// instant reads RFC 3339, or a wall clock's time in the organisation's zone. Of
// a time that comes twice the first is meant; one that never comes is refused.
func (r cellReader) instant(v string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return t, yearWithin(t, v)
	}
	t, err := time.ParseInLocation(excelTimes, v, r.loc)
	if err != nil {
		return t, fmt.Errorf("%s is no time of the form 2021-07-01 14:05:09 or 2021-07-01T12:05:09Z", shortened(v))
	}
	if wall := t.Format(excelTimes); wall != strings.SplitN(v, ".", 2)[0] {
		return t, fmt.Errorf("%s does not exist in %v: the clocks went forward over it", shortened(v), r.loc)
	}
	for _, jump := range []time.Duration{time.Hour, 30 * time.Minute} { // Lord Howe's is half an hour
		if before := t.Add(-jump); before.Format(excelTimes) == t.Format(excelTimes) {
			return before, nil
		}
	}
	return t, yearWithin(t, v)
}

// yearWithin holds the years that can be written again with four digits.
func yearWithin(t time.Time, v string) error {
	if y := t.UTC().Year(); y < 1 || y > 9998 {
		return fmt.Errorf("%s lies outside of the years 1 to 9998", shortened(v))
	}
	return nil
}

// shortened is a value as an error message shows it.
func shortened(v string) string {
	const most = 40
	if utf8.RuneCountInString(v) > most {
		v = string([]rune(v)[:most]) + "…"
	}
	return fmt.Sprintf("%q", v)
}

// columnPlace says where the columns of a module stand in a file.
type columnPlace struct {
	at      []int // for each column of the module; -1: not there
	created int
	updated int // -1: as created
}

// placeColumns compares a file's first line with a module's columns. All must be
// there, in whatever order, but for updated_at; and no other.
func placeColumns(m module, header []string) (columnPlace, error) {
	where := map[string]int{}
	var errs []error
	for i, name := range header {
		if _, twice := where[name]; twice {
			errs = append(errs, fmt.Errorf("the column %s is there twice", shortened(name)))
		}
		where[name] = i
	}
	find := func(c api.Column) int {
		i, found := where[c.Name]
		if !found {
			return -1
		}
		delete(where, c.Name)
		return i
	}
	var p columnPlace
	var missing []string
	for _, c := range m.columns {
		i := find(c)
		if i < 0 {
			missing = append(missing, c.Name)
		}
		p.at = append(p.at, i)
	}
	p.created, p.updated = find(api.Column{Name: "created_at"}), find(api.Column{Name: "updated_at"})
	if p.created < 0 {
		missing = append(missing, "created_at")
	}
	if len(missing) > 0 {
		errs = append(errs, fmt.Errorf("columns are missing: %s", strings.Join(missing, ", ")))
	}
	for _, name := range header { // in the order of the file
		if _, left := where[name]; left {
			errs = append(errs, fmt.Errorf("the module has no column %s", shortened(name)))
			delete(where, name)
		}
	}
	return p, errors.Join(errs...)
}
