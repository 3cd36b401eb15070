package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"connectbackup/api/manifest"
)

// IDError says that an ID of a backup, device or token cannot be one.
type IDError struct{ ID string }

func (e *IDError) Error() string { return fmt.Sprintf("%q is not an ID", e.ID) }

// idPath is the path of a backup.
func idPath(id, rest string) (string, error) { return pathOf("/v1/backups/", id, rest) }

// pathOf is the path of a thing; an ID must not be able to lead elsewhere.
func pathOf(before, id, rest string) (string, error) {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
	if id == "" || len(id) > 128 || strings.Trim(id, letters) != "" {
		return "", &IDError{ID: id}
	}
	return before + id + rest, nil
}

// Info asks what the server is. Nobody needs to be signed in. Something else
// than a Connect server is a *NotConnectError, one of another version a
// *VersionError.
func (c *Client) Info(ctx context.Context) (Info, error) {
	r, err := c.send(ctx, call{method: http.MethodGet, path: "/v1/info", retry: retryAlways}, "")
	var p *Problem
	if errors.As(err, &p) && p.Code == CodeNotFound { // every server has it: the address leads beside one
		return Info{}, &NotConnectError{URL: withoutSecrets(c.base.String() + "/v1/info"), Status: p.Status, ContentType: "application/problem+json", away: p.away}
	}
	if err != nil {
		return Info{}, err
	}
	info, err := decode(r, func(i *Info) error {
		if i.API == "" {
			return errors.New("it names no contract version")
		}
		return nil
	})
	if err == nil && info.API != Version {
		return Info{}, &VersionError{Server: info.API, Want: Version}
	}
	return info, err
}

// Modules lists the modules whose records can be backed up, and tells the
// server's date of today.
func (c *Client) Modules(ctx context.Context) (ModuleList, error) {
	r, err := c.authorised(ctx, call{method: http.MethodGet, path: "/v1/modules", retry: retryAlways, remember: true})
	if err != nil {
		return ModuleList{}, err
	}
	return decode(r, func(l *ModuleList) error {
		if l.Today.IsZero() {
			return errors.New("it does not say what day it is")
		}
		return nil
	})
}

// CreateBackup starts a backup. The key names the attempt: with the same key
// the server makes one backup however often it is asked (requirement B14),
// which is why this call is made again when a reply is lost.
func (c *Client) CreateBackup(ctx context.Context, key string, n NewBackup) (Backup, error) {
	if key == "" {
		return Backup{}, errors.New("creating a backup needs an idempotency key")
	}
	r, err := c.authorised(ctx, call{
		method: http.MethodPost, path: "/v1/backups", body: n, retry: retryAlways,
		header: map[string]string{"Idempotency-Key": key},
	})
	if err != nil {
		return Backup{}, err
	}
	return decode(r, checkBackup)
}

// ListBackups asks for one page of backups.
func (c *Client) ListBackups(ctx context.Context, q ListQuery) (BackupPage, error) {
	query := url.Values{}
	for name, value := range map[string]string{
		"q": q.Q, "status": string(q.Status), "module": q.Module, "covers": q.Covers.String(), "cursor": q.Cursor,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if q.Limit > 0 {
		query.Set("limit", strconv.Itoa(q.Limit))
	}
	r, err := c.authorised(ctx, call{
		method: http.MethodGet, path: "/v1/backups", query: query, retry: retryAlways, remember: true,
	})
	if err != nil {
		return BackupPage{}, err
	}
	return decode(r, func(p *BackupPage) error {
		var has map[string]json.RawMessage
		if err := json.Unmarshal(r.body, &has); err != nil || has["items"] == nil {
			return errors.New("it holds no list")
		}
		for i := range p.Items {
			if err := checkBackup(&p.Items[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Backup asks for one backup.
func (c *Client) Backup(ctx context.Context, id string) (Backup, error) {
	b, _, err := c.backup(ctx, id, 0)
	return b, err
}

func (c *Client) backup(ctx context.Context, id string, wait time.Duration) (b Backup, unchanged bool, err error) {
	path, err := idPath(id, "")
	if err != nil {
		return Backup{}, false, err
	}
	q := call{method: http.MethodGet, path: path, retry: retryAlways, remember: true}
	if seconds := int(wait / time.Second); seconds > 0 {
		q.hold = wait
		q.header = map[string]string{"Prefer": "wait=" + strconv.Itoa(seconds)}
	}
	r, err := c.authorised(ctx, q)
	if err != nil {
		return Backup{}, false, err
	}
	b, err = decode(r, checkBackup)
	return b, r.unchanged, err
}

// AwaitBackup returns when the backup is no longer as known, or after wait,
// whichever comes first. The server is asked to hold its reply (RFC 7240);
// with one that does not, it is asked again after 2, 3, 5, 8 and 13 s.
func (c *Client) AwaitBackup(ctx context.Context, id string, known Backup, wait time.Duration) (Backup, error) {
	if !c.hasSeen(id, known) {
		// Without an ETag for what is known the server would wait for the next
		// change, although there may have been one already.
		b, _, err := c.backup(ctx, id, 0)
		if err != nil || !same(b, known) {
			return b, err
		}
	}
	pauses := []time.Duration{2, 3, 5, 8, 13}
	for n := 0; ; n++ {
		begun := c.now()
		b, _, err := c.backup(ctx, id, wait)
		if err != nil || !same(b, known) {
			return b, err
		}
		wait -= max(c.now().Sub(begun), 0)
		if wait <= 0 {
			return b, nil
		}
		pause := min(wait, pauses[min(n, len(pauses)-1)]*time.Second)
		if err := c.sleep(ctx, pause); err != nil {
			return Backup{}, err
		}
		wait -= pause
	}
}

// hasSeen reports whether the reply that was seen last for id is known.
func (c *Client) hasSeen(id string, known Backup) bool {
	path, err := idPath(id, "")
	if err != nil {
		return false
	}
	old, found, _ := c.seen.get(call{path: path}.key())
	if !found {
		return false
	}
	b, err := decode(reply{contentType: "application/json", body: old.body}, checkBackup)
	return err == nil && same(b, known)
}

// same compares as the contract does: by what travels.
func same(a, b Backup) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && bytes.Equal(x, y)
}

// CancelBackup stops a pending backup. One that has ended is a Problem with
// CodeNotCancellable.
func (c *Client) CancelBackup(ctx context.Context, id string) (Backup, error) {
	path, err := idPath(id, "/cancel")
	if err != nil {
		return Backup{}, err
	}
	r, err := c.authorised(ctx, call{method: http.MethodPost, path: path, retry: retryRefused})
	if err != nil {
		return Backup{}, err
	}
	return decode(r, checkBackup)
}

// Manifest says what stands in the archive of a backup, also after the server
// deleted it (requirement B3).
func (c *Client) Manifest(ctx context.Context, id string) (manifest.Manifest, error) {
	path, err := idPath(id, "/manifest")
	if err != nil {
		return manifest.Manifest{}, err
	}
	r, err := c.authorised(ctx, call{method: http.MethodGet, path: path, retry: retryAlways})
	if err != nil {
		return manifest.Manifest{}, err
	}
	return decode(r, func(m *manifest.Manifest) error {
		if m.BackupID != id {
			return errors.New("it is not the manifest that was asked for")
		}
		return m.Validate()
	})
}

// checkBackup refuses what is no backup, and takes a status that this version
// does not know for StatusOther.
func checkBackup(b *Backup) error {
	if b.ID == "" || b.Status == "" {
		return errors.New("it is not a backup")
	}
	switch b.Status {
	case StatusPending, StatusCompleted, StatusFailed, StatusCancelled, StatusExpired, StatusDeleted:
	default:
		b.Status = StatusOther
	}
	return nil
}

func checkSession(s *Session) error {
	if s.User.ID == "" || s.Organisation.ID == "" {
		return errors.New("it does not say who is signed in")
	}
	return nil
}

func checkNewSession(s *Session) error {
	if s.AccessToken == "" || s.RefreshToken == "" {
		return errors.New("it holds no session")
	}
	return checkSession(s)
}
