package extract

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math"
)

// Limits that an honest archive keeps.
const (
	entriesMax   = 200_000
	directoryMax = 64 << 20 // bytes of a zip's directory
)

// Signatures and fixed lengths of a zip (APPNOTE 6.3.10, 4.3).
const (
	sigLocal     = 0x04034b50
	sigCentral   = 0x02014b50
	sigEnd       = 0x06054b50
	sigEnd64     = 0x06064b50
	sigLocator64 = 0x07064b50
	sigSigned    = 0x05054b50 // a digital signature after the directory
	sigSecret    = 0x08064b50 // an encrypted directory
	lenLocal     = 30
	lenCentral   = 46
	lenEnd       = 22
	lenEnd64     = 56
	lenLocator64 = 20
	// versionSecret is what a reader of an encrypted directory must understand.
	versionSecret = 62
)

// zipEntry is one entry, with offsets from the start of the file.
type zipEntry struct {
	name         string // as people read it
	raw          string // as it stands in the archive
	method       uint16
	flags        uint16
	creator      uint16
	crc          uint32
	packed, size int64
	header, data int64
	mode         fs.FileMode
}

type zipFile struct {
	src     *source
	entries []zipEntry
	start   int64 // where the directory begins
}

// zipEnd is the end record, of whichever kind counts.
type zipEnd struct {
	at           int64 // where the directory should end
	disk, first  uint32
	here         uint64 // records on this disk
	records      uint64
	size, offset uint64 // of the directory
	exact        bool   // records counts in 64 bits, not modulo 65,536
	secret       bool   // the directory may be encrypted
}

// readZip reads the directory. It is walked once before archive/zip reads it,
// in constant memory: only a directory that is short enough and counts right
// is allocated for. Both readings must agree.
func readZip(src *source) (*zipFile, error) {
	end, err := findEnd(src)
	if err != nil {
		return nil, err
	}
	base, start, err := placeDirectory(src, end)
	if err != nil {
		return nil, err
	}
	headers, err := walkDirectory(src, start, end)
	if err != nil {
		return nil, err
	}
	zr, err := zip.NewReader(src, src.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, damaged("", "the directory cannot be read", err)
	}
	if len(zr.File) != len(headers) {
		return nil, damaged("", "the directory can be read in two ways", nil)
	}
	z := &zipFile{src: src, start: start, entries: make([]zipEntry, len(headers))}
	for i, f := range zr.File {
		if f.CompressedSize64 > math.MaxInt64 || f.UncompressedSize64 > math.MaxInt64 || headers[i] > uint64(src.size) {
			return nil, damaged(f.Name, "a size or a place is impossible", nil)
		}
		z.entries[i] = zipEntry{
			name: entryName(f), raw: f.Name, method: f.Method, flags: f.Flags, creator: f.CreatorVersion >> 8,
			crc: f.CRC32, packed: int64(f.CompressedSize64), size: int64(f.UncompressedSize64),
			header: base + int64(headers[i]), mode: f.Mode(),
		}
	}
	return z, nil
}

// findEnd finds the end record as archive/zip does: the last one whose comment
// fits, in the last 65 KiB; junk may follow it.
func findEnd(src *source) (zipEnd, error) {
	n := min(src.size, 65<<10)
	buf := make([]byte, n)
	if _, err := src.ReadAt(buf, src.size-n); err != nil && !errors.Is(err, io.EOF) {
		return zipEnd{}, damaged("", "the end cannot be read", err)
	}
	for i := len(buf) - lenEnd; i >= 0; i-- {
		b := buf[i:]
		if binary.LittleEndian.Uint32(b) != sigEnd {
			continue
		}
		if lenEnd+int(binary.LittleEndian.Uint16(b[20:])) > len(b) {
			break
		}
		return parseEnd(src, src.size-n+int64(i), b)
	}
	return zipEnd{}, damaged("", "the directory at the end is missing", nil)
}

func parseEnd(src *source, at int64, b []byte) (zipEnd, error) {
	le := binary.LittleEndian
	end := zipEnd{
		at: at, disk: uint32(le.Uint16(b[4:])), first: uint32(le.Uint16(b[6:])), here: uint64(le.Uint16(b[8:])),
		records: uint64(le.Uint16(b[10:])), size: uint64(le.Uint32(b[12:])), offset: uint64(le.Uint32(b[16:])),
	}
	// These values announce a zip64 record; archive/zip looks for 0xffff in
	// the size, and so do we.
	if end.records == math.MaxUint16 || end.size == math.MaxUint16 || end.size == math.MaxUint32 || end.offset == math.MaxUint32 {
		at64, err := findEnd64(src, at)
		if err != nil {
			return zipEnd{}, err
		}
		if at64 >= 0 {
			var c [lenEnd64]byte
			if _, err := src.ReadAt(c[:], at64); err != nil || le.Uint32(c[:]) != sigEnd64 {
				return zipEnd{}, damaged("", "the zip64 end record is missing", err)
			}
			end = zipEnd{
				at: at64, disk: le.Uint32(c[16:]), first: le.Uint32(c[20:]), here: le.Uint64(c[24:]),
				records: le.Uint64(c[32:]), size: le.Uint64(c[40:]), offset: le.Uint64(c[48:]), exact: true, secret: le.Uint16(c[14:]) >= versionSecret,
			}
		}
	}
	return end, end.check()
}

func (end zipEnd) check() error {
	switch {
	case end.disk != 0 || end.first != 0 || end.here != end.records:
		return &Error{Kind: Unsupported, Detail: "the archive is split over several files"}
	case end.records > entriesMax:
		return &Error{Kind: Bomb, Detail: "too many entries"}
	case end.size > directoryMax:
		return &Error{Kind: Bomb, Detail: "the directory is too large"}
	case end.size > uint64(end.at) || end.offset > uint64(end.at):
		return damaged("", "the directory is cut off", nil)
	}
	return nil
}

// findEnd64 follows the zip64 locator; -1 when there is none.
func findEnd64(src *source, at int64) (int64, error) {
	var b [lenLocator64]byte
	if at < lenLocator64 {
		return -1, nil
	}
	if _, err := src.ReadAt(b[:], at-lenLocator64); err != nil {
		return 0, damaged("", "the end cannot be read", err)
	}
	if binary.LittleEndian.Uint32(b[:]) != sigLocator64 {
		return -1, nil
	}
	if disks := binary.LittleEndian.Uint32(b[16:]); disks > 1 {
		return 0, &Error{Kind: Unsupported, Detail: "the archive is split over several files"}
	}
	off := binary.LittleEndian.Uint64(b[8:])
	if off > uint64(at) {
		return 0, damaged("", "the zip64 end record is missing", nil)
	}
	return int64(off), nil
}

// placeDirectory finds where the directory begins, and what is to be added to
// the offsets in it: archives may have a program in front of them.
func placeDirectory(src *source, end zipEnd) (base, start int64, err error) {
	start = end.at - int64(end.size)
	base = start - int64(end.offset)
	if base < 0 {
		return 0, 0, damaged("", "the directory is not where it should be", nil)
	}
	if base > 0 && end.records > 0 && isCentral(src, int64(end.offset)) {
		return 0, int64(end.offset), nil // a wrong size; archive/zip decides so too
	}
	return base, start, nil
}

func isCentral(src *source, off int64) bool {
	var b [4]byte
	_, err := src.ReadAt(b[:], off)
	return err == nil && binary.LittleEndian.Uint32(b[:]) == sigCentral
}

// walkDirectory counts the entries and returns where each says that its local
// header is.
func walkDirectory(src *source, start int64, end zipEnd) ([]uint64, error) {
	r := bufio.NewReaderSize(src.section(start, end.at-start), 64<<10)
	headers := make([]uint64, 0, end.records)
	var fixed [lenCentral]byte
	extra := make([]byte, 0, 256)
	for at := start; ; {
		if _, err := io.ReadFull(r, fixed[:4]); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, damaged("", "the directory is cut off", err)
		}
		if sig := binary.LittleEndian.Uint32(fixed[:]); sig != sigCentral {
			if err := end.follows(sig, len(headers)); err != nil {
				return nil, err
			}
			break
		}
		if len(headers) == entriesMax {
			return nil, &Error{Kind: Bomb, Detail: "too many entries"}
		}
		if _, err := io.ReadFull(r, fixed[4:]); err != nil {
			return nil, damaged("", "the directory is cut off", err)
		}
		n, e, c := lengths(fixed[28:])
		extra = append(extra[:0], make([]byte, e)...)
		_, err1 := r.Discard(n)
		_, err2 := io.ReadFull(r, extra)
		_, err3 := r.Discard(c)
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, damaged("", "the directory is cut off", err)
		}
		at += int64(lenCentral + n + e + c)
		if at-start > directoryMax {
			return nil, &Error{Kind: Bomb, Detail: "the directory is too large"}
		}
		off, err := headerOffset(fixed[:], extra)
		if err != nil {
			return nil, err
		}
		headers = append(headers, off)
	}
	if count := uint64(len(headers)); count != end.records && (end.exact || count%65536 != end.records) {
		return nil, damaged("", "the number of entries is wrong", nil)
	}
	return headers, nil
}

// follows tells what may stand behind that many entries, instead of another.
func (end zipEnd) follows(sig uint32, entries int) error {
	switch {
	case sig == sigSecret, end.secret && entries == 0:
		return &Error{Kind: Encrypted, Detail: "the directory is encrypted"}
	case sig != sigSigned:
		return damaged("", "there is something else in the directory", nil)
	}
	return nil
}

func lengths(b []byte) (name, extra, comment int) {
	le := binary.LittleEndian
	return int(le.Uint16(b)), int(le.Uint16(b[2:])), int(le.Uint16(b[4:]))
}

// headerOffset reads the place of the local header, from the zip64 field where
// 32 bits do not hold it (APPNOTE 4.5.3).
func headerOffset(fixed, extra []byte) (uint64, error) {
	le := binary.LittleEndian
	if le.Uint16(fixed[34:]) != 0 && le.Uint16(fixed[34:]) != math.MaxUint16 {
		return 0, &Error{Kind: Unsupported, Detail: "the archive is split over several files"}
	}
	off := uint64(le.Uint32(fixed[42:]))
	if off != math.MaxUint32 {
		return off, nil
	}
	field := extraField(extra, 1)
	for _, size := range []uint32{le.Uint32(fixed[24:]), le.Uint32(fixed[20:])} {
		if size == math.MaxUint32 && len(field) >= 8 {
			field = field[8:]
		}
	}
	if len(field) < 8 {
		return 0, damaged("", "a zip64 field is missing", nil)
	}
	return le.Uint64(field), nil
}

// extraField finds the last field of that tag, as archive/zip takes it.
func extraField(extra []byte, tag uint16) []byte {
	var found []byte
	for len(extra) >= 4 {
		t, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			break
		}
		if t == tag {
			found = extra[:n]
		}
		extra = extra[n:]
	}
	return found
}
