package extract_test

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"testing"
)

// raw is an entry of a zip that a test writes byte by byte. What is nil or zero
// is made to fit, so that each test says only what is wrong.
type raw struct {
	name        string
	data        []byte // unpacked
	packed      []byte // as it stands in the archive; nil: data, packed by method
	method      uint16 // 0 is store
	flags       uint16
	creator     uint16 // system in the upper byte
	attrs       uint32 // external
	extra       []byte // in the directory
	localEx     []byte
	crc         *uint32
	size        *uint32 // declared, in both headers
	packSize    *uint32
	localName   *string
	localSize   *uint32
	localCRC    *uint32
	localPacked *uint32
	localFlags  *uint16
	dosTime     uint32
	disk        uint16  // on which it begins
	method2     *uint16 // in the local header
	offset      *uint32 // of the local header
	after       []byte  // behind the data, such as a descriptor
	noLocal     bool    // only in the directory
}

type rawZip struct {
	before, after []byte // junk
	comment       string
	entries       []raw
	records       *uint16
	dirSize       *uint32
	dirOffset     *uint32
	disk          uint16
	first         *uint16 // disk of the directory
	zip64         bool    // writes a zip64 end record
	records64     *uint64
	disks64       uint32 // how many files the zip64 locator speaks of; 0 is 1
	cutDirectory  int    // bytes
}

func ptr[T any](v T) *T { return &v }

func or[T any](p *T, v T) T {
	if p != nil {
		return *p
	}
	return v
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.BestSpeed)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func le(values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func (z rawZip) bytes(t testing.TB) []byte {
	t.Helper()
	var out, dir bytes.Buffer
	out.Write(z.before)
	for _, e := range z.entries {
		packed := e.packed
		if packed == nil {
			packed = e.data
			if e.method == 8 {
				packed = deflated(e.data)
			}
		}
		crc := or(e.crc, crc32.ChecksumIEEE(e.data))
		size := or(e.size, uint32(len(e.data)))
		packSize := or(e.packSize, uint32(len(packed)))
		offset := or(e.offset, uint32(out.Len()-len(z.before)))
		if !e.noLocal {
			name := or(e.localName, e.name)
			out.Write(le(uint32(0x04034b50), uint16(20), or(e.localFlags, e.flags), or(e.method2, e.method), e.dosTime, or(e.localCRC, crc),
				or(e.localPacked, packSize), or(e.localSize, size), uint16(len(name)), uint16(len(e.localEx))))
			out.WriteString(name)
			out.Write(e.localEx)
			out.Write(packed)
			out.Write(e.after)
		}
		dir.Write(le(uint32(0x02014b50), e.creator<<8|20, uint16(20), e.flags, e.method, e.dosTime, crc, packSize, size,
			uint16(len(e.name)), uint16(len(e.extra)), uint16(0), e.disk, uint16(0), e.attrs, offset))
		dir.WriteString(e.name)
		dir.Write(e.extra)
	}
	start := out.Len() - len(z.before)
	out.Write(dir.Bytes()[:dir.Len()-z.cutDirectory])
	n := or(z.records, uint16(len(z.entries)))
	size, offset := or(z.dirSize, uint32(dir.Len())), or(z.dirOffset, uint32(start))
	if z.zip64 {
		at := uint64(out.Len())
		out.Write(le(uint32(0x06064b50), uint64(44), uint16(45), uint16(45), uint32(0), uint32(0),
			or(z.records64, uint64(n)), or(z.records64, uint64(n)), uint64(size), uint64(offset)))
		out.Write(le(uint32(0x07064b50), uint32(0), at, max(z.disks64, 1)))
		n, size, offset = 0xffff, 0xffffffff, 0xffffffff
	}
	out.Write(le(uint32(0x06054b50), z.disk, or(z.first, z.disk), n, n, size, offset, uint16(len(z.comment))))
	out.WriteString(z.comment)
	out.Write(z.after)
	return out.Bytes()
}

// zipOf is a zip of sound entries.
func zipOf(t testing.TB, entries ...raw) []byte {
	t.Helper()
	return rawZip{entries: entries}.bytes(t)
}

func file(name, data string) raw { return raw{name: name, data: []byte(data), method: 8, creator: 3} }

func sha(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }
