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
	seen    map[place]named
	implied int // folders that only the paths of other entries named
	fold    cases.Caser
}

// place is a name in a folder that is known by its number, 0 for the outermost:
// so a deep path takes no more memory than its last part.
type place struct {
	in   int32
	name string
}

type named struct {
	exact  string
	number int32
	dir    bool
}

func newNameSet() *nameSet {
	return &nameSet{seen: make(map[place]named), fold: cases.Fold()}
}

// places is how many files and folders were named.
func (s *nameSet) places() int { return len(s.seen) }

// add takes a clean path, and all folders above it.
func (s *nameSet) add(p string, dir bool) error {
	in, start := int32(0), 0
	for i := 0; i < len(p); i++ {
		if p[i] != '/' {
			continue
		}
		before, folder := s.places(), p[start:i]
		number, err := s.addOne(in, folder, p[:i], true)
		if err != nil {
			return err
		}
		if s.implied += s.places() - before; s.implied > entriesMax {
			return &Error{Kind: Bomb, Detail: "too many folders"}
		}
		in, start = number, i+1
	}
	_, err := s.addOne(in, p[start:], p, dir)
	return err
}

// addOne takes the name of a file or folder in a folder; p is its whole path.
func (s *nameSet) addOne(in int32, name, p string, dir bool) (number int32, err error) {
	key := place{in, s.key(name)}
	was, ok := s.seen[key]
	switch {
	case !ok:
		exact := strings.Clone(name) // it would keep the whole path
		if key.name == exact {
			key.name = exact
		}
		number = int32(len(s.seen) + 1)
		s.seen[key] = named{exact, number, dir}
		return number, nil
	case was.dir != dir:
		return 0, unsafe(p, "a file and a folder have the same name")
	case was.exact != name:
		return 0, unsafe(p, "its name differs from another only in case or accents")
	case !dir:
		return 0, unsafe(p, "it is there twice")
	}
	return was.number, nil
}

func (s *nameSet) key(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return norm.NFC.String(s.fold.String(norm.NFC.String(name)))
		}
	}
	return strings.ToLower(name)
}
