package download

import (
	"strings"
	"sync"
	"unicode"
)

// Hangul syllables are made by arithmetic (Unicode, chapter 3.12).
const (
	hangulBase            = 0xac00
	leadBase, leadCount   = 0x1100, 19
	vowelBase, vowelCount = 0x1161, 21
	trailBase, trailCount = 0x11a7, 28
	hangulCount           = leadCount * vowelCount * trailCount
)

// tables are those of composed: what a pair makes, and what can begin one.
var tables = sync.OnceValues(func() (pairs map[[2]rune]rune, first map[rune]bool) {
	pairs, first = map[[2]rune]rune{}, map[rune]bool{}
	runes := []rune(composed)
	for i := 0; i+2 < len(runes); i += 3 {
		pairs[[2]rune{runes[i], runes[i+1]}] = runes[i+2]
		first[runes[i]] = true
	}
	return pairs, first
})

// compose joins letters and the marks that follow them, as NFC does with text
// whose marks are in order: macOS hands out names apart, others look for them
// joined. A mark that joins nothing ends the joining of its letter.
func compose(s string) string {
	if !strings.ContainsFunc(s, joins) {
		return s
	}
	_, first := tables()
	out := make([]rune, 0, len(s))
	open := false // the last rune may take a mark
	for _, r := range s {
		if n := len(out); n > 0 && open {
			if c, ok := join(out[n-1], r); ok {
				out[n-1] = c
				continue
			}
		}
		open = !unicode.Is(unicode.Mn, r) || first[r]
		out = append(out, r)
	}
	return string(out)
}

// joins says whether r may join what stands before it.
func joins(r rune) bool {
	return unicode.Is(unicode.M, r) || (r >= vowelBase && r < vowelBase+vowelCount) ||
		(r > trailBase && r < trailBase+trailCount)
}

func join(a, b rune) (rune, bool) {
	switch {
	case a >= leadBase && a < leadBase+leadCount && b >= vowelBase && b < vowelBase+vowelCount:
		return hangulBase + ((a-leadBase)*vowelCount+b-vowelBase)*trailCount, true
	case a >= hangulBase && a < hangulBase+hangulCount && (a-hangulBase)%trailCount == 0 &&
		b > trailBase && b < trailBase+trailCount:
		return a + b - trailBase, true
	}
	pairs, _ := tables()
	c, ok := pairs[[2]rune{a, b}]
	return c, ok
}
