package screens

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// onMore opens the menu of what is wanted seldom.
func (s *details) onMore() {
	if !s.known {
		return
	}
	var items []widgets.MenuItem
	for _, e := range menuFor(offersFor(s.situation()), s.user()) {
		items = append(items, widgets.MenuItem{
			Label: e.Label, Icon: e.Icon, Danger: e.Danger, Reason: e.Refused, Do: s.deed(e.Does),
		})
	}
	s.closeDialog()
	s.open = widgets.OpenMenu(s.nav.Window(), s.more, items)
}

// deed is what a line of the menu does.
func (s *details) deed(d deed) func() {
	return map[deed]func(){
		renameIt: s.onRename, shareIt: s.onShare, locateIt: s.onLocate, removeIt: s.onRemove, deleteIt: s.onDelete,
	}[d]
}

// onRemove deletes this device's copy.
func (s *details) onRemove() {
	q := removeInquiry(s.backup, s.holders, s.surroundings())
	s.question(q.Title, q.Text,
		widgets.Answer{Label: lang.L("Cancel")},
		widgets.Answer{Label: lang.L("Delete"), Danger: true, Do: s.remove})
}

func (s *details) remove() {
	b, n, name := s.backup, s.n, s.copy.Name
	run(&s.work, &s.doing, func(context.Context) error { return n.Downloads.Remove(b) }, func(err error) {
		if err != nil {
			s.fail(err)
		} else {
			s.nav.Toast(widgets.Toast{Text: lang.L("{{.File}} was deleted from this device.", blanks{"File": name})})
		}
		s.lookAgain()
		s.askHolders()
	})
	s.draw()
}

// onDelete deletes the file on the server.
func (s *details) onDelete() {
	q := deleteInquiry(s.holders, s.copy, s.surroundings())
	s.question(q.Title, q.Text,
		widgets.Answer{Label: lang.L("Cancel")},
		widgets.Answer{Label: lang.L("Delete"), Danger: true, Do: s.delete})
}

func (s *details) delete() {
	s.change(s.n.Backups.Delete, func() {
		s.nav.Toast(widgets.Toast{Text: lang.L("The file was deleted from the server.")})
		s.askHolders()
	})
}

// change has the server do something to the backup, and then shows it as it
// is. After a failure nobody knows how it is, so that is asked.
func (s *details) change(do func(context.Context, string) (api.Backup, error), after func()) {
	id := s.id
	ask(&s.work, &s.doing, func(ctx context.Context) (api.Backup, error) { return do(ctx, id) },
		func(b api.Backup, err error) {
			if err != nil {
				s.fail(err)
				s.load()
				return
			}
			s.backup = b
			s.draw()
			after()
		})
	s.draw()
}

// renaming is the dialog in which a backup gets another title.
type renaming struct {
	field *widgets.Field
	box   *widgets.FieldBox
	save  *widgets.Button
}

// onRename opens it.
func (s *details) onRename() {
	s.closeDialog()
	r := &renaming{field: widgets.NewField(lang.L("Title"), "")}
	r.box = widgets.NewFieldBox(lang.L("Title"), r.field)
	r.field.SetText(s.backup.Title)
	submit := func() { s.rename(r) }
	r.field.OnChanged = func(string) { r.box.SetProblem("") }
	r.field.OnSubmitted = func(string) { submit() }
	r.save = widgets.NewButton(lang.L("Save"), "", submit)
	r.save.Importance = widget.HighImportance
	content := widgets.ColumnGap(12, widgets.NewHeading(lang.L("Rename")), r.box,
		widgets.Answers(widgets.NewButton(lang.L("Cancel"), "", s.closeDialog), r.save))
	s.open = widgets.OpenModal(s.nav.Window(), content, 420, r.field, s.closeDialog)
	r.field.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// renamed is the answer to it: the backup as it is, and for a conflict as
// somebody else made it.
type renamed struct {
	backup api.Backup
	known  bool
}

func (s *details) rename(r *renaming) {
	title := strings.TrimSpace(r.field.Text)
	if reason := titleReason(title, s.window()); reason != "" || title == s.backup.Title {
		r.box.SetProblem(reason)
		if reason == "" {
			s.closeDialog()
		}
		return
	}
	if r.save.Disabled() {
		return
	}
	r.save.Disable()
	known, n := s.backup, s.n
	ask(&s.work, &s.doing, func(ctx context.Context) (renamed, error) {
		b, err := n.Backups.Rename(ctx, known, title)
		if api.IsCode(err, api.CodePreconditionFailed) {
			now, failed := n.Backups.Get(ctx, known.ID)
			return renamed{now.Value, failed == nil && now.Err == nil}, err
		}
		return renamed{b, err == nil}, err
	}, func(b renamed, err error) { s.onRenamed(r, b, err) })
}

// renameReason says beside the title why it was not taken.
func renameReason(err error, b renamed, window calendar.Range, words func(error) string) string {
	if api.IsCode(err, api.CodePreconditionFailed) && b.known {
		return lang.L("It is called “{{.Title}}” by now. Save again to replace that title.", blanks{"Title": b.backup.Title})
	}
	if at, _ := serverReasons(err, window); at[fieldTitle] != "" {
		return at[fieldTitle]
	}
	return words(err)
}

func (s *details) onRenamed(r *renaming, b renamed, err error) {
	r.save.Enable()
	if b.known {
		s.backup = b.backup
		s.draw()
	}
	if err == nil {
		s.closeDialog()
		return
	}
	r.box.SetProblem(renameReason(err, b, s.window(), s.sentences))
	if s.open != nil {
		s.open.Refresh()
		s.nav.Window().Canvas().Focus(r.field)
	}
}
