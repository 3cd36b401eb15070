package calendar

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// Fold makes text comparable for a search that ignores case and accents:
// "Müller & Söhne" and "muller & sohne" fold to the same, as do "Straße" and
// "strasse", "İzmir" and "izmir", "Łódź" and "lodz". Runs of white space
// become one space, and signs that nobody sees are dropped. Folding what was
// folded changes nothing.
//
// Accents and vowel points are dropped in the scripts that are read without
// them. In others, as in Hindi, Thai and Japanese, such marks are part of the
// letter and stay: without them unlike words would be found.
func Fold(s string) string {
	if folded, ok := foldASCII(s); ok {
		return folded
	}
	apart := norm.NFKD.String(strings.ToValidUTF8(s, "\uFFFD"))
	var b strings.Builder
	b.Grow(len(apart))
	gap := false
	for _, r := range apart {
		switch {
		case unicode.IsSpace(r):
			gap = b.Len() > 0
			continue
		case r >= firstIgnored && unicode.Is(ignored, r):
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		if text := plain(r); text != "" {
			b.WriteString(text)
		} else {
			// By way of the upper case, so that letters with two lower cases,
			// such as the Greek sigma, end up as one.
			b.WriteRune(unicode.ToLower(unicode.ToUpper(r)))
		}
	}
	return norm.NFC.String(b.String())
}

// foldASCII is Fold for text in ASCII, which most is. It allocates nothing
// when there is nothing to change.
func foldASCII(s string) (folded string, ok bool) {
	change, space := false, true // space: a blank here would be dropped
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return "", false
		case c == ' ':
			change = change || space
			space = true
			continue
		case c >= 'A' && c <= 'Z', c >= '\t' && c <= '\r':
			change = true
		}
		space = false
	}
	if !change && (!space || s == "") {
		return s, true
	}
	return strings.Join(strings.Fields(strings.ToLower(s)), " "), true
}

// firstIgnored is the soft hyphen, the first of the ignored.
const firstIgnored = '\u00AD'

// ignored are the marks that searching does not see.
var ignored = func() *unicode.RangeTable {
	unseen := []rune{firstIgnored, '\u0640', '\uFEFF'} // also the tatweel and the byte order mark
	for r := rune(0x200B); r <= 0x206F; r++ {          // joiners, marks of direction
		if unicode.Is(unicode.Cf, r) {
			unseen = append(unseen, r)
		}
	}
	rangetable.Visit(unicode.Mn, func(r rune) {
		voiced := r == 0x3099 || r == 0x309A // turn ka into ga: another letter
		if !voiced && unicode.In(r, unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic,
			unicode.Arabic, unicode.Hebrew, unicode.Syriac) {
			unseen = append(unseen, r)
		}
	})
	return rangetable.New(unseen...)
}()

// plain replaces Latin letters that have no accent to drop but are read as
// others with something added; nothing for any other letter.
func plain(r rune) string {
	switch r {
	case 'ß', 'ẞ':
		return "ss"
	case 'ø', 'Ø':
		return "o"
	case 'ł', 'Ł':
		return "l"
	case 'đ', 'Đ', 'ð', 'Ð':
		return "d"
	case 'ħ', 'Ħ':
		return "h"
	case 'ŧ', 'Ŧ':
		return "t"
	case 'æ', 'Æ':
		return "ae"
	case 'œ', 'Œ':
		return "oe"
	case 'þ', 'Þ':
		return "th"
	}
	return ""
}
