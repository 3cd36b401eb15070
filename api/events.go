package api

// EventType says what happened.
type EventType string

// The events of GET /v1/events. All but EventProgress are numbered, kept for a
// while, and sent again to a client that missed them.
const (
	EventCreated   EventType = "backup.created"
	EventProgress  EventType = "backup.progress" // at most once a second a backup; has no id
	EventReady     EventType = "backup.ready"
	EventFailed    EventType = "backup.failed"
	EventCancelled EventType = "backup.cancelled"
	EventExpired   EventType = "backup.expired"
	EventDeleted   EventType = "backup.deleted"
	EventRenamed   EventType = "backup.renamed"
	EventDownload  EventType = "download.recorded"
	EventModules   EventType = "modules.changed"
	EventReset     EventType = "reset" // events were missed for good: read everything anew
)

// Event is something that happened in the organisation: the data of a
// server-sent event. The ID travels beside it.
type Event struct {
	ID       string          `json:"-"` // for Last-Event-ID; that of the event before, for EventProgress
	Type     EventType       `json:"type" doc:"also the event's name: backup.created, backup.progress, backup.ready, backup.failed, backup.cancelled, backup.expired, backup.deleted, backup.renamed, download.recorded, modules.changed or reset"`
	BackupID string          `json:"backup_id,omitempty"`
	Backup   *Backup         `json:"backup,omitempty" doc:"as it is when the event is sent"`
	Download *DownloadRecord `json:"download,omitempty" doc:"for download.recorded"`
}
