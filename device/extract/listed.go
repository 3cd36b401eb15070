package extract

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"path"
	"slices"
	"strings"

	"connectbackup/api/manifest"
)

// listsMax is how large all the lists of an archive may be, in bytes.
const listsMax = 32 << 20

// promise is what a list in an archive says about one of its files.
type promise struct {
	list   string // name of the list
	sha256 string
	size   int64 // bytes; -1 when the list does not say
}

// promises are all of them, by the name of the file.
type promises map[string][]promise

// isList reports whether a file of that name may be a list.
func isList(name string) bool {
	base := path.Base(name)
	return base == manifest.FileName || base == manifest.Checksums
}

// readPromises reads the lists that an archive of Connect brings along. What
// of them cannot be unpacked is found damaged with the rest.
func (z *zipFile) readPromises(ctx context.Context, files []planned) (p promises, inside *manifest.Manifest) {
	p = promises{}
	there, left := z.there(), int64(listsMax)
	for _, f := range files {
		if !isList(f.entry.name) || f.entry.size > left {
			continue
		}
		left -= f.entry.size
		var b bytes.Buffer
		if newUnpacker(z.src).unpack(ctx, f.entry, &b, &progress{}) != nil {
			continue
		}
		if m := p.add(f.entry.name, b.Bytes(), there); m != nil {
			inside = m
		}
	}
	return p, inside
}

// add reads one list, whose names are those of its folder. A manifest.json
// that is not of Connect is any other file; and a list deeper in the archive
// that names nothing beside it is the list of something else. It returns the
// manifest of the archive itself.
func (p promises) add(list string, b []byte, there map[string]bool) *manifest.Manifest {
	folder, base := path.Split(list)
	var named []string
	var said []promise
	var inside *manifest.Manifest
	if base == manifest.FileName {
		m, err := manifest.Parse(b)
		if err != nil {
			return nil
		}
		for _, f := range m.Files {
			named, said = append(named, folder+f.Name), append(said, promise{list, f.SHA256, f.Bytes})
		}
		if folder == "" {
			inside = &m
		}
	} else {
		sums, err := manifest.ParseSums(b)
		if err != nil {
			return nil
		}
		for _, s := range sums {
			named, said = append(named, folder+s.Name), append(said, promise{list, s.SHA256, -1})
		}
	}
	if folder != "" && !slices.ContainsFunc(named, func(name string) bool { return there[name] }) {
		return nil
	}
	for i, name := range named {
		p[name] = append(p[name], said[i])
	}
	return inside
}

// there are the names of everything in the archive.
func (z *zipFile) there() map[string]bool {
	names := make(map[string]bool, len(z.entries))
	for i := range z.entries {
		names[z.entries[i].name] = true
	}
	return names
}

// hasher is where a file goes that a list promises something about.
type hasher struct {
	hash.Hash
	promised []promise
}

// writer is where the bytes of that file go, and what compares them then.
func (p promises) writer(name string) (io.Writer, *hasher) {
	promised := p[name]
	if len(promised) == 0 {
		return io.Discard, nil
	}
	h := &hasher{sha256.New(), promised}
	return h, h
}

// compare says which promise is not kept.
func (h *hasher) compare(e *zipEntry) error {
	if h == nil {
		return nil
	}
	return compare(e.name, hex.EncodeToString(h.Sum(nil)), e.size, h.promised)
}

func compare(name, sum string, size int64, promised []promise) error {
	for _, p := range promised {
		if p.sha256 != sum || p.size >= 0 && p.size != size {
			return damaged(name, "it is not what "+p.list+" says", nil)
		}
	}
	return nil
}

// missing are the promised files that the archive does not hold, in order.
func (p promises) missing(there map[string]bool) []Error {
	var bad []Error
	for name, promised := range p {
		if !there[name] {
			bad = append(bad, *damaged(name, "it is missing, yet "+promised[0].list+" names it", nil))
		}
	}
	slices.SortFunc(bad, func(a, b Error) int { return strings.Compare(a.Entry, b.Entry) })
	return bad
}
