package server

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/api/manifest"
)

const (
	byteOrderMark = "\ufeff"
	excelTimes    = "2006-01-02 15:04:05"
	plainTimes    = "RFC 3339 UTC"
)

// csvStyle writes cells by the conventions of a profile.
type csvStyle struct {
	manifest.Profile
	loc *time.Location
}

// newCSVStyle is the style of a profile for an organisation's locale and zone.
func newCSVStyle(profile, locale string, loc *time.Location) csvStyle {
	s := csvStyle{loc: loc, Profile: manifest.Profile{
		Name: profile, Separator: ",", Decimal: ".", LineEnd: "\r\n", Times: plainTimes,
	}}
	if profile == api.ProfilePlain {
		return s
	}
	s.BOM, s.FormulaGuard, s.Times = true, true, excelTimes
	if api.DecimalComma(locale) {
		s.Separator, s.Decimal = ";", ","
	}
	return s
}

// header appends the first line, with the byte order mark before it.
func (s csvStyle) header(b []byte, columns []api.Column) []byte {
	if s.BOM {
		b = append(b, byteOrderMark...)
	}
	for i, c := range columns {
		if i > 0 {
			b = append(b, s.Separator...)
		}
		b = s.quoted(b, c.Name)
	}
	return append(b, s.LineEnd...)
}

var errCell = errors.New("a stored value is not of its column's type")

// row appends one line. The cells are in the form they are stored in; one that
// is not of its column's type is an error, never a wrong value in a file.
func (s csvStyle) row(b []byte, columns []api.Column, cells []string) ([]byte, error) {
	b, err := s.cells(b, columns, cells)
	return append(b, s.LineEnd...), err
}

// cells is row without the end of the line.
func (s csvStyle) cells(b []byte, columns []api.Column, cells []string) (_ []byte, err error) {
	if len(cells) != len(columns) {
		return b, fmt.Errorf("%w: %d values for %d columns", errCell, len(cells), len(columns))
	}
	for i, c := range columns {
		if i > 0 {
			b = append(b, s.Separator...)
		}
		if b, err = s.cell(b, c.Type, cells[i]); err != nil {
			return b, fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return b, nil
}

// cell appends a stored value.
func (s csvStyle) cell(b []byte, kind, v string) ([]byte, error) {
	if v == "" {
		return b, nil
	}
	switch kind {
	case "T":
		return s.quoted(b, s.guarded(v)), nil
	case "I":
		if !isPhone(v) {
			v = s.guarded(v)
		}
		return s.quoted(b, v), nil
	case "N":
		if !isNumber(v) {
			return b, errCell
		}
		if s.Decimal != "." {
			v = strings.Replace(v, ".", s.Decimal, 1)
		}
		return append(b, v...), nil
	case "D":
		if !isDay(v) {
			return b, errCell
		}
		return append(b, v...), nil
	case "Z":
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return b, errCell
		}
		return s.time(b, t), nil
	case "B":
		if v == "true" {
			return append(b, "yes"...), nil
		}
		if v == "false" {
			return append(b, "no"...), nil
		}
	}
	return b, errCell
}

func (s csvStyle) time(b []byte, t time.Time) []byte {
	if s.Times == excelTimes {
		return t.In(s.loc).AppendFormat(b, excelTimes)
	}
	return t.UTC().AppendFormat(b, time.RFC3339Nano) // with what there is of a fraction
}

// guarded puts a ' before what a spreadsheet would run as a formula, and before
// what looks as if that had been done to it: so taking one ' away always gives
// back what was stored.
func (s csvStyle) guarded(v string) string {
	if bare := strings.TrimLeft(v, "'"); s.FormulaGuard && bare != "" && strings.IndexByte("=+-@\t\r", bare[0]) >= 0 {
		return "'" + v
	}
	return v
}

// quoted appends a field by RFC 4180. Line breaks inside stay as they are.
func (s csvStyle) quoted(b []byte, v string) []byte {
	plain := true
	for i := 0; i < len(v) && plain; i++ {
		plain = v[i] != '"' && v[i] != '\r' && v[i] != '\n' && v[i] != s.Separator[0]
	}
	if plain {
		return append(b, v...)
	}
	b = append(b, '"')
	for {
		i := strings.IndexByte(v, '"')
		if i < 0 {
			break
		}
		b = append(append(b, v[:i+1]...), '"')
		v = v[i+1:]
	}
	return append(append(b, v...), '"')
}

// isPhone reports whether v is + and digits.
func isPhone(v string) bool {
	return len(v) > 1 && v[0] == '+' && strings.Trim(v[1:], "0123456789") == ""
}

// isNumber reports whether v is digits, with a sign before and a point within
// as it may be.
func isNumber(v string) bool {
	v = strings.TrimPrefix(v, "-")
	point := false
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] >= '0' && v[i] <= '9':
		case v[i] == '.' && !point && i > 0 && i < len(v)-1:
			point = true
		default:
			return false
		}
	}
	return v != ""
}

// isDay reports whether v is a day YYYY-MM-DD.
func isDay(v string) bool {
	if len(v) != len(time.DateOnly) {
		return false
	}
	_, err := time.Parse(time.DateOnly, v)
	return err == nil
}
