package widgets

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"connectbackup/screens/lang"
)

var (
	_ fyne.Widget     = (*DateWindow)(nil)
	_ fyne.Accessible = (*DateWindow)(nil)
)

// DateWindow lets a person choose a day and, in one tap, its year
// (requirements S30 to S33). Days outside Min to Max cannot be chosen. Only OK
// sets the day.
//
// Of its times only year, month and day count. OnPicked gets noon in UTC.
type DateWindow struct {
	widget.BaseWidget
	Title        string
	Selected     time.Time
	Min, Max     time.Time
	Today        time.Time // zero: not marked
	FirstWeekday time.Weekday
	OnPicked     func(day time.Time)
	OnCancel     func()

	modal             *Modal // that it stands in; may be nil
	inside            *fyne.Container
	view              time.Time // a day of the month that is shown
	grid              *dayGrid
	years             []*ChoiceChip
	month, chosen     *Text
	previous, further *IconButton
}

// NewDateWindow makes a window with selected as the chosen day, moved into
// least to most where it lies outside. The week begins as it does where
// the person lives.
func NewDateWindow(title string, selected, least, most time.Time, picked func(day time.Time)) *DateWindow {
	d := &DateWindow{
		Title: title, Selected: selected, Min: least, Max: most, OnPicked: picked,
		FirstWeekday: FirstWeekday(lang.Locale()),
	}
	d.ExtendBaseWidget(d)
	return d
}

// Open shows the window as a modal over w. Cancel, OK and Esc close it.
func (d *DateWindow) Open(w fyne.Window) *Modal {
	picked, cancelled := d.OnPicked, d.OnCancel
	d.prepare()
	var m *Modal
	d.OnPicked = func(day time.Time) {
		m.Close()
		if picked != nil {
			picked(day)
		}
	}
	d.OnCancel = func() {
		m.Close()
		call(cancelled)
	}
	m = newModal(w, d, 7*Touch+2*2*Space, d.cancel)
	d.modal = m
	m.open(d.grid)
	return m
}

// Inside is what it is made of, as soon as it was drawn.
func (d *DateWindow) Inside() fyne.CanvasObject {
	if d.inside == nil {
		return nil
	}
	return d.inside
}

// Select chooses a day, moved into the bounds, and shows its month.
func (d *DateWindow) Select(day time.Time) {
	d.prepare()
	d.Selected = clampDay(dayOf(day), d.Min, d.Max)
	d.view = d.Selected
	d.Refresh()
}

// SelectYear chooses the same day in another year, or the nearest one that can
// be chosen.
func (d *DateWindow) SelectYear(year int) {
	d.prepare()
	d.Select(addMonths(d.Selected, 12*(year-d.Selected.Year())))
}

// AccessibilityLabel implements fyne.Accessible.
func (d *DateWindow) AccessibilityLabel() string { return d.Title }

// AccessibilityRole implements fyne.Accessible.
func (d *DateWindow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// MinSize implements fyne.CanvasObject.
func (d *DateWindow) MinSize() fyne.Size {
	d.ExtendBaseWidget(d)
	return d.BaseWidget.MinSize()
}

// prepare makes the parts and brings the dates into order.
func (d *DateWindow) prepare() {
	if d.grid != nil {
		return
	}
	d.Min, d.Max = dayOf(d.Min), dayOf(d.Max)
	if d.Max.Before(d.Min) {
		d.Max = d.Min
	}
	d.Selected = clampDay(dayOf(d.Selected), d.Min, d.Max)
	d.view = d.Selected
	d.grid = newDayGrid()
	d.grid.onSelect = d.Select
	d.grid.onEnter = d.accept
	d.grid.onEscape = d.cancel
	d.grid.onKeyboard = d.showChosen
	for year := d.Max.Year(); year >= d.Min.Year(); year-- {
		d.years = append(d.years, NewChoiceChip(strconv.Itoa(year), func() { d.SelectYear(year) }))
	}
	d.month = &Text{Bold: true, Align: fyne.TextAlignCenter}
	d.chosen = &Text{ColorName: ColorMuted, SizeName: theme.SizeNameCaptionText}
	d.previous = NewIconButton(IconBack, lang.L("Previous month"), func() { d.turn(-1) })
	d.further = NewIconButton(IconForward, lang.L("Next month"), func() { d.turn(1) })
}

// CreateRenderer implements fyne.Widget.
func (d *DateWindow) CreateRenderer() fyne.WidgetRenderer {
	d.ExtendBaseWidget(d)
	d.prepare()
	years := Pills()
	for _, y := range d.years {
		years.Add(y)
	}
	ok := NewButton(lang.L("OK"), "", d.accept)
	ok.Importance = widget.HighImportance
	answers := Answers(NewButton(lang.L("Cancel"), "", d.cancel), ok)
	d.inside = ColumnGap(4,
		&Text{Text: d.Title, SizeName: theme.SizeNameSubHeadingText, Bold: true},
		d.chosen,
		years,
		Row(1, d.previous, d.month, d.further),
		d.grid,
		answers,
	)
	return compose(d.inside, d.update)
}

// showChosen scrolls to where the chosen day is seen, which the keyboard is at.
func (d *DateWindow) showChosen() {
	if d.modal == nil {
		return
	}
	if c := d.grid.chosenCell(); c != nil {
		d.modal.reveal(d.grid.Position().Y+c.Position().Y, c.Size().Height)
	}
}

func (d *DateWindow) update() {
	d.chosen.SetText(lang.LongDay(d.Selected))
	d.month.SetText(lang.Month(d.view))
	for i, y := range d.years {
		y.SetSelected(d.Max.Year()-i == d.view.Year())
	}
	d.previous.setDisabled(!monthOf(d.view).After(d.Min))
	d.further.setDisabled(!monthOf(d.view).Before(monthOf(d.Max)))
	g := d.grid
	g.month, g.selected, g.least, g.most, g.first = d.view, d.Selected, d.Min, d.Max, d.FirstWeekday
	if !d.Today.IsZero() {
		g.today = dayOf(d.Today)
	}
	g.Refresh()
}

// turn shows another month; the chosen day stays.
func (d *DateWindow) turn(months int) {
	d.view = addMonths(monthOf(d.view), months)
	d.Refresh()
}

func (d *DateWindow) accept() {
	if d.OnPicked != nil {
		d.OnPicked(d.Selected)
	}
}

func (d *DateWindow) cancel() { call(d.OnCancel) }
