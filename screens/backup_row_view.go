package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

var (
	_ fyne.Widget     = (*rowView)(nil)
	_ fyne.Accessible = (*rowView)(nil)
)

// rowView draws one line of the list: a backup, or below the last one what
// there is to say about the rest. The list uses a few of them over and over.
type rowView struct {
	widget.BaseWidget
	row    backupRow
	chosen bool   // its details stand beside the list
	footer string // words instead of a backup
	isFoot bool

	title, content, detail *widgets.Line
	chip, here             *widgets.Chip
	bar                    *widgets.Bar
	percent                *widgets.Line
	barBox, lines          *fyne.Container
	rows                   []*fyne.Container // the lines, to lay out anew
	foot                   *widgets.Line
}

// rowBar is how wide the bar of a pending row is.
const rowBar = 112

func newRowView() *rowView {
	r := &rowView{
		title:   &widgets.Line{Bold: true},
		content: &widgets.Line{SizeName: theme.SizeNameCaptionText},
		detail:  &widgets.Line{SizeName: theme.SizeNameCaptionText, ColorName: widgets.ColorMuted},
		chip:    widgets.NewChip("", widgets.Neutral, ""),
		here:    widgets.NewChip(lang.L("On this device"), widgets.Outline, deviceIcon()),
		bar:     widgets.NewBar(),
		percent: &widgets.Line{Fixed: true, SizeName: theme.SizeNameCaptionText},
		foot:    &widgets.Line{ColorName: widgets.ColorMuted, Align: fyne.TextAlignCenter},
	}
	r.barBox = widgets.AtLeast(rowBar, 8, r.bar)
	r.rows = []*fyne.Container{
		widgets.Row(0, r.title, r.chip),
		widgets.Row(0, r.content),
		widgets.Row(2, r.barBox, r.percent, r.detail, r.here),
	}
	r.lines = widgets.ColumnGap(4, r.rows[0], r.rows[1],
		// as high as a row with a chip in it, so that all rows are equally high
		widgets.AtLeast(0, r.here.MinSize().Height, r.rows[2]))
	r.foot.Hide()
	r.ExtendBaseWidget(r)
	return r
}

// set shows a backup.
func (r *rowView) set(row backupRow, chosen bool) {
	if !r.isFoot && r.row == row && r.chosen == chosen {
		return
	}
	r.row, r.chosen, r.isFoot = row, chosen, false
	r.Refresh()
}

// setFooter shows words below the last backup, or nothing.
func (r *rowView) setFooter(words string) {
	if r.isFoot && r.footer == words {
		return
	}
	r.footer, r.isFoot = words, true
	r.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (r *rowView) MinSize() fyne.Size {
	r.ExtendBaseWidget(r)
	return r.BaseWidget.MinSize()
}

// AccessibilityLabel implements fyne.Accessible.
func (r *rowView) AccessibilityLabel() string {
	if r.isFoot {
		return r.footer
	}
	return r.row.spoken()
}

// AccessibilityRole implements fyne.Accessible.
func (r *rowView) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements fyne.Widget.
func (r *rowView) CreateRenderer() fyne.WidgetRenderer {
	r.ExtendBaseWidget(r)
	v := &rowRenderer{r: r, back: canvas.NewRectangle(nil), lines: widgets.Inset(2*widgets.Space, 10, r.lines)}
	v.fill()
	return v
}

type rowRenderer struct {
	r     *rowView
	back  *canvas.Rectangle // marks the chosen one
	lines *fyne.Container
}

func (v *rowRenderer) fill() {
	r := v.r
	show(r.foot, r.isFoot)
	show(v.back, r.chosen && !r.isFoot)
	v.back.FillColor = r.Theme().Color(theme.ColorNameSelection, fyne.CurrentApp().Settings().ThemeVariant())
	show(v.lines, !r.isFoot)
	if r.isFoot {
		r.foot.SetText(r.footer)
		return
	}
	r.title.SetText(r.row.Title)
	r.content.SetText(r.row.Content)
	r.detail.SetText(r.row.Detail)
	r.chip.Set(r.row.Chip.Text, r.row.Chip.Tone, r.row.Chip.Icon)
	show(r.barBox, r.row.Bar)
	show(r.here, r.row.Here.Text != "")
	r.here.Set(r.row.Here.Text, r.row.Here.Tone, r.row.Here.Icon)
	show(r.percent, r.row.Bar && r.row.Percent >= 0)
	r.percent.SetText(percentText(r.row.Percent))
	fraction := float64(r.row.Percent) / 100
	if r.row.Percent < 0 {
		fraction = 0 // nothing is done yet: an empty bar says so
	}
	r.bar.Set(fraction, r.row.BarTone)
}

func (v *rowRenderer) Layout(size fyne.Size) {
	v.back.Resize(size)
	v.lines.Resize(size)
	h := v.r.foot.MinSize().Height
	v.r.foot.Resize(fyne.NewSize(max(size.Width-4*widgets.Space, 0), h))
	v.r.foot.Move(fyne.NewPos(2*widgets.Space, (size.Height-h)/2))
}

func (v *rowRenderer) MinSize() fyne.Size { return v.lines.MinSize() }

func (v *rowRenderer) Refresh() {
	v.fill()
	for _, row := range v.r.rows { // a hidden bar or mark leaves its room to the words
		row.Layout.Layout(row.Objects, row.Size())
	}
	canvas.Refresh(v.r)
}

func (v *rowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.back, v.lines, v.r.foot}
}
func (v *rowRenderer) Destroy() {}

// ground is the surface that the list lies on.
type ground struct {
	widget.BaseWidget
	content fyne.CanvasObject
}

func newGround(content fyne.CanvasObject) *ground {
	g := &ground{content: content}
	g.ExtendBaseWidget(g)
	return g
}

// Inside is what stands on the ground.
func (g *ground) Inside() fyne.CanvasObject { return g.content }

// CreateRenderer implements fyne.Widget.
func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	r := &groundRenderer{g: g, back: canvas.NewRectangle(nil)}
	r.colour()
	return r
}

type groundRenderer struct {
	g    *ground
	back *canvas.Rectangle
}

func (r *groundRenderer) colour() {
	variant := fyne.CurrentApp().Settings().ThemeVariant()
	r.back.FillColor = r.g.Theme().Color(widgets.ColorSurface, variant)
}

func (r *groundRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.g.content.Resize(size)
}

func (r *groundRenderer) MinSize() fyne.Size { return r.g.content.MinSize() }

func (r *groundRenderer) Refresh() {
	r.colour()
	r.back.Refresh()
	r.g.content.Refresh()
}

func (r *groundRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.g.content}
}
func (r *groundRenderer) Destroy() {}
