package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/device/download"
)

// downloadFlags say how a backup comes here.
type downloadFlags struct {
	Dir     string        `help:"Folder to put it in; otherwise Downloads." type:"path"`
	OnClash string        `help:"If a file of that name is there: ask, replace, keep-both or skip." enum:"ask,replace,keep-both,skip" default:"ask"`
	GiveUp  time.Duration `help:"Give up when no byte came for so long, such as 90s or 10m. What has come is kept. 0 waits for ever." default:"10m"`
}

func (c *downloadFlags) check() error {
	if c.GiveUp < 0 {
		return fmt.Errorf("%w: --give-up wants a duration such as 90s or 10m, or 0", errUsage)
	}
	return nil
}

type downloadCommand struct {
	ID string `arg:"" help:"ID of the backup, as list shows it."`

	downloadFlags
}

// Run downloads the file of a backup.
func (c *downloadCommand) Run(r *run) error {
	if err := c.check(); err != nil {
		return err
	}
	return r.with(c.Dir, c.GiveUp, func(app *core.Core) error {
		b, err := backupOf(r, app, c.ID)
		if err != nil {
			return err
		}
		return c.bring(r, app, b)
	})
}

// bring downloads the file of b, verified, and goes on where it was.
func (c *downloadFlags) bring(r *run, app *core.Core, b api.Backup) error {
	switch {
	case b.Status == api.StatusPending:
		return backupError(fmt.Errorf("%w", &api.Problem{Status: 409, Code: api.CodeBackupNotReady}))
	case !b.Downloadable():
		return say(download.ErrGone, "The server has no file of this backup: it is %s.", b.Status)
	}
	tellPartial(r.out, b)
	clash := clashOf(c.OnClash)
	first := clash
	if clash == download.Skip {
		first = download.Ask // so that what is there is looked at
	}
	err := follow(r, app, b, first)
	var exists *download.ExistsError
	if !errors.As(err, &exists) {
		return downloadError(err, c.GiveUp)
	}
	if clash == download.Skip {
		copied := app.Downloads().Copy(b)
		same := copied.State == download.CopyPresent && copied.Location == exists.Location
		r.out.step("skipped", fields{"id": b.ID, "file": string(exists.Location), "same": same, "completeness": b.Completeness}, "%s is already there: skipped", exists.Location)
		return nil
	}
	if clash, err = r.clashAnswer(exists, downloadAgain); err != nil {
		return err
	}
	return downloadError(follow(r, app, b, clash), c.GiveUp)
}

// clashWords are how a command asks about what is in the way, and what it says
// when that is to stay.
type clashWords struct{ question, nothing string }

var (
	downloadAgain = clashWords{"Download it again and replace it, keep both, or neither?", "Nothing was downloaded."}
	extractAgain  = clashWords{"Extract again and replace it, keep both, or neither?", "Nothing was extracted."}
)

// unlessAsked does what may find something in the way, and does it again as the
// person wants then.
func (r *run) unlessAsked(clash download.Clash, words clashWords, do func(download.Clash) error) error {
	err := do(clash)
	var exists *download.ExistsError
	if clash != download.Ask || !errors.As(err, &exists) {
		return err
	}
	if clash, err = r.clashAnswer(exists, words); err != nil {
		return err
	}
	return do(clash)
}

// clashAnswer asks what to do with a file that is in the way. A script has
// nobody to ask.
func (r *run) clashAnswer(e *download.ExistsError, words clashWords) (download.Clash, error) {
	if r.ask == nil {
		return 0, clashError(e, e)
	}
	answer, err := r.ask(r.ctx, e.Name+" is already there. "+words.question+" [r/k/N]", false)
	if err != nil {
		return 0, err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "r", "replace":
		return download.Replace, nil
	case "k", "keep", "keep both":
		return download.KeepBoth, nil
	}
	return 0, say(errNotWanted, "%s", words.nothing)
}

// follow carries one download out. Ctrl-C pauses it: it goes on when it is
// asked for again, and not by itself at the next start of the window.
func follow(r *run, app *core.Core, b api.Backup, clash download.Clash) error {
	states := make(chan download.State)
	over := make(chan struct{})
	cancel := app.Downloads().Subscribe(func(s download.State) {
		select {
		case states <- s:
		case <-over:
		}
	})
	defer func() { close(over); cancel() }()
	if err := app.Downloads().Start(b, clash); err != nil {
		return err
	}
	for {
		select {
		case s := <-states:
			switch {
			case s.ID != b.ID:
			case s.Phase == download.Failed:
				return s.Err
			case s.Phase == download.Done:
				c := app.Downloads().Copy(b)
				r.out.step("downloaded", fields{
					"id": b.ID, "file": string(c.Location), "size": c.Size, "sha256": c.SHA256, "verified": true, "completeness": b.Completeness,
				},
					"%s\n%s, SHA-256 %s, verified", c.Location, core.FormatBytes(c.Size), c.SHA256)
				return nil
			default:
				r.out.note("waiting", waiting(s))
				r.out.progress(time.Now(), "Downloading", s.Done, s.Total, s.Rate)
			}
		case <-r.ctx.Done():
			err := app.Downloads().Pause(b.ID)
			if errors.Is(err, download.ErrUnknown) {
				err = nil
			}
			return errors.Join(context.Cause(r.ctx), err)
		}
	}
}

// downloadError gives an error of a download its words.
func downloadError(err error, giveUp time.Duration) error {
	var stalled *download.StalledError
	switch {
	case errors.As(err, &stalled):
		return say(err, "Given up: no data came for %v. %s %s", giveUp, lastTry(stalled.Err), partKept)
	case errors.Is(err, download.ErrAuthExpired):
		return err // with has the words
	case errors.Is(err, download.ErrChanged):
		return say(err, "The file on the server changed during the download. The same command begins anew.")
	case errors.Is(err, context.Canceled):
		return say(err, "Stopped. %s", partKept)
	}
	return backupError(err)
}

func copyWords(s download.CopyState) string {
	switch s {
	case download.CopyGone:
		return " (deleted or moved since)"
	case download.CopyChanged:
		return " (changed since)"
	}
	return ""
}
