package download

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	nameMost = 240 // bytes; leaves room for " (2)" within the 255 of most file systems
	extMost  = 32  // bytes of an extension that is worth keeping
	nameless = "download"
	// fileNameMax is what a name may have on most file systems, in bytes.
	fileNameMax = 255
)

// SafeName turns any text into a file name that every system takes and that
// shows what it is: no path, no reserved or hidden name, no control or
// direction characters, nothing that a command line takes for an option, at
// most 240 bytes with the extension kept. Letters of all scripts stay; what
// can be composed is composed (NFC). Safe names stay as they are.
func SafeName(name string) string {
	for range 8 { // each step is short; one may uncover work for another
		safe := safer(name)
		if safe == name {
			return name
		}
		name = safe
	}
	return nameless
}

func safer(name string) string {
	name = strings.ToValidUTF8(name, "_")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = compose(strings.Map(safeRune, name))
	name = shorten(trimEnd(strings.TrimLeft(name, ". ")))
	if strings.HasPrefix(name, "-") || reserved(name) {
		name = shorten("_" + name)
	}
	if name == "" {
		return nameless
	}
	return name
}

// trimEnd cuts what Windows drops from the end of a name, and joiners that join
// nothing.
func trimEnd(name string) string { return strings.TrimRight(name, ". \u200c\u200d") }

// safeRune replaces or drops (-1) what does not belong in a name.
func safeRune(r rune) rune {
	switch {
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	case r == '\u200c', r == '\u200d': // joiners, which scripts and emoji need
		return r
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Noncharacter_Code_Point):
		return -1
	}
	return r
}

// reserved reports whether Windows takes the name for a device.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	if digit, ok := strings.CutPrefix(stem, "COM"); ok {
		return portNumber(digit)
	}
	digit, ok := strings.CutPrefix(stem, "LPT")
	return ok && portNumber(digit)
}

func portNumber(s string) bool {
	return utf8.RuneCountInString(s) == 1 && strings.Contains("0123456789¹²³", s)
}

// shorten cuts the stem, not the extension.
func shorten(name string) string {
	if len(name) <= nameMost {
		return name
	}
	ext := filepath.Ext(name)
	if len(ext) > extMost {
		ext = ""
	}
	stem := name[:nameMost-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return trimEnd(stem) + ext
}

// Numbered is the n-th name to try: "a.zip", "a (2).zip", "a (3).zip". A name
// that would be too long is cut between characters, before its ending.
func Numbered(p string, n int) string {
	if n < 2 {
		return p
	}
	dir, name := filepath.Split(p)
	ext := filepath.Ext(name)
	if inner := filepath.Ext(strings.TrimSuffix(name, ext)); inner == ".tar" {
		ext = inner + ext
	}
	base := strings.TrimSuffix(name, ext)
	if base == "" || len(ext) > extMost {
		base, ext = name, ""
	}
	mark := fmt.Sprintf(" (%d)", n)
	for len(base)+len(mark)+len(ext) > fileNameMax {
		_, size := utf8.DecodeLastRuneInString(base)
		base = base[:len(base)-size]
	}
	return dir + base + mark + ext
}
