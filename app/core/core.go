package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"connectbackup/api"
	"connectbackup/api/cache"
	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/ledger"
)

// Version of the app. A release sets it with -ldflags "-X connectbackup/app/core.Version=…".
var Version = "0.1.0"

// Options of a Core. Paths are required.
type Options struct {
	Paths    Paths
	Clock    func() time.Time // nil: time.Now
	Notifier device.Notifier  // nil: none
	// Secrets keeps the session's tokens; nil: the system's store, or a file
	// where there is none.
	Secrets device.Secrets
	// Pace of the embedded server's jobs; nil: as fast as they can.
	Pace func(ctx context.Context, stage api.Stage, module string) error
	// Command opens the app for one command, perhaps beside the window: what is
	// unfinished is left as it is until the command asks for it.
	Command bool
	// WithoutSession leaves the session of the last run alone: UseToken follows.
	WithoutSession bool
	// GiveUp is how long a download goes on without a byte; 0: for ever.
	GiveUp time.Duration
	// Poll is how long to wait before asking again for pending backups, by
	// how often nothing was new; nil: PollAfter.
	Poll func(idle int) time.Duration
	// Resend is how long to wait before telling the server again what happened
	// here, by how often that failed in a row; nil: ResendAfter.
	Resend func(failures int) time.Duration
	// ListenAgain is how long to do without events where they are not to be
	// had; zero: the constant of that name.
	ListenAgain time.Duration
	// Say translates a template of a notification, and fills it; count chooses
	// the plural form, unless it is negative. nil: English.
	Say func(text string, count int, data map[string]any) string
	// KeepScreenOn keeps the device's screen on, or no longer; nil: the device's
	// own way, where it has one.
	KeepScreenOn func(on bool) error
	// OpenBackup is called, on any goroutine, when a notification leads to a
	// backup. nil: notifications lead nowhere.
	OpenBackup func(id string)
}

// databaseName is the app's own database in its data folder.
const databaseName = "app.db"

// Core is the app without a window.
type Core struct {
	options  Options
	log      *slog.Logger
	logFile  *logFile
	settings *settings
	secrets  device.Secrets
	db       *database
	cache    *cache.Cache
	ledger   *ledger.Ledger
	folder   device.Place
	manager  *download.Manager
	deviceID string

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	wait sync.WaitGroup

	mu       sync.Mutex
	session  *session  // nil: nobody is signed in
	embedded *Embedded // nil: not started
	today    todayRecord
	lapse    lapse // the session that ended by itself

	nextHearer int
	endHearers map[int]func() // of a session that ends by itself

	backups   *Backups
	downloads *Downloads
	outbox    *outbox
	reminders *Reminders
	notices   chan device.Notification // to be shown by showNotices
	screen    *screenKeeper
	progress  *progressNotices // nil: the system has no place for it
}

// Open starts the app. It does not touch the network: with a session from
// before, the app is signed in again, offline or not (requirement I1).
func Open(o Options) (*Core, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Poll == nil {
		o.Poll = PollAfter
	}
	if o.Resend == nil {
		o.Resend = ResendAfter
	}
	if o.ListenAgain == 0 {
		o.ListenAgain = ListenAgain
	}
	if err := o.Paths.make(); err != nil {
		return nil, err
	}
	c := &Core{options: o, notices: make(chan device.Notification, noticesMax)}
	c.ctx, c.stop = context.WithCancel(context.Background())
	if err := c.openFiles(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.backups = newBackups(c)
	c.downloads = newDownloads(c)
	c.outbox = newOutbox(c)
	c.reminders = newReminders(c)
	c.manager = download.New(download.Config{
		Source:   archiveSource{c.client},
		Folder:   c.folder,
		Scope:    folderName, // what the command fetch left there is not ours
		Finished: c.downloads.finished,
		GiveUp:   o.GiveUp,
		Log:      c.log,
	})
	c.screen = newScreenKeeper(c)
	if to, ok := o.Notifier.(device.ProgressNotifier); ok {
		c.progress = newProgressNotices(c, to)
		c.wait.Go(c.progress.run)
	}
	c.downloads.follow()
	if o.Notifier != nil {
		c.wait.Go(c.showNotices)
	}
	if !o.WithoutSession {
		if err := c.restoreSession(); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	if !o.Command {
		c.goOnUnfinished()
	}
	return c, nil
}

// goOnUnfinished takes up what the last run of the app did not end.
func (c *Core) goOnUnfinished() {
	if err := c.folder.Sweep(); err != nil {
		c.log.Warn("remove what a killed run left", "error", err)
	}
	if err := c.manager.Restore(); err != nil {
		// The person can start those downloads again; the app must not stay shut for that.
		c.log.Error("restore unfinished downloads", "error", err)
	}
}

// openFiles opens everything that lies on this machine.
func (c *Core) openFiles() error {
	var err error
	if c.logFile, c.log, err = openLog(c.options.Paths.Data); err != nil {
		return err
	}
	if c.settings, err = openSettings(c.options.Paths.Config); err != nil {
		return err
	}
	c.secrets = c.options.Secrets
	if c.secrets == nil {
		c.secrets = device.OpenSecrets(c.options.Paths.Config)
	}
	if c.deviceID, _, err = device.Identity(c.options.Paths.Config); err != nil {
		return fmt.Errorf("read this device's identity: %w", err)
	}
	var aside string
	c.db, aside, err = openOrReplace(filepath.Join(c.options.Paths.Data, databaseName), c.options.Clock())
	if err != nil {
		return err
	}
	if aside != "" {
		c.log.Error("the app's database could not be read and was set aside", "file", aside)
	}
	if c.cache, err = cache.Open(c.db.write); err != nil {
		return err
	}
	if c.ledger, err = ledger.Open(c.db.write); err != nil {
		return err
	}
	c.folder = device.OpenPlace(c.options.Paths.Downloads)
	return nil
}

// Close stops everything and waits. Downloads and jobs go on at the next
// start.
func (c *Core) Close() error {
	c.stop()
	var errs []error
	if c.manager != nil {
		errs = append(errs, c.manager.Close())
	}
	c.wait.Wait()
	if c.screen != nil {
		c.screen.let()
	}
	c.settle()
	c.mu.Lock()
	embedded := c.embedded
	c.embedded = nil
	c.mu.Unlock()
	if embedded != nil {
		errs = append(errs, embedded.Close())
	}
	if c.options.Notifier != nil {
		errs = append(errs, c.options.Notifier.Close())
	}
	if c.db != nil {
		errs = append(errs, c.db.Close())
	}
	if c.logFile != nil {
		errs = append(errs, c.logFile.Close())
	}
	return errors.Join(errs...)
}

// settleWait is how long a renewal of the session may take while the app ends.
const settleWait = 10 * time.Second

// settle waits for a renewal that somebody began and nobody waits for any more,
// and has one saved that could not be so far.
func (c *Core) settle() {
	current := c.current()
	if current == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), settleWait)
	defer cancel()
	if err := current.client.Settle(ctx); err != nil {
		c.log.Warn("end before the renewed session is saved", "error", err)
	}
}

// Backups are the backups on the server.
func (c *Core) Backups() *Backups { return c.backups }

// Downloads is the download service.
func (c *Core) Downloads() *Downloads { return c.downloads }

// Log is where the app writes what went wrong, in full.
func (c *Core) Log() *slog.Logger { return c.log }
