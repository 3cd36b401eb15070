package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"connectbackup/api/calendar"
)

// EstimateRequest is the body of POST /v1/backups/estimate.
type EstimateRequest struct {
	From    calendar.Day `json:"from" doc:"first day, inclusive, in the organisation's zone"`
	Till    calendar.Day `json:"till" doc:"last day, inclusive"`
	Modules []string     `json:"modules,omitempty" nullable:"true" doc:"module keys; absent or null means all"`
}

// Estimate says what a backup would hold (requirement B11). The counts are
// exact as of now, the sizes are guesses from samples.
type Estimate struct {
	Records      int64            `json:"records"`
	Bytes        int64            `json:"bytes" doc:"size of the CSV files together, about"`
	ArchiveBytes int64            `json:"archive_bytes" doc:"size of the zip file, about"`
	Modules      []ModuleEstimate `json:"modules"`
	Overlaps     []Overlap        `json:"overlaps" doc:"backups that hold some of it already, the newest first, at most 20"`
}

// ModuleEstimate is what one module would add.
type ModuleEstimate struct {
	Key        string `json:"key"`
	Name       string `json:"name"`
	Subscribed bool   `json:"subscribed"`
	Records    int64  `json:"records"`
	Bytes      int64  `json:"bytes" doc:"size of the CSV file, about"`
}

// Overlap is a pending or completed backup that shares days and modules with
// what is planned.
type Overlap struct {
	BackupID string       `json:"backup_id"`
	Title    string       `json:"title"`
	Status   Status       `json:"status"`
	From     calendar.Day `json:"from"`
	Till     calendar.Day `json:"till"`
	Modules  []string     `json:"modules" doc:"keys of the modules that both have"`
	Covers   bool         `json:"covers" doc:"it has all the days and modules that are planned, with every record that the server has of them"`
}

// RetentionReport says what will be deleted within the longest of the
// reminder_days: GET /v1/retention (requirements S4, B5).
type RetentionReport struct {
	Today      calendar.Day    `json:"today" doc:"the server's date in the organisation's zone"`
	Upcoming   []Deletion      `json:"upcoming" doc:"records, by day of deletion, then by module"`
	Archives   []ArchiveExpiry `json:"archives" doc:"files of backups, the next first"`
	Suggestion *Suggestion     `json:"suggestion" doc:"a backup that would hold what no backup holds; null when all is held"`
}

// Deletion is a stretch of days of one module, within a calendar month, whose
// records are about to be deleted.
type Deletion struct {
	On        calendar.Day `json:"on" doc:"the day on which the first of them is deleted"`
	Module    string       `json:"module" doc:"key of the module"`
	Name      string       `json:"name" doc:"name of the module"`
	From      calendar.Day `json:"from" doc:"day of the oldest record"`
	Till      calendar.Day `json:"till" doc:"day of the newest record"`
	Records   int64        `json:"records"`
	StoredAt  *time.Time   `json:"stored_at,omitempty" doc:"instant at which the last of them came to the server, where that is not when it was made; a backup whose data_as_of is before it lacks some, whatever its days"`
	CoveredBy []string     `json:"covered_by" doc:"IDs of the backups whose file holds all of them, the newest first"`
}

// ArchiveExpiry is a file on the server that is about to be deleted.
type ArchiveExpiry struct {
	BackupID  string    `json:"backup_id"`
	Title     string    `json:"title"`
	FileName  string    `json:"file_name"`
	ExpiresAt time.Time `json:"expires_at"`
}

// ReasonExpiring is why a Suggestion is made: its records are in no backup and
// are about to be deleted.
const ReasonExpiring = "expiring"

// Suggestion is a backup worth making, ready for POST /v1/backups.
type Suggestion struct {
	From    calendar.Day `json:"from"`
	Till    calendar.Day `json:"till"`
	Modules []string     `json:"modules"`
	Reason  string       `json:"reason" doc:"expiring: in no backup, and about to be deleted"`
}

// Including is g widened to a module's records from one day till another; from
// nil a new one is begun. The order of the modules is that of the calls.
func (g *Suggestion) Including(module string, from, till calendar.Day) *Suggestion {
	if g == nil {
		g = &Suggestion{From: from, Till: till, Reason: ReasonExpiring}
	}
	if from.Before(g.From) {
		g.From = from
	}
	if till.After(g.Till) {
		g.Till = till
	}
	if !slices.Contains(g.Modules, module) {
		g.Modules = append(g.Modules, module)
	}
	return g
}

// Estimate asks what a backup would hold, without making it.
func (c *Client) Estimate(ctx context.Context, e EstimateRequest) (Estimate, error) {
	r, err := c.authorised(ctx, call{method: http.MethodPost, path: "/v1/backups/estimate", body: e, retry: retryAlways})
	if err != nil {
		return Estimate{}, err
	}
	return decode(r, func(e *Estimate) error {
		if e.Modules == nil {
			return errors.New("it is not an estimate")
		}
		return nil
	})
}

// Retention asks what will be deleted soon.
func (c *Client) Retention(ctx context.Context) (RetentionReport, error) {
	r, err := c.authorised(ctx, call{method: http.MethodGet, path: "/v1/retention", retry: retryAlways, remember: true})
	if err != nil {
		return RetentionReport{}, err
	}
	return decode(r, func(p *RetentionReport) error {
		if p.Today.IsZero() || p.Upcoming == nil {
			return errors.New("it does not say what will be deleted")
		}
		return nil
	})
}
