package extract

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"slices"
	"strings"

	"connectbackup/api/manifest"
)

// listMax is how large a list of checksums may be, in bytes.
const listMax = 16 << 20

// promise is what a list in an archive says about one of its files.
type promise struct {
	list   string // name of the list
	sha256 string
	size   int64 // bytes; -1 when the list does not say
}

// promises are all of them, by the name of the file.
type promises map[string][]promise

// readPromises reads the lists that an archive of Connect brings along. A
// manifest.json that is not of Connect is any other file. What of the lists
// cannot be unpacked is found damaged with the rest.
func (z *zipFile) readPromises(ctx context.Context, files []planned) (p promises, inside *manifest.Manifest) {
	p = promises{}
	for _, f := range files {
		if f.entry.size > listMax || f.entry.name != manifest.FileName && f.entry.name != manifest.Checksums {
			continue
		}
		var b bytes.Buffer
		if newUnpacker(z.src).unpack(ctx, f.entry, &b, &progress{}) != nil {
			continue
		}
		if f.entry.name == manifest.FileName {
			if m, err := manifest.Parse(b.Bytes()); err == nil {
				p.addManifest(m)
				inside = &m
			}
			continue
		}
		sums, err := manifest.ParseSums(b.Bytes())
		if err != nil || !z.holdsOne(sums) {
			continue // the list of something else
		}
		for _, s := range sums {
			p[s.Name] = append(p[s.Name], promise{manifest.Checksums, s.SHA256, -1})
		}
	}
	return p, inside
}

func (p promises) addManifest(m manifest.Manifest) {
	for _, f := range m.Files {
		p[f.Name] = append(p[f.Name], promise{manifest.FileName, f.SHA256, f.Bytes})
	}
}

func (z *zipFile) holdsOne(sums []manifest.Sum) bool {
	names := make(map[string]bool, len(z.entries))
	for i := range z.entries {
		names[z.entries[i].name] = true
	}
	for _, s := range sums {
		if names[s.Name] {
			return true
		}
	}
	return false
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
	got := hex.EncodeToString(h.Sum(nil))
	for _, p := range h.promised {
		if p.sha256 != got || p.size >= 0 && p.size != e.size {
			return damaged(e.name, "it is not what "+p.list+" says", nil)
		}
	}
	return nil
}

// missing are the promised files that the archive does not hold, in order.
func (p promises) missing(z *zipFile) []Error {
	there := make(map[string]bool, len(z.entries))
	for i := range z.entries {
		there[z.entries[i].name] = true
	}
	var bad []Error
	for name, promised := range p {
		if !there[name] {
			bad = append(bad, *damaged(name, "it is missing, yet "+promised[0].list+" names it", nil))
		}
	}
	slices.SortFunc(bad, func(a, b Error) int { return strings.Compare(a.Entry, b.Entry) })
	return bad
}
