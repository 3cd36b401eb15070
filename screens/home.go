package screens

import (
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/api/reminder"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// toldPurpose remembers that the person was told what a backup is, and what it
// is not (requirement I14).
const toldPurpose = "backup-purpose"

// home is the first screen of somebody who is signed in (S5).
type home struct {
	base
	object   fyne.CanvasObject
	header   *widgets.Header
	offline  *widgets.Banner
	purpose  *widgets.Card
	due      *dueCard
	backups  *tile
	onDevice *tile
	verified *widgets.Banner

	newest  api.Snapshot[api.BackupPage] // the first page of all
	outlook reminder.Outlook
	shown   dueText // the reminder that is seen

	loading, looking, asking, snoozing line
}

// NewHome makes the home screen.
func NewHome(n Needs, nav Nav) Screen {
	h := &home{base: newBase(n, nav)}
	h.header = widgets.NewHeader("", nil,
		widgets.NewIconButton(widgets.IconHelp, lang.L("Help"), nav.ShowHelp),
		widgets.NewIconButton(widgets.IconSettings, lang.L("Settings"), nav.ShowSettings))
	h.offline = widgets.NewBanner("", widgets.Neutral, widgets.IconOffline)
	h.offline.Round = true
	h.offline.Hide()
	h.purpose = widgets.NewCard(h.purposeContent())
	h.due = newDueCard(h.onDue, h.onLater)
	h.backups = newTile(lang.L("Backup"), widgets.IconBackup, nav.ShowBackups)
	h.onDevice = newTile(lang.L("On this device"), deviceIcon(), nav.ShowOnDevice)
	h.verified = widgets.NewBanner("", widgets.Neutral, widgets.IconVerified)
	h.verified.Round = true
	h.verified.Hide()
	h.object = widgets.Page(h.header, widgets.ColumnGap(2*widgets.Space,
		h.offline, h.due.card, h.purpose, sideBySide(h.backups.card, h.onDevice.card), h.verified), nil)
	return h
}

func (h *home) purposeContent() fyne.CanvasObject {
	return widgets.Column(
		widgets.NewText(lang.L("The server deletes every record two years after it was made. Back up before that.")),
		widgets.NewText(lang.L("A backup is for keeping and reading. It cannot be put back into the server.")),
		widgets.Flow(widgets.NewButton(lang.L("Got it"), "", h.onGotIt)),
	)
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
	h.work.until(h.n.Downloads.Subscribe(later(&h.work, h.onTransfer)))
	h.work.until(h.n.Reminders.Subscribe(later(&h.work, h.onOutlook)))
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
	n := h.n
	ask(&h.work, &h.loading, func(ctx context.Context) (api.Snapshot[api.BackupPage], error) {
		return n.Backups.List(ctx, api.ListQuery{})
	}, h.onLoaded)
	h.lookHere()
	early := later(&h.work, h.onOutlook)
	ask(&h.work, &h.asking, func(ctx context.Context) (reminder.Outlook, error) {
		if known, ok := n.Reminders.Outlook(); ok {
			early(known)
		}
		return n.Reminders.Refresh(ctx)
	}, func(o reminder.Outlook, err error) {
		if err == nil { // otherwise the list says what is wrong
			h.onOutlook(o)
		}
	})
}

func (h *home) onLoaded(s api.Snapshot[api.BackupPage], err error) {
	if err != nil {
		h.offline.SetText(h.sentences(err))
		h.offline.SetAction(h.wayOn(err, h.load))
		show(h.offline, !errors.Is(err, api.ErrSignedOut)) // that stands above every screen
		h.fill(lang.L("Not known"))
		return
	}
	show(h.offline, s.Err != nil)
	if s.Err != nil {
		h.offline.SetText(h.offlineText(s.At, s.Err))
		h.offline.SetAction(h.wayOn(s.Err, h.load))
	}
	h.newest = s
	h.fill(tileText(s.Value.Items, h.now(), h.zone()))
}

// fill shows a live line on the tile of all backups, with what is due.
func (h *home) fill(live string) {
	var badge mark
	if due := len(h.outlook.Due); due > 0 {
		badge = mark{plural("{{.Count}} due", due), widgets.Waiting, widgets.IconCalendar}
	}
	h.backups.set(live, badge)
	h.object.Refresh()
}

// hereNow is what this device holds.
type hereNow struct {
	copies   int
	verified time.Time
}

// lookHere finds out what this device holds. It looks at the disk.
func (h *home) lookHere() {
	n := h.n
	ask(&h.work, &h.looking, func(context.Context) (hereNow, error) {
		return hereNow{len(n.Downloads.Copies()), n.Downloads.LastVerified()}, nil
	}, func(here hereNow, _ error) {
		h.onDevice.set(copiesText(here.copies), mark{})
		m := lastVerifiedText(h.now(), here.verified, h.zone())
		h.verified.Tone, h.verified.Icon = m.Tone, m.Icon
		h.verified.SetText(m.Text)
		h.verified.Show()
		h.object.Refresh()
	})
}

// onTransfer takes in a download that ended.
func (h *home) onTransfer(s download.State) {
	if s.Phase == download.Done {
		h.lookHere()
	}
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
		h.fill(tileText(items, h.now(), h.zone()))
	}
}

// onOutlook shows what will be deleted next, or that nothing will be.
func (h *home) onOutlook(o reminder.Outlook) {
	h.outlook = o
	h.fill(h.backups.live.Text)
	text, remind := dueTextOf(o)
	if !remind {
		h.due.card.Hide()
		h.object.Refresh()
		return
	}
	h.shown = text
	var more []string
	if o.Err != nil {
		more = append(more, lang.L("As of {{.Time}}", blanks{"Time": asOfText(h.now(), o.At, h.zone())}))
	}
	if account, _ := h.n.Sessions.Current(); account.Demo {
		more = append(more, lang.L("This is the demo: it reminds you in this app only."))
	}
	refused := ""
	if text.Action == dueBackUp && !h.user().Can(api.PermissionCreate) {
		refused = refusal(api.PermissionCreate)
	}
	h.due.set(text, more, refused)
	h.object.Refresh()
}

func (h *home) onDue() {
	switch {
	case h.shown.Action == dueBackUp && h.outlook.Suggestion != nil:
		like := suggested(*h.outlook.Suggestion)
		h.nav.ShowCreate(&like)
	case h.shown.Action == dueBackup:
		h.nav.ShowBackup(h.shown.BackupID)
	default:
		h.nav.ShowBackups()
	}
}

// onLater asks until when the reminder is put off (requirement B7).
func (h *home) onLater() {
	answers := []widgets.Answer{{Label: lang.L("Keep reminding me")}}
	for _, choice := range []struct {
		label string
		how   reminder.Snooze
	}{
		{lang.L("Tomorrow"), reminder.SnoozeDay},
		{lang.L("In a week"), reminder.SnoozeWeek},
		{lang.L("In the last three days"), reminder.SnoozeLastDays},
	} {
		if h.outlook.CanSnooze(choice.how) {
			answers = append(answers, widgets.Answer{Label: choice.label, Do: func() { h.snooze(choice.how) }})
		}
	}
	h.question(lang.L("When shall you be reminded again?"), lang.L("What is deleted cannot be brought back."), answers...)
}

func (h *home) snooze(s reminder.Snooze) {
	n := h.n
	ask(&h.work, &h.snoozing, func(context.Context) (reminder.Outlook, error) {
		if err := n.Reminders.Snooze(s); err != nil {
			return reminder.Outlook{}, err
		}
		o, _ := n.Reminders.Outlook()
		return o, nil
	}, func(o reminder.Outlook, err error) {
		if err != nil {
			h.fail(err)
			return
		}
		h.onOutlook(o)
		h.nav.Toast(widgets.Toast{
			Text: lang.L("You are reminded again on {{.Day}}.", blanks{"Day": dayText(o.SnoozedTill)}), Tone: widgets.Good,
		})
	})
}
