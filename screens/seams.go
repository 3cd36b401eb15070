package screens

import (
	"context"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/device/download"
)

// Sessions signs in and out (requirements I1, I11, I15).
type Sessions interface {
	// Current is who is signed in; false when nobody is.
	Current() (api.Account, bool)
	// Ended tells of a session that ended although the person did not sign
	// out: whose it was, and why. The reason is nil when there is none such.
	Ended() (account api.Account, why error)
	// Subscribe calls f, on any goroutine, when that happens. The function it
	// returns ends that.
	Subscribe(f func()) (cancel func())
	// SignInDemo signs in to the embedded server's demo organisation.
	SignInDemo(ctx context.Context) (api.Account, error)
	// SignIn signs in to a Connect server. An address without TLS off this
	// machine is an *api.InsecureError unless the person accepts it.
	SignIn(ctx context.Context, server, email, password string, acceptInsecure bool) (api.Account, error)
	// SignOut forgets session, cached lists and unfinished downloads; files
	// that were downloaded stay. It works offline too.
	SignOut(ctx context.Context) error
	// PasswordReset is the page where a forgotten password of that server is
	// replaced (requirement I17); empty when the server names none.
	PasswordReset(ctx context.Context, server string) (string, error)
	// Devices are the machines on which the person is signed in, the last seen
	// first (requirements I2, B10).
	Devices(ctx context.Context) ([]api.SignedInDevice, error)
	// SignOutDevice ends every session of one of them. Files there stay.
	SignOutDevice(ctx context.Context, id string) error
}

// Backups is the organisation's backups on the server, with the offline copy
// behind it (requirement I6).
type Backups interface {
	// Cached is what is known without asking the server; false when nothing is.
	Cached(q api.ListQuery) (api.Snapshot[api.BackupPage], bool)
	// List asks the server, and falls back to the offline copy: then Err in
	// the Snapshot says why. An error means there is neither.
	List(ctx context.Context, q api.ListQuery) (api.Snapshot[api.BackupPage], error)
	CachedBackup(id string) (api.Snapshot[api.Backup], bool)
	Get(ctx context.Context, id string) (api.Snapshot[api.Backup], error)
	Modules(ctx context.Context) (api.Snapshot[api.ModuleList], error)
	// Create starts a backup. The key names this attempt of this person: the
	// same key never makes two backups (requirement B14).
	Create(ctx context.Context, key string, n api.NewBackup) (api.Backup, error)
	Cancel(ctx context.Context, id string) (api.Backup, error)
	// Estimate says what a backup would hold, and which ones hold some of it
	// already (requirement B11).
	Estimate(ctx context.Context, e api.EstimateRequest) (api.Estimate, error)
	// Rename gives a backup another title, if it is still called as known
	// says: otherwise it is a Problem with CodePreconditionFailed.
	Rename(ctx context.Context, known api.Backup, title string) (api.Backup, error)
	// Delete deletes the file on the server. It returns the backup as it is then.
	Delete(ctx context.Context, id string) (api.Backup, error)
	// Holders is, for each device that holds the file, the last it said of it,
	// the newest first (requirement B10).
	Holders(ctx context.Context, id string) ([]api.DownloadRecord, error)
	// Subscribe calls f, on any goroutine, whenever a backup is seen to have
	// changed on the server (requirements S41, I4). The function it returns
	// ends that.
	Subscribe(f func(api.Backup)) (cancel func())
}

// Downloads is the download service of this device.
type Downloads interface {
	// Start downloads the archive of b. A file of that name that is already
	// there is a *download.ExistsError unless clash answers the question (S18).
	Start(b api.Backup, clash download.Clash) error
	Pause(id string) error
	Resume(id string) error
	Cancel(id string) error
	// State is the download of that backup; its Phase is download.None when
	// there is none.
	State(id string) download.State
	// Subscribe calls f, on any goroutine, at most ten times a second for each
	// download, at every change of phase, and once at the end.
	Subscribe(f func(download.State)) (cancel func())
	// FileName is what the archive of b is called on this device; empty when
	// it has none.
	FileName(b api.Backup) string
	// Copy is what this device holds of a backup (requirements S14, S15, I3).
	// It looks at the disk.
	Copy(b api.Backup) download.Copy
	// Copies is what this device holds of any backup of the signed-in
	// organisation, the newest first; copies that were deleted or moved since
	// are not among them. It looks at the disk.
	Copies() []download.Copy
	// Remove deletes this device's copy.
	Remove(b api.Backup) error
	// Verify reads the whole copy and compares it with what the server made
	// (requirement B3). It returns the copy as it is then. report is called
	// from one goroutine at a time, with bytes.
	Verify(ctx context.Context, b api.Backup, report func(done, total int64)) (download.Copy, error)
	// Find looks through Downloads for a file that was moved or renamed, by
	// its size and SHA-256 (requirement B13). The State of the copy is
	// CopyNone when there is none.
	Find(ctx context.Context, b api.Backup) (download.Copy, error)
	// Adopt takes the file that the person picked for the copy; another file
	// is a download.ErrNotTheFile.
	Adopt(ctx context.Context, b api.Backup, file download.Location) (download.Copy, error)
	// LastVerified is when a copy that is still here was last verified
	// (requirement B15); zero when there is none. It looks at the disk.
	LastVerified() time.Time
}

// Reminders tell people before something is deleted that no verified copy on
// this device holds (requirements S4, B7).
type Reminders interface {
	// Outlook is what is known without asking the server; false when nothing is.
	Outlook() (reminder.Outlook, bool)
	// Refresh asks the server, and falls back to what was known: then Err in
	// the Outlook says why. An error means there is neither.
	Refresh(ctx context.Context) (reminder.Outlook, error)
	// Subscribe calls f, on any goroutine, when the outlook changed. The
	// function it returns ends that.
	Subscribe(f func(reminder.Outlook)) (cancel func())
	// Snooze puts the reminder off.
	Snooze(s reminder.Snooze) error
	Options() reminder.Options
	SetOptions(o reminder.Options) error
	// Background is how people are told while the app is closed.
	Background() reminder.Background
	// SetTimer installs the timer that tells them, or removes it.
	SetTimer(on bool) error
	// Calendar writes what is about to be deleted into Downloads, as a file
	// that calendars read (requirement B7).
	Calendar() (download.Location, error)
}

// Feature is something a device may be able to do.
type Feature int

// The features of a device.
const (
	CanOpen Feature = iota
	CanReveal
	CanShare
	CanKeepScreenOn
)

// Device is this machine.
type Device interface {
	Can(Feature) bool
	Open(download.Location) error   // with the system's default app (S21)
	Reveal(download.Location) error // in the system's file manager
	Share(download.Location) error
	// Extract writes the archive out into a folder beside it. report is called
	// from one goroutine at a time with bytes and the entry's name; total is
	// -1 when not known.
	Extract(ctx context.Context, l download.Location, clash download.Clash,
		report func(done, total int64, entry string)) (folder download.Location, files int, err error)
	// Documents lists the files in the folder of an extraction that can be
	// opened, at most so many, sorted. A Name is the slash path within the folder.
	Documents(folder download.Location, most int) ([]download.Info, error)
	// OpenURL shows a web page.
	OpenURL(address string) error
	// Metered reports whether the network costs by the byte, as phones know. It
	// asks the system.
	Metered() bool
}

// Settings are what people can set, and what they are told there.
type Settings interface {
	DeviceID() string
	DeviceName() string
	SetDeviceName(name string) error
	// Downloads is the folder that backups are downloaded to.
	Downloads() string
	// SecretStore says where the session is kept; protected is false when only
	// file permissions guard it.
	SecretStore() (where string, protected bool)
	LogFile() string
	Version() string
	// Told reports whether the person was already told something that is told
	// once (requirements I14, I18), and SetTold remembers it.
	Told(key string) bool
	SetTold(key string)
	// Theme is "light", "dark", or empty for the system's.
	Theme() string
	SetTheme(name string) error
	// Language is "en", "de", "fr" or "es", or empty for the system's.
	Language() string
	SetLanguage(tag string) error
	// KeepScreenOn is whether the screen stays on while something is
	// downloaded, where the device can do that.
	KeepScreenOn() bool
	SetKeepScreenOn(on bool) error
	// Platform is linux, windows, darwin, android or ios.
	Platform() string
}

// Words turns an error into what happened and what to do next, for people, as
// templates to translate with the data that fills them.
type Words func(err error) (what, next string, data map[string]any)

// Hops runs work off and on the goroutine of the screen. In the app Go starts
// a goroutine and UI is fyne.Do; in tests UI is a queue that only the test
// drains.
type Hops struct{ Go, UI func(func()) }

// Clock tells the time.
type Clock func() time.Time

// Needs is everything that screens get from the app.
type Needs struct {
	Sessions  Sessions
	Backups   Backups
	Downloads Downloads
	Reminders Reminders
	Device    Device
	Settings  Settings
	Words     Words
	Hops      Hops
	Clock     Clock
	// After sends once a while has passed; it is time.After in the app.
	After func(time.Duration) <-chan time.Time
	// Today is the server's date in the organisation's zone, or the device's
	// when the server has not been asked yet.
	Today func() calendar.Day
	// NewKey makes an idempotency key.
	NewKey func() string
}
