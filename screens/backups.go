package screens

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// backups is the list of all backups (S6 to S8, S26, S40, S41).
type backups struct {
	base
	object  *fyne.Container
	header  *widgets.Header
	search  *widgets.SearchBar
	filters *widgets.FilterChips
	offline *widgets.Banner
	list    *widgets.List
	empty   *widgets.Placeholder
	add     *widgets.AddButton
	refused *widgets.Banner // why the add button cannot be used
	corner  *fyne.Container // over the list: the add button
	bar     *fyne.Container // below the list: the add button and why it cannot be used
	ground  *ground         // behind the list

	data     *listing
	first    line // the first page
	more     line // a further one
	copies   line
	chosen   string // whose details stand beside the list
	choosing bool
	answered bool         // the present question has an answer
	news     []api.Backup // changes while the first page was on its way
	moreErr  error        // why the next page could not be had
}

// NewBackups makes the list of backups.
func NewBackups(n Needs, nav Nav) Screen {
	s := &backups{base: newBase(n, nav), data: newListing()}
	s.header = widgets.NewHeader(lang.L("Backup"), nav.Back,
		widgets.NewIconButton(widgets.IconRefresh, lang.L("Refresh"), s.Refresh))
	s.search = widgets.NewSearchBar(lang.L("Search title, module, date…"), s.onSearch)
	s.filters = widgets.NewFilterChips([]string{
		lang.L("All"), lang.L("Completed"), lang.L("Pending"), lang.L("On this device"),
	}, s.onFilter)
	s.offline = widgets.NewBanner("", widgets.Neutral, widgets.IconOffline)
	s.offline.Hide()
	s.empty = widgets.NewLoading(lang.L("Loading backups"))
	s.list = widgets.NewList(s.length, func() fyne.CanvasObject { return newRowView() }, s.drawRow)
	s.list.HideSeparators = false
	s.list.Reach = s.reach
	s.list.OnSelected = s.onSelected
	s.add = widgets.NewAddButton(lang.L("New backup"), func() { nav.ShowCreate(nil) })
	s.refused = widgets.NewBanner("", widgets.Neutral, widgets.IconInfo)
	s.refused.Round = true
	s.ground = newGround(s.list)
	s.object = s.arrange()
	return s
}

func (s *backups) arrange() *fyne.Container {
	top := widgets.ColumnGap(0, s.header,
		widgets.Inset(2*widgets.Space, 0, widgets.ColumnGap(4, s.search, s.filters)), s.offline)
	s.ground.Hide()
	s.corner = container.New(&cornerLayout{})
	s.bar = widgets.Column()
	s.bar.Hide()
	return widgets.Frame(top, container.NewStack(s.ground, s.empty, s.corner), s.bar)
}

// Title implements Screen.
func (s *backups) Title() string { return s.header.Title }

// Object implements Screen.
func (s *backups) Object() fyne.CanvasObject { return s.object }

// Shown implements Screen.
func (s *backups) Shown() {
	if !s.choosing && s.chosen != "" { // something else stands beside it now
		s.chosen = ""
		s.list.Refresh()
	}
	if !s.work.begin() {
		return
	}
	s.data.stale()
	s.news = nil
	s.offerAdd()
	s.work.until(s.n.Backups.Subscribe(later(&s.work, s.onChanged)))
	s.work.until(s.n.Downloads.Subscribe(later(&s.work, s.onTransfer)))
	s.load()
	s.redraw()
}

// Hidden implements Screen.
func (s *backups) Hidden() { s.leave() }

// Refresh implements Refresher.
func (s *backups) Refresh() { s.load() }

// FocusSearch implements Searcher.
func (s *backups) FocusSearch() { s.search.Focus() }

// ShowOnDevice implements OnDeviceShower.
func (s *backups) ShowOnDevice() {
	s.search.SetText("")
	s.filters.SetSelected(int(filterOnDevice))
	s.seek("", filterOnDevice)
}

// FirstFocus implements Focuser: the list, also where the add button is there
// before it.
func (s *backups) FirstFocus() fyne.Focusable {
	if !s.answered && s.length() == 0 {
		return nil
	}
	return widgets.FirstFocus(s.object)
}

// offerAdd shows the add button, or why it cannot be used (requirement I16).
func (s *backups) offerAdd() {
	if s.user().Can(api.PermissionCreate) {
		s.add.Enable()
		// The button floats over the list; the last line of the list is empty, so
		// that it covers nothing.
		s.corner.Objects, s.bar.Objects = []fyne.CanvasObject{s.add}, nil
	} else {
		s.refused.SetText(refusal(api.PermissionCreate))
		s.add.Disable()
		s.corner.Objects = nil
		s.bar.Objects = []fyne.CanvasObject{widgets.Inset(2*widgets.Space, widgets.Space, widgets.Row(0, s.refused, s.add))}
	}
	show(s.bar, len(s.bar.Objects) > 0)
	s.object.Refresh()
}

func (s *backups) onSearch(words string) { s.seek(words, s.data.Filter) }

func (s *backups) onFilter(i int) { s.seek(s.data.Words, filter(i)) }

// seek shows another part of the backups.
func (s *backups) seek(words string, f filter) {
	if words == s.data.Words && f == s.data.Filter && s.answered {
		s.load()
		return
	}
	s.data.Words, s.data.Filter = words, f
	s.data.empty()
	s.answered, s.moreErr = false, nil
	s.more.drop()
	s.offline.Hide()
	s.list.UnselectAll()
	s.list.ScrollToTop()
	s.redraw()
	s.load()
}

// load asks for the first page. Until the server answers, what is known of it
// is shown.
func (s *backups) load() {
	if s.data.Filter == filterOnDevice {
		s.loadOnDevice()
		return
	}
	q, n, know := s.data.query(""), s.n, !s.answered
	early := later(&s.work, s.onCached)
	ask(&s.work, &s.first, func(ctx context.Context) (loaded, error) {
		if know {
			if copied, ok := n.Backups.Cached(q); ok {
				early(s.lookUp(q, copied))
			}
		}
		snapshot, err := n.Backups.List(ctx, q)
		if err != nil {
			return loaded{}, err
		}
		return s.lookUp(q, snapshot).loaded, nil
	}, s.onLoaded)
}

// lookedUp is a page with the question it answers.
type lookedUp struct {
	loaded
	query api.ListQuery
}

// lookUp runs off the UI goroutine.
func (s *backups) lookUp(q api.ListQuery, snapshot api.Snapshot[api.BackupPage]) lookedUp {
	copies, states := lookHere(s.n.Downloads, snapshot.Value.Items)
	return lookedUp{loaded{Snapshot: snapshot, Copies: copies, States: states}, q}
}

func (s *backups) onCached(p lookedUp) {
	if s.answered || !s.first.busy() || p.query != s.data.query("") || len(p.Snapshot.Value.Items) == 0 {
		return
	}
	s.data.replace(p.loaded)
	s.redraw()
}

func (s *backups) onLoaded(page loaded, err error) {
	if err != nil {
		s.showError(err)
		return
	}
	s.answered, s.moreErr = true, nil
	s.data.replace(page)
	s.catchUp()
	s.showOffline(page.Snapshot.At, page.Snapshot.Err)
	s.redraw()
}

// showOffline says that the list is a copy, how old it is, and why.
func (s *backups) showOffline(at time.Time, err error) {
	if err == nil {
		s.offline.Hide()
		return
	}
	s.offline.SetText(s.offlineText(at, err))
	s.offline.SetAction(s.wayOn(err, s.load))
	s.offline.Show()
}

// showError says that there is nothing to show, where the list would be; a
// list that is already there stays.
func (s *backups) showError(err error) {
	what, next := s.say(err)
	if len(s.data.items) > 0 {
		s.offline.SetText(twoSentences(what, next))
		s.offline.SetAction(s.wayOut(err, s.load))
		s.offline.Show()
		s.redraw()
		return
	}
	s.answered = true
	s.ground.Hide()
	s.empty.Set(widgets.IconWarning, widgets.Bad, what, next)
	s.empty.SetAction(s.wayOut(err, s.again))
	s.empty.Show()
	s.object.Refresh()
}

// again tries anew from nothing.
func (s *backups) again() {
	s.answered = false
	s.redraw()
	s.load()
}

// onChanged takes in what the server did to a backup (S41). While a page is on
// its way that was made before the change, the change is kept for after it.
func (s *backups) onChanged(b api.Backup) {
	if s.first.busy() {
		s.news = append(s.news, b)
	}
	switch {
	case s.data.changed(b):
		s.redraw()
	case s.data.wants(b, s.n.Downloads.FileName(b)) && !s.first.busy():
		s.load()
	}
}

// catchUp takes in what changed while a page was on its way.
func (s *backups) catchUp() {
	news := s.news
	s.news = nil
	missing := false
	for _, b := range news {
		missing = (!s.data.changed(b) && s.data.wants(b, s.n.Downloads.FileName(b))) || missing
	}
	if missing {
		s.load()
	}
}

// onTransfer takes in how a download stands.
func (s *backups) onTransfer(state download.State) {
	if i := s.data.setState(state, s.now()); i >= 0 {
		s.list.RefreshItem(i)
	}
	if i, known := s.data.place[state.ID]; known && state.Phase == download.Done {
		b, n := s.data.items[i], s.n
		ask(&s.work, &s.copies, func(context.Context) (download.Copy, error) { return n.Downloads.Copy(b), nil },
			func(c download.Copy, _ error) {
				s.data.setCopy(c)
				s.list.Refresh()
			})
	}
	if state.Phase == download.Done && s.data.Filter == filterOnDevice {
		s.load()
	}
}

func (s *backups) onSelected(i int) {
	if i >= len(s.data.items) {
		s.list.Unselect(i)
		s.retryMore()
		return
	}
	id := s.data.items[i].ID
	s.list.UnselectAll() // so that it can be selected again after Back
	if s.nav.Wide() {
		s.chosen = id
		s.list.Refresh()
	}
	s.choosing = true
	s.nav.ShowBackup(id)
	s.choosing = false
}

// cornerLayout puts an object at the lower right.
type cornerLayout struct{}

func (cornerLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		m := o.MinSize()
		o.Resize(m)
		o.Move(fyne.NewPos(size.Width-m.Width-2*widgets.Space, size.Height-m.Height-2*widgets.Space))
	}
}

func (cornerLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
