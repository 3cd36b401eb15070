package extract

import (
	"archive/zip"
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

const (
	componentMax = 255  // bytes, or on Windows UTF-16 units
	pathMax      = 4000 // bytes; longer ones can be made, but most programs cannot open them
	depthMax     = 255
)

// entryName is the name of a zip entry for people: a Unicode path field
// (APPNOTE 4.6.9) that belongs to the name; else the name itself when it is
// UTF-8, flagged or not, as most tools write today; else CP437, as the format
// says.
func entryName(f *zip.File) string {
	if field := extraField(f.Extra, 0x7075); len(field) > 5 && field[0] == 1 &&
		binary.LittleEndian.Uint32(field[1:]) == crc32.ChecksumIEEE([]byte(f.Name)) && utf8.Valid(field[5:]) {
		return string(field[5:])
	}
	name := f.Name
	if !utf8.ValidString(name) {
		if s, err := charmap.CodePage437.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	// Old tools of DOS and Windows wrote its separators.
	const dos, ntfs = 0, 10
	if made := f.CreatorVersion >> 8; (made == dos || made == ntfs) && !strings.Contains(name, "/") {
		name = strings.ReplaceAll(name, `\`, "/")
	}
	return name
}

// cleanName is the relative slash path that an entry gets, or an *Error of
// kind Unsafe. What leads out is refused everywhere. What only some system
// cannot hold (CON, a trailing dot, a colon) is refused only there: elsewhere
// people have such files, and other extractors give them. The empty path is
// the folder itself.
func cleanName(name string) (string, error) {
	if strings.ContainsRune(name, 0) {
		return "", unsafe(name, "its name holds a zero byte")
	}
	parts := make([]string, 0, 8)
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." {
			continue // a leading slash goes too: the path becomes relative
		}
		for piece := range strings.SplitSeq(part, `\`) {
			if piece == ".." {
				return "", unsafe(name, "it leads out of the folder")
			}
		}
		if why := refusal(runtime.GOOS, part); why != "" {
			return "", unsafe(name, why)
		}
		parts = append(parts, part)
	}
	p := strings.Join(parts, "/")
	if len(p) > pathMax || len(parts) > depthMax {
		return "", unsafe(name, "its path is too long")
	}
	return p, nil
}

// refusal says why a system cannot hold a file of that name; empty when it can.
func refusal(system, part string) string {
	switch system {
	case "windows":
		return windowsRefusal(part)
	case "darwin", "ios":
		if !utf8.ValidString(part) {
			return "its name is no text"
		}
	}
	if len(part) > componentMax {
		return "its name is too long"
	}
	return ""
}

// windowsRefusal follows "Naming Files, Paths, and Namespaces" of Microsoft's
// documentation.
func windowsRefusal(part string) string {
	switch {
	case !utf8.ValidString(part):
		return "its name is no text"
	case len(utf16.Encode([]rune(part))) > componentMax:
		return "its name is too long"
	case strings.ContainsAny(part, `<>:"|?*\`) || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' }):
		return "its name holds a character that Windows does not allow"
	case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
		return "its name ends in a dot or a blank"
	}
	stem, _, _ := strings.Cut(part, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return "its name is reserved on Windows"
	}
	for _, port := range []string{"COM", "LPT"} {
		if rest, ok := strings.CutPrefix(stem, port); ok && utf8.RuneCountInString(rest) == 1 && strings.Contains("0123456789¹²³", rest) {
			return "its name is reserved on Windows"
		}
	}
	return ""
}

// nameSet keeps what an archive has named so far. Names that differ only in
// case or in how accents are written are one file on many systems: there the
// second would silently replace the first.
type nameSet struct {
	seen map[string]named
	fold cases.Caser
}

type named struct {
	exact string
	dir   bool
}

func newNameSet() *nameSet {
	return &nameSet{seen: make(map[string]named), fold: cases.Fold()}
}

// add takes a clean path, and all folders above it.
func (s *nameSet) add(p string, dir bool) error {
	for i := 0; i < len(p); i++ {
		if p[i] == '/' {
			if err := s.addOne(p[:i], true); err != nil {
				return err
			}
		}
	}
	return s.addOne(p, dir)
}

func (s *nameSet) addOne(p string, dir bool) error {
	key := s.key(p)
	was, ok := s.seen[key]
	switch {
	case !ok:
		s.seen[key] = named{p, dir}
		return nil
	case was.dir != dir:
		return unsafe(p, "a file and a folder have the same name")
	case was.exact != p:
		return unsafe(p, "its name differs from another only in case or accents")
	case !dir:
		return unsafe(p, "it is there twice")
	}
	return nil
}

func (s *nameSet) key(p string) string {
	for i := range len(p) {
		if p[i] >= utf8.RuneSelf {
			return norm.NFC.String(s.fold.String(norm.NFC.String(p)))
		}
	}
	return strings.ToLower(p)
}
