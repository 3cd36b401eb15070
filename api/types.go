package api

import (
	"time"

	"connectbackup/api/calendar"
)

// Version is the contract version that this package speaks. A server names the
// versions it speaks in Info.API.
const Version = "v1"

// TitleMax is the longest title of a backup, in characters (runes).
const TitleMax = 80

// Permissions that a user can hold (requirement I16).
const (
	PermissionCreate   = "backup.create"
	PermissionDownload = "backup.download"
	PermissionDelete   = "backup.delete"
)

// Info is what a server says of itself to anybody: GET /v1/info.
type Info struct {
	API              string    `json:"api" doc:"contract version" example:"v1"`
	Server           string    `json:"server" doc:"name and version of the server software"`
	Auth             []string  `json:"auth" doc:"ways to sign in: password"`
	Capabilities     []string  `json:"capabilities" doc:"optional parts of the contract that this server offers"`
	Limits           Limits    `json:"limits"`
	PasswordResetURL string    `json:"password_reset_url,omitempty" doc:"page where a forgotten password is replaced"`
	Retention        Retention `json:"retention"`
	Demo             bool      `json:"demo,omitempty" doc:"the data is made up and may vanish"`
}

// Limits are the bounds a server sets on requests.
type Limits struct {
	TitleMax       int `json:"title_max" doc:"longest title, in characters"`
	RangeMaxMonths int `json:"range_max_months" doc:"how far back a range may reach, in calendar months"`
	ActiveMax      int `json:"active_max" doc:"backups prepared at once; further ones queue"`
	PageMax        int `json:"page_max" doc:"longest page of a list"`
}

// Retention says how long a server keeps things, in calendar months
// (requirements S3 and S16).
type Retention struct {
	DataMonths    int   `json:"data_months" doc:"months a record is kept after it was made"`
	ArchiveMonths int   `json:"archive_months" doc:"months an archive is kept after it was completed"`
	ReminderDays  []int `json:"reminder_days" doc:"days before a deletion on which people are reminded"`
}

// Device is the machine that a session belongs to (requirement I2).
type Device struct {
	ID         string `json:"id" doc:"stable identity, made by the app" minLength:"1" maxLength:"64" pattern:"^[0-9A-Za-z_-]*$"`
	Name       string `json:"name" doc:"name that people read" minLength:"1" maxLength:"80"`
	Platform   string `json:"platform" doc:"linux, windows, darwin, android or ios" maxLength:"32"`
	AppVersion string `json:"app_version" maxLength:"32"`
}

// SignIn is the body of POST /v1/session.
type SignIn struct {
	Email    string `json:"email" minLength:"1" maxLength:"254"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
	Device   Device `json:"device"`
}

// Refresh is the body of POST /v1/session/refresh.
type Refresh struct {
	RefreshToken string `json:"refresh_token" minLength:"1" maxLength:"256"`
}

// User is the signed-in person.
type User struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Email       string   `json:"email"`
	Permissions []string `json:"permissions"`
}

// Can reports whether the user holds a permission.
func (u User) Can(permission string) bool {
	for _, p := range u.Permissions {
		if p == permission {
			return true
		}
	}
	return false
}

// Organisation is whose data is backed up (requirement S2).
type Organisation struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Timezone string `json:"timezone" doc:"IANA zone in which the organisation counts its days" example:"Europe/Berlin"`
	Locale   string `json:"locale" doc:"BCP 47; decides separator and decimal mark of the CSV files" example:"de-DE"`
}

// Session is the reply to signing in and to refreshing. The token fields are
// empty in the reply of GET /v1/session.
type Session struct {
	AccessToken  string       `json:"access_token,omitempty"`
	ExpiresAt    time.Time    `json:"expires_at" doc:"when the access token ends"`
	RefreshToken string       `json:"refresh_token,omitempty" doc:"good for one refresh; using it twice ends the session"`
	User         User         `json:"user"`
	Organisation Organisation `json:"organisation"`
}

// Account says who is signed in where. It is a value of the app, made from a
// Session; it does not travel.
type Account struct {
	Server       string // base address; empty for the embedded server
	Demo         bool   // the embedded demo answers
	User         User
	Organisation Organisation
}

// Column describes one column of a module's CSV file.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type" doc:"T text, I identifier kept as text, D day, Z time, N number, B yes/no"`
}

// Module is a part of the Connect app whose records can be backed up.
type Module struct {
	Key        string     `json:"key" doc:"stable name, also the name of the CSV file" example:"invoices"`
	Name       string     `json:"name" doc:"name that people read"`
	Icon       string     `json:"icon"`
	Subscribed bool       `json:"subscribed"`
	Records    int64      `json:"records" doc:"records kept now"`
	OldestAt   *time.Time `json:"oldest_at" doc:"when the oldest kept record was made; null without records"`
	NewestAt   *time.Time `json:"newest_at"`
	Columns    []Column   `json:"columns"`
}

// ModuleList is the reply of GET /v1/modules. Today is the server's date in
// the organisation's zone: the app's notion of "today", whatever the device's
// clock says.
type ModuleList struct {
	Items []Module     `json:"items"`
	Today calendar.Day `json:"today"`
}

// CSV profiles.
const (
	ProfileExcel = "excel" // BOM, CRLF, separator and decimal mark of the organisation's locale
	ProfilePlain = "plain" // no BOM, comma, point, RFC 3339 UTC
)

// NewBackup is the body of POST /v1/backups.
type NewBackup struct {
	Title      string       `json:"title" doc:"1 to 80 characters after trimming"`
	From       calendar.Day `json:"from" doc:"first day, inclusive, in the organisation's zone"`
	Till       calendar.Day `json:"till" doc:"last day, inclusive"`
	Modules    []string     `json:"modules,omitempty" nullable:"true" doc:"module keys; absent or null means all"`
	CSVProfile string       `json:"csv_profile,omitempty" enum:"excel,plain" doc:"excel when absent"`
}

// Status is the server's word for where a backup is in its life. It is never
// mixed with the State of a local download.
type Status string

// The statuses of a backup.
const (
	StatusPending   Status = "pending"
	StatusCompleted Status = "completed"
	StatusFailed    Status = "failed"
	StatusCancelled Status = "cancelled"
	StatusExpired   Status = "expired"
	StatusDeleted   Status = "deleted"
	StatusOther     Status = "other" // a status that this version does not know
)

// Stage is what the server is doing for a pending backup.
type Stage string

// The stages of a pending backup, in order.
const (
	StageQueued     Stage = "queued"
	StageCollecting Stage = "collecting"
	StagePacking    Stage = "packing"
	StageVerifying  Stage = "verifying"
)

// Statuses of one module inside a backup.
const (
	ModuleOK            = "ok"
	ModuleEmpty         = "empty"
	ModuleNotSubscribed = "not_subscribed"
	ModuleFailed        = "failed"
	ModuleWaiting       = "waiting" // not yet collected
)

// Whether every wanted module is in a completed backup.
const (
	Complete = "complete"
	Partial  = "partial"
)

// Progress of a pending backup.
type Progress struct {
	Percent      int    `json:"percent" doc:"0 to 100"`
	Module       string `json:"module,omitempty" doc:"key of the module being worked on"`
	ModulesDone  int    `json:"modules_done"`
	ModulesTotal int    `json:"modules_total"`
	Records      int64  `json:"records" doc:"records written so far"`
}

// BackupModule is one module of a backup.
type BackupModule struct {
	Key      string     `json:"key"`
	Name     string     `json:"name"`
	Status   string     `json:"status" doc:"ok, empty, not_subscribed, failed or waiting"`
	Records  int64      `json:"records"`
	Bytes    int64      `json:"bytes" doc:"size of the CSV file, uncompressed"`
	StoredAt *time.Time `json:"stored_at,omitempty" doc:"instant at which the last of its records came to the server, where that is not when it was made; a backup whose data_as_of is before it lacks some of them"`
}

// DeviceRef names the device on which a backup was created.
type DeviceRef struct {
	ID       string `json:"device_id"`
	Name     string `json:"name"`
	Platform string `json:"platform"`
}

// UserRef names a person.
type UserRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Archive is the zip file of a completed backup.
type Archive struct {
	FileName  string `json:"file_name" doc:"ASCII, at most 120 bytes"`
	Size      int64  `json:"size" doc:"bytes"`
	SHA256    string `json:"sha256" doc:"64 lower-case hexadecimal digits"`
	MediaType string `json:"media_type" doc:"application/zip"`
}

// ETag is the strong entity tag under which the archive is served.
func (a Archive) ETag() string { return `"sha256-` + a.SHA256 + `"` }

// BackupError says why a backup failed.
type BackupError struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Backup is one backup of an organisation.
type Backup struct {
	ID           string         `json:"id" doc:"bkp_ and a ULID"`
	Title        string         `json:"title" doc:"as people called it"`
	Status       Status         `json:"status" doc:"pending, then completed, failed or cancelled; a completed one becomes expired or deleted"`
	Stage        Stage          `json:"stage,omitempty" doc:"queued, collecting, packing or verifying; only while pending"`
	Progress     *Progress      `json:"progress" doc:"only while pending"`
	From         calendar.Day   `json:"from" doc:"first day, inclusive"`
	Till         calendar.Day   `json:"till" doc:"last day, inclusive"`
	Timezone     string         `json:"timezone" doc:"IANA zone in which the days are meant"`
	DataAsOf     *time.Time     `json:"data_as_of" doc:"instant of the snapshot the archive was made from"`
	Modules      []BackupModule `json:"modules" doc:"in the organisation's order"`
	Completeness string         `json:"completeness,omitempty" doc:"complete or partial, once completed"`
	CSVProfile   string         `json:"csv_profile" doc:"excel or plain"`
	PerformedAt  time.Time      `json:"performed_at" doc:"when it was created"`
	CompletedAt  *time.Time     `json:"completed_at" doc:"when the archive was published"`
	ExpiresAt    *time.Time     `json:"expires_at" doc:"when the server deletes the archive"`
	DeletedAt    *time.Time     `json:"deleted_at" doc:"when the archive was deleted or expired"`
	CreatedBy    UserRef        `json:"created_by" doc:"who asked for it"`
	CreatedOn    DeviceRef      `json:"created_on" doc:"where, under the name of then"`
	Archive      *Archive       `json:"archive" doc:"null when there is no file"`
	Downloads    DownloadCount  `json:"downloads" doc:"what devices reported of it"`
	Error        *BackupError   `json:"error" doc:"why it failed"`
}

// Downloadable reports whether the server holds an archive for b.
func (b Backup) Downloadable() bool { return b.Status == StatusCompleted && b.Archive != nil }

// ListQuery asks for backups: GET /v1/backups. The zero value asks for the
// first page of all.
type ListQuery struct {
	Q      string       // words to search for; case and accents do not matter
	Status Status       // only backups of this status; empty for all
	Module string       // only backups that were to hold this module; empty for all
	Covers calendar.Day // only backups whose range holds this day; zero for all
	Limit  int          // 0: the server's default, 50
	Cursor string       // NextCursor of the page before
}

// BackupPage is one page of a list: pending ones first, then by PerformedAt,
// newest first.
type BackupPage struct {
	Items      []Backup `json:"items"`
	NextCursor string   `json:"next_cursor,omitempty" doc:"absent on the last page"`
}

// Snapshot is a value together with how fresh it is. Err nil means it was just
// confirmed by the server; otherwise it is the copy of At and Err says why no
// newer one could be had (requirement I6).
type Snapshot[T any] struct {
	Value T
	At    time.Time
	Err   error
}
