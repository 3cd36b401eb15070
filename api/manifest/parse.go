package manifest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// filesMax is the most files a manifest can name.
const filesMax = 10_000

// SchemaError says that a manifest is of a version this program cannot read.
type SchemaError struct{ Got int }

func (e *SchemaError) Error() string {
	return fmt.Sprintf("manifest of schema %d, want %d", e.Got, Schema)
}

// InvalidError says what is wrong with a manifest.
type InvalidError struct {
	Field  string // such as files[3].sha256; empty for the whole
	Detail string
	Err    error // what JSON could not be read; may be nil
}

func (e *InvalidError) Error() string {
	if e.Field == "" {
		return "manifest: " + e.Detail
	}
	return "manifest: " + e.Field + ": " + e.Detail
}

func (e *InvalidError) Unwrap() error { return e.Err }

// Parse reads and checks a manifest: *SchemaError or *InvalidError. Fields
// that this version does not know are ignored.
func Parse(b []byte) (Manifest, error) {
	var version struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return Manifest{}, &InvalidError{Detail: "it is not JSON of a manifest", Err: err}
	}
	if version.Schema != Schema {
		// Before the rest: another schema may have other types.
		return Manifest{}, &SchemaError{Got: version.Schema}
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return Manifest{}, &InvalidError{Detail: "it is not JSON of a manifest", Err: err}
	}
	if err := m.Validate(); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

// Validate checks a manifest as Parse does, for one that was read by other
// means.
func (m Manifest) Validate() error {
	bad := func(field, detail string) error { return &InvalidError{Field: field, Detail: detail} }
	from, fromErr := time.Parse(time.DateOnly, m.From)
	till, tillErr := time.Parse(time.DateOnly, m.Till)
	switch {
	case m.Schema != Schema:
		return &SchemaError{Got: m.Schema}
	case m.BackupID == "":
		return bad("backup_id", "missing")
	case fromErr != nil:
		return bad("from", "not a day")
	case tillErr != nil || till.Before(from):
		return bad("till", "not a day from \"from\" on")
	case m.ArchiveName != "" && !safeName(m.ArchiveName):
		return bad("archive_name", "not a safe file name")
	case m.ArchiveSHA256 != "" && !isSHA256(m.ArchiveSHA256):
		return bad("archive_sha256", "not 64 lower-case hexadecimal digits")
	case m.ArchiveSize < 0:
		return bad("archive_size", "negative")
	case len(m.Files) > filesMax:
		return bad("files", "too many")
	}
	taken := map[string]bool{strings.ToLower(FileName): true, strings.ToLower(Readme): true, Checksums: true}
	for i, f := range m.Files {
		if field, detail := f.fault(taken); field != "" {
			return bad(fmt.Sprintf("files[%d].%s", i, field), detail)
		}
		taken[strings.ToLower(f.Name)] = true
	}
	return nil
}

// fault says what is wrong with f; nothing if it is sound.
func (f File) fault(taken map[string]bool) (field, detail string) {
	switch {
	case !safeName(f.Name):
		return "name", "not a safe file name"
	case taken[strings.ToLower(f.Name)]:
		return "name", "used twice"
	case f.Module == "":
		return "module", "missing"
	case f.Rows < 0:
		return "rows", "negative"
	case f.Bytes < 0:
		return "bytes", "negative"
	case !isSHA256(f.SHA256):
		return "sha256", "not 64 lower-case hexadecimal digits"
	}
	return "", ""
}

func isSHA256(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 64 && strings.ToLower(s) == s
}

// safeName reports whether s is a plain ASCII file name on every system, as
// the names in an archive must be (Z01 to Z09).
func safeName(s string) bool {
	if s == "" || len(s) > 255 || s[0] == '.' || s[0] == '-' || s[0] == ' ' || s[len(s)-1] == '.' || s[len(s)-1] == ' ' {
		return false
	}
	for _, r := range s {
		if r < 0x20 || r > 0x7e || strings.ContainsRune(`\/:*?"<>|`, r) {
			return false
		}
	}
	return !reserved(s)
}

// reserved reports whether Windows takes s for a device, with or without an
// extension.
func reserved(s string) bool {
	stem, _, _ := strings.Cut(s, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) &&
		stem[3] >= '0' && stem[3] <= '9'
}
