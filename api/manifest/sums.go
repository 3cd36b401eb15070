package manifest

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Sum is one line of checksums.sha256: a file and its SHA-256.
type Sum struct {
	Name   string // as written, with slashes
	SHA256 string // 64 lower-case hexadecimal digits
}

// ParseSums reads a list as sha256sum writes it: 64 hexadecimal digits, a
// blank, a blank or an asterisk, the name. Blank lines and those that begin
// with # are left out. *InvalidError when a line is anything else, or none is
// left.
func ParseSums(b []byte) ([]Sum, error) {
	var sums []Sum
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		s, ok := parseSum(line)
		if !ok {
			return nil, &InvalidError{Field: fmt.Sprintf("line %d", n), Detail: "not a SHA-256 and a name"}
		}
		if len(sums) == filesMax {
			return nil, &InvalidError{Detail: "too many files"}
		}
		sums = append(sums, s)
	}
	if len(sums) == 0 {
		return nil, &InvalidError{Detail: "it lists no file"}
	}
	return sums, nil
}

const sumLen = 64 // hexadecimal digits

func parseSum(line string) (Sum, bool) {
	line, escaped := strings.CutPrefix(line, `\`)
	if len(line) < sumLen+3 || line[sumLen] != ' ' || line[sumLen+1] != ' ' && line[sumLen+1] != '*' {
		return Sum{}, false
	}
	sum := strings.ToLower(line[:sumLen])
	if _, err := hex.DecodeString(sum); err != nil {
		return Sum{}, false
	}
	name := line[sumLen+2:]
	if escaped { // a line break or backslash is in the name
		name = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r").Replace(name)
	}
	return Sum{Name: strings.TrimPrefix(name, "./"), SHA256: sum}, true
}
