package screens

import (
	"fyne.io/fyne/v2"

	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// help tells how a backup is read, and what the app's words mean (S13, I14).
type help struct {
	base
	object fyne.CanvasObject
	header *widgets.Header
}

// NewHelp makes the help.
func NewHelp(n Needs, nav Nav) Screen {
	h := &help{base: newBase(n, nav)}
	h.header = widgets.NewHeader(lang.L("Help"), nav.Back)
	column := widgets.ColumnGap(3 * widgets.Space)
	for _, t := range helpTopics(n.Settings.Platform(), n.Settings.Downloads(), n.Settings.LogFile()) {
		column.Add(widgets.Column(widgets.NewHeading(t.Title), widgets.NewCard(topicContent(t))))
	}
	h.object = widgets.Page(h.header, column, nil)
	return h
}

func topicContent(t helpTopic) fyne.CanvasObject {
	content := widgets.ColumnGap(12)
	for i, step := range t.Steps {
		content.Add(widgets.NewText(lang.X("list.step", "{{.Number}}. {{.Text}}", blanks{"Number": i + 1, "Text": step})))
	}
	for _, text := range t.Texts {
		content.Add(widgets.NewText(text))
	}
	for _, tag := range t.Tags {
		chip := widgets.NewChip(tag.Mark.Text, tag.Mark.Tone, tag.Mark.Icon)
		content.Add(widgets.ColumnGap(4, widgets.Flow(chip), widgets.NewText(tag.Text)))
	}
	return content
}

// Title implements Screen.
func (h *help) Title() string { return h.header.Title }

// Object implements Screen.
func (h *help) Object() fyne.CanvasObject { return h.object }

// Shown implements Screen.
func (h *help) Shown() {
	if h.work.begin() {
		h.object.Refresh()
	}
}

// Hidden implements Screen.
func (h *help) Hidden() { h.leave() }
