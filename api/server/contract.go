package server

import (
	"net/http"
	"slices"

	"connectbackup/api"
)

//go:generate go test -run ^TestTheDescriptionIsUpToDate$ . -args -update

// contractVersion is the version of the description in api/openapi.yaml. The
// first number is that of the paths.
const contractVersion = "1.0.0"

// contractText stands at the head of api/openapi.yaml.
const contractText = `The open contract between the Connect Backup app and a Connect server.

**Form.** JSON in UTF-8 with snake_case names. Instants are RFC 3339 in UTC, days YYYY-MM-DD in the organisation's time
zone. Both sides ignore fields that they do not know; a client shows values of an enumeration that it does not know as
"other". Every reply has Date and X-Request-Id.

**Errors** are application/problem+json (RFC 9457) with a stable code; the schema Problem lists them. A path that does
not exist is 404 not-found, a method that a path does not have 405 method-not-allowed with Allow. Nothing that was sent
is echoed. A refusal that passes has Retry-After, in seconds.

**Who asks** is known from the token alone, and so is the organisation: what belongs to another one does not exist.
Backups are read by everybody of the organisation; backup.create, backup.download and backup.delete are permissions.
Tokens for the command line may do what both their scopes and their user allow, and nothing about sessions, devices and
tokens.

**A range** of days is [from 00:00, till + 1 day 00:00) in the organisation's zone, by computing the starts of days and
never by adding 24 hours. It reaches back 24 calendar months at most; a day that the earlier month lacks becomes its
last.

**Two clocks.** Records are kept for 24 calendar months after the day on which they were made, archives for 24 calendar
months after they were completed. The backup itself, its manifest and its downloads stay.

**Records can come late**, long after they were made. stored_at says when the last of some did; a backup of before, one
whose data_as_of is earlier, lacks some of them, whatever days it is of, and covers them for nobody.

**Limits.** Failed sign-ins 10 a minute and address, new backups 6 a minute and user, reported downloads 120 a minute and
user, 10 streams of events a user. A request has 64 KiB at most.

**A job** reads in one snapshot, and publishes its archive only when it was written, read again and verified. After a
crash it starts again; after three attempts it has failed, with a reason. It is never silently partial.

A stand-alone server also answers GET /healthz (it runs) and GET /readyz (it can serve; otherwise 503), as text.`

// route is what is said of one endpoint.
type route struct {
	id, tag, method, path string
	status                int
	summary, about        string
	codes                 []api.Code // of its own, beside those that are clear from its form
	conditional           bool       // it answers 304 to If-None-Match
}

func routeOf(id string) route {
	return routes[slices.IndexFunc(routes, func(r route) bool { return r.id == id })]
}

var routes = []route{
	{
		id: "info", tag: "server", method: http.MethodGet, path: "/v1/info", status: http.StatusOK,
		summary: "What the server is", about: "For anybody. An app asks this first, so that a wrong address is told apart from a wrong password.",
	},
	{
		id: "sign-in", tag: "session", method: http.MethodPost, path: "/v1/session", status: http.StatusCreated,
		summary: "Sign in",
		about: "E-mail is compared without case and spaces around it. An unknown e-mail and a wrong password are answered alike, " +
			"and take as long. Failures are limited by address; successes do not count.",
		codes: []api.Code{api.CodeInvalidCredentials, api.CodeAccountPending, api.CodeRateLimited},
	},
	{
		id: "refresh-session", tag: "session", method: http.MethodPost, path: "/v1/session/refresh", status: http.StatusOK,
		summary: "Trade a refresh token for new tokens",
		about: "A refresh token is good for one use. Using it again ends the session with all its tokens: it has leaked. " +
			"Access tokens given out before stay good until they end, so that downloads under way go on.",
		codes: []api.Code{api.CodeSessionExpired, api.CodeAccountPending},
	},
	{
		id: "session", tag: "session", method: http.MethodGet, path: "/v1/session", status: http.StatusOK,
		summary: "Who is signed in", about: "Without the tokens. With a command token: whom it stands for, and what it may do.",
	},
	{
		id: "sign-out", tag: "session", method: http.MethodDelete, path: "/v1/session", status: http.StatusNoContent,
		summary: "Sign out", about: "Ends this session with all its tokens; others of the same person go on.",
		codes: []api.Code{api.CodePermissionDenied},
	},
	{
		id: "list-devices", tag: "devices", method: http.MethodGet, path: "/v1/devices", status: http.StatusOK,
		summary: "Where the person is signed in", about: "The last seen first.",
		codes: []api.Code{api.CodePermissionDenied},
	},
	{
		id: "rename-device", tag: "devices", method: http.MethodPatch, path: "/v1/devices/{id}", status: http.StatusOK,
		summary: "Rename a device", about: "Backups made on it before keep the name it had.",
		codes: []api.Code{api.CodePermissionDenied, api.CodeNotFound},
	},
	{
		id: "remove-device", tag: "devices", method: http.MethodDelete, path: "/v1/devices/{id}", status: http.StatusNoContent,
		summary: "Sign out on a device", about: "Ends all sessions there at once. Files that lie there stay.",
		codes: []api.Code{api.CodePermissionDenied, api.CodeNotFound},
	},
	{
		id: "list-tokens", tag: "devices", method: http.MethodGet, path: "/v1/tokens", status: http.StatusOK,
		summary: "The person's tokens for the command line", about: "Without their secrets, the newest first. Ended ones are gone.",
		codes: []api.Code{api.CodePermissionDenied},
	},
	{
		id: "create-token", tag: "devices", method: http.MethodPost, path: "/v1/tokens", status: http.StatusCreated,
		summary: "Make a token for the command line",
		about:   "Its secret is in this reply alone; the server keeps a hash. A scope that the person does not hold is refused. 50 a person at most.",
		codes:   []api.Code{api.CodePermissionDenied, api.CodeRateLimited},
	},
	{
		id: "revoke-token", tag: "devices", method: http.MethodDelete, path: "/v1/tokens/{id}", status: http.StatusNoContent,
		summary: "End a token", about: "At once, and for good.",
		codes: []api.Code{api.CodePermissionDenied, api.CodeNotFound},
	},
	{
		id: "list-modules", tag: "backups", method: http.MethodGet, path: "/v1/modules", status: http.StatusOK, conditional: true,
		summary: "The modules whose records can be backed up", about: "With what is kept of them now, and the server's date of today.",
	},
	{
		id: "estimate-backup", tag: "backups", method: http.MethodPost, path: "/v1/backups/estimate", status: http.StatusOK,
		summary: "What a backup would hold",
		about:   "Checked like the making of it, but for the title. Counts are exact, sizes are guesses. Overlaps are the pending and completed backups that share a day and a module.",
	},
	{
		id: "create-backup", tag: "backups", method: http.MethodPost, path: "/v1/backups", status: http.StatusAccepted,
		summary: "Start a backup",
		about: "Needs backup.create. The reply is the pending backup, with Location. The Idempotency-Key names the attempt of this user and is remembered " +
			"for 24 hours: the same key with the same body gives the same reply, with Idempotency-Replayed: true, and never a second backup; with another body " +
			"it is refused. A refused request does not spend its key, and does not count for the limit. While the same title, range, modules and profile are " +
			"being prepared for the organisation, another key is led to that backup by identical-in-progress and backup_id. A server that works on the first " +
			"request still may answer idempotency-in-progress. Further backups than active_max wait their turn as queued.",
		codes: []api.Code{
			api.CodePermissionDenied, api.CodeIdempotencyKeyRequired, api.CodeIdempotencyKeyReused, api.CodeIdempotencyInProgress,
			api.CodeIdenticalInProgress, api.CodeRateLimited, api.CodeInsufficientStorage,
		},
	},
	{
		id: "list-backups", tag: "backups", method: http.MethodGet, path: "/v1/backups", status: http.StatusOK, conditional: true,
		summary: "Search the backups",
		about: "Pending ones first, then by performed_at, the newest first. Every word of q must stand somewhere in title, module names, file name or the days " +
			"from, till and performed (as 2021-07-01 and as 1 July 2021), also inside a word; case and accents do not matter. A cursor names a place, not a number: " +
			"what is made meanwhile neither repeats nor skips anything.",
	},
	{
		id: "get-backup", tag: "backups", method: http.MethodGet, path: "/v1/backups/{id}", status: http.StatusOK, conditional: true,
		summary: "One backup",
		about: "With Prefer: wait=N (RFC 7240) the reply to a pending backup is held until it is another one than If-None-Match names, or than it was; " +
			"N seconds, 25 at most. Preference-Applied says that this was done.",
		codes: []api.Code{api.CodeNotFound},
	},
	{
		id: "rename-backup", tag: "backups", method: http.MethodPatch, path: "/v1/backups/{id}", status: http.StatusOK,
		summary: "Change the title",
		about:   "Needs backup.create, and If-Match with the entity tag of the backup as it was read. The file keeps its name and its manifest. Not while it is pending.",
		codes: []api.Code{
			api.CodePermissionDenied, api.CodeNotFound, api.CodePreconditionRequired, api.CodePreconditionFailed, api.CodeBackupNotReady,
		},
	},
	{
		id: "cancel-backup", tag: "backups", method: http.MethodPost, path: "/v1/backups/{id}/cancel", status: http.StatusOK,
		summary: "Cancel a pending backup", about: "Needs backup.create. Nothing is left of it but its row. Cancelling a cancelled one is no error.",
		codes: []api.Code{api.CodePermissionDenied, api.CodeNotFound, api.CodeNotCancellable},
	},
	{
		id: "delete-backup", tag: "backups", method: http.MethodDelete, path: "/v1/backups/{id}", status: http.StatusNoContent,
		summary: "Delete the file",
		about:   "Needs backup.delete. The backup stays as deleted, with its manifest. Where there is no file (any more) nothing changes, and that is no error. A pending one is cancelled instead.",
		codes:   []api.Code{api.CodePermissionDenied, api.CodeNotFound, api.CodePreconditionFailed, api.CodeBackupNotReady},
	},
	{
		id: "download-archive", tag: "archive", method: http.MethodGet, path: "/v1/backups/{id}/archive", status: http.StatusOK,
		summary: "The zip file",
		about: "Needs backup.download. As often as one likes, whole or in ranges (RFC 9110, 14), also by HEAD. The strong ETag is \"sha256-\" and the SHA-256 of the file in hexadecimal; " +
			"Repr-Digest (RFC 9530) says the same. Never with a Content-Encoding. If-Range with another tag gives the whole file. A unit other than bytes is ignored.",
		codes: []api.Code{
			api.CodePermissionDenied, api.CodeNotFound, api.CodeBackupNotReady, api.CodeArchiveExpired, api.CodeArchiveDeleted,
			api.CodeRangeNotSatisfiable, api.CodePreconditionFailed,
		},
	},
	{
		id: "get-manifest", tag: "archive", method: http.MethodGet, path: "/v1/backups/{id}/manifest", status: http.StatusOK,
		summary: "What stands in the zip file", about: "Kept when the file is gone, so that a copy elsewhere can still be verified.",
		codes: []api.Code{api.CodeNotFound, api.CodeBackupNotReady, api.CodeArchiveExpired, api.CodeArchiveDeleted},
	},
	{
		id: "record-download", tag: "archive", method: http.MethodPost, path: "/v1/backups/{id}/downloads", status: http.StatusCreated,
		summary: "Report what became of the file on a device",
		about: "Needs backup.download. A completed or verified file must have the SHA-256 of the archive. The same event of the same device and instant is recorded once. " +
			"Possible as long as the backup stands, also without its file.",
		codes: []api.Code{
			api.CodePermissionDenied, api.CodeNotFound, api.CodeBackupNotReady, api.CodeRateLimited,
		},
	},
	{
		id: "list-downloads", tag: "archive", method: http.MethodGet, path: "/v1/backups/{id}/downloads", status: http.StatusOK,
		summary: "Which device reported what", about: "Of the whole organisation, the last recorded first, 500 at most.",
		codes: []api.Code{api.CodeNotFound},
	},
	{
		id: "listen-to-events", tag: "backups", method: http.MethodGet, path: "/v1/events", status: http.StatusOK,
		summary: "Hear what happens",
		about: "Server-sent events (WHATWG HTML, 9.2); the data is an Event in JSON. The ids of an organisation's events increase by one. With Last-Event-ID all that came later is sent first; " +
			"without it the stream begins now, with an id to go on from. The last 1000 events at least are kept, also over a restart; where that is not enough, or the id is unknown, " +
			"reset tells the client to read everything anew. backup.progress has no id and comes once a second a backup at most. Something comes every 20 seconds, if only a comment. " +
			"The stream ends with the access token or the session. A server without events answers 404; clients then ask after 2, 3, 5, 8, 13 and 30 s while something is pending.",
		codes: []api.Code{api.CodeRateLimited},
	},
	{
		id: "get-retention", tag: "backups", method: http.MethodGet, path: "/v1/retention", status: http.StatusOK, conditional: true,
		summary: "What is deleted soon",
		about: "By both clocks, as far ahead as the longest of reminder_days. Records are told by module and calendar month of their making. " +
			"A backup covers them when it is completed, its file is there, its range holds all of their days, and it was made after the last of these was over.",
	},
}

// problemKind is what is said of a problem code.
type problemKind struct {
	code     api.Code
	statuses []int
	about    string
}

var problemKinds = []problemKind{
	{api.CodeInvalidCredentials, []int{401}, "e-mail or password is wrong"},
	{api.CodeSessionExpired, []int{401}, "there is no session, or it has ended: refresh it, or sign in again"},
	{api.CodeAccountPending, []int{403}, "the account has not been released yet"},
	{api.CodePermissionDenied, []int{403}, "the person, or the token, may not do this"},
	{api.CodeNotFound, []int{404}, "there is nothing here for this organisation; also the file of a backup that failed or was cancelled"},
	{api.CodeMethodNotAllowed, []int{405}, "the path has other methods: Allow"},
	{api.CodeBackupNotReady, []int{409}, "the backup is pending: Retry-After"},
	{api.CodeIdenticalInProgress, []int{409}, "the same backup is being prepared: backup_id"},
	{api.CodeIdempotencyInProgress, []int{409}, "the first request with this key is being worked on: Retry-After"},
	{api.CodeIdempotencyKeyRequired, []int{400}, "the header Idempotency-Key is missing"},
	{api.CodeIdempotencyKeyReused, []int{422}, "the key was used with another body"},
	{api.CodeNotCancellable, []int{409}, "the backup has ended"},
	{api.CodeArchiveExpired, []int{410}, "the file was kept for its time and then deleted: deleted_at"},
	{api.CodeArchiveDeleted, []int{410}, "somebody deleted the file: deleted_at"},
	{api.CodePreconditionFailed, []int{412}, "it is not as If-Match says"},
	{api.CodePreconditionRequired, []int{428}, "the header If-Match is missing"},
	{api.CodeRangeNotSatisfiable, []int{416}, "the file has no such bytes: Content-Range"},
	{api.CodeValidation, []int{400, 413, 415, 422}, "the request cannot be understood (400), is too long (413), is not called JSON (415), or has invalid fields (422): errors"},
	{api.CodeRateLimited, []int{429}, "too often: Retry-After"},
	{api.CodeInternal, []int{500}, "a mistake of the server, noted under X-Request-Id"},
	{api.CodeMaintenance, []int{503}, "the server cannot serve now: Retry-After"},
	{api.CodeInsufficientStorage, []int{507}, "the server has no room left"},
}
