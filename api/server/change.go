package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"connectbackup/api"
)

type renameInput struct {
	ID      string `path:"id" maxLength:"128"`
	IfMatch string `header:"If-Match" doc:"entity tag of the backup as it was read; required"`
	Body    api.TitleChange
}

// renameBackup gives a backup another title, if it is still the one that the
// caller has seen. The file keeps its name and its manifest: it is published.
func (s *Server) renameBackup(ctx context.Context, in *renameInput) (*conditional[api.Backup], error) {
	who := whoIs(ctx)
	if err := who.need(api.PermissionCreate); err != nil {
		return nil, err
	}
	b, err := s.unchanged(ctx, in.ID, in.IfMatch)
	if err != nil {
		return nil, err
	}
	if in.IfMatch == "" {
		return nil, problem(http.StatusPreconditionRequired, api.CodePreconditionRequired, "The header If-Match is missing.")
	}
	if b.Status == api.StatusPending {
		return nil, notReady("The backup is still being prepared.")
	}
	title := strings.TrimSpace(in.Body.Title)
	var errs []api.FieldError
	checkTitle(title, func(field string, code api.FieldCode, detail string) {
		errs = append(errs, api.FieldError{Field: field, Code: code, Detail: detail})
	})
	if len(errs) > 0 {
		return nil, invalid(errs...)
	}
	if err := s.setTitle(ctx, who.orgID, b, title); err != nil {
		return nil, err
	}
	s.changes.tell()
	_, now, err := s.watch(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	return answer(now, "")
}

// setTitle stores the title, and what a search finds from now on: the name of
// a file that is gone, too.
func (s *Server) setTitle(ctx context.Context, org int64, b api.Backup, title string) error {
	var file api.Archive
	err := s.c.Read.QueryRowContext(ctx, "SELECT file_name FROM backups WHERE public_id = ? AND org_id = ?", b.ID, org).Scan(&file.FileName)
	if err != nil {
		return err
	}
	before := b.Title
	b.Title, b.Archive = title, &file
	n, err := s.exec(ctx, "UPDATE backups SET title = ?, search = ? WHERE public_id = ? AND org_id = ? AND title = ? AND status = ?",
		title, b.SearchText(), b.ID, org, before, string(b.Status))
	if err == nil && n == 0 {
		err = changedMeanwhile()
	}
	return err
}

// unchanged reads a backup and makes sure that it is as the caller knows it:
// ifMatch is a list of entity tags (RFC 9110, 13.1.1), or empty.
func (s *Server) unchanged(ctx context.Context, id, ifMatch string) (api.Backup, error) {
	_, b, err := s.watch(ctx, id)
	if err != nil || ifMatch == "" {
		return b, err
	}
	tag, err := etagOf(b)
	if err == nil && !matchesStrongly(ifMatch, tag) {
		err = changedMeanwhile()
	}
	return b, err
}

func changedMeanwhile() *fault {
	return problem(http.StatusPreconditionFailed, api.CodePreconditionFailed, "The backup has changed meanwhile.")
}

func notReady(detail string) *fault {
	return problem(http.StatusConflict, api.CodeBackupNotReady, detail).retryAfter(pollAfter)
}

type deleteInput struct {
	ID      string `path:"id" maxLength:"128"`
	IfMatch string `header:"If-Match" doc:"entity tag of the backup as it was read; optional"`
}

// deleteBackup deletes the file; the row stays and says so (S17). Where there
// is no file any more there is nothing to do.
func (s *Server) deleteBackup(ctx context.Context, in *deleteInput) (*struct{}, error) {
	who := whoIs(ctx)
	if err := who.need(api.PermissionDelete); err != nil {
		return nil, err
	}
	b, err := s.unchanged(ctx, in.ID, in.IfMatch)
	if err != nil {
		return nil, err
	}
	if b.Status == api.StatusPending {
		return nil, notReady("The backup is still being prepared. Cancel it first.")
	}
	defer s.keepBallast()
	return nil, s.dropArchive(ctx, b.ID, string(api.StatusDeleted), s.clock().Truncate(time.Millisecond))
}
