package api

import (
	"errors"
	"fmt"
	"time"
)

// Code is the stable name of a problem, for programs to decide by.
type Code string

// The problem codes of the contract.
const (
	CodeInvalidCredentials     Code = "invalid-credentials"
	CodeSessionExpired         Code = "session-expired"
	CodeAccountPending         Code = "account-pending"
	CodePermissionDenied       Code = "permission-denied"
	CodeNotFound               Code = "not-found"
	CodeMethodNotAllowed       Code = "method-not-allowed"
	CodeBackupNotReady         Code = "backup-not-ready"
	CodeIdenticalInProgress    Code = "identical-in-progress"
	CodeIdempotencyKeyRequired Code = "idempotency-key-required"
	CodeIdempotencyKeyReused   Code = "idempotency-key-reused"
	CodeIdempotencyInProgress  Code = "idempotency-in-progress"
	CodeNotCancellable         Code = "not-cancellable"
	CodeArchiveExpired         Code = "archive-expired"
	CodeArchiveDeleted         Code = "archive-deleted"
	CodePreconditionFailed     Code = "precondition-failed"
	CodePreconditionRequired   Code = "precondition-required"
	CodeRangeNotSatisfiable    Code = "range-not-satisfiable"
	CodeValidation             Code = "validation"
	CodeRateLimited            Code = "rate-limited"
	CodeInternal               Code = "internal"
	CodeMaintenance            Code = "maintenance"
	CodeInsufficientStorage    Code = "insufficient-storage"
)

// Codes are all problem codes of the contract.
func Codes() []Code {
	return []Code{
		CodeInvalidCredentials, CodeSessionExpired, CodeAccountPending, CodePermissionDenied,
		CodeNotFound, CodeMethodNotAllowed, CodeBackupNotReady, CodeIdenticalInProgress, CodeIdempotencyKeyRequired,
		CodeIdempotencyKeyReused, CodeIdempotencyInProgress, CodeNotCancellable, CodeArchiveExpired,
		CodeArchiveDeleted, CodePreconditionFailed, CodePreconditionRequired, CodeRangeNotSatisfiable, CodeValidation,
		CodeRateLimited, CodeInternal, CodeMaintenance, CodeInsufficientStorage,
	}
}

// FieldCode says what is wrong with one field of a request.
type FieldCode string

// The codes of field errors.
const (
	FieldRequired      FieldCode = "required"
	FieldTooLong       FieldCode = "too_long"
	FieldOutOfWindow   FieldCode = "out_of_window"
	FieldInFuture      FieldCode = "in_future"
	FieldOrder         FieldCode = "order"
	FieldUnknownModule FieldCode = "unknown_module"
	FieldNoneSelected  FieldCode = "none_selected"
	FieldInvalid       FieldCode = "invalid"
)

// FieldError is one entry of a validation problem.
type FieldError struct {
	Field  string    `json:"field" doc:"path in the body, or name of the parameter"`
	Code   FieldCode `json:"code" doc:"required, too_long, out_of_window, in_future, order, unknown_module, none_selected or invalid"`
	Detail string    `json:"detail,omitempty" doc:"for developers, in English"`
}

// Problem is the error reply of a server: application/problem+json (RFC 9457)
// with a stable code. It is an error.
type Problem struct {
	Type       string        `json:"type,omitempty"`
	Title      string        `json:"title,omitempty"`
	Status     int           `json:"status" doc:"as in the status line"`
	Detail     string        `json:"detail,omitempty" doc:"for developers, in English"`
	Code       Code          `json:"code"`
	Errors     []FieldError  `json:"errors,omitempty" doc:"what is wrong with which field, for validation"`
	BackupID   string        `json:"backup_id,omitempty" doc:"the running backup, for identical-in-progress"`
	DeletedAt  *time.Time    `json:"deleted_at,omitempty" doc:"for archive-expired and archive-deleted"`
	RequestID  string        `json:"-"` // of the X-Request-Id header
	RetryAfter time.Duration `json:"-"` // of the Retry-After header, at most an hour; 0 when absent

	away bool // said by a server that a redirect led to
}

func (p *Problem) Error() string {
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	return fmt.Sprintf("server answered %d %s: %s", p.Status, p.Code, text)
}

// IsCode reports whether err is or wraps a Problem with this code.
func IsCode(err error, code Code) bool {
	var p *Problem
	return errors.As(err, &p) && p.Code == code
}

// Reason is why a server could not be reached.
type Reason string

// The reasons of an UnreachableError.
const (
	ReasonUnknownHost Reason = "unknown-host" // the name does not resolve
	ReasonRefused     Reason = "refused"      // nothing listens there
	ReasonTimeout     Reason = "timeout"      // no answer in time
	ReasonTLS         Reason = "tls"          // the server's certificate was refused
	ReasonCut         Reason = "cut"          // the connection broke in the middle
	ReasonNetwork     Reason = "network"      // anything else below HTTP
)

// UnreachableError says that no reply came.
type UnreachableError struct {
	Host   string
	Reason Reason
	Err    error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("cannot reach %s (%s): %v", e.Host, e.Reason, e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// ProxyError says that the proxy of this network opened no connection to the
// server; 407: it wants to know who asks. It is inside an UnreachableError.
type ProxyError struct{ Status int }

func (e *ProxyError) Error() string { return fmt.Sprintf("the proxy answered %d", e.Status) }

// NotConnectError says that something answered which does not speak the
// contract, such as a login page in HTML.
type NotConnectError struct {
	URL         string // without user, query and fragment
	Status      int
	ContentType string
	Err         error // what could not be read; may be nil

	away bool // said by a server that a redirect led to
}

func (e *NotConnectError) Error() string {
	return fmt.Sprintf("%s does not answer as a Connect server (status %d, %q)", e.URL, e.Status, e.ContentType)
}

func (e *NotConnectError) Unwrap() error { return e.Err }

// VersionError says that the server speaks another version of the contract.
type VersionError struct{ Server, Want string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the server speaks contract %q, this app %q", e.Server, e.Want)
}

// AddressError says that a server address cannot be used.
type AddressError struct{ Address, Detail string }

func (e *AddressError) Error() string {
	return fmt.Sprintf("server address %q: %s", e.Address, e.Detail)
}

// InsecureError says that an address off this machine has no TLS and nobody
// accepted that.
type InsecureError struct{ Address string }

func (e *InsecureError) Error() string {
	return fmt.Sprintf("%s is not encrypted (http, not https)", e.Address)
}

// RedirectError says that a redirect was not followed, because it leads to
// plain http, or in a circle, or too far.
type RedirectError struct{ From, To, Detail string }

func (e *RedirectError) Error() string {
	return fmt.Sprintf("redirect from %s to %s not followed: %s", e.From, e.To, e.Detail)
}

// ErrSignedOut says that there is no session, or that it ended and could not
// be renewed.
var ErrSignedOut = errors.New("not signed in")
