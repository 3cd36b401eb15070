package server

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"

	"connectbackup/api"
	"connectbackup/api/manifest"
)

// pack brings the parts together in one zip file, with manifest, README and
// checksums before them.
func (j *job) pack(ctx context.Context) (z packed, err error) {
	if err := j.enter(ctx, api.StagePacking, "", collectShare); err != nil {
		return z, err
	}
	z.path = filepath.Join(j.dir, "archive.zip")
	z.manifest = j.manifest()
	f, err := j.s.newFile(z.path)
	if err != nil {
		return z, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := zip.NewWriter(f)
	if err := j.addTexts(w, z.manifest); err != nil {
		return z, err
	}
	for _, p := range j.parts {
		if err := ctx.Err(); err != nil {
			return z, err
		}
		if err := j.addPart(w, p); err != nil {
			return z, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return z, errors.Join(w.Close(), f.Sync())
}

func (j *job) manifest() manifest.Manifest {
	m := manifest.Manifest{
		Schema: manifest.Schema, BackupID: j.b.ID, Title: j.b.Title, Organisation: j.org,
		From: j.b.From.String(), Till: j.b.Till.String(), Timezone: j.b.Timezone,
		DataAsOf: j.asOf, Profile: j.csv.Profile, Missing: j.missing,
		ArchiveName: manifest.ArchiveName(j.org, j.b.Title, j.b.From.String(), j.b.Till.String(), j.b.ID[max(0, len(j.b.ID)-6):]),
	}
	for _, p := range j.parts {
		m.Files = append(m.Files, p.File)
	}
	return m
}

// addTexts writes what is not CSV. The checksums cover everything but
// themselves.
func (j *job) addTexts(w *zip.Writer, m manifest.Manifest) error {
	list, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	list = append(list, '\n')
	readme := readme(m)
	var sums bytes.Buffer
	for _, t := range []struct {
		name string
		text []byte
	}{{manifest.FileName, list}, {manifest.Readme, readme}} {
		sum := sha256.Sum256(t.text)
		fmt.Fprintf(&sums, "%s  %s\n", hex.EncodeToString(sum[:]), t.name)
	}
	for _, f := range m.Files {
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Name)
	}
	return errors.Join(
		j.addText(w, manifest.FileName, list), j.addText(w, manifest.Readme, readme), j.addText(w, manifest.Checksums, sums.Bytes()))
}

func (j *job) addText(w *zip.Writer, name string, text []byte) error {
	var squeezed bytes.Buffer
	d, err := flate.NewWriter(&squeezed, flate.DefaultCompression)
	if err != nil {
		return err
	}
	if _, err := d.Write(text); err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	return j.add(w, name, crc32.ChecksumIEEE(text), int64(len(text)), int64(squeezed.Len()), &squeezed)
}

func (j *job) addPart(w *zip.Writer, p part) error {
	f, err := os.Open(p.path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	return j.add(w, p.Name, p.crc, p.Bytes, p.packed, f)
}

// add writes an entry that is compressed already. Its size is known, so that
// every reader, also one that streams, finds it in the entry's header.
func (j *job) add(w *zip.Writer, name string, crc uint32, size, squeezed int64, from io.Reader) error {
	h := &zip.FileHeader{
		Name: name, Method: zip.Deflate, CRC32: crc,
		UncompressedSize64: uint64(size), CompressedSize64: uint64(squeezed),
	}
	h.SetMode(0o644)
	stamp(h, j.asOf, j.loc)
	entry, err := createRaw(w, h)
	if err != nil {
		return err
	}
	n, err := io.Copy(entry, from)
	if err == nil && n != squeezed {
		err = fmt.Errorf("%d bytes of %d: %w", n, squeezed, io.ErrUnexpectedEOF)
	}
	return err
}

// createRaw is w.CreateRaw, with the sizes in the local header also where they
// need zip64 fields (APPNOTE 4.5.3). archive/zip writes those only into the
// directory at the end, and 7z then takes the file for damaged.
func createRaw(w *zip.Writer, h *zip.FileHeader) (io.Writer, error) {
	const most = 1<<32 - 1
	size, squeezed := h.UncompressedSize64, h.CompressedSize64
	if size < most && squeezed < most {
		return w.CreateRaw(h)
	}
	const zip64, length, version = 1, 16, 45
	extra := h.Extra
	h.Extra = binary.LittleEndian.AppendUint16(slices.Clone(extra), zip64)
	h.Extra = binary.LittleEndian.AppendUint16(h.Extra, length)
	h.Extra = binary.LittleEndian.AppendUint64(h.Extra, size)
	h.Extra = binary.LittleEndian.AppendUint64(h.Extra, squeezed)
	h.ReaderVersion = version
	// The local header must hold both or none: say of both that they are there.
	h.UncompressedSize64, h.CompressedSize64 = most, most
	entry, err := w.CreateRaw(h)
	// w keeps h and makes the directory from it, with zip64 fields of its own.
	h.UncompressedSize64, h.CompressedSize64, h.Extra = size, squeezed, extra
	return entry, err
}

// stamp dates an entry twice, since CreateRaw does not: in the zip format's own
// way, to two seconds and without a zone, so by the organisation's wall clock;
// and in UTC in the extended timestamp (0x5455), which most programs prefer.
func stamp(h *zip.FileHeader, at time.Time, loc *time.Location) {
	t := at.In(loc)
	//nolint:staticcheck // Modified is not looked at by CreateRaw
	h.ModifiedDate, h.ModifiedTime = uint16(t.Day()+int(t.Month())<<5+(t.Year()-1980)<<9),
		uint16(t.Second()/2+t.Minute()<<5+t.Hour()<<11)
	const modified = 1
	h.Extra = append(h.Extra, 0x55, 0x54, 5, 0, modified)
	h.Extra = binary.LittleEndian.AppendUint32(h.Extra, uint32(at.Unix()))
}

// readme is README.txt: how to open the files.
func readme(m manifest.Manifest) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `%s
Backup of %s, %s to %s (both days inclusive, %s).

What this is
  One CSV file for each module, as the data stood at %s.
  It is for keeping and reading. It cannot be put back into the server.
`, m.Title, m.Organisation, m.From, m.Till, m.Timezone, m.DataAsOf.UTC().Format("2006-01-02 15:04:05 UTC"))
	if len(m.Missing) > 0 {
		fmt.Fprintf(&b, "\nNOT COMPLETE\n  The server could not read: %s.\n", strings.Join(m.Missing, ", "))
	}
	fmt.Fprintf(&b, `
How to open it
  Extract this archive first, then open a CSV file in Excel, LibreOffice or
  any other spreadsheet. Values are separated by "%s", the decimal mark is
  "%s", times are %s. The encoding is UTF-8.
  A file with nothing but its first line: there were no records in the range.

Excel changes what it opens
  Excel drops leading zeros (0042 becomes 42) and every digit past the
  fifteenth, in any CSV file. To keep them, import the file (Data, From
  Text/CSV) and choose the type Text for such columns. Do not save the CSV
  file from Excel: the original would be lost.
`, m.Profile.Separator, m.Profile.Decimal, timesInWords(m))
	if m.Profile.Times == excelTimes {
		b.WriteString(`
Times to the second
  Times are cut to whole seconds, and in the night in which the clocks go back
  an hour comes twice. A backup of the profile "plain" tells them apart.
`)
	}
	if m.Profile.FormulaGuard {
		b.WriteString(`
Cells that begin with '
  A text that begins with = + - @, a tab or a carriage return has a ' before
  it here, so that no spreadsheet runs it as a formula. The ' is not part of
  the data. (A text that has one or more ' there by itself has one more here.)
  Telephone numbers in identifier columns are left alone.
`)
	}
	b.WriteString(`
How to check it
  manifest.json lists the files with rows, bytes and SHA-256. In the extracted
  folder, "sha256sum -c checksums.sha256" checks them all.
`)
	return []byte(strings.ReplaceAll(b.String(), "\n", "\r\n"))
}

func timesInWords(m manifest.Manifest) string {
	if m.Profile.Times == excelTimes {
		return "those of " + m.Timezone
	}
	return "UTC"
}
