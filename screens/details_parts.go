package screens

import (
	"path"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

const warningColor = theme.ColorNameWarning

// detailsParts are the objects of the details. They are made once; only what
// they show changes, so that the focus stays where it is.
type detailsParts struct {
	header *widgets.Header
	empty  *widgets.Placeholder
	page   *fyne.Container
	bottom *fyne.Container

	age       *widgets.Banner // how old the copy is
	chip      *widgets.Chip
	here      *widgets.Chip
	notice    *widgets.Banner
	pending   *widgets.Card
	preparing *widgets.ProgressRow
	facts     *widgets.Facts
	modules   *fyne.Container
	file      *widgets.Card
	fileName  *widgets.Text
	fileNote  *widgets.Text
	verified  *widgets.Chip
	badge     *fyne.Container // verified in its line

	verifiedAge *widgets.Text // how long ago that was
	copies      *widgets.Card // which device holds the file
	copyLines   *fyne.Container
	copiesNote  *widgets.Text

	more                  *widgets.IconButton
	reveal, verify        *widgets.Button
	find, locate, extract *widgets.Button
	openFile, main, retry *widgets.PrimaryButton
	again, stop           *widgets.Button
	againReason           *widgets.Text
	transfer              *widgets.ProgressRow
	transferCard          *widgets.Card
	fileButtons           *fyne.Container
}

func (s *details) makeParts() {
	s.more = widgets.NewIconButton(widgets.IconMore, lang.L("More"), s.onMore)
	s.more.Hide() // until there is something to choose
	s.header = widgets.NewHeader(lang.L("Backup"), s.nav.Back,
		widgets.NewIconButton(widgets.IconRefresh, lang.L("Refresh"), s.Refresh), s.more)
	s.empty = widgets.NewLoading(lang.L("Loading this backup"))
	s.folder = folderName(s.n.Settings.Downloads())
	s.age = widgets.NewBanner("", widgets.Neutral, widgets.IconOffline)
	s.notice = widgets.NewBanner("", widgets.Neutral, widgets.IconInfo)
	s.age.Round, s.notice.Round = true, true
	s.age.Hide()
	s.chip = widgets.NewChip("", widgets.Neutral, "")
	s.here = widgets.NewChip(lang.L("On this device"), widgets.Outline, deviceIcon())
	s.preparing = widgets.NewProgressRow(nil, nil, nil)
	s.pending = widgets.NewCard(s.preparing)
	s.facts, s.modules = widgets.NewFacts(), widgets.Column()
	s.fileName = widgets.NewText("")
	s.fileNote = widgets.NewMuted("")
	s.verified = widgets.NewChip(lang.L("Verified"), widgets.Good, widgets.IconVerified)
	s.verifiedAge = widgets.NewCaption("")
	s.copyLines, s.copiesNote = widgets.Column(), widgets.NewMuted("")
	s.copies = widgets.NewCard(widgets.ColumnGap(10, widgets.NewHeading(lang.L("Copies")), s.copyLines, s.copiesNote))

	s.reveal = widgets.NewButton(lang.L("Show in folder"), widgets.IconFolder, s.onReveal)
	s.verify = widgets.NewButton(lang.L("Verify this file"), widgets.IconVerified, s.onVerify)
	s.find = widgets.NewButton(lang.L("Look for it"), widgets.IconSearch, s.onFind)
	s.locate = widgets.NewButton(lang.L("Locate file…"), widgets.IconFolder, s.onLocate)
	s.extract = widgets.NewButton(lang.L("Extract"), widgets.IconExtract, s.onExtract)
	s.openFile = widgets.NewPrimaryButton(lang.L("Open with the default app"), widgets.IconOpen, s.onOpen)
	s.main = widgets.NewPrimaryButton("", widgets.IconDownload, s.onDownload)
	s.retry = widgets.NewPrimaryButton(lang.L("Try again"), widgets.IconRefresh, s.onTryAgain)
	s.again = widgets.NewButton(lang.L("Download again"), widgets.IconDownload, s.onDownload)
	s.againReason = widgets.NewCaption("")
	s.stop = widgets.NewButton(lang.L("Cancel this backup"), widgets.IconCross, s.onCancelJob)
	s.transfer = widgets.NewProgressRow(s.onPause, s.onResume, s.onCancelTransfer)
	s.transferCard = widgets.NewCard(s.transfer)
}

// arrange puts the parts in their places.
func (s *details) arrange() *fyne.Container {
	s.fileButtons = widgets.Flow(s.reveal, s.verify, s.find, s.locate)
	s.badge = widgets.Flow(s.verified)
	s.file = widgets.NewCard(widgets.ColumnGap(6,
		widgets.NewHeading(lang.L("File")), s.fileName, s.fileNote, s.badge, s.verifiedAge, s.fileButtons))
	body := widgets.ColumnGap(12,
		s.age,
		widgets.Flow(s.chip, s.here),
		s.notice,
		s.pending,
		widgets.NewCard(s.facts),
		s.file,
		s.copies,
		widgets.NewCard(widgets.ColumnGap(10, widgets.NewHeading(lang.L("Modules")), s.modules)),
	)
	s.bottom = widgets.Column(
		s.transferCard, s.openFile,
		sideBySide(s.extract, s.again), s.againReason,
		s.main, s.retry, s.stop,
	)
	s.page = widgets.Page(nil, body, s.bottom)
	return widgets.Frame(widgets.Reading(s.header), container.NewStack(s.page, s.empty), nil)
}

// drawButtons shows what can be done.
func (s *details) drawButtons(o offers) {
	show(s.transferCard, o.Primary == transfer)
	if o.Primary == transfer {
		s.transfer.SetState(transferProgress(s.state, s.say))
	}
	show(s.openFile, o.Open)
	show(s.extract, o.Extract)
	show(s.more, len(menuFor(o, s.user())) > 0)
	s.header.Refresh()

	// With the file at hand, opening it comes first and another download last.
	beside := o.Primary == downloadAgain && (o.Open || o.Extract)
	show(s.again, beside)
	show(s.againReason, o.Refused != "" && (beside || o.Primary == cancelJob))
	s.againReason.SetText(o.Refused)
	setEnabled(s.again, o.Refused == "" && !s.doing.busy())

	show(s.main, !beside && (o.Primary == firstDownload || o.Primary == downloadAgain))
	if o.Primary == firstDownload {
		s.main.SetText(lang.L("Download Backup"), widgets.IconDownload)
	} else {
		s.main.SetText(lang.L("Download again"), widgets.IconDownload)
	}
	s.main.SetReason(o.Refused)
	show(s.retry, o.Primary == tryAgain)
	s.retry.SetReason(o.Refused)
	show(s.stop, o.Primary == cancelJob && o.Refused == "")
	setEnabled(s.stop, !s.doing.busy())
	if s.doing.busy() {
		s.main.Disable()
	} else {
		s.main.Enable()
	}
	show(s.bottom, anyShown(s.transferCard, s.openFile, s.extract, s.again, s.againReason, s.main, s.retry, s.stop))
	s.bottom.Refresh() // a button that is alone now takes the whole line
	s.page.Refresh()
}

func anyShown(objects ...fyne.CanvasObject) bool {
	for _, o := range objects {
		if o.Visible() {
			return true
		}
	}
	return false
}

// show makes an object visible or not. Setting Hidden alone would leave a
// button that was refreshed while hidden without its icon.
func show(o fyne.CanvasObject, on bool) {
	switch {
	case on && !o.Visible():
		o.Show()
	case !on && o.Visible():
		o.Hide()
	}
}

func setEnabled(b fyne.Disableable, on bool) {
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// folderName is the last part of a folder's path, whichever slashes it has.
func folderName(folder string) string {
	return path.Base(strings.ReplaceAll(folder, `\`, "/"))
}

func deviceIcon() string {
	if fyne.CurrentDevice().IsMobile() {
		return widgets.IconPhone
	}
	return widgets.IconComputer
}
