package extract

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// openLZMA reads the method LZMA of a zip (APPNOTE 5.8.8): a version, the
// length of the properties, the properties, the stream. Its reader wants the
// header of an .lzma file instead, which says the size too.
func openLZMA(r io.Reader, size int64) (io.Reader, error) {
	const lenProperties = 5
	var head [4 + lenProperties]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if n := binary.LittleEndian.Uint16(head[2:]); n != lenProperties {
		return nil, &Error{Kind: Unsupported, Detail: "an unknown form of LZMA"}
	}
	dictionary := int64(binary.LittleEndian.Uint32(head[5:]))
	dictionary = max(min(dictionary, size), lzma.MinDictCap) // more cannot be looked back at
	if dictionary > windowMax {
		return nil, &Error{Kind: Unsupported, Detail: needsMemory}
	}
	header := binary.LittleEndian.AppendUint32([]byte{head[4]}, uint32(dictionary))
	header = binary.LittleEndian.AppendUint64(header, uint64(size))
	return lzma.NewReader(io.MultiReader(bytes.NewReader(header), r))
}
