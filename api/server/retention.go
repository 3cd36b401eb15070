package server

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// reminderDays are the days before a deletion on which people are reminded
// (S4). The first is how far ahead deletions are told.
var reminderDays = []int{90, 60, 30, 14, 7, 3, 1}

// retention says what will be deleted soon, by both clocks.
func (s *Server) retention(ctx context.Context, in *struct {
	IfNoneMatch string `header:"If-None-Match"`
},
) (*conditional[api.RetentionReport], error) {
	who := whoIs(ctx)
	now := s.clock()
	today := calendar.DayOf(now, who.loc)
	r := api.RetentionReport{Today: today, Upcoming: []api.Deletion{}, Archives: []api.ArchiveExpiry{}}
	known, err := modulesOf(ctx, s.c.Read, who.orgID)
	if err != nil {
		return nil, err
	}
	backups, err := queryAll(ctx, s.c.Read, scanBackupRow, selectBackup+`WHERE b.org_id = ? AND b.status = 'completed'
		ORDER BY b.performed_at DESC, b.public_id DESC`, who.orgID)
	if err != nil {
		return nil, err
	}
	for _, days := range endingDays(today) {
		for _, m := range known {
			d, err := s.deletion(ctx, who, m, days)
			if err != nil {
				return nil, err
			}
			if d.Records > 0 {
				d.CoveredBy = coverers(backups, d, who.loc)
				r.Upcoming = append(r.Upcoming, d)
			}
		}
	}
	slices.SortStableFunc(r.Upcoming, func(a, b api.Deletion) int { return a.On.Compare(b.On) })
	horizon := today.AddDays(reminderDays[0] + 1).Start(who.loc)
	for _, b := range backups {
		if b.Archive != nil && b.ExpiresAt != nil && b.ExpiresAt.Before(horizon) {
			r.Archives = append(r.Archives, api.ArchiveExpiry{
				BackupID: b.ID, Title: b.Title, FileName: b.Archive.FileName, ExpiresAt: *b.ExpiresAt,
			})
		}
	}
	slices.SortFunc(r.Archives, func(a, b api.ArchiveExpiry) int {
		return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), cmp.Compare(a.BackupID, b.BackupID))
	})
	r.Suggestion = suggestion(r.Upcoming, known)
	return answer(r, in.IfNoneMatch)
}

// endingDays are the days whose records will be deleted within the longest
// reminder, cut into calendar months.
func endingDays(today calendar.Day) (months []calendar.Range) {
	first := calendar.Window(today, dataMonths).From
	last := calendar.Window(today.AddDays(reminderDays[0]), dataMonths).From.AddDays(-1)
	for !first.After(last) {
		end := calendar.NewDay(first.Year, first.Month, calendar.DaysIn(first.Year, first.Month))
		if end.After(last) {
			end = last
		}
		months = append(months, calendar.Range{From: first, Till: end})
		first = end.AddDays(1)
	}
	return months
}

// deletion is what goes of one module.
func (s *Server) deletion(ctx context.Context, who *identity, m module, days calendar.Range) (api.Deletion, error) {
	start, end := days.Bounds(who.loc)
	d := api.Deletion{Module: m.key, Name: m.name, CoveredBy: []string{}}
	var oldest, newest, last sql.NullInt64
	err := s.c.Read.QueryRowContext(ctx, `SELECT COUNT(*), MIN(created_at), MAX(created_at), MAX(seq) FROM records
		WHERE org_id = ? AND module = ? AND created_at >= ? AND created_at < ?`,
		who.orgID, m.key, millis(start), millis(end)).Scan(&d.Records, &oldest, &newest, &last)
	if err != nil || d.Records == 0 {
		return d, err
	}
	d.From, d.Till = calendar.DayOf(instant(oldest.Int64), who.loc), calendar.DayOf(instant(newest.Int64), who.loc)
	d.On = deletedOn(d.From)
	d.StoredAt, err = arrival(ctx, s.c.Read, who.orgID, m.key, last.Int64)
	return d, err
}

// deletedOn is the day on which the records of a day are no longer kept: the
// first whose window begins later.
func deletedOn(day calendar.Day) calendar.Day {
	on := day.AddMonths(dataMonths)
	for !calendar.Window(on, dataMonths).From.After(day) {
		on = on.AddDays(1)
	}
	return on
}

// coverers are the backups whose file has all of these records. One that was
// made before the last of the days was over, or before the last of them came,
// may lack some.
func coverers(backups []backup, d api.Deletion, loc *time.Location) []string {
	ids := []string{}
	for _, b := range backups {
		if b.holds(d.Module) && !b.From.After(d.From) && !b.Till.Before(d.Till) &&
			b.DataAsOf != nil && !b.DataAsOf.Before(d.Till.AddDays(1).Start(loc)) && !lacks(b.DataAsOf, d.StoredAt) {
			ids = append(ids, b.ID)
		}
	}
	return ids
}

// suggestion is the backup that holds all that no backup does.
func suggestion(upcoming []api.Deletion, known []module) *api.Suggestion {
	var g *api.Suggestion
	for _, d := range upcoming {
		if len(d.CoveredBy) == 0 {
			g = g.Including(d.Module, d.From, d.Till)
		}
	}
	if g != nil {
		place := func(key string) int { return slices.IndexFunc(known, func(m module) bool { return m.key == key }) }
		slices.SortFunc(g.Modules, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	}
	return g
}
