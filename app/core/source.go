package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"connectbackup/api"
	"connectbackup/device/download"
)

// archiveSource gives the download engine the archives of whoever is signed
// in at the moment.
type archiveSource struct{ client func() (*api.Client, error) }

// OpenRange opens the archive of the backup of that ID.
func (s archiveSource) OpenRange(ctx context.Context, id string, from, to int64, ifRange string) (download.Body, error) {
	client, err := s.client()
	if err != nil {
		return download.Body{}, sourceError(err)
	}
	return opened(client.OpenArchive(ctx, id, from, to, ifRange))
}

// urlSource gives the download engine any address, for the command fetch. The
// ID of a request is the address.
type urlSource struct{ fetcher *api.Fetcher }

// OpenRange opens the address id.
func (s urlSource) OpenRange(ctx context.Context, id string, from, to int64, ifRange string) (download.Body, error) {
	return opened(s.fetcher.Open(ctx, id, from, to, ifRange))
}

// URLSource is a Source whose IDs are addresses.
func URLSource(o api.FetchOptions) download.Source { return urlSource{api.NewFetcher(o)} }

// opened is a reply in the engine's words.
func opened(b *api.ArchiveBody, err error) (download.Body, error) {
	var outside *api.RangeError
	if errors.As(err, &outside) && outside.From == 0 && outside.Total == 0 {
		return download.Body{ReadCloser: http.NoBody}, nil // an empty file has no range
	}
	if err != nil {
		return download.Body{}, sourceError(err)
	}
	return download.Body{ReadCloser: b.ReadCloser, From: b.From, To: b.To, Total: b.Total, ETag: b.ETag}, nil
}

// sourceError turns an error of the client into one that the engine decides
// by, with the original inside for the words and the log.
func sourceError(err error) error {
	var problem *api.Problem
	if errors.As(err, &problem) {
		return problemError(problem)
	}
	var redirect *api.RedirectError
	var insecure *api.InsecureError
	var unreachable *api.UnreachableError
	var foreign *api.NotConnectError
	var outside *api.RangeError
	var granted *api.GrantError
	var encoded *api.EncodingError
	var id *api.IDError
	var proxy *api.ProxyError
	switch {
	case errors.As(err, &proxy) && proxy.Status < http.StatusInternalServerError:
		return join(download.ErrProxy, err)
	case errors.Is(err, api.ErrSignedOut):
		return join(download.ErrAuthExpired, err)
	case errors.As(err, &redirect), errors.As(err, &insecure):
		return join(download.ErrUntrusted, err)
	case errors.As(err, &unreachable) && unreachable.Reason == api.ReasonTLS:
		return join(download.ErrUntrusted, err)
	case errors.As(err, &outside), errors.As(err, &granted):
		return join(download.ErrRange, err)
	case errors.As(err, &encoded):
		return join(download.ErrNotTheFile, err)
	case errors.As(err, &id):
		return join(download.ErrNotFound, err)
	case errors.As(err, &foreign):
		return foreignError(foreign)
	}
	return err // passing: the engine tries again
}

// problemError sorts the server's own refusals.
func problemError(p *api.Problem) error {
	if p.Code == api.CodeBackupNotReady {
		return join(download.ErrNotReady, p)
	}
	if err := statusError(p.Status, p.RetryAfter, p); err != nil {
		return err
	}
	return p
}

// foreignError sorts replies that are not of the contract. A gateway that
// fails for a while is a passing fault; what comes with any other status is
// not the file.
func foreignError(e *api.NotConnectError) error {
	if e.Status == 0 { // the connection may have broken in the first line
		return join(download.ErrOddAnswer, e)
	}
	if err := statusError(e.Status, 0, e); err != nil {
		return err
	}
	if e.Status >= http.StatusInternalServerError {
		return e
	}
	return join(download.ErrNotTheFile, e)
}

// statusError is the engine's word for a status, with err inside; nil when the
// status alone does not decide.
func statusError(status int, after time.Duration, err error) error {
	switch status {
	case http.StatusUnauthorized:
		return join(download.ErrAuthExpired, err)
	case http.StatusForbidden:
		return join(download.ErrDenied, err)
	case http.StatusNotFound:
		return join(download.ErrNotFound, err)
	case http.StatusGone:
		return join(download.ErrGone, err)
	case http.StatusPreconditionFailed:
		return join(download.ErrChanged, err)
	case http.StatusRequestedRangeNotSatisfiable:
		return join(download.ErrRange, err)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return &download.RetryAfterError{After: after, Err: err}
	case http.StatusProxyAuthRequired:
		return join(download.ErrProxy, err)
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return nil
	}
	if status >= http.StatusBadRequest && status < http.StatusInternalServerError {
		return join(download.ErrRefused, err)
	}
	return nil
}

// join puts the engine's word for an error before the error itself.
func join(word, err error) error { return fmt.Errorf("%w: %w", word, err) }
