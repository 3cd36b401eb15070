package screens

import (
	"encoding/json"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"connectbackup/assets"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// licenceNotice is one text of a licence, and what of the program stands under it.
type licenceNotice struct {
	Licence string   `json:"licence"`
	Modules []string `json:"modules"`
	Text    string   `json:"text"`
}

// licenceNotices reads those that are embedded in the program.
func licenceNotices(b []byte) ([]licenceNotice, error) {
	var all []licenceNotice
	return all, json.Unmarshal(b, &all)
}

// licences names what the app is built from, with the texts that go with it.
type licences struct {
	base
	object fyne.CanvasObject
	header *widgets.Header
}

// NewLicences makes the screen of the licences.
func NewLicences(n Needs, nav Nav) Screen {
	l := &licences{base: newBase(n, nav)}
	l.header = widgets.NewHeader(lang.L("Licences"), nav.Back)
	column := widgets.Column(widgets.NewMuted(lang.L(
		"Connect Backup is under the MIT licence. It is built from the work of others, named here with their terms.")))
	all, err := licenceNotices(assets.Notices)
	if err != nil {
		column.Add(widgets.NewText(l.sentences(err)))
	}
	for _, one := range all {
		column.Add(l.line(one))
	}
	l.object = widgets.Page(l.header, column, nil)
	return l
}

func (l *licences) line(one licenceNotice) fyne.CanvasObject {
	names := strings.Join(one.Modules, "\n")
	return widgets.NewTapCard(spokenText(append(one.Modules, one.Licence)...), widgets.Row(0,
		widgets.ColumnGap(2, widgets.NewText(names), widgets.NewCaption(one.Licence)),
		widgets.AtLeast(24, 24, widget.NewIcon(widgets.Icon(widgets.IconForward))),
	), func() { l.question(one.Licence, one.Text, widgets.Answer{Label: lang.L("Close")}) })
}

// Title implements Screen.
func (l *licences) Title() string { return l.header.Title }

// Object implements Screen.
func (l *licences) Object() fyne.CanvasObject { return l.object }

// Shown implements Screen.
func (l *licences) Shown() {
	if l.work.begin() {
		l.object.Refresh()
	}
}

// Hidden implements Screen.
func (l *licences) Hidden() { l.leave() }
