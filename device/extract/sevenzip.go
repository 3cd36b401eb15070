package extract

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/bodgit/sevenzip"
)

const (
	len7z       = 32       // of the signature header
	header7zMax = 64 << 20 // bytes of a header, packed or not
)

// check7z looks at the header before a reader sees it, unpacks it where it is
// packed, and refuses what the reader could not stand. Encrypted archives are
// refused here too: the reader derives a key first, and how long that takes
// stands in the archive, up to 2^63 rounds that nothing can stop.
func check7z(src *source) (err error) {
	defer recovered(&err)
	header, err := header7z(src, src.size)
	if err != nil {
		return err
	}
	for range 4 {
		if len(header) == 0 {
			return nil // an archive of nothing
		}
		if err := check7zHeader(header); err != nil {
			return err
		}
		if header[0] != id7zPacked {
			return nil
		}
		if header, err = unpackHeader7z(src, header); err != nil {
			return damaged("", "its directory cannot be unpacked", err)
		}
	}
	return damaged("", "its directory is packed too often", nil)
}

func header7z(r io.ReaderAt, size int64) ([]byte, error) {
	var head [len7z]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, damaged("", "it is cut off", err)
	}
	if crc32.ChecksumIEEE(head[12:]) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, damaged("", "its header is damaged", nil)
	}
	off, n := binary.LittleEndian.Uint64(head[12:]), binary.LittleEndian.Uint64(head[20:])
	if n > header7zMax {
		return nil, &Error{Kind: Bomb, Detail: "the directory is too large"}
	}
	if off > uint64(size)-len7z || n > uint64(size)-len7z-off {
		return nil, damaged("", "it is cut off", nil)
	}
	header := make([]byte, n)
	if _, err := r.ReadAt(header, len7z+int64(off)); err != nil {
		return nil, damaged("", "it is cut off", err)
	}
	return header, nil
}

// unpackHeader7z reads a packed header as if it were the only file of an
// archive: the description of the stream is the same in both.
func unpackHeader7z(src *source, packed []byte) ([]byte, error) {
	header := append([]byte{id7zHeader, id7zStreams}, packed[1:]...)
	header = append(header, id7zFiles, 1, id7zEnd, id7zEnd) // one file without properties
	start := binary.LittleEndian.AppendUint64(nil, uint64(src.size)-len7z)
	start = binary.LittleEndian.AppendUint64(start, uint64(len(header)))
	start = binary.LittleEndian.AppendUint32(start, crc32.ChecksumIEEE(header))
	head := append([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(start))...)
	whole := &joined{parts: []io.ReaderAt{
		bytes.NewReader(append(head, start...)), src.section(len7z, src.size-len7z), bytes.NewReader(header),
	}, ends: []int64{len7z, src.size, src.size + int64(len(header))}}
	z, err := sevenzip.NewReader(whole, src.size+int64(len(header)))
	if err != nil {
		return nil, err
	}
	if len(z.File) != 1 {
		return nil, io.ErrUnexpectedEOF
	}
	f, err := z.File[0].Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(f, header7zMax))
}

// joined is several readers as one.
type joined struct {
	parts []io.ReaderAt
	ends  []int64
}

func (j *joined) ReadAt(b []byte, off int64) (int, error) {
	done, from := 0, int64(0)
	for i, end := range j.ends {
		if at := off + int64(done); at < end && done < len(b) {
			n, err := j.parts[i].ReadAt(b[done:min(len(b), done+int(end-at))], at-from)
			if done += n; err != nil && err != io.EOF {
				return done, err
			}
		}
		from = end
	}
	if done < len(b) {
		return done, io.EOF
	}
	return done, nil
}
