package calendar

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Fold makes text comparable for a search that ignores case and accents:
// "Müller & Söhne" and "muller & sohne" fold to the same. Runs of white space
// become one space.
func Fold(s string) string {
	// A transformer keeps state, so every call makes its own.
	t := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), cases.Fold(), norm.NFC)
	folded, _, err := transform.String(t, s)
	if err != nil { // only for invalid UTF-8 at the end; search for what there is
		folded = strings.ToLower(s)
	}
	return strings.Join(strings.Fields(folded), " ")
}
