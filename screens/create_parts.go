package screens

import (
	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// createParts are the objects of the form.
type createParts struct {
	header   *widgets.Header
	age      *widgets.Banner
	title    *widgets.Field
	titleBox *widgets.FieldBox
	from     *widgets.Button
	till     *widgets.Button
	fromBox  *widgets.FieldBox
	tillBox  *widgets.FieldBox
	ranges   *fyne.Container // the ranges of one tap
	presets  []preset
	pills    []*widgets.ChoiceChip
	count    *widgets.Text   // "12 of 13"
	headline *fyne.Container // of the modules, with the count at its end
	rows     *fyne.Container // the modules
	checks   []*widgets.CheckRow
	modsBox  *widgets.FieldBox
	quick    *fyne.Container // All, None, With data
	failed   *widgets.Banner // the modules could not be had
	waiting  *widgets.Text
	formats  []*widgets.ChoiceChip
	format   *widgets.FieldBox
	sizes    *widgets.Text   // what the choice will hold
	covered  *widgets.Banner // another backup holds all of it
	note     *widgets.Banner // what concerns no field
	main     *widgets.PrimaryButton
}

func (s *create) makeParts() {
	s.header = widgets.NewHeader(lang.L("New backup"), s.nav.Back)
	s.age = widgets.NewBanner("", widgets.Neutral, widgets.IconOffline)
	s.age.Round = true
	s.age.Hide()
	s.title = widgets.NewField(lang.L("Title"), "")
	s.title.OnChanged = func(string) {
		s.own = true
		s.titleBox.SetProblem("")
	}
	s.title.OnSubmitted = func(string) { s.onCreate() }
	s.titleBox = widgets.NewFieldBox(lang.L("Title"), s.title)
	s.from = widgets.NewButton("", widgets.IconCalendar, s.onFrom)
	s.till = widgets.NewButton("", widgets.IconCalendar, s.onTill)
	s.fromBox = widgets.NewFieldBox(lang.L("Create backup from"), s.from)
	s.tillBox = widgets.NewFieldBox(lang.L("Create backup till"), s.till)
	s.ranges = widgets.Pills()
	s.count = widgets.NewMuted("")
	s.count.Fixed = true
	s.headline = widgets.Row(0, widgets.NewHeading(lang.L("Modules")), s.count)
	s.rows = widgets.ColumnGap(0)
	s.quick = widgets.Flow(
		widgets.NewButton(lang.L("All"), "", func() { s.tick(func(api.Module) bool { return true }) }),
		widgets.NewButton(lang.L("None"), "", func() { s.tick(func(api.Module) bool { return false }) }),
		widgets.NewButton(lang.L("With data"), "", func() { s.tick(func(m api.Module) bool { return m.Records > 0 }) }),
	)
	s.modsBox = widgets.NewFieldBox("", s.quick)
	s.failed = widgets.NewBanner("", widgets.Bad, widgets.IconWarning)
	s.failed.Round = true
	s.failed.Hide()
	s.waiting = widgets.NewMuted(lang.L("Loading modules"))
	s.makeFormat()
	s.sizes = widgets.NewCaption("")
	s.sizes.Align = fyne.TextAlignCenter
	s.covered = widgets.NewBanner("", widgets.Info, widgets.IconInfo)
	s.covered.Round = true
	s.sizes.Hide()
	s.covered.Hide()
	s.note = newNote()
	s.main = widgets.NewPrimaryButton(lang.L("Create backup"), "", s.onCreate)
	s.offerPresets(calendar.Day{})
}

func (s *create) arrange() *fyne.Container {
	dates := widgets.NewCard(widgets.ColumnGap(12,
		s.titleBox,
		sideBySide(s.fromBox, s.tillBox),
		s.ranges,
		widgets.NewCaption(lang.L("Both days are included.")),
	))
	modules := widgets.NewCard(widgets.ColumnGap(10,
		s.headline,
		s.modsBox, s.waiting, s.failed, s.rows,
	))
	body := widgets.ColumnGap(12, s.age, dates, modules, widgets.NewCard(s.format))
	return widgets.Page(s.header, body, widgets.Column(s.note, s.covered, s.sizes, s.main))
}

// profiles are the ways in which the CSV files can be written, in the order of
// their chips.
var profiles = []string{api.ProfileExcel, api.ProfilePlain}

func (s *create) makeFormat() {
	for i, name := range []string{lang.L("For Excel"), lang.L("Plain CSV")} {
		s.formats = append(s.formats, widgets.NewChoiceChip(name, func() {
			s.profile = profiles[i]
			s.drawFormat()
		}))
	}
	s.format = widgets.NewFieldBox(lang.L("Format"), widgets.Pills(s.formats[0], s.formats[1]))
}

func (s *create) drawFormat() {
	account, _ := s.n.Sessions.Current()
	for i, chip := range s.formats {
		chip.SetSelected(profiles[i] == s.profile)
	}
	s.format.SetProblem("")
	s.format.SetHint(formatHint(s.profile, account.Organisation.Locale))
	s.object.Refresh()
}

// offerPresets shows the ranges of one tap.
func (s *create) offerPresets(last calendar.Day) {
	s.presets = presets(s.n.Today(), last)
	s.ranges.Objects, s.pills = nil, nil
	for _, p := range s.presets {
		pill := widgets.NewChoiceChip(p.Label, func() { s.onPreset(p.Range) })
		s.pills = append(s.pills, pill)
		s.ranges.Add(pill)
	}
}

// makeModuleRows makes a row for each module.
func (s *create) makeModuleRows() {
	s.rows.Objects, s.checks = nil, nil
	for _, m := range s.modules {
		row := widgets.NewCheckRow(m.Name, moduleNote(m), s.ticked[m.Key], func(on bool) {
			s.ticked[m.Key] = on
			s.modsBox.SetProblem("")
			s.drawCount()
		})
		s.checks = append(s.checks, row)
		s.rows.Add(row)
	}
}

// moduleNote is what stands at the end of a module's row.
func moduleNote(m api.Module) string {
	switch {
	case !m.Subscribed:
		return lang.L("not subscribed")
	case m.Records == 0:
		return lang.L("no rows")
	}
	return plural("{{.Count}} rows", int(m.Records))
}

// tick ticks the modules that want says, and only those.
func (s *create) tick(want func(api.Module) bool) {
	for i, m := range s.modules {
		s.ticked[m.Key] = want(m)
		s.checks[i].SetChecked(s.ticked[m.Key])
	}
	s.modsBox.SetProblem("")
	s.drawCount()
}

func (s *create) draw() {
	s.from.SetText(dayText(s.form.From))
	s.till.SetText(dayText(s.form.Till))
	for i, p := range s.presets {
		s.pills[i].SetSelected(p.Range == s.form)
	}
	s.drawModules()
	s.drawCount()
	s.drawFormat()
}

func (s *create) drawModules() {
	show(s.waiting, !s.loadedAll && s.loading.busy())
	show(s.modsBox, s.loadedAll)
	if s.loading.busy() {
		s.failed.Hide()
	}
	s.main.SetReason(s.cannot())
	setEnabled(s.main, s.loadedAll && !s.sending.busy())
	s.object.Refresh()
}

// cannot says why nothing can be created now; empty when it can.
func (s *create) cannot() string {
	if !s.user().Can(api.PermissionCreate) {
		return refusal(api.PermissionCreate)
	}
	return ""
}

func (s *create) drawCount() {
	if !s.loadedAll {
		s.count.SetText("")
		return
	}
	ticked := 0
	for _, m := range s.modules {
		if s.ticked[m.Key] {
			ticked++
		}
	}
	s.count.SetText(lang.L("{{.Ticked}} of {{.All}}", blanks{"Ticked": ticked, "All": len(s.modules)}))
	s.headline.Refresh()
	s.object.Refresh()
	s.estimate()
}

// modulesFailed says why there is nothing to choose from.
func (s *create) modulesFailed(text string, err error) {
	if s.loadedAll {
		s.age.SetText(text)
		s.age.SetAction(s.wayOn(err, s.load))
		s.age.Show()
		s.object.Refresh()
		return
	}
	s.failed.SetText(text)
	s.failed.SetAction(s.wayOn(err, s.load))
	s.failed.Show()
	s.drawModules()
}

// complain shows the reasons beside their fields, and clears the others.
func (s *create) complain(r reasons) {
	s.titleBox.SetProblem(r[fieldTitle])
	s.fromBox.SetProblem(r[fieldFrom])
	s.tillBox.SetProblem(r[fieldTill])
	s.modsBox.SetProblem(r[fieldModules])
	s.format.SetProblem(r[fieldFormat])
	s.note.Hide()
	s.object.Refresh()
}
