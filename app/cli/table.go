package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// rows prints a list: laid out under a heading on a terminal, and otherwise one
// line each, with tabs between, for programs. The last column may be as long
// as it wants.
func (o *output) rows(head []string, rows [][]string) {
	o.endProgress()
	if len(rows) == 0 {
		return
	}
	safe := make([][]string, 0, len(rows)+1)
	if o.table {
		safe = append(safe, head)
	}
	for _, row := range rows {
		line := make([]string, len(row))
		for i, cell := range row {
			line[i] = printable(cell)
		}
		safe = append(safe, line)
	}
	width := make([]int, len(head))
	for _, row := range safe {
		for i, cell := range row[:len(row)-1] {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range safe {
		text := strings.Join(row, "\t")
		if o.table {
			var b strings.Builder
			for i, cell := range row[:len(row)-1] {
				fmt.Fprintf(&b, "%-*s  ", width[i], cell)
			}
			text = b.String() + row[len(row)-1]
		}
		_, err := fmt.Fprintln(o.out, text)
		o.keep(err)
	}
}

// facts prints named values, one a line.
func (o *output) facts(facts [][2]string) {
	o.endProgress()
	for _, f := range facts {
		_, err := fmt.Fprintf(o.out, "%-11s %s\n", f[0], printable(f[1]))
		o.keep(err)
	}
}

// fieldsOf is a value of the contract, as it travels.
func fieldsOf(v any) fields {
	b, err := json.Marshal(v)
	if err != nil {
		return fields{"unreadable": err.Error()}
	}
	f := fields{}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber() // sizes are exact
	if err := d.Decode(&f); err != nil {
		return fields{"unreadable": err.Error()}
	}
	return f
}
