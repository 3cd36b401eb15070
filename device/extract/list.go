package extract

import (
	"context"
	"io"

	"github.com/mholt/archiver/v4"
)

// Entry is one file or folder in an archive.
type Entry struct {
	Name   string // as it stands in the archive, in UTF-8; not to be used as a path
	Dir    bool
	Size   int64 // bytes when unpacked; -1 when not known
	Packed int64 // bytes in the archive; -1 when not known
}

// List names what is in an archive, without unpacking it where the format
// allows. At most 200,000 entries: more are an *Error of kind Bomb.
func List(r io.ReaderAt, size int64) ([]Entry, error) {
	src := newSource(r, size)
	list, err := list(src)
	if err != nil {
		return nil, src.explain(err)
	}
	return list, nil
}

func list(src *source) ([]Entry, error) {
	kind, err := identify(src)
	if err != nil {
		return nil, err
	}
	if kind == kindZip {
		z, err := readZip(src)
		if err != nil {
			return nil, err
		}
		entries := make([]Entry, len(z.entries))
		for i := range z.entries {
			e := &z.entries[i]
			entries[i] = Entry{Name: e.name, Dir: e.isDir(), Size: e.size, Packed: e.packed}
		}
		return entries, nil
	}
	var entries []Entry
	err = walk(context.Background(), src, kind, func(_ context.Context, f archiver.FileInfo) error {
		if len(entries) == entriesMax {
			return &Error{Kind: Bomb, Detail: "too many entries"}
		}
		entries = append(entries, Entry{Name: f.NameInArchive, Dir: f.IsDir(), Size: f.Size(), Packed: -1})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}
