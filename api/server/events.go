package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"connectbackup/api"
)

const (
	heartbeat     = 20 * time.Second
	progressEvery = time.Second
	eventsBatch   = 100
	streamsMax    = 10 // of one user at a time
	streamWrite   = 30 * time.Second
)

// streams counts the open streams of events by user.
type streams struct {
	mu   sync.Mutex
	open map[int64]int
}

// enter reports whether the user may have one more; then leave must follow.
func (n *streams) enter(user int64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.open[user] >= streamsMax {
		return false
	}
	if n.open == nil {
		n.open = map[int64]int{}
	}
	n.open[user]++
	return true
}

func (n *streams) leave(user int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.open[user]--; n.open[user] == 0 {
		delete(n.open, user)
	}
}

type eventsInput struct {
	LastEventID   string `header:"Last-Event-ID" maxLength:"32" doc:"id of the last event that was received; what came later is sent first"`
	Authorization string `header:"Authorization" hidden:"true"`
}

// events streams what happens in the organisation (server-sent events) until
// the client goes, its session ends or the server closes.
func (s *Server) events(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	who := whoIs(ctx)
	first, err := s.firstFrame(ctx, who.orgID, in.LastEventID)
	if err != nil {
		return nil, err
	}
	if !s.streams.enter(who.userID) {
		f := problem(http.StatusTooManyRequests, api.CodeRateLimited, "Too many streams of events are open.")
		return nil, f.retryAfter(heartbeat)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer s.streams.leave(who.userID)
		r, w := humago.Unwrap(hctx)
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // proxies must not gather them
		if r.Method == http.MethodHead {
			return
		}
		st := &stream{
			s: s, who: who, authorization: in.Authorization, ctx: r.Context(), w: w, rc: http.NewResponseController(w),
			last: first.after, shown: map[string]string{},
		}
		defer st.release()
		if err := st.follow(first.text); err != nil && r.Context().Err() == nil && s.ctx.Err() == nil {
			logOf(ctx).Info("stream of events ended", "err", err)
		}
	}}, nil
}

// frame is how a stream begins, and after which event it goes on.
type frame struct {
	text  string
	after int64
}

// firstFrame finds the place of a stream. Without a last event it begins now.
// When events after the last one are gone, or it is not one of ours, the client
// is told to read everything anew.
func (s *Server) firstFrame(ctx context.Context, org int64, last string) (frame, error) {
	var oldest, newest int64
	err := s.c.Read.QueryRowContext(ctx, "SELECT COALESCE(MIN(id), 1), COALESCE(MAX(id), 0) FROM events WHERE org_id = ?", org).Scan(&oldest, &newest)
	if err != nil {
		return frame{}, err
	}
	const hello = "retry: 3000\n"
	if last == "" {
		return frame{hello + "id: " + strconv.FormatInt(newest, 10) + "\n\n", newest}, nil
	}
	id, err := strconv.ParseInt(last, 10, 64)
	if err == nil && id >= oldest-1 && id <= newest {
		return frame{hello + "\n", id}, nil
	}
	reset, err := eventText(newest, api.Event{Type: api.EventReset})
	return frame{hello + reset, newest}, err
}

// eventText is an event on the wire; one with a negative id is not counted and
// leaves the client's last id as it is.
func eventText(id int64, e api.Event) (string, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("event: %s\ndata: %s\n\n", e.Type, data)
	if id >= 0 {
		text = "id: " + strconv.FormatInt(id, 10) + "\n" + text
	}
	return text, nil
}

// stream is one client that listens.
type stream struct {
	s             *Server
	who           *identity
	authorization string
	ctx           context.Context
	w             http.ResponseWriter
	rc            *http.ResponseController

	last  int64             // event that was sent last
	shown map[string]string // progress that was sent last, by backup
}

// send writes and flushes; a client that takes nothing is let go.
func (st *stream) send(text string) error {
	// Not the injected clock: this is about a connection, not about data.
	if err := st.rc.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := st.w.Write([]byte(text)); err != nil {
		return err
	}
	return st.rc.Flush()
}

// release gives the connection back without a deadline.
func (st *stream) release() { _ = st.rc.SetWriteDeadline(time.Time{}) } // the connection may have gone

func (st *stream) follow(first string) error {
	if err := st.send(first); err != nil {
		return err
	}
	beat, pace := time.NewTicker(heartbeat), time.NewTimer(0)
	defer beat.Stop()
	defer pace.Stop()
	down := st.s.downs.of(st.ctx)
	due := true // progress may be sent
	for {
		changed := st.s.changes.next() // before reading, so that no change is missed
		running := st.s.jobs.progress()
		if err := st.sendEvents(); err != nil {
			return err
		}
		if due {
			sent, err := st.sendProgress(running)
			if err != nil {
				return err
			}
			if due = !sent; sent {
				pace.Reset(progressEvery)
			}
		}
		select {
		case <-changed:
			if err := st.stillAllowed(); err != nil {
				return err
			}
		case <-pace.C:
			due = true
		case <-beat.C:
			if err := errors.Join(st.stillAllowed(), st.send(": heartbeat\n\n")); err != nil {
				return err
			}
		case <-st.ctx.Done():
			return st.ctx.Err()
		case <-st.s.ctx.Done():
			return nil
		case <-down:
			return nil
		}
	}
}

// stillAllowed ends the stream of a session that has ended.
func (st *stream) stillAllowed() error {
	_, err := st.s.identify(st.ctx, st.authorization)
	return err
}

type storedEvent struct {
	id               int64
	kind             string
	backup, download sql.NullInt64
}

// sendEvents sends what happened since the last event, each with its backup as
// it is now.
func (st *stream) sendEvents() error {
	for {
		rows, err := queryAll(st.ctx, st.s.c.Read, func(r *sql.Rows) (e storedEvent, err error) {
			return e, r.Scan(&e.id, &e.kind, &e.backup, &e.download)
		}, "SELECT id, type, backup_id, download_id FROM events WHERE org_id = ? AND id > ? ORDER BY id LIMIT ?",
			st.who.orgID, st.last, eventsBatch)
		if err != nil {
			return err
		}
		if len(rows) > 0 && rows[0].id > st.last+1 { // they came faster than the client took them
			return st.skip()
		}
		for _, e := range rows {
			if err := st.sendStored(e); err != nil {
				return err
			}
		}
		if len(rows) < eventsBatch {
			return nil
		}
	}
}

// skip tells a client that fell behind to read everything anew.
func (st *stream) skip() error {
	f, err := st.s.firstFrame(st.ctx, st.who.orgID, "behind")
	if err != nil {
		return err
	}
	st.last = f.after
	return st.send(f.text)
}

func (st *stream) sendStored(stored storedEvent) error {
	e := api.Event{Type: api.EventType(stored.kind)}
	if stored.backup.Valid {
		running := st.s.jobs.progress()
		b, err := scanBackup(st.s.c.Read.QueryRowContext(st.ctx, selectBackup+"WHERE b.id = ?", stored.backup.Int64))
		if err != nil {
			return err
		}
		if err := st.s.countDownloads(st.ctx, st.who, &b); err != nil {
			return err
		}
		now := shown(b, running)
		e.BackupID, e.Backup = b.ID, &now
	}
	if stored.download.Valid {
		rows, err := queryAll(st.ctx, st.s.c.Read, scanDownload, selectDownload+"WHERE d.id = ?", stored.download.Int64)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			e.Download = &rows[0]
		}
	}
	text, err := eventText(stored.id, e)
	if err != nil {
		return err
	}
	st.last = stored.id
	return st.send(text)
}

// sendProgress sends the pending backups that have got on, and reports whether
// there were any.
func (st *stream) sendProgress(running map[string]*progress) (sent bool, err error) {
	if len(running) == 0 {
		clear(st.shown)
		return false, nil
	}
	rows, err := queryAll(st.ctx, st.s.c.Read, scanBackupRow, selectBackup+"WHERE b.org_id = ? AND b.status = 'pending' ORDER BY b.id", st.who.orgID)
	if err != nil {
		return false, err
	}
	for _, b := range rows {
		if running[b.ID] == nil {
			continue
		}
		now := shown(b, running)
		text, err := eventText(-1, api.Event{Type: api.EventProgress, BackupID: b.ID, Backup: &now})
		if err != nil {
			return sent, err
		}
		if st.shown[b.ID] == text {
			continue
		}
		st.shown[b.ID] = text
		if err := st.send(text); err != nil {
			return sent, err
		}
		sent = true
	}
	return sent, nil
}
