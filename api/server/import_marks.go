package server

import (
	"fmt"
	"regexp"
	"strings"
)

// decimalMarks are the decimal marks of a file whose separator is a semicolon.
// There a comma is one and a point may be one: as long as a file keeps to
// either, for in one with commas 1.234 is far more likely 1234. Of a file of
// any length the first number with each is remembered.
type decimalMarks struct {
	point, comma markedNumber // line 0: none so far
	decimal      bool         // there was a point that can only be a decimal mark
}

// markedNumber is a number as it stands in a file.
type markedNumber struct {
	line         int
	column, text string
}

// thousands are numbers whose point may stand between thousands and hundreds.
var thousands = regexp.MustCompile(`^-?[1-9][0-9]{0,2}\.[0-9]{3}$`)

// see takes in the next number. The error says for people what is wrong with
// its mark.
func (m *decimalMarks) see(n markedNumber) error {
	switch {
	case strings.Contains(n.text, ","):
		if m.comma.line == 0 {
			m.comma = n
		}
	case !strings.Contains(n.text, "."):
	case m.comma.line > 0:
		return m.mixed(n)
	default:
		if m.point.line == 0 {
			m.point = n
		}
		m.decimal = m.decimal || !thousands.MatchString(n.text)
	}
	return nil
}

// doubt looks, at the end of the file, at the first number with a point that
// came before any comma, and says what is wrong with it.
func (m *decimalMarks) doubt() (markedNumber, error) {
	switch {
	case m.point.line == 0:
	case m.comma.line > 0:
		return m.point, m.mixed(m.point)
	case !m.decimal:
		return m.point, fmt.Errorf("%s may be %s or %s, and so may every number with a point in this file: write it without a mark, or with a comma",
			shortened(m.point.text), strings.Replace(m.point.text, ".", "", 1), strings.Replace(m.point.text, ".", ",", 1))
	}
	return markedNumber{}, nil
}

func (m *decimalMarks) mixed(n markedNumber) error {
	return fmt.Errorf("%s has a point, but %s in line %d has a comma: all numbers of a file need the same decimal mark, and none between thousands",
		shortened(n.text), shortened(m.comma.text), m.comma.line)
}
