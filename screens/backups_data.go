package screens

import (
	"slices"
	"time"

	"connectbackup/api"
	"connectbackup/device/download"
)

// filter is one of the pills above the list.
type filter int

const (
	filterAll filter = iota
	filterCompleted
	filterPending
	filterOnDevice
)

// status is what the server is asked for.
func (f filter) status() api.Status {
	switch f {
	case filterCompleted:
		return api.StatusCompleted
	case filterPending:
		return api.StatusPending
	}
	return ""
}

// listing is what the list shows: the backups that were loaded, and for each
// what this device holds of it. It has no lock: it belongs to the UI goroutine.
type listing struct {
	Filter filter
	Words  string // searched for
	items  []api.Backup
	place  map[string]int       // of an ID in items
	rows   map[string]backupRow // as last drawn; made when a row is first seen
	copies map[string]download.Copy
	states map[string]download.State
	cursor string // of the next page; empty on the last one
}

func newListing() *listing {
	return &listing{
		place: map[string]int{}, rows: map[string]backupRow{},
		copies: map[string]download.Copy{}, states: map[string]download.State{},
	}
}

// query is what to ask the server for the next page.
func (l *listing) query(cursor string) api.ListQuery {
	return api.ListQuery{Q: l.Words, Status: l.Filter.status(), Cursor: cursor}
}

// loaded is a page together with what this device holds of it, looked up off
// the UI goroutine.
type loaded struct {
	Snapshot api.Snapshot[api.BackupPage]
	Copies   map[string]download.Copy
	States   map[string]download.State
}

// lookHere finds out what this device holds of backups. It looks at the disk.
func lookHere(d Downloads, items []api.Backup) (map[string]download.Copy, map[string]download.State) {
	copies, states := map[string]download.Copy{}, map[string]download.State{}
	for _, b := range items {
		copies[b.ID] = d.Copy(b)
		states[b.ID] = d.State(b.ID)
	}
	return copies, states
}

// replace shows the first page. When further pages had been loaded for the
// same question they stay below it, so that a refresh in the middle of a long
// list does not throw the person back to its beginning.
func (l *listing) replace(page loaded) {
	fresh := page.Snapshot.Value
	items := slices.Clone(fresh.Items)
	longer := fresh.NextCursor != "" && len(l.items) > len(items)
	if longer {
		for _, b := range l.items {
			if !slices.ContainsFunc(fresh.Items, func(x api.Backup) bool { return x.ID == b.ID }) {
				items = append(items, b)
			}
		}
	} else {
		l.cursor = fresh.NextCursor
	}
	l.items = items
	l.stale()
	l.take(page)
	l.arrange()
}

// add appends a further page.
func (l *listing) add(page loaded) {
	for _, b := range page.Snapshot.Value.Items {
		if i, known := l.place[b.ID]; known {
			l.items[i] = b
			continue
		}
		l.items = append(l.items, b)
	}
	l.cursor = page.Snapshot.Value.NextCursor
	l.take(page)
	l.arrange()
}

func (l *listing) take(page loaded) {
	for id, c := range page.Copies {
		l.copies[id] = c
	}
	for id, s := range page.States {
		l.states[id] = s
	}
	for _, b := range page.Snapshot.Value.Items {
		delete(l.rows, b.ID)
	}
}

// stale makes all rows anew when they are next drawn: "2 hours ago" has moved on.
func (l *listing) stale() { clear(l.rows) }

// empty forgets everything but the question.
func (l *listing) empty() {
	l.items, l.cursor = nil, ""
	clear(l.place)
	clear(l.rows)
}

// changed takes in a backup that the server was seen to have changed. It
// reports whether the list knew it: a new one has to be asked for, for only
// the server knows whether the search finds it.
func (l *listing) changed(b api.Backup) (known bool) {
	i, known := l.place[b.ID]
	if !known {
		return false
	}
	before := l.items[i]
	l.items[i] = b
	delete(l.rows, b.ID)
	switch s := l.Filter.status(); {
	case s != "" && b.Status != s:
		l.items = slices.Delete(l.items, i, i+1)
	case before.Status == b.Status && before.PerformedAt.Equal(b.PerformedAt):
		return true // it stays where it is
	}
	l.arrange()
	return true
}

// wants reports whether a backup that the list does not hold belongs into it.
func (l *listing) wants(b api.Backup, fileName string) bool {
	if _, known := l.place[b.ID]; known || l.Filter == filterOnDevice {
		return false
	}
	s := l.Filter.status()
	return (s == "" || s == b.Status) && matches(b, fileName, l.Words)
}

// setCopy takes in what this device holds of one backup.
func (l *listing) setCopy(c download.Copy) {
	l.copies[c.ID] = c
	delete(l.rows, c.ID)
}

// setState takes in how a download stands, and returns the row to draw anew;
// -1 when nothing that is shown has changed.
func (l *listing) setState(s download.State, now time.Time) int {
	i, known := l.place[s.ID]
	if !known {
		return -1
	}
	before := l.row(i, now)
	l.states[s.ID] = s
	delete(l.rows, s.ID)
	if l.row(i, now) == before {
		return -1
	}
	return i
}

// row is the i-th row. It is made once, when it is first seen: of 100,000
// backups a person looks at a few.
func (l *listing) row(i int, now time.Time) backupRow {
	b := l.items[i]
	row, made := l.rows[b.ID]
	if !made {
		source := rowSource{Backup: b, Copy: l.copies[b.ID], State: l.states[b.ID]}
		row = newBackupRow(source, now, now.Location())
		l.rows[b.ID] = row
	}
	return row
}

// arrange sorts the backups and finds their places.
func (l *listing) arrange() {
	sortBackups(l.items)
	clear(l.place)
	for i, b := range l.items {
		l.place[b.ID] = i
	}
}

// matches reports whether the words of a search are all found in a backup: in
// its title, module names, file name or dates. Case and accents do not matter.
// It is the server's rule, for what is searched without the server.
func matches(b api.Backup, fileName, words string) bool {
	if b.Archive != nil { // the name it has on this device
		local := *b.Archive
		local.FileName = fileName
		b.Archive = &local
	}
	return api.ListQuery{Q: words}.Matches(b)
}
