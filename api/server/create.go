package server

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// pollAfter is how soon a client may ask for a pending backup again.
const pollAfter = 2 * time.Second

type createInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" doc:"names the attempt; required"`
	Body api.NewBackup
}

type createOutput struct {
	Location   string `header:"Location"`
	RetryAfter string `header:"Retry-After"`
	Replayed   string `header:"Idempotency-Replayed"`
	Body       api.Backup
}

func created(b api.Backup) *createOutput {
	return &createOutput{
		Location: "/v1/backups/" + b.ID, Body: b,
		RetryAfter: strconv.Itoa(int(pollAfter / time.Second)),
	}
}

// createBackup starts a backup (S38). The same key gives the same reply and
// never a second job (B14).
func (s *Server) createBackup(ctx context.Context, in *createInput) (*createOutput, error) {
	who := whoIs(ctx)
	if err := who.need(api.PermissionCreate); err != nil {
		return nil, err
	}
	if in.Key == "" {
		return nil, problem(http.StatusBadRequest, api.CodeIdempotencyKeyRequired, "The header Idempotency-Key is missing.")
	}
	sent, err := hashOf(in.Body)
	if err != nil {
		return nil, err
	}
	if out, err := replay(ctx, s.c.Read, who.userID, in.Key, sent); out != nil || err != nil {
		return out, err
	}
	if wait := s.creates.take(who.user.ID); wait > 0 {
		f := problem(http.StatusTooManyRequests, api.CodeRateLimited, "Too many backups were started. Wait a little.")
		return nil, f.retryAfter(wait)
	}
	b, err := s.plan(ctx, who, in.Body)
	var out *createOutput
	if err == nil {
		out, err = s.enter(ctx, who, b, in.Key, sent)
	}
	if err != nil || out.Replayed != "" {
		s.creates.giveBack(who.user.ID) // only what was started counts
		return out, err
	}
	s.jobs.add(b.ID)
	s.changes.tell()
	return out, nil
}

// hashOf tells requests apart by what they mean.
func hashOf(n any) ([]byte, error) {
	b, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}

// replay is the reply that a key got before; nil when it is new.
func replay(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, user int64, key string, sent []byte,
) (*createOutput, error) {
	var reply string
	var hash []byte
	err := db.QueryRowContext(ctx, "SELECT body_hash, reply FROM idempotency WHERE user_id = ? AND key = ?", user, key).Scan(&hash, &reply)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case !slices.Equal(hash, sent):
		return nil, problem(http.StatusUnprocessableEntity, api.CodeIdempotencyKeyReused,
			"This Idempotency-Key was used for another request.")
	}
	var b api.Backup
	if err := json.Unmarshal([]byte(reply), &b); err != nil {
		return nil, err
	}
	out := created(b)
	out.Replayed = "true"
	return out, nil
}

// plan checks a request (I8) and says what backup it asks for.
func (s *Server) plan(ctx context.Context, who *identity, n api.NewBackup) (api.Backup, error) {
	now := instant(millis(s.clock()))
	today := calendar.DayOf(now, who.loc)
	known, err := modulesOf(ctx, s.c.Read, who.orgID)
	if err != nil {
		return api.Backup{}, err
	}
	b := api.Backup{
		ID: newID("bkp_", now), Title: strings.TrimSpace(n.Title), Status: api.StatusPending, Stage: api.StageQueued,
		From: n.From, Till: n.Till, Timezone: who.organisation.Timezone, CSVProfile: n.CSVProfile, PerformedAt: now,
		CreatedBy: api.UserRef{ID: who.user.ID, Name: who.user.Name}, CreatedOn: who.device,
	}
	if b.CSVProfile == "" {
		b.CSVProfile = api.ProfileExcel
	}
	var errs []api.FieldError
	fail := func(field string, code api.FieldCode, detail string) {
		errs = append(errs, api.FieldError{Field: field, Code: code, Detail: detail})
	}
	checkTitle(b.Title, fail)
	checkRange(n.From, n.Till, today, fail)
	b.Modules = chooseModules(n.Modules, known, fail)
	if len(errs) > 0 {
		return api.Backup{}, invalid(errs...)
	}
	b.Progress = &api.Progress{ModulesTotal: len(b.Modules)}
	return b, nil
}

// stillKept refuses what was planned on the day before and reaches back to a
// day that may be swept by now: nothing is promised that cannot be kept.
func (s *Server) stillKept(b api.Backup, who *identity) error {
	var errs []api.FieldError
	checkRange(b.From, b.Till, calendar.DayOf(s.clock(), who.loc), func(field string, code api.FieldCode, detail string) {
		errs = append(errs, api.FieldError{Field: field, Code: code, Detail: detail})
	})
	if len(errs) > 0 {
		return invalid(errs...)
	}
	return nil
}

type failFunc func(field string, code api.FieldCode, detail string)

func checkTitle(title string, fail failFunc) {
	switch {
	case calendar.Fold(title) == "":
		fail("title", api.FieldRequired, "a title is needed")
	case utf8.RuneCountInString(title) > api.TitleMax:
		fail("title", api.FieldTooLong, "at most "+strconv.Itoa(api.TitleMax)+" characters")
	case strings.ContainsFunc(title, unicode.IsControl), strings.ContainsRune(title, utf8.RuneError):
		fail("title", api.FieldInvalid, "line breaks and control characters are not possible")
	}
}

// checkRange holds from <= till <= today, and from inside the kept time (S29).
func checkRange(from, till, today calendar.Day, fail failFunc) {
	oldest := calendar.Window(today, dataMonths).From
	switch {
	case from.IsZero():
		fail("from", api.FieldRequired, "a day is needed")
	case from.After(today):
		fail("from", api.FieldInFuture, "today is "+today.String())
	case from.Before(oldest):
		fail("from", api.FieldOutOfWindow, "records are kept from "+oldest.String()+" on")
	}
	switch {
	case till.IsZero():
		fail("till", api.FieldRequired, "a day is needed")
	case till.After(today):
		fail("till", api.FieldInFuture, "today is "+today.String())
	case till.Before(from):
		fail("till", api.FieldOrder, "it is before the first day")
	}
}

// chooseModules are the wanted modules in the organisation's order; nil means
// all (S35), also those not subscribed to (S36).
func chooseModules(keys []string, known []module, fail failFunc) []api.BackupModule {
	chosen := []api.BackupModule{}
	for _, m := range known {
		if keys == nil || slices.Contains(keys, m.key) {
			chosen = append(chosen, api.BackupModule{Key: m.key, Name: m.name, Status: api.ModuleWaiting})
		}
	}
	for _, key := range keys {
		if !slices.ContainsFunc(known, func(m module) bool { return m.key == key }) {
			fail("modules", api.FieldUnknownModule, "there is no such module")
			return chosen
		}
	}
	if len(chosen) == 0 {
		fail("modules", api.FieldNoneSelected, "at least one module is needed")
	}
	return chosen
}

// enter stores a planned backup together with the reply to its key, unless the
// same is under way already.
func (s *Server) enter(ctx context.Context, who *identity, b api.Backup, key string, sent []byte) (out *createOutput, err error) {
	keys := make([]string, len(b.Modules))
	for i, m := range b.Modules {
		keys[i] = m.Key
	}
	slices.Sort(keys)
	hash, err := hashOf(api.NewBackup{Title: b.Title, From: b.From, Till: b.Till, Modules: keys, CSVProfile: b.CSVProfile})
	if err != nil {
		return nil, err
	}
	reply, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		// Once more, now that nobody else can write.
		if out, err = replay(ctx, tx, who.userID, key, sent); out != nil || err != nil {
			return err
		}
		var running string
		err := tx.QueryRowContext(ctx, `SELECT public_id FROM backups WHERE org_id = ? AND request_hash = ? AND status = 'pending'
			ORDER BY id LIMIT 1`, who.orgID, hash).Scan(&running)
		if err == nil {
			f := problem(http.StatusConflict, api.CodeIdenticalInProgress, "The same backup is being prepared already.")
			f.BackupID = running
			return f
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := s.stillKept(b, who); err != nil {
			return err
		}
		if err := insert(ctx, tx, b, who.orgID, who.userID, who.organisation.Locale, hash, b.SearchText()); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO idempotency (user_id, key, body_hash, reply, created_at) VALUES (?, ?, ?, ?, ?)",
			who.userID, key, sent, string(reply), millis(s.clock()))
		out = created(b)
		return err
	})
	return out, err
}
