package server

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// What a clock says is deleted for good, and one that was set wrong, or whose
// battery is empty, may be years ahead. So one that is far from the last sweep
// must say the same for a while before it is believed.
const (
	jumpMax  = 45 * 24 * time.Hour // between two sweeps
	doubtFor = 24 * time.Hour
)

// reckoning is what the server makes of its clock.
type reckoning struct {
	believed time.Time // the last time that was believed
	doubted  time.Time // since when, by itself, the clock has been far from that; zero: it is not
	seen     time.Time // what it said at the last look
}

// look is the reckoning after the clock has said now, and whether that may be
// deleted which is due by it. A clock that is behind finds due only what is so
// anyway. Whatever moves it by hand begins a new doubt, or ends it.
func (r reckoning) look(now time.Time) (next reckoning, may bool) {
	sound := reckoning{believed: now, seen: now}
	if near(r.believed, now) {
		return sound, true
	}
	may = now.Before(r.believed)
	next = reckoning{r.believed, r.doubted, now}
	switch {
	case r.doubted.IsZero(), now.Before(r.seen), !near(r.seen, now):
		next.doubted = now
	case now.Sub(r.doubted) >= doubtFor:
		return sound, true
	}
	return next, may
}

func near(a, b time.Time) bool { return a.Sub(b).Abs() <= jumpMax }

// mayDelete notes what the clock says, and reports whether that may be deleted
// which is due by it. A new server has nothing to compare it with.
func (s *Server) mayDelete(ctx context.Context, now time.Time) (bool, error) {
	before, err := s.reckoning(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		before, err = reckoning{believed: now}, nil
	}
	if err != nil {
		return false, err
	}
	next, may := before.look(now)
	_, err = s.execFreeing(ctx, "INSERT OR REPLACE INTO reckoning (id, believed_at, doubted_at, seen_at) VALUES (1, ?, ?, ?)",
		millis(next.believed), millisOrNil(next.doubted), millis(next.seen))
	if err != nil {
		return false, err
	}
	switch {
	case !next.doubted.IsZero() && !next.doubted.Equal(before.doubted):
		s.log.Warn("the clock is far from the last sweep: what is due by it is deleted only if it stays so for a day",
			"clock", now, "last_sweep", next.believed)
	case !before.doubted.IsZero() && next.doubted.IsZero():
		s.log.Info("the clock is believed again", "clock", now)
	}
	return may, nil
}

func (s *Server) reckoning(ctx context.Context) (r reckoning, err error) {
	var believed, seen int64
	var doubted sql.NullInt64
	err = s.c.Read.QueryRowContext(ctx, "SELECT believed_at, doubted_at, seen_at FROM reckoning").Scan(&believed, &doubted, &seen)
	r.believed, r.seen = instant(believed), instant(seen)
	if doubted.Valid {
		r.doubted = instant(doubted.Int64)
	}
	return r, err
}

// millisOrNil is for columns that may be NULL, which the zero time is.
func millisOrNil(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: millis(t), Valid: !t.IsZero()}
}
