// Package manifest describes what stands in the archive of a backup: the
// manifest file and the conventions of its CSV files. The server writes it,
// the app verifies local files against it, also after the server deleted the
// archive.
package manifest

import "time"

// Schema is the version of the manifest format.
const Schema = 1

// Names of the entries of an archive that are not CSV files.
const (
	FileName  = "manifest.json"
	Readme    = "README.txt"
	Checksums = "checksums.sha256"
)

// Manifest is the content of manifest.json and the reply of
// GET /v1/backups/{id}/manifest. ArchiveSHA256 and ArchiveSize are set only in
// that reply: a file cannot hold its own hash.
type Manifest struct {
	Schema        int       `json:"schema"`
	BackupID      string    `json:"backup_id"`
	Title         string    `json:"title"`
	Organisation  string    `json:"organisation"`
	From          string    `json:"from"` // YYYY-MM-DD, inclusive
	Till          string    `json:"till"` // YYYY-MM-DD, inclusive
	Timezone      string    `json:"timezone"`
	DataAsOf      time.Time `json:"data_as_of"`
	Profile       Profile   `json:"profile"`
	Files         []File    `json:"files"`
	Missing       []string  `json:"missing,omitempty"` // keys of modules that failed, in a partial backup
	ArchiveName   string    `json:"archive_name,omitempty"`
	ArchiveSHA256 string    `json:"archive_sha256,omitempty"`
	ArchiveSize   int64     `json:"archive_size,omitempty"`
}

// Profile says how the CSV files are written.
type Profile struct {
	Name         string `json:"name"`          // excel or plain
	BOM          bool   `json:"bom"`           // UTF-8 byte order mark first
	Separator    string `json:"separator"`     // , or ;
	Decimal      string `json:"decimal"`       // . or ,
	LineEnd      string `json:"line_end"`      // \r\n
	FormulaGuard bool   `json:"formula_guard"` // cells that a spreadsheet would run have a leading '
	Times        string `json:"times"`         // "2006-01-02 15:04:05" in Timezone, or RFC 3339 UTC
}

// Column of a CSV file.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"` // T text, I identifier, D day, Z time, N number, B yes/no
}

// File is one CSV file of the archive.
type File struct {
	Name    string   `json:"name"` // of the entry
	Module  string   `json:"module"`
	Status  string   `json:"status"` // ok, empty, not_subscribed
	Rows    int64    `json:"rows"`   // without the header
	Bytes   int64    `json:"bytes"`  // uncompressed
	SHA256  string   `json:"sha256"`
	Columns []Column `json:"columns"`
}
