package api

import (
	"context"
	"net/http"
)

// TitleChange is the body of PATCH /v1/backups/{id}.
type TitleChange struct {
	Title string `json:"title" doc:"1 to 80 characters after trimming"`
}

// SetTitle gives a backup another title. It does so only if the backup is
// still called as known says; otherwise, and when somebody is faster, it is a
// Problem with CodePreconditionFailed. A pending backup is a Problem with
// CodeBackupNotReady.
func (c *Client) SetTitle(ctx context.Context, known Backup, title string) (Backup, error) {
	path, err := idPath(known.ID, "")
	if err != nil {
		return Backup{}, err
	}
	now, etag, err := c.withETag(ctx, path)
	if err != nil {
		return Backup{}, err
	}
	if now.Title != known.Title {
		return Backup{}, &Problem{
			Title: http.StatusText(http.StatusPreconditionFailed), Status: http.StatusPreconditionFailed,
			Code: CodePreconditionFailed, Detail: "The backup has another title by now.",
		}
	}
	r, err := c.authorised(ctx, call{
		method: http.MethodPatch, path: path, body: TitleChange{Title: title}, retry: retryRefused,
		header: map[string]string{"If-Match": etag},
	})
	if err != nil {
		return Backup{}, err
	}
	return decode(r, checkBackup)
}

// withETag reads a backup together with its entity tag.
func (c *Client) withETag(ctx context.Context, path string) (Backup, string, error) {
	r, err := c.authorised(ctx, call{method: http.MethodGet, path: path, retry: retryAlways, remember: true})
	if err != nil {
		return Backup{}, "", err
	}
	b, err := decode(r, checkBackup)
	return b, r.etag, err
}

// DeleteBackup deletes the file of a backup from the server; the backup stays
// in the list as deleted, and copies on devices stay. One that has no file is
// no error; a pending one is a Problem with CodeBackupNotReady.
func (c *Client) DeleteBackup(ctx context.Context, id string) error {
	path, err := idPath(id, "")
	if err != nil {
		return err
	}
	return c.authorisedOrder(ctx, call{method: http.MethodDelete, path: path, retry: retryAlways})
}
