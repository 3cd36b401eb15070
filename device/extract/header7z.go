package extract

import (
	"bytes"
	"encoding/binary"
)

// Property IDs of a 7z header (7zFormat.txt of the LZMA SDK).
const (
	id7zEnd        = 0x00
	id7zHeader     = 0x01
	id7zStreams    = 0x04
	id7zFiles      = 0x05
	id7zPackInfo   = 0x06
	id7zUnpackInfo = 0x07
	id7zSubStreams = 0x08
	id7zSize       = 0x09
	id7zCRC        = 0x0a
	id7zFolder     = 0x0b
	id7zUnpackSize = 0x0c
	id7zSubCount   = 0x0d
	id7zPacked     = 0x17
)

const (
	coders7zMax = 32
	// dictionaryMax is the most memory one stream may ask for, in bytes: what
	// 7-Zip uses at its highest level, twice.
	dictionaryMax = 512 << 20
)

// walk7z goes through a header as its reader will, and makes sure that nothing
// in it counts more things than the header has room for: the reader believes
// every count, and would loop or allocate without end. The first fault is
// thrown, and caught by check7zHeader.
type walk7z struct {
	b       []byte
	folders []folder7z
}

type folder7z struct {
	outputs int
	streams int // that come out of it
	crc     bool
}

// check7zHeader returns an *Error when the header is damaged, encrypted, or
// wants too much.
func check7zHeader(b []byte) (err error) {
	defer func() {
		if v := recover(); v != nil {
			fault, ok := v.(*Error)
			if !ok {
				panic(v)
			}
			err = fault
		}
	}()
	w := &walk7z{b: b}
	switch w.byte() {
	case id7zPacked:
		w.streams()
	case id7zHeader:
		w.header()
	default:
		w.damaged()
	}
	return nil
}

func (w *walk7z) damaged() { panic(damaged("", "its directory is damaged", nil)) }

func (w *walk7z) take(n uint64) []byte {
	if n > uint64(len(w.b)) {
		w.damaged()
	}
	got := w.b[:n]
	w.b = w.b[n:]
	return got
}

func (w *walk7z) byte() byte { return w.take(1)[0] }

// number reads a number of one to nine bytes: the ones that lead the first byte
// say how many follow.
func (w *walk7z) number() uint64 {
	first := w.byte()
	var value uint64
	for i := range 8 {
		mask := byte(0x80) >> i
		if first&mask == 0 {
			return value | uint64(first&(mask-1))<<(8*i)
		}
		value |= uint64(w.byte()) << (8 * i)
	}
	return value
}

// count is a number of things that each take a byte at least.
func (w *walk7z) count() int {
	n := w.number()
	if n > uint64(len(w.b)) {
		w.damaged()
	}
	return int(n)
}

func (w *walk7z) numbers(n int) {
	for range n {
		w.number()
	}
}

// digests skips checksums: a mark that all are there, or a bit for each.
func (w *walk7z) digests(n int) (defined []bool) {
	defined = make([]bool, n)
	all := w.byte() != 0
	var bits []byte
	if !all {
		bits = w.take(uint64(n+7) / 8)
	}
	for i := range defined {
		if defined[i] = all || bits[i/8]&(0x80>>(i%8)) != 0; defined[i] {
			w.take(4)
		}
	}
	return defined
}

func (w *walk7z) header() {
	for {
		switch w.byte() {
		case id7zStreams:
			w.streams()
		case id7zFiles:
			w.files()
		case id7zEnd:
			return
		default:
			panic(&Error{Kind: Unsupported, Detail: "its directory has parts that are not known here"})
		}
	}
}

func (w *walk7z) streams() {
	for {
		switch w.byte() {
		case id7zPackInfo:
			w.packInfo()
		case id7zUnpackInfo:
			w.unpackInfo()
		case id7zSubStreams:
			w.subStreams()
		case id7zEnd:
			return
		default:
			w.damaged()
		}
	}
}

func (w *walk7z) packInfo() {
	w.number() // where
	n := w.count()
	for {
		switch w.byte() {
		case id7zSize:
			w.numbers(n)
		case id7zCRC:
			w.digests(n)
		case id7zEnd:
			return
		default:
			w.damaged()
		}
	}
}

func (w *walk7z) unpackInfo() {
	if w.byte() != id7zFolder {
		w.damaged()
	}
	n := w.count()
	if w.byte() != 0 {
		panic(&Error{Kind: Unsupported, Detail: "its directory is not in one place"})
	}
	w.folders = make([]folder7z, n)
	for i := range w.folders {
		w.folders[i] = folder7z{outputs: w.folder(), streams: 1}
	}
	for {
		switch w.byte() {
		case id7zUnpackSize:
			for _, f := range w.folders {
				w.numbers(f.outputs)
			}
		case id7zCRC:
			for i, defined := range w.digests(n) {
				w.folders[i].crc = defined
			}
		case id7zEnd:
			return
		default:
			w.damaged()
		}
	}
}

// folder checks the methods of one stream and returns how many outputs they
// have.
func (w *walk7z) folder() int {
	n := w.count()
	if n == 0 || n > coders7zMax {
		w.damaged()
	}
	inputs, outputs := 0, 0
	for range n {
		flags := w.byte()
		method := w.take(uint64(flags & 0x0f))
		in, out := 1, 1
		if flags&0x10 != 0 {
			in, out = w.count(), w.count()
		}
		if in > coders7zMax || out > coders7zMax {
			w.damaged()
		}
		inputs, outputs = inputs+in, outputs+out
		var properties []byte
		if flags&0x20 != 0 {
			properties = w.take(w.number())
		}
		w.method(method, properties)
	}
	if outputs == 0 || inputs < outputs-1 {
		w.damaged()
	}
	w.numbers(2 * (outputs - 1)) // which output goes into which input
	if packed := inputs - (outputs - 1); packed > 1 {
		w.numbers(packed)
	}
	return outputs
}

func (w *walk7z) method(id, properties []byte) {
	dictionary := uint64(0)
	switch {
	case bytes.Equal(id, []byte{0x06, 0xf1, 0x07, 0x01}): // AES-256 and SHA-256
		panic(&Error{Kind: Encrypted})
	case bytes.Equal(id, []byte{0x03, 0x01, 0x01}) && len(properties) >= 5: // LZMA
		dictionary = uint64(binary.LittleEndian.Uint32(properties[1:]))
	case bytes.Equal(id, []byte{0x21}) && len(properties) > 0: // LZMA2: a half-logarithmic scale
		dictionary = uint64(2|properties[0]&1) << (properties[0]/2 + 11)
	}
	if dictionary > dictionaryMax {
		panic(&Error{Kind: Unsupported, Detail: needsMemory})
	}
}

func (w *walk7z) subStreams() {
	for {
		switch w.byte() {
		case id7zSubCount:
			for i := range w.folders {
				w.folders[i].streams = w.count()
			}
		case id7zSize:
			for _, f := range w.folders {
				w.numbers(max(f.streams-1, 0))
			}
		case id7zCRC:
			n := 0
			for _, f := range w.folders {
				if f.streams != 1 || !f.crc {
					n += f.streams
				}
			}
			if n > 8*len(w.b) {
				w.damaged()
			}
			w.digests(n)
		case id7zEnd:
			return
		default:
			w.damaged()
		}
	}
}

func (w *walk7z) files() {
	if w.count() > entriesMax {
		panic(&Error{Kind: Bomb, Detail: "too many entries"})
	}
	for {
		if w.byte() == id7zEnd {
			return
		}
		w.take(w.number())
	}
}
