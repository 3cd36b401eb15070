package screens

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// tile is one way on from Home: an icon, a name, one live line, and a badge
// where something waits.
type tile struct {
	card  *widgets.TapCard
	name  string
	live  *widgets.Text
	badge *widgets.Chip
	below *fyne.Container // the badge with its distance
}

// tileWidth is the least width of a tile that stands beside another one.
const tileWidth = 260

func newTile(name, icon string, tapped func()) *tile {
	t := &tile{name: name, live: widgets.NewMuted(lang.L("Loading")), badge: widgets.NewChip("", widgets.Waiting, "")}
	t.below = widgets.Inset(0, 4, t.badge)
	t.below.Hide()
	picture := widget.NewIcon(widgets.ColoredIcon(icon, theme.ColorNamePrimary))
	t.card = widgets.NewTapCard(name, widgets.AtLeast(tileWidth-4*widgets.Space, 64, widgets.Row(1,
		widgets.AtLeast(40, 40, picture),
		widgets.Inset(widgets.Space, 0, widgets.ColumnGap(2, widgets.NewHeading(name), t.live, t.below)),
		widgets.AtLeast(24, 24, widget.NewIcon(widgets.Icon(widgets.IconForward))),
	)), tapped)
	return t
}

// set shows another live line, and the badge where it has words.
func (t *tile) set(live string, badge mark) {
	t.live.SetText(live)
	t.badge.Set(badge.Text, badge.Tone, badge.Icon)
	show(t.below, badge.Text != "")
	t.card.SetLabel(spokenText(t.name, live, badge.Text))
	t.card.Content.Refresh() // the words may need another line while the tile stays as high as the one beside it
}

// dueCard is the reminder on Home.
type dueCard struct {
	card   *widgets.Card
	title  *widgets.Text
	left   *widgets.Chip
	lines  *fyne.Container
	action *widgets.Button
	later  *widgets.Button
}

func newDueCard(act, later func()) *dueCard {
	d := &dueCard{
		title: &widgets.Text{Bold: true}, left: widgets.NewChip("", widgets.Waiting, ""),
		lines: widgets.ColumnGap(4), action: widgets.NewButton("", "", act),
		later: widgets.NewButton(lang.L("Later"), widgets.IconClock, later),
	}
	d.action.Importance = widget.HighImportance
	icon := widget.NewIcon(widgets.ColoredIcon(widgets.IconCalendar, theme.ColorNameForeground))
	d.card = widgets.NewCard(widgets.ColumnGap(10,
		widgets.Row(1, container.NewGridWrap(fyne.NewSquareSize(24), icon), d.title),
		widgets.Flow(d.left), d.lines,
		widgets.Inset(0, 2, widgets.Flow(d.action, d.later)),
	))
	d.card.Hide()
	return d
}

// set shows a reminder with the further lines below it. Where refused has
// words the action cannot be used, and they say why.
func (d *dueCard) set(text dueText, more []string, refused string) {
	d.title.SetText(text.Title)
	d.left.Set(text.Left.Text, text.Left.Tone, text.Left.Icon)
	d.lines.Objects = nil
	for _, line := range text.Lines {
		d.lines.Add(widgets.NewText(line))
	}
	if refused != "" {
		more = append([]string{refused}, more...)
	}
	for _, line := range more {
		d.lines.Add(widgets.NewCaption(line))
	}
	switch text.Action {
	case dueBackUp:
		d.action.SetText(lang.L("Back up now"))
	case dueBackup:
		d.action.SetText(lang.L("Show this backup"))
	default:
		d.action.SetText(lang.L("Show backups"))
	}
	if refused != "" {
		d.action.Disable()
	} else {
		d.action.Enable()
	}
	d.card.Show()
}

// spokenText is what a screen reader says of something with several words on it.
func spokenText(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ", ")
}
