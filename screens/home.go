package screens

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"connectbackup/api"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// toldPurpose remembers that the person was told what a backup is, and what it
// is not (requirement I14).
const toldPurpose = "backup-purpose"

// home is the first screen of somebody who is signed in (S5).
type home struct {
	base
	object  fyne.CanvasObject
	header  *widgets.Header
	purpose *widgets.Card
	tile    *widgets.TapCard
	live    *widgets.Text
	newest  api.Snapshot[api.BackupPage] // the first page of all
	loading line
}

// NewHome makes the home screen.
func NewHome(n Needs, nav Nav) Screen {
	h := &home{base: newBase(n, nav)}
	h.header = widgets.NewHeader("", nil,
		widgets.NewIconButton(widgets.IconSettings, lang.L("Settings"), nav.ShowSettings))
	h.purpose = widgets.NewCard(h.purposeContent())
	h.purpose.Tone = widgets.Info
	h.live = widgets.NewMuted("")
	h.tile = widgets.NewTapCard(lang.L("Backup"), h.tileContent(), nav.ShowBackups)
	h.object = widgets.Page(h.header, widgets.ColumnGap(2*widgets.Space, h.purpose, h.tile), nil)
	return h
}

func (h *home) purposeContent() fyne.CanvasObject {
	return widgets.Column(
		widgets.NewText(lang.L("The server deletes every record two years after it was made. Back up before that.")),
		widgets.NewText(lang.L("A backup is for keeping and reading. It cannot be put back into the server.")),
		widgets.Flow(widgets.NewButton(lang.L("Got it"), "", h.onGotIt)),
	)
}

func (h *home) tileContent() fyne.CanvasObject {
	icon := widget.NewIcon(widgets.ColoredIcon(widgets.IconBackup, theme.ColorNamePrimary))
	name := widgets.NewHeading(lang.L("Backup"))
	return widgets.AtLeast(0, 64, widgets.Row(1,
		widgets.AtLeast(40, 40, icon),
		widgets.Inset(widgets.Space, 0, widgets.ColumnGap(2, name, h.live)),
		widgets.AtLeast(24, 24, widget.NewIcon(widgets.Icon(widgets.IconForward))),
	))
}

// Title implements Screen.
func (h *home) Title() string { return h.header.Title }

// Object implements Screen.
func (h *home) Object() fyne.CanvasObject { return h.object }

// Shown implements Screen.
func (h *home) Shown() {
	if !h.work.begin() {
		return
	}
	account, _ := h.n.Sessions.Current()
	h.header.SetTitle(account.Organisation.Name)
	show(h.purpose, !h.n.Settings.Told(toldPurpose))
	h.object.Refresh()
	h.work.until(h.n.Backups.Subscribe(later(&h.work, h.onChanged)))
	h.load()
}

// Hidden implements Screen.
func (h *home) Hidden() { h.leave() }

// Refresh implements Refresher.
func (h *home) Refresh() { h.load() }

func (h *home) onGotIt() {
	h.n.Settings.SetTold(toldPurpose)
	h.purpose.Hide()
	h.object.Refresh()
}

func (h *home) load() {
	ask(&h.work, &h.loading, func(ctx context.Context) (api.Snapshot[api.BackupPage], error) {
		return h.n.Backups.List(ctx, api.ListQuery{})
	}, h.loaded)
}

func (h *home) loaded(s api.Snapshot[api.BackupPage], err error) {
	if err != nil {
		what, _ := h.say(err)
		h.setLive(what)
		return
	}
	h.newest = s
	h.setLive(h.liveText(s))
}

// onChanged takes in what the server did to a backup.
func (h *home) onChanged(b api.Backup) {
	items := slices.Clone(h.newest.Value.Items)
	if i := slices.IndexFunc(items, func(x api.Backup) bool { return x.ID == b.ID }); i >= 0 {
		items[i] = b
	} else {
		items = append(items, b)
	}
	sortBackups(items)
	h.newest.Value.Items = items
	if !h.loading.busy() { // else what is asked for tells more
		h.setLive(h.liveText(h.newest))
	}
}

func (h *home) setLive(text string) {
	h.live.SetText(text)
	h.tile.SetLabel(twoSentences(lang.L("Backup"), text))
	h.object.Refresh()
}

// liveText is the one live line on the tile: what is under way, or else when
// the newest backup was performed.
func (h *home) liveText(s api.Snapshot[api.BackupPage]) string {
	pending := 0
	for _, b := range s.Value.Items {
		if b.Status == api.StatusPending {
			pending++
		}
	}
	switch {
	case s.Err != nil:
		return h.offlineText(s.At, s.Err)
	case pending > 0:
		return plural("{{.Count}} pending", pending)
	case len(s.Value.Items) == 0:
		return lang.L("No backups yet")
	}
	newest := s.Value.Items[0]
	return lang.L("{{.Title}} · {{.Performed}}",
		blanks{"Title": newest.Title, "Performed": performedText(h.now(), newest.PerformedAt, h.zone())})
}
