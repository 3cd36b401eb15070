package server

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"connectbackup/api"
	"connectbackup/api/manifest"
)

// verify reads the written file back from the start, as a client will: every
// CRC, the SHA-256, size and rows of every CSV file against the manifest, and
// the SHA-256 of the whole.
func (j *job) verify(ctx context.Context, z *packed) (err error) {
	if err := j.enter(ctx, api.StageVerifying, "", 93); err != nil {
		return err
	}
	f, err := os.Open(z.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := sha256.New()
	if z.size, err = io.Copy(sum, &interruptible{ctx, f}); err != nil {
		return err
	}
	z.sha256 = hex.EncodeToString(sum.Sum(nil))
	r, err := zip.NewReader(f, z.size)
	if err != nil {
		return errors.Join(errNotSame, err)
	}
	if want := len(z.manifest.Files) + 3; len(r.File) != want {
		return fmt.Errorf("%w: %d entries, not %d", errNotSame, len(r.File), want)
	}
	wanted := map[string]manifest.File{}
	for _, file := range z.manifest.Files {
		wanted[file.Name] = file
	}
	for _, entry := range r.File {
		if err := verifyEntry(ctx, entry, wanted[entry.Name]); err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
	}
	return nil
}

// verifyEntry reads an entry to its end, which compares its CRC. A CSV file
// must be what the manifest says.
func verifyEntry(ctx context.Context, entry *zip.File, want manifest.File) (err error) {
	r, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	sum, lines := sha256.New(), &lineCounter{}
	n, err := io.Copy(io.MultiWriter(sum, lines), &interruptible{ctx, r})
	if errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.Join(errNotSame, err)
	}
	if err != nil || want.Name == "" {
		return err
	}
	got := hex.EncodeToString(sum.Sum(nil))
	if n != want.Bytes || got != want.SHA256 || lines.n != want.Rows+1 || lines.quoted {
		return fmt.Errorf("%w: %d bytes, %d lines, SHA-256 %s, but the manifest has %d bytes, %d rows, SHA-256 %s",
			errNotSame, n, lines.n, got, want.Bytes, want.Rows, want.SHA256)
	}
	return nil
}

// lineCounter counts the lines of a CSV file. A line break between quotes is
// part of a value.
type lineCounter struct {
	n      int64
	quoted bool
}

func (c *lineCounter) Write(b []byte) (int, error) {
	for rest := b; ; {
		// A doubled quote ends and begins a quoted stretch: the same outcome.
		i := bytes.IndexByte(rest, '"')
		stretch := rest
		if i >= 0 {
			stretch = rest[:i]
		}
		if !c.quoted {
			c.n += int64(bytes.Count(stretch, []byte{'\n'}))
		}
		if i < 0 {
			return len(b), nil
		}
		c.quoted = !c.quoted
		rest = rest[i+1:]
	}
}

// interruptible is a reader that stops when ctx ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(b []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(b)
}
