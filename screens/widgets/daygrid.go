package widgets

import (
	"image/color"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"connectbackup/screens/lang"
)

var (
	_ fyne.Widget       = (*dayGrid)(nil)
	_ fyne.Focusable    = (*dayGrid)(nil)
	_ fyne.Accessible   = (*dayGrid)(nil)
	_ fyne.Widget       = (*dayCell)(nil)
	_ fyne.Tappable     = (*dayCell)(nil)
	_ fyne.Accessible   = (*dayCell)(nil)
	_ desktop.Hoverable = (*dayCell)(nil)
)

// dayGrid is one month of a calendar. Its days are reached by the arrow keys,
// not by Tab: forty stops would be in everybody's way.
type dayGrid struct {
	widget.BaseWidget
	month    time.Time // any day of the month that is shown
	selected time.Time
	least    time.Time
	most     time.Time
	today    time.Time // zero: not marked
	first    time.Weekday
	focused  bool

	onSelect   func(time.Time) // a day was tapped or moved to
	onEnter    func()
	onEscape   func()
	onKeyboard func() // the keyboard came to the chosen day; may be nil

	heads []*Text
	cells []*dayCell
}

func newDayGrid() *dayGrid {
	g := &dayGrid{}
	g.ExtendBaseWidget(g)
	return g
}

// FocusGained implements fyne.Focusable.
func (g *dayGrid) FocusGained() {
	g.setFocus(true)
	call(g.onKeyboard)
}

// FocusLost implements fyne.Focusable.
func (g *dayGrid) FocusLost() { g.setFocus(false) }

func (g *dayGrid) setFocus(on bool) {
	g.focused = on
	g.Refresh()
}

// TypedRune implements fyne.Focusable.
func (g *dayGrid) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (g *dayGrid) TypedKey(e *fyne.KeyEvent) {
	to := g.selected
	switch e.Name {
	case fyne.KeyLeft:
		to = to.AddDate(0, 0, -1)
	case fyne.KeyRight:
		to = to.AddDate(0, 0, 1)
	case fyne.KeyUp:
		to = to.AddDate(0, 0, -7)
	case fyne.KeyDown:
		to = to.AddDate(0, 0, 7)
	case fyne.KeyPageUp:
		to = addMonths(to, -1)
	case fyne.KeyPageDown:
		to = addMonths(to, 1)
	case fyne.KeyHome:
		to = monthOf(to)
	case fyne.KeyEnd:
		to = dayAt(to.Year(), to.Month(), daysIn(to))
	case fyne.KeyReturn, fyne.KeyEnter:
		g.onEnter()
		return
	case fyne.KeyEscape:
		g.onEscape()
		return
	default:
		bubble(g, e)
		return
	}
	g.onSelect(clampDay(to, g.least, g.most))
	call(g.onKeyboard)
}

// chosenCell is the cell of the chosen day; nil while another month is shown.
func (g *dayGrid) chosenCell() *dayCell {
	for _, c := range g.cells {
		if !c.Hidden && c.day.Equal(g.selected) {
			return c
		}
	}
	return nil
}

// AccessibilityLabel implements fyne.Accessible.
func (g *dayGrid) AccessibilityLabel() string { return lang.LongDay(g.selected) }

// AccessibilityRole implements fyne.Accessible.
func (g *dayGrid) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// CreateRenderer implements fyne.Widget.
func (g *dayGrid) CreateRenderer() fyne.WidgetRenderer {
	r := &dayGridRenderer{g: g}
	for range 7 {
		head := &Text{SizeName: theme.SizeNameCaptionText, ColorName: ColorMuted, Fixed: true, Align: fyne.TextAlignCenter}
		g.heads = append(g.heads, head)
		r.objects = append(r.objects, head)
	}
	for range 42 {
		c := newDayCell(g)
		g.cells = append(g.cells, c)
		r.objects = append(r.objects, c)
	}
	g.fill()
	return r
}

// fill writes the days of the month into the cells.
func (g *dayGrid) fill() {
	first := monthOf(g.month)
	for i, h := range g.heads {
		h.SetText(lang.WeekdayColumn((g.first + time.Weekday(i)) % 7))
	}
	before := (int(first.Weekday()) - int(g.first) + 7) % 7
	count := daysIn(first)
	for i, c := range g.cells {
		n := i - before + 1
		c.Hidden = n < 1 || n > count
		if !c.Hidden {
			c.set(dayAt(first.Year(), first.Month(), n))
		}
	}
}

type dayGridRenderer struct {
	g       *dayGrid
	objects []fyne.CanvasObject
}

const (
	dayHead  = 24
	dayLeast = 38
)

func (r *dayGridRenderer) Layout(size fyne.Size) {
	w := size.Width / 7
	top := r.head()
	h := (size.Height - top) / 6
	for i, head := range r.g.heads {
		head.Move(fyne.NewPos(w*float32(i), 0))
		head.Resize(fyne.NewSize(w, top))
	}
	for i, c := range r.g.cells {
		c.Move(fyne.NewPos(w*float32(i%7), top+h*float32(i/7)))
		c.Resize(fyne.NewSize(w, h))
	}
}

// MinSize implements fyne.WidgetRenderer. On the narrowest phone a day is as
// wide as a seventh of it allows, and still Touch high.
func (r *dayGridRenderer) MinSize() fyne.Size {
	return fyne.NewSize(7*dayLeast, 6*r.row()+r.head())
}

func (r *dayGridRenderer) text() float32 { return r.g.Theme().Size(theme.SizeNameText) }

// row and head are the heights of a week and of the names above; they grow
// with the text.
func (r *dayGridRenderer) row() float32 { return max(Touch, 1.6*r.text()) }

func (r *dayGridRenderer) head() float32 {
	return max(dayHead, 1.5*r.g.Theme().Size(theme.SizeNameCaptionText))
}

func (r *dayGridRenderer) Refresh() {
	r.g.fill()
	r.Layout(r.g.Size())
	canvas.Refresh(r.g)
}

func (r *dayGridRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *dayGridRenderer) Destroy()                     {}

// dayCell is one day of the grid.
type dayCell struct {
	widget.BaseWidget
	grid    *dayGrid
	day     time.Time
	hovered bool

	back, ring *canvas.Rectangle
	words      *canvas.Text
}

func newDayCell(g *dayGrid) *dayCell {
	c := &dayCell{grid: g}
	c.ExtendBaseWidget(c)
	return c
}

func (c *dayCell) set(day time.Time) {
	c.day = day
	c.Refresh()
}

// hasFocus reports whether it is the day that the keyboard is at.
func (c *dayCell) hasFocus() bool { return c.grid.focused && c.day.Equal(c.grid.selected) }

func (c *dayCell) offered() bool { return !c.day.Before(c.grid.least) && !c.day.After(c.grid.most) }

// Tapped implements fyne.Tappable.
func (c *dayCell) Tapped(*fyne.PointEvent) {
	if c.offered() {
		c.grid.onSelect(c.day)
	}
}

// MouseIn implements desktop.Hoverable.
func (c *dayCell) MouseIn(*desktop.MouseEvent) {
	c.hovered = true
	c.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (c *dayCell) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (c *dayCell) MouseOut() {
	c.hovered = false
	c.Refresh()
}

// AccessibilityLabel implements fyne.Accessible. Fyne has no state for what is
// chosen or cannot be, so the words say it.
func (c *dayCell) AccessibilityLabel() string {
	name := map[string]any{"Name": lang.LongDay(c.day)}
	switch {
	case !c.offered():
		return lang.L("{{.Name}}, cannot be chosen", name)
	case c.day.Equal(c.grid.selected):
		return lang.L("{{.Name}}, chosen", name)
	}
	return lang.LongDay(c.day)
}

// AccessibilityRole implements fyne.Accessible.
func (c *dayCell) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements fyne.Widget.
func (c *dayCell) CreateRenderer() fyne.WidgetRenderer {
	c.back, c.ring = surface(canvas.RadiusMaximum), newRing(canvas.RadiusMaximum)
	c.words = canvas.NewText("", color.Transparent)
	r := &dayCellRenderer{c: c}
	r.dress()
	return r
}

type dayCellRenderer struct{ c *dayCell }

func (r *dayCellRenderer) dress() {
	c, g := r.c, r.c.grid
	chosen := c.day.Equal(g.selected)
	text := theme.ColorNameForeground
	c.back.FillColor, c.back.StrokeColor, c.back.StrokeWidth = color.Transparent, color.Transparent, 0
	switch {
	case chosen:
		c.back.FillColor, text = paint(c, theme.ColorNamePrimary), theme.ColorNameForegroundOnPrimary
	case !c.offered():
		text = theme.ColorNameDisabled
	case c.hovered:
		c.back.FillColor = paint(c, theme.ColorNameHover)
	}
	if !chosen && c.day.Equal(g.today) {
		c.back.StrokeColor, c.back.StrokeWidth = paint(c, theme.ColorNamePrimary), 1
	}
	showRing(c, c.ring, c.hasFocus())
	c.words.Text = strconv.Itoa(c.day.Day())
	c.words.Color = paint(c, text)
	c.words.TextSize = c.Theme().Size(theme.SizeNameText)
	c.words.TextStyle = fyne.TextStyle{Bold: chosen}
}

// Layout implements fyne.WidgetRenderer. The ring has all of the room, and
// what is in it gives way.
func (r *dayCellRenderer) Layout(size fyne.Size) {
	side := min(size.Width, size.Height)
	inner := side - 2*ringWidth
	if r.c.hasFocus() {
		inner -= 2 * ringGap
	}
	for o, side := range map[*canvas.Rectangle]float32{r.c.ring: side, r.c.back: inner} {
		o.Move(fyne.NewPos((size.Width-side)/2, (size.Height-side)/2))
		o.Resize(fyne.NewSquareSize(side))
	}
	m := r.c.words.MinSize()
	r.c.words.Resize(m)
	r.c.words.Move(fyne.NewPos((size.Width-m.Width)/2, (size.Height-m.Height)/2))
}

func (r *dayCellRenderer) MinSize() fyne.Size { return fyne.NewSize(dayLeast, Touch) }

func (r *dayCellRenderer) Refresh() {
	r.dress()
	r.Layout(r.c.Size())
	r.c.back.Refresh()
	r.c.words.Refresh()
}

func (r *dayCellRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.c.back, r.c.ring, r.c.words}
}

func (r *dayCellRenderer) Destroy() {}
