package server

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

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
	if usesDecimalComma(locale) {
		s.Separator, s.Decimal = ";", ","
	}
	return s
}

// usesDecimalComma asks Unicode's locale data. Where the decimal mark is a
// comma, Excel takes the semicolon for the separator of a list.
func usesDecimalComma(locale string) bool {
	tag, err := language.Parse(locale)
	if err != nil {
		return false
	}
	return strings.Contains(message.NewPrinter(tag).Sprint(number.Decimal(0.5)), ",")
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
	if len(cells) != len(columns) {
		return b, fmt.Errorf("%w: %d values for %d columns", errCell, len(cells), len(columns))
	}
	for i, c := range columns {
		if i > 0 {
			b = append(b, s.Separator...)
		}
		text, err := s.cell(c.Type, cells[i])
		if err != nil {
			return b, fmt.Errorf("column %s: %w", c.Name, err)
		}
		b = s.quoted(b, text)
	}
	return append(b, s.LineEnd...), nil
}

// cell is the text of a stored value.
func (s csvStyle) cell(kind, v string) (string, error) {
	if v == "" {
		return "", nil
	}
	switch kind {
	case "T":
		return s.guarded(v), nil
	case "I":
		if isPhone(v) {
			return v, nil
		}
		return s.guarded(v), nil
	case "N":
		if !isNumber(v) {
			return "", errCell
		}
		if s.Decimal != "." {
			return strings.Replace(v, ".", s.Decimal, 1), nil
		}
		return v, nil
	case "D":
		if _, err := time.Parse(time.DateOnly, v); err != nil {
			return "", errCell
		}
		return v, nil
	case "Z":
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return "", errCell
		}
		return s.time(t), nil
	case "B":
		if v == "true" {
			return "yes", nil
		}
		if v == "false" {
			return "no", nil
		}
	}
	return "", errCell
}

func (s csvStyle) time(t time.Time) string {
	if s.Times == excelTimes {
		return t.In(s.loc).Format(excelTimes)
	}
	return t.UTC().Format(time.RFC3339Nano) // with what there is of a fraction
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
	if !strings.ContainsAny(v, "\"\r\n"+s.Separator) {
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
	whole, fraction, point := strings.Cut(strings.TrimPrefix(v, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(whole) && (!point || digits(fraction))
}
