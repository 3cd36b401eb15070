package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/app/core"
	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// journeyTitle names the backup that the journey makes.
const journeyTitle = "Journey"

type journeyCommand struct {
	Dir string `help:"Folder for the zip and the extracted files; otherwise a new temporary one." type:"path"`
}

// Run does the main job once: sign in to an embedded demo server, create a
// backup, wait until it is completed, download, verify and extract it. The
// app's own files go to a folder that is removed; the result stays.
func (c *journeyCommand) Run(r *run) (err error) {
	dir, made, err := c.folder()
	if err != nil {
		return err
	}
	if made {
		defer func() { _ = os.Remove(dir) }() // stays unless it is empty
	}
	private, err := os.MkdirTemp("", "connect-backup-*")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(private)) }()
	paths := core.PathsIn(private, dir)
	app, err := core.Open(core.Options{
		Paths:   paths,
		Secrets: device.OpenFileSecrets(paths.Config),
		Poll:    func(int) time.Duration { return 100 * time.Millisecond },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	j := &journey{run: r, app: app, started: time.Now()}
	return j.do()
}

// folder is where the result goes, and whether it is new. What nothing can be
// written to is found out before the work.
func (c *journeyCommand) folder() (dir string, made bool, err error) {
	if c.Dir == "" {
		if dir, err = os.MkdirTemp("", "connect-backup-journey-*"); err != nil {
			return "", false, fmt.Errorf("make a folder: %w", err)
		}
		return dir, true, nil
	}
	_, err = os.Stat(c.Dir)
	made = errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return "", false, &download.FolderError{Path: c.Dir, Op: "create", Err: err}
	}
	f, err := os.CreateTemp(c.Dir, ".connect-backup-*")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return "", false, &download.FolderError{Path: c.Dir, Op: "write", Err: err}
	}
	return c.Dir, made, nil
}

// journey is one run of the main job.
type journey struct {
	*run
	app     *core.Core
	started time.Time
}

func (j *journey) do() error {
	account, err := j.app.Sessions().SignInDemo(j.ctx)
	if err != nil {
		return err
	}
	j.out.step("signed-in", fields{"organisation": account.Organisation.Name, "user": account.User.Email},
		"Signed in to %s as %s", account.Organisation.Name, account.User.Email)
	n, err := (&createCommand{Title: journeyTitle}).choices(j.run, j.app, calendar.Day{}, calendar.Day{})
	if err != nil {
		return err
	}
	backup, err := begin(j.run, j.app, n)
	if err != nil {
		return err
	}
	if backup, err = completed(j.run, j.app, backup); err != nil {
		return err
	}
	if err := follow(j.run, j.app, backup, download.KeepBoth); err != nil {
		return err
	}
	return j.open(backup, j.app.Downloads().Copy(backup))
}

func reason(b api.Backup) error {
	if b.Error == nil {
		return errors.New("no reason given")
	}
	return errors.New(b.Error.Detail)
}

// open verifies every entry of the archive, extracts it, and tells the result.
func (j *journey) open(b api.Backup, c download.Copy) error {
	verified, err := j.verify(c)
	if err != nil {
		return err
	}
	folder, files, err := j.app.Machine().Extract(j.ctx, c.Location, download.KeepBoth,
		func(done, total int64, _ string) { j.out.progress(time.Now(), "Extracting", done, total, 0) })
	if err != nil {
		return err
	}
	rows := rowsOf(b)
	j.out.step("extracted", fields{"folder": string(folder), "files": files},
		"Extracted %s to %s", counted(files, "file", "files"), filepath.Base(string(folder)))
	j.out.step("done", fields{
		"file": string(c.Location), "size": c.Size, "sha256": c.SHA256, "entries": verified.Entries,
		"rows": rows, "folder": string(folder), "seconds": time.Since(j.started).Seconds(),
	}, "\nFile      %s\nSize      %d bytes (%s)\nSHA-256   %s\nEntries   %d, every checksum right\nRows      %d\nFolder    %s",
		c.Location, c.Size, core.FormatBytes(c.Size), c.SHA256, verified.Entries, rows, folder)
	return nil
}

func (j *journey) verify(c download.Copy) (extract.VerifyResult, error) {
	f, size, err := openFile(string(c.Location))
	if err != nil {
		return extract.VerifyResult{}, err
	}
	defer func() { _ = f.Close() }() // only read
	v, err := extract.Verify(j.ctx, f, size, func(p extract.Progress) {
		j.out.progress(time.Now(), "Verifying", p.Done, p.Total, 0)
	})
	switch {
	case err != nil:
		return v, err
	case len(v.Damaged) > 0:
		return v, &v.Damaged[0]
	case v.SHA256 != c.SHA256:
		return v, fmt.Errorf("%w: the SHA-256 is not %s", errDamaged, c.SHA256)
	}
	j.out.step("verified", fields{"entries": v.Entries, "bytes": v.Bytes, "sha256": v.SHA256},
		"Verified %s, %s", counted(v.Entries, "entry", "entries"), core.FormatBytes(v.Bytes))
	return v, nil
}
