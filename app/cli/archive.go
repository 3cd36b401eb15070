package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"connectbackup/app/core"
	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// errDamaged says that a file is not what it should be.
var errDamaged = errors.New("damaged")

type extractCommand struct {
	File    string `arg:"" help:"Archive to extract." type:"path"`
	To      string `help:"Folder in which the new folder is made; otherwise beside the archive." type:"path"`
	OnClash string `help:"If a folder of that name is there: ask, replace, keep-both or skip." enum:"ask,replace,keep-both,skip" default:"ask"`
}

// Run extracts one archive into a folder of its name.
func (c *extractCommand) Run(r *run) error {
	f, size, err := openFile(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	parent := c.To
	if parent == "" {
		parent = filepath.Dir(c.File)
	}
	result, err := core.ExtractFile(r.ctx, f, size, filepath.Base(c.File), parent, clashOf(c.OnClash),
		func(p extract.Progress) { r.out.progress(time.Now(), "Extracting", p.Done, p.Total, 0) })
	if err != nil {
		return extractError(err)
	}
	if result.Skipped {
		r.out.step("skipped", fields{"folder": string(result.Location)}, "%s is already there: skipped", result.Location)
		return nil
	}
	r.out.step("done", fields{"folder": string(result.Location), "files": result.Files, "bytes": result.Bytes},
		"%s\nExtracted %d files, %s", result.Location, result.Files, core.FormatBytes(result.Bytes))
	return nil
}

type verifyCommand struct {
	File   string `arg:"" help:"Archive to check." type:"path"`
	SHA256 string `help:"SHA-256 that it should have, in hexadecimal." name:"sha256"`
}

// Run checks one archive; a damaged one names its damaged entries and is an
// error.
func (c *verifyCommand) Run(r *run) error {
	f, size, err := openFile(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	result, err := extract.Verify(r.ctx, f, size, func(p extract.Progress) {
		r.out.progress(time.Now(), "Verifying", p.Done, p.Total, 0)
	})
	if err != nil {
		return err
	}
	for i := range result.Damaged {
		d := &result.Damaged[i]
		r.out.step("damaged", fields{"entry": d.Entry, "detail": d.Detail}, "damaged: %s (%s)", d.Entry, d.Detail)
	}
	r.out.step("checked", fields{
		"file": c.File, "size": size, "sha256": result.SHA256, "entries": result.Entries,
		"bytes": result.Bytes, "damaged": len(result.Damaged),
	}, "%s\n%s, SHA-256 %s, %d entries, %s uncompressed", c.File, core.FormatBytes(size), result.SHA256,
		result.Entries, core.FormatBytes(result.Bytes))
	if len(result.Damaged) > 0 {
		return fmt.Errorf("%w: %d of %d entries cannot be trusted", errDamaged, len(result.Damaged), result.Entries)
	}
	if want := strings.ToLower(c.SHA256); want != "" && want != result.SHA256 {
		return fmt.Errorf("%w: the SHA-256 is not %s", errDamaged, want)
	}
	return nil
}

// openFile opens a regular file for reading.
func openFile(name string) (interface {
	io.ReaderAt
	io.Closer
}, int64, error,
) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: %s is not a file", errUsage, name)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// clashOf reads the flag --on-clash, whose values kong has checked. "ask"
// fails with a message when there is something to ask: a script has nobody.
func clashOf(word string) download.Clash {
	return map[string]download.Clash{
		"ask": download.Ask, "replace": download.Replace, "keep-both": download.KeepBoth, "skip": download.Skip,
	}[word]
}
