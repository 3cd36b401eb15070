package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"connectbackup/api/manifest"
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
	swept := extract.Sweep(parent) // of what was killed; a folder that was set aside comes back
	var result extract.Result
	err = r.unlessAsked(clashOf(c.OnClash), extractAgain, func(clash download.Clash) (err error) {
		result, err = core.ExtractFile(r.ctx, f, size, filepath.Base(c.File), parent, clash,
			func(p extract.Progress) { r.out.progress(time.Now(), "Extracting", p.Done, p.Total, 0) })
		return extractError(err)
	})
	if err != nil {
		return err
	}
	if swept != nil {
		r.out.note("unswept", "What an extraction that was killed left could not be removed: "+swept.Error())
	}
	if result.Skipped {
		r.out.step("skipped", fields{"folder": string(result.Location)}, "%s is already there: skipped", result.Location)
		return nil
	}
	r.out.step("done", fields{"folder": string(result.Location), "files": result.Files, "bytes": result.Bytes},
		"%s\nExtracted %s, %s", result.Location, counted(result.Files, "file", "files"), core.FormatBytes(result.Bytes))
	return nil
}

type verifyCommand struct {
	File     string `arg:"" help:"Archive to check." type:"path"`
	SHA256   string `help:"SHA-256 that it should have, in hexadecimal." name:"sha256"`
	Manifest string `help:"Manifest of the backup, as the server gives it: the archive must be the one that it names." type:"path"`
}

// Run checks one archive against everything that is known of it; a damaged one
// names its damaged entries and is an error.
func (c *verifyCommand) Run(r *run) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	options.Report = func(p extract.Progress) { r.out.progress(time.Now(), "Verifying", p.Done, p.Total, 0) }
	f, size, err := openFile(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	paths, err := core.SystemPaths()
	if err != nil {
		paths = core.Paths{} // no home, no ledger
	}
	v, err := core.VerifyFile(r.ctx, paths, c.File, f, size, options)
	if errors.Is(err, context.Canceled) {
		return err
	}
	if v.Unrecorded != nil {
		r.out.note("unrecorded", "The record of downloads on this device could not be used: "+v.Unrecorded.Error())
	}
	if missing := missingIn(&v, options.Manifest); len(missing) > 0 {
		r.out.missing(missing)
	}
	c.report(r, size, &v, err == nil)
	if err != nil {
		return archiveError(err)
	}
	if n := len(v.Damaged); n > 0 {
		if !slices.ContainsFunc(v.Damaged, func(e extract.Error) bool { return e.Kind != extract.Encrypted }) {
			return &extract.Error{Kind: extract.Encrypted} // nobody can tell whether it is damaged
		}
		return fmt.Errorf("%w: %d of %s cannot be trusted", errDamaged, n, counted(v.Entries+n, "file", "files"))
	}
	if p, broken := v.Broken(); broken {
		return fmt.Errorf("%w: it is not %s, whose SHA-256 is %s", errDamaged, witnessed(p), p.SHA256)
	}
	return nil
}

// missingIn are the keys of the modules that failed when the backup was made.
func missingIn(v *core.Verification, given *manifest.Manifest) []string {
	switch {
	case v.Manifest != nil:
		return v.Manifest.Missing
	case given != nil:
		return given.Missing
	}
	return nil
}

func (c *verifyCommand) options() (core.VerifyOptions, error) {
	sum, err := sha256Of(c.SHA256)
	if err != nil || c.Manifest == "" {
		return core.VerifyOptions{SHA256: sum}, err
	}
	b, err := os.ReadFile(c.Manifest)
	if err != nil {
		return core.VerifyOptions{}, err
	}
	m, err := manifest.Parse(b)
	if err == nil && m.ArchiveSHA256 == "" {
		err = errors.New("it does not say the SHA-256 of the archive; the one inside an archive cannot")
	}
	if err != nil {
		return core.VerifyOptions{}, fmt.Errorf("%w: --manifest %s: %w", errUsage, c.Manifest, err)
	}
	return core.VerifyOptions{SHA256: sum, Manifest: &m}, nil
}

// report prints what was found. opened is false when the archive could not be
// read as one.
func (c *verifyCommand) report(r *run, size int64, v *core.Verification, opened bool) {
	for i := range v.Damaged {
		d := &v.Damaged[i]
		if d.Kind == extract.Encrypted {
			r.out.step("encrypted", fields{"entry": d.Entry}, "encrypted: %s", d.Entry)
			continue
		}
		why := d.Detail
		if why == "" {
			why = string(d.Kind)
		}
		r.out.step("damaged", fields{"entry": d.Entry, "detail": why}, "damaged: %s (%s)", d.Entry, why)
	}
	if v.SHA256 == "" {
		return
	}
	promises := make([]fields, len(v.Promises))
	lines := ""
	for i, p := range v.Promises {
		promises[i] = fields{"by": p.By, "sha256": p.SHA256, "kept": p.Kept}
		if p.Kept {
			lines += "\nIt is " + witnessed(p) + "."
		}
	}
	f := fields{"file": c.File, "size": size, "sha256": v.SHA256, "promises": promises}
	if !opened {
		r.out.step("hashed", f, "%s\n%s, SHA-256 %s"+lines, c.File, core.FormatBytes(size), v.SHA256)
		return
	}
	f["entries"], f["bytes"], f["listed"], f["damaged"] = v.Entries, v.Bytes, v.Listed, len(v.Damaged)
	if v.Manifest != nil {
		f["backup"] = v.Manifest.BackupID
	}
	if v.Listed > 0 {
		lines = fmt.Sprintf("\n%d of them are what the archive's own list says.", v.Listed) + lines
	}
	r.out.step("checked", f, "%s\n%s, SHA-256 %s, %s, %s uncompressed"+lines, c.File, core.FormatBytes(size), v.SHA256,
		counted(v.Entries, "entry", "entries"), core.FormatBytes(v.Bytes))
}

// witnessed names a file by who promised what is in it.
func witnessed(p core.Promise) string {
	switch p.By {
	case core.WitnessLedger:
		return "the file that was downloaded here on " + p.At.Local().Format("2006-01-02 at 15:04")
	case core.WitnessManifest:
		return "the archive of the manifest"
	}
	return "the file of --sha256"
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
// asks on a terminal, and fails with a message elsewhere: a script has nobody.
func clashOf(word string) download.Clash {
	return map[string]download.Clash{
		"ask": download.Ask, "replace": download.Replace, "keep-both": download.KeepBoth, "skip": download.Skip,
	}[word]
}
