package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"connectbackup/api"
)

// fault is a problem on its way to the client, with headers that go with it.
type fault struct {
	api.Problem
	header http.Header
}

// GetStatus, GetHeaders and ContentType are what huma asks of an error.
func (f *fault) GetStatus() int { return f.Status }

// GetHeaders implements huma.HeadersError.
func (f *fault) GetHeaders() http.Header { return f.header }

// ContentType implements huma.ContentTypeFilter (RFC 9457).
func (f *fault) ContentType(string) string { return "application/problem+json" }

func problem(status int, code api.Code, detail string) *fault {
	f := &fault{
		Problem: api.Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail},
		// A 404 or 410 may otherwise be kept (RFC 9110, 15.1).
		header: http.Header{"Cache-Control": {"no-store"}},
	}
	if status == http.StatusUnauthorized {
		f.header.Set("WWW-Authenticate", `Bearer realm="Connect"`)
	}
	return f
}

// retryAfter says when trying again may help, in whole seconds, at least one.
func (f *fault) retryAfter(d time.Duration) *fault {
	f.header.Set("Retry-After", strconv.Itoa(max(1, int((d+time.Second-1)/time.Second))))
	return f
}

func notFound() *fault {
	return problem(http.StatusNotFound, api.CodeNotFound, "There is nothing here for this organisation.")
}

func denied(permission string) *fault {
	return problem(http.StatusForbidden, api.CodePermissionDenied, "This needs the permission "+permission+".")
}

func invalid(errs ...api.FieldError) *fault {
	f := problem(http.StatusUnprocessableEntity, api.CodeValidation, "The request has invalid fields.")
	f.Errors = errs
	return f
}

func sessionExpired() *fault {
	return problem(http.StatusUnauthorized, api.CodeSessionExpired, "The session has ended. Sign in again.")
}

var replaceErrors sync.Once

// useProblems makes huma's own errors problems of the contract. By default
// they echo the values that were sent, passwords among them, and the text of
// internal errors.
func useProblems() {
	replaceErrors.Do(func() {
		huma.DefaultArrayNullable = false // a list is never null in the contract
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			return generic(status, msg, errs)
		}
		huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
			if status < 500 {
				return generic(status, msg, errs)
			}
			for _, err := range errs {
				if isDiskFull(err) {
					logOf(ctx.Context()).Error("disk full", "err", err)
					return problem(http.StatusInsufficientStorage, api.CodeInsufficientStorage, "The server has no room left.")
				}
			}
			if ctx.Context().Err() == nil {
				logOf(ctx.Context()).Error("request failed", "method", ctx.Method(), "path", ctx.URL().Path, "err", errs)
			}
			return internal()
		}
	})
}

func internal() *fault {
	return problem(http.StatusInternalServerError, api.CodeInternal, "The server made a mistake. It has been noted.")
}

// generic is the problem for an error that huma found itself.
func generic(status int, msg string, errs []error) *fault {
	switch {
	case status == http.StatusUnauthorized:
		return sessionExpired()
	case status == http.StatusNotFound:
		return notFound()
	case status >= 500:
		return internal()
	}
	f := problem(status, api.CodeValidation, "The request cannot be understood.")
	if status == http.StatusUnprocessableEntity {
		f.Detail = "The request has invalid fields."
	}
	if status == http.StatusRequestEntityTooLarge {
		f.Detail = "The request is too large."
	}
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			if e := fieldError(d.ErrorDetail()); e.Field != "" { // else no field is to blame, but the whole
				f.Errors = append(f.Errors, e)
			}
		}
	}
	return f
}

// fieldError tells in the contract's words what huma's validation found. The
// value is left out on purpose.
func fieldError(d *huma.ErrorDetail) api.FieldError {
	field := d.Location
	for _, place := range []string{"body", "query", "header", "path"} {
		if rest, ok := strings.CutPrefix(field, place); ok {
			field = strings.TrimPrefix(rest, ".")
			break
		}
	}
	code, detail := api.FieldInvalid, d.Message
	var name string
	var n int
	switch {
	case scan(d.Message, "expected required property %s to be present", &name):
		code = api.FieldRequired
		field = strings.TrimPrefix(field+"."+name, ".")
	case scan(d.Message, "expected length >= %d", &n) && n == 1, strings.HasPrefix(d.Message, "required "):
		code = api.FieldRequired
	case scan(d.Message, "expected length <= %d", &n):
		code = api.FieldTooLong
	case !strings.HasPrefix(d.Message, "expected "):
		detail = "it cannot be read" // the text may hold what was sent
	}
	return api.FieldError{Field: field, Code: code, Detail: detail}
}

func scan(text, format string, into any) bool {
	_, err := fmt.Sscanf(text, format, into)
	return err == nil
}

type logKey struct{}

// logOf is the log of a request, with its ID.
func logOf(ctx context.Context) *slog.Logger {
	if l, ok := ctx.Value(logKey{}).(*slog.Logger); ok {
		return l
	}
	return slog.New(slog.DiscardHandler)
}
