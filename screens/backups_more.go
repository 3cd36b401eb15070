package screens

import (
	"context"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// nearEnd is how many rows before the last one the next page is asked for.
const nearEnd = 15

// length is that of the list: the backups, and a last line that says what
// there is to say about the rest and leaves room for the add button.
func (s *backups) length() int {
	if len(s.data.items) == 0 {
		return 0
	}
	return len(s.data.items) + 1
}

// reach is how many lines the keyboard goes to: the last one has to say
// something.
func (s *backups) reach() int {
	if s.footer() != "" {
		return s.length()
	}
	return len(s.data.items)
}

func (s *backups) drawRow(i int, o fyne.CanvasObject) {
	row, ok := o.(*rowView)
	if !ok {
		return
	}
	if i >= len(s.data.items) {
		row.setFooter(s.footer())
		return
	}
	shown := s.data.row(i, s.now())
	row.set(shown, shown.ID == s.chosen)
	if i >= len(s.data.items)-nearEnd {
		s.loadMore()
	}
}

func (s *backups) footer() string {
	switch {
	case s.moreErr != nil:
		return lang.L("More could not be loaded. Tap to try again.")
	case s.data.cursor != "":
		return lang.L("Loading more")
	}
	return ""
}

// loadMore asks for the next page, if there is one and it is not already on
// its way. It is called while the list is drawn, so it changes nothing that is
// being drawn.
func (s *backups) loadMore() {
	if s.data.cursor == "" || s.more.busy() || s.moreErr != nil || !s.answered {
		return
	}
	q, n := s.data.query(s.data.cursor), s.n
	ask(&s.work, &s.more, func(ctx context.Context) (lookedUp, error) {
		snapshot, err := n.Backups.List(ctx, q)
		if err != nil {
			return lookedUp{}, err
		}
		return s.lookUp(q, snapshot), nil
	}, s.onMore)
}

func (s *backups) onMore(page lookedUp, err error) {
	if err != nil {
		s.moreErr = err
		s.list.Refresh()
		return
	}
	if page.query != s.data.query(s.data.cursor) {
		return // the list was asked something else meanwhile
	}
	s.data.add(page.loaded)
	if page.Snapshot.Err != nil {
		s.showOffline(page.Snapshot.At, page.Snapshot.Err)
	}
	s.list.Refresh()
}

func (s *backups) retryMore() {
	if s.moreErr == nil {
		return
	}
	s.moreErr = nil
	s.loadMore()
	s.list.Refresh()
}

// loadOnDevice asks which backups have a copy here. The server does not know
// that: it is asked only for those that no copy of the list holds.
func (s *backups) loadOnDevice() {
	words, n := s.data.Words, s.n
	ask(&s.work, &s.first, func(ctx context.Context) (loaded, error) {
		page := api.BackupPage{}
		for _, c := range n.Downloads.Copies() {
			b, ok := backupOf(ctx, n.Backups, c.ID)
			if ok && matches(b, c.Name, words) {
				page.Items = append(page.Items, b)
			}
		}
		snapshot := api.Snapshot[api.BackupPage]{Value: page, At: n.Clock()}
		return s.lookUp(api.ListQuery{}, snapshot).loaded, ctx.Err()
	}, s.onLoaded)
}

func backupOf(ctx context.Context, from Backups, id string) (api.Backup, bool) {
	if known, ok := from.CachedBackup(id); ok {
		return known.Value, true
	}
	asked, err := from.Get(ctx, id)
	return asked.Value, err == nil
}

// redraw shows the list, or what stands in its place.
func (s *backups) redraw() {
	if len(s.data.items) > 0 {
		s.empty.Hide()
		s.ground.Show()
		s.list.Refresh()
		s.object.Refresh()
		return
	}
	s.ground.Hide()
	s.showEmpty()
	s.empty.Show()
	s.object.Refresh()
}

// showEmpty says why no backup is to be seen.
func (s *backups) showEmpty() {
	s.empty.SetAction("", nil)
	switch {
	case !s.answered:
		s.empty.Set(widgets.IconClock, widgets.Info, lang.L("Loading backups"), "")
	case s.data.Words != "":
		s.empty.Set(widgets.IconSearch, widgets.Neutral,
			lang.L("No backup matches “{{.Words}}”", blanks{"Words": s.data.Words}),
			lang.L("Titles, modules, file names and dates are searched."))
		s.empty.SetAction(lang.L("Clear search"), s.clearSearch)
	case s.data.Filter == filterCompleted:
		s.empty.Set(widgets.IconTick, widgets.Neutral, lang.L("No completed backup"), "")
	case s.data.Filter == filterPending:
		s.empty.Set(widgets.IconClock, widgets.Neutral, lang.L("Nothing is being prepared"), "")
	case s.data.Filter == filterOnDevice:
		s.empty.Set(widgets.IconDownload, widgets.Neutral, lang.L("No backup on this device"),
			lang.L("Open a completed backup and download it."))
	default:
		s.empty.Set(widgets.IconBackup, widgets.Info, lang.L("No backups yet"),
			lang.L("The server deletes records after two years. Make a backup to keep them."))
	}
}

func (s *backups) clearSearch() {
	s.search.SetText("")
	s.onSearch("")
}
