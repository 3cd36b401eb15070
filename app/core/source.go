package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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
	b, err := client.OpenArchive(ctx, id, from, to, ifRange)
	if err != nil {
		return download.Body{}, sourceError(err)
	}
	return body(b), nil
}

// urlSource gives the download engine any address, for the command fetch. The
// ID of a request is the address.
type urlSource struct{ fetcher *api.Fetcher }

// OpenRange opens the address id.
func (s urlSource) OpenRange(ctx context.Context, id string, from, to int64, ifRange string) (download.Body, error) {
	b, err := s.fetcher.Open(ctx, id, from, to, ifRange)
	if err != nil {
		return download.Body{}, sourceError(err)
	}
	return body(b), nil
}

// URLSource is a Source whose IDs are addresses.
func URLSource(o api.FetchOptions) download.Source { return urlSource{api.NewFetcher(o)} }

func body(b *api.ArchiveBody) download.Body {
	return download.Body{ReadCloser: b.ReadCloser, From: b.From, To: b.To, Total: b.Total, ETag: b.ETag}
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
	switch {
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
	switch {
	case p.Status == http.StatusUnauthorized:
		return join(download.ErrAuthExpired, p)
	case p.Status == http.StatusForbidden:
		return join(download.ErrDenied, p)
	case p.Status == http.StatusNotFound:
		return join(download.ErrNotFound, p)
	case p.Status == http.StatusGone:
		return join(download.ErrGone, p)
	case p.Code == api.CodeBackupNotReady:
		return join(download.ErrNotReady, p)
	case p.Status == http.StatusPreconditionFailed:
		return join(download.ErrChanged, p)
	case p.Status == http.StatusRequestedRangeNotSatisfiable:
		return join(download.ErrRange, p)
	case p.Status == http.StatusTooManyRequests, p.Status == http.StatusServiceUnavailable:
		return &download.RetryAfterError{After: p.RetryAfter, Err: p}
	}
	return p
}

// foreignError sorts replies that are not of the contract. A plain server, as
// behind the command fetch, knows no problem codes: its status decides. A
// gateway that fails for a while is a passing fault.
func foreignError(e *api.NotConnectError) error {
	switch {
	case e.Status == http.StatusUnauthorized:
		return join(download.ErrAuthExpired, e)
	case e.Status == http.StatusForbidden:
		return join(download.ErrDenied, e)
	case e.Status == http.StatusNotFound:
		return join(download.ErrNotFound, e)
	case e.Status == http.StatusGone:
		return join(download.ErrGone, e)
	case e.Status == http.StatusPreconditionFailed:
		return join(download.ErrChanged, e)
	case e.Status == http.StatusRequestedRangeNotSatisfiable:
		return join(download.ErrRange, e)
	case e.Status == http.StatusTooManyRequests, e.Status == http.StatusServiceUnavailable:
		return &download.RetryAfterError{Err: e}
	case e.Status >= http.StatusInternalServerError:
		return e
	}
	return join(download.ErrNotTheFile, e)
}

// join puts the engine's word for an error before the error itself.
func join(word, err error) error { return fmt.Errorf("%w: %w", word, err) }
