package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// module is one module as the server keeps it.
type module struct {
	key, name, icon string
	subscribed      bool
	columns         []api.Column // those of the cells, without created_at and updated_at
}

// allColumns are the columns of the CSV file.
func (m module) allColumns() []api.Column {
	all := append(make([]api.Column, 0, len(m.columns)+2), m.columns...)
	return append(all, api.Column{Name: "created_at", Type: "Z"}, api.Column{Name: "updated_at", Type: "Z"})
}

// modulesOf are the modules of an organisation in their order.
func modulesOf(ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, org int64,
) ([]module, error) {
	return queryAll(ctx, db, func(r *sql.Rows) (m module, err error) {
		var columns string
		if err := r.Scan(&m.key, &m.name, &m.icon, &m.subscribed, &columns); err != nil {
			return m, err
		}
		return m, json.Unmarshal([]byte(columns), &m.columns)
	}, "SELECT key, name, icon, subscribed, columns FROM modules WHERE org_id = ? ORDER BY position", org)
}

func (s *Server) listModules(ctx context.Context, in *struct {
	IfNoneMatch string `header:"If-None-Match"`
},
) (*conditional[api.ModuleList], error) {
	who := whoIs(ctx)
	today := calendar.DayOf(s.clock(), who.loc)
	known, err := modulesOf(ctx, s.c.Read, who.orgID)
	if err != nil {
		return nil, err
	}
	list := api.ModuleList{Today: today, Items: make([]api.Module, 0, len(known))}
	for _, m := range known {
		item := api.Module{Key: m.key, Name: m.name, Icon: m.icon, Subscribed: m.subscribed, Columns: m.allColumns()}
		if m.subscribed {
			if err := s.countRecords(ctx, who.orgID, &item, keptFrom(today, who.loc)); err != nil {
				return nil, err
			}
		}
		list.Items = append(list.Items, item)
	}
	return answer(list, in.IfNoneMatch)
}

func (s *Server) countRecords(ctx context.Context, org int64, m *api.Module, from time.Time) error {
	var oldest, newest sql.NullInt64
	err := s.c.Read.QueryRowContext(ctx, `SELECT COUNT(*), MIN(created_at), MAX(created_at) FROM records
		WHERE org_id = ? AND module = ? AND created_at >= ?`, org, m.Key, millis(from)).Scan(&m.Records, &oldest, &newest)
	m.OldestAt, m.NewestAt = instantOrNil(oldest), instantOrNil(newest)
	return err
}

// keptFrom is the start of the oldest day whose records are kept: "two years
// from the day the record was created" (S3), the same day on which the range
// of a backup may begin at the earliest (S29).
func keptFrom(today calendar.Day, loc *time.Location) time.Time {
	return calendar.Window(today, dataMonths).From.Start(loc)
}
