package reminder

import "connectbackup/api/calendar"

// Event is a deletion as it stands in a calendar (requirement B7).
type Event struct {
	Key   string // the same for the same deletion, whenever it is exported
	On    calendar.Day
	Title Text
	Body  Text
}

// Events are the deletions that lie ahead, one for the records of a month and
// one for each file, the next first.
func (o Outlook) Events() []Event {
	var events []Event
	groups := map[string][]Due{}
	for _, d := range o.Due {
		groups[d.key()] = append(groups[d.key()], d)
	}
	for _, d := range o.Due {
		group := groups[d.key()]
		if len(group) == 0 {
			continue // told with the first of its group
		}
		delete(groups, d.key())
		e := Event{Key: d.key(), On: d.On, Title: recordsThatDay, Body: summarise(group).Body[0]}
		if d.BackupID != "" {
			e.Title = fileThatDay
		}
		events = append(events, e)
	}
	return events
}
