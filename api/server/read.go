package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/api/manifest"
)

// searchWords is how many words of a search are looked for.
const searchWords = 10

type listInput struct {
	Q           string `query:"q" maxLength:"200" doc:"words; case and accents do not matter"`
	Status      string `query:"status" enum:"pending,completed,failed,cancelled,expired,deleted" doc:"only these"`
	Module      string `query:"module" maxLength:"64" pattern:"^[^ ]*$" doc:"key of a module: only backups that were to hold it"`
	Covers      string `query:"covers" format:"date" doc:"a day: only backups whose range holds it"`
	Limit       int    `query:"limit" minimum:"1" maximum:"100" doc:"50 when absent"`
	Cursor      string `query:"cursor" maxLength:"200" doc:"next_cursor of the page before"`
	IfNoneMatch string `header:"If-None-Match"`
}

// cursor is the place after which a page begins. It names values, not a
// number of rows, so that new backups do not shift the pages.
type cursor struct {
	Pending   bool   `json:"p"`
	Performed int64  `json:"t"`
	ID        string `json:"i"`
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil { // texts and numbers only
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s string) (c cursor, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, err
	}
	if c.ID == "" {
		return c, errors.New("it names no backup")
	}
	return c, nil
}

// where is the condition that a list stands for, with its arguments.
func (in *listInput) where(org int64) (string, []any, error) {
	where, args := []string{"b.org_id = ?"}, []any{org}
	also := func(condition string, values ...any) { where, args = append(where, condition), append(args, values...) }
	if in.Status != "" {
		also("b.status = ?", in.Status)
	}
	if in.Covers != "" {
		also("b.from_day <= ? AND b.till_day >= ?", in.Covers, in.Covers)
	}
	words := api.SearchWords(in.Q)
	for _, word := range words[:min(len(words), searchWords)] {
		also("instr(b.search, ?) > 0", word) // both are folded
	}
	if in.Module != "" {
		also("instr(b.module_keys, ?) > 0", " "+in.Module+" ")
	}
	if in.Cursor != "" {
		c, err := parseCursor(in.Cursor)
		if err != nil {
			return "", nil, invalid(api.FieldError{Field: "cursor", Code: api.FieldInvalid, Detail: "it is not from a page before"})
		}
		also("(b.pending, b.performed_at, b.public_id) < (?, ?, ?)", c.Pending, c.Performed, c.ID)
	}
	return strings.Join(where, " AND "), args, nil
}

// listBackups is one page: pending ones first, then the newest (S6, S40).
func (s *Server) listBackups(ctx context.Context, in *listInput) (*conditional[api.BackupPage], error) {
	who := whoIs(ctx)
	where, args, err := in.where(who.orgID)
	if err != nil {
		return nil, err
	}
	limit := in.Limit
	if limit == 0 {
		limit = pageDefault
	}
	running := s.jobs.progress()
	const order = " ORDER BY b.pending DESC, b.performed_at DESC, b.public_id DESC"
	rows, err := queryAll(ctx, s.c.Read, scanBackupRow, selectBackup+
		"WHERE b.id IN (SELECT b.id FROM backups b WHERE "+where+order+" LIMIT ?)"+order, append(args, limit+1)...)
	if err != nil {
		return nil, err
	}
	page := api.BackupPage{Items: []api.Backup{}}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		page.NextCursor = cursor{last.pending, last.performed, last.ID}.String()
	}
	each := make([]*backup, len(rows))
	for i := range rows {
		each[i] = &rows[i]
	}
	if err := s.countDownloads(ctx, who, each...); err != nil {
		return nil, err
	}
	for _, b := range rows {
		page.Items = append(page.Items, shown(b, running))
	}
	return answer(page, in.IfNoneMatch)
}

type getInput struct {
	ID          string `path:"id" maxLength:"128"`
	IfNoneMatch string `header:"If-None-Match"`
	Prefer      string `header:"Prefer" doc:"wait=N holds the reply until a pending backup changes (RFC 7240)"`
}

// getBackup is one backup. Asked to wait, it answers when the backup is no
// longer as the client knows it, or, if that sent no ETag, as it was found.
func (s *Server) getBackup(ctx context.Context, in *getInput) (*conditional[api.Backup], error) {
	wait := preferredWait(in.Prefer)
	changed, b, err := s.watch(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out, err := answer(b, in.IfNoneMatch)
	if err != nil || wait == 0 {
		return out, err
	}
	known := in.IfNoneMatch
	if known == "" {
		known = out.ETag
	}
	down := s.downs.of(ctx)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for b.Status == api.StatusPending && matches(known, out.ETag) {
		select {
		case <-changed:
		case <-timer.C:
			out.PreferenceApplied = "wait"
			return out, nil
		case <-s.ctx.Done():
			return out, nil
		case <-down:
			return out, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if changed, b, err = s.watch(ctx, in.ID); err != nil {
			return nil, err
		}
		if out, err = answer(b, in.IfNoneMatch); err != nil {
			return nil, err
		}
	}
	out.PreferenceApplied = "wait"
	return out, nil
}

// watch reads a backup, and gives the channel that closes when one has changed.
func (s *Server) watch(ctx context.Context, id string) (<-chan struct{}, api.Backup, error) {
	changed, running := s.changes.next(), s.jobs.progress() // before reading, so that no change is missed
	who := whoIs(ctx)
	b, err := s.find(ctx, who.orgID, id)
	if err == nil {
		err = s.countDownloads(ctx, who, &b)
	}
	return changed, shown(b, running), err
}

type idInput struct {
	ID string `path:"id" maxLength:"128"`
}

type manifestOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         manifest.Manifest
}

// manifest says what stands in the archive, also after that was deleted (B3).
func (s *Server) manifest(ctx context.Context, in *idInput) (*manifestOutput, error) {
	b, err := s.find(ctx, whoIs(ctx).orgID, in.ID)
	if err != nil {
		return nil, err
	}
	if !b.manifest.Valid {
		return nil, s.withoutArchive(b)
	}
	out := &manifestOutput{CacheControl: "private, no-cache"}
	if err := json.Unmarshal([]byte(b.manifest.String), &out.Body); err != nil {
		return nil, err
	}
	return out, nil
}

type backupOutput struct{ Body api.Backup }

// cancelBackup stops a pending backup and leaves nothing of it. Cancelling
// once more, after a lost reply, is no error.
func (s *Server) cancelBackup(ctx context.Context, in *idInput) (*backupOutput, error) {
	who := whoIs(ctx)
	if err := who.need(api.PermissionCreate); err != nil {
		return nil, err
	}
	n, err := s.execFreeing(ctx, `UPDATE backups SET status = 'cancelled' WHERE public_id = ? AND org_id = ? AND status = 'pending'`,
		in.ID, who.orgID)
	if err != nil {
		return nil, err
	}
	b, err := s.find(ctx, who.orgID, in.ID)
	if err != nil {
		return nil, err
	}
	if n == 0 && b.Status != api.StatusCancelled {
		return nil, problem(http.StatusConflict, api.CodeNotCancellable, "This backup is "+string(b.Status)+" already.")
	}
	if n > 0 {
		s.jobs.cancel(ctx, b.ID)
		s.changes.tell()
	}
	return &backupOutput{b.Backup}, nil
}
