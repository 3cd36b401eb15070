package extract

import (
	"encoding/binary"
	"io/fs"
	"math"
	"slices"
)

// What honest contents keep to.
const (
	entryRatioMax = 1100 // deflate reaches 1,032
	wholeRatioMax = 200
	// ratioFree is how much may come out of anything, in bytes: so little
	// hurts nobody, and a short file of blanks packs well.
	ratioFree = 16 << 20
)

// Methods of a zip (APPNOTE 4.4.5).
const (
	methodStore   = 0
	methodDeflate = 8
	methodBzip2   = 12
	methodLZMA    = 14
	methodZstd    = 93
	methodXz      = 95
	methodAES     = 99
)

// Flags of a zip entry (APPNOTE 4.4.4).
const (
	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
	flagStrong     = 1 << 6
	flagMasked     = 1 << 13
)

// check looks at everything that can be known before anything is unpacked, and
// fills in where the data begins. bad is told what is wrong with one entry; what
// it returns ends the check.
func (z *zipFile) check(allowRatio bool, bad func(*zipEntry, error) error) (total int64, err error) {
	for i := range z.entries {
		e := &z.entries[i]
		if err := e.checkKind(); err != nil {
			if err := bad(e, err); err != nil {
				return 0, err
			}
		}
		if total += e.size; total < 0 {
			return 0, &Error{Kind: Bomb, Entry: e.name, Detail: "the sizes are impossible"}
		}
		if e.size > ratioFree && e.size/entryRatioMax > e.packed && (!allowRatio || e.method == methodDeflate) {
			return 0, &Error{Kind: Bomb, Entry: e.name, Detail: "it holds more than so few bytes can"}
		}
	}
	if total > ratioFree && total/wholeRatioMax > z.src.size && !allowRatio {
		return 0, &Error{Kind: Bomb, Detail: "it holds far more than its size"}
	}
	for i := range z.entries {
		e := &z.entries[i]
		if err := z.locate(e); err != nil {
			if err := bad(e, err); err != nil {
				return 0, err
			}
		}
	}
	return total, z.checkOverlap()
}

// refuse is for check: whatever is wrong ends it.
func refuse(_ *zipEntry, err error) error { return err }

func (e *zipEntry) checkKind() error {
	switch {
	case e.flags&(flagEncrypted|flagStrong|flagMasked) != 0 || e.method == methodAES:
		return &Error{Kind: Encrypted, Entry: e.name}
	case e.isDir():
		if e.size != 0 {
			return damaged(e.name, "a folder has contents", nil)
		}
		return nil
	case e.mode&fs.ModeSymlink != 0:
		return unsafe(e.name, "it is a link")
	case e.mode.Type() != 0:
		return unsafe(e.name, "it is a device")
	}
	switch e.method {
	case methodStore:
		if e.packed != e.size {
			return damaged(e.name, "stored, yet of two sizes", nil)
		}
	case methodDeflate, methodBzip2, methodLZMA, methodZstd, methodXz:
	default:
		return &Error{Kind: Unsupported, Entry: e.name, Detail: "an unknown method of packing"}
	}
	return nil
}

func (e *zipEntry) isDir() bool {
	return e.mode.IsDir() || len(e.name) > 0 && e.name[len(e.name)-1] == '/'
}

// locate reads the local header: it must say the same as the directory, or
// programs that read the one see other files than those that read the other.
func (z *zipFile) locate(e *zipEntry) error {
	le := binary.LittleEndian
	if e.header < 0 || e.header > z.start-lenLocal {
		return damaged(e.name, "it is not where the directory says", nil)
	}
	buf := make([]byte, min(lenLocal+len(e.raw)+64, int(z.start-e.header)))
	if _, err := z.src.ReadAt(buf, e.header); err != nil {
		return damaged(e.name, "its header cannot be read", err)
	}
	if le.Uint32(buf) != sigLocal {
		return damaged(e.name, "it is not where the directory says", nil)
	}
	n, x, _ := lengths(append(buf[26:30:30], 0, 0))
	e.data = e.header + lenLocal + int64(n) + int64(x)
	if e.data+e.packed < e.data || e.data+e.packed > z.start {
		return damaged(e.name, "it reaches into the directory", nil)
	}
	if whole := lenLocal + n + x; whole > len(buf) {
		buf = make([]byte, whole)
		if _, err := z.src.ReadAt(buf, e.header); err != nil {
			return damaged(e.name, "its header cannot be read", err)
		}
	}
	if string(buf[lenLocal:lenLocal+n]) != e.raw {
		return damaged(e.name, "it has two names", nil)
	}
	if le.Uint16(buf[8:]) != e.method || (le.Uint16(buf[6:])^e.flags)&(flagEncrypted|flagStrong|flagMasked) != 0 {
		return damaged(e.name, "it is packed in two ways", nil)
	}
	return e.compareLocal(buf, buf[lenLocal+n:lenLocal+n+x])
}

// compareLocal compares sizes and checksum. Where a data descriptor follows
// the data, the local header may leave them out.
func (e *zipEntry) compareLocal(buf, extra []byte) error {
	le := binary.LittleEndian
	crc, packed, size := le.Uint32(buf[14:]), uint64(le.Uint32(buf[18:])), uint64(le.Uint32(buf[22:]))
	field := extraField(extra, 1)
	for _, v := range []*uint64{&size, &packed} {
		if *v == math.MaxUint32 && len(field) >= 8 {
			*v, field = le.Uint64(field), field[8:]
		}
	}
	left := le.Uint16(buf[6:])&flagDescriptor != 0
	same := func(local, central uint64) bool { return local == central || left && local == 0 }
	if !same(uint64(crc), uint64(e.crc)) || !same(packed, uint64(e.packed)) || !same(size, uint64(e.size)) {
		if left && (packed == math.MaxUint32 || size == math.MaxUint32) {
			return nil // a streamed zip64 entry: some leave the marks without the field
		}
		return damaged(e.name, "its size or checksum stands there twice, differently", nil)
	}
	return nil
}

// checkOverlap makes sure that no byte is unpacked twice: a bomb of 42 kB that
// holds 5.4 GB is made so.
func (z *zipFile) checkOverlap() error {
	order := make([]*zipEntry, 0, len(z.entries))
	for i := range z.entries {
		if e := &z.entries[i]; e.data > 0 { // else it was not found
			order = append(order, e)
		}
	}
	slices.SortFunc(order, func(a, b *zipEntry) int {
		switch {
		case a.header < b.header:
			return -1
		case a.header > b.header:
			return 1
		}
		return 0
	})
	end := int64(0)
	for _, e := range order {
		if e.header < end {
			return &Error{Kind: Bomb, Entry: e.name, Detail: "it overlaps another entry"}
		}
		end = e.data + e.packed
	}
	return nil
}
