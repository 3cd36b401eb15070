package extract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strings"

	"connectbackup/device/download"
)

// listing is a Target that keeps of each file its SHA-256 alone, and the lists:
// those may come last.
type listing struct {
	files []*seen
	kept  int64 // bytes of lists
}

// seen is one file of an archive without a directory.
type seen struct {
	in   *listing
	name string
	hash hash.Hash
	size int64
	list *bytes.Buffer // nil: it is none
}

func (*listing) Begin(string, download.Clash) error { return nil }
func (*listing) Mkdir(string) error                 { return nil }
func (*listing) Commit() (download.Location, error) { return "", nil }
func (*listing) Abort() error                       { return nil }

func (l *listing) Create(entry string) (io.WriteCloser, error) {
	f := &seen{in: l, name: strings.TrimPrefix(entry, "./"), hash: sha256.New()}
	if isList(f.name) {
		f.list = &bytes.Buffer{}
	}
	l.files = append(l.files, f)
	return f, nil
}

func (f *seen) Write(b []byte) (int, error) {
	f.size += int64(len(b))
	if f.list != nil {
		f.list.Write(b)
		if f.in.kept += int64(len(b)); f.in.kept > listsMax {
			f.in.kept -= f.size
			f.list = nil
		}
	}
	return f.hash.Write(b)
}

func (f *seen) Close() error { return nil }

// compare compares what was seen with the lists among it: how many are as
// those say, and which are not or are missing.
func (l *listing) compare() (listed int, changed, missing []Error) {
	there := make(map[string]bool, len(l.files))
	for _, f := range l.files {
		there[f.name] = true
	}
	p := promises{}
	for _, f := range l.files {
		if f.list != nil {
			p.add(f.name, f.list.Bytes(), there)
		}
	}
	for _, f := range l.files {
		var e *Error
		switch err := compare(f.name, hex.EncodeToString(f.hash.Sum(nil)), f.size, p[f.name]); {
		case errors.As(err, &e):
			changed = append(changed, *e)
		case len(p[f.name]) > 0:
			listed++
		}
	}
	return listed, changed, p.missing(there)
}
