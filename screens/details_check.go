package screens

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// onVerify reads the whole file and compares it with what the server made
// (requirement B3).
func (s *details) onVerify() {
	b, n := s.backup, s.n
	row := s.showWork(lang.L("Verifying the file"), readProgress(progressOf{total: s.copy.Size}), s.check.halt)
	report := later(&s.work, func(p progressOf) {
		if s.check.busy() {
			row.SetState(readProgress(p))
		}
	})
	ask(&s.work, &s.check, func(ctx context.Context) (download.Copy, error) {
		return n.Downloads.Verify(ctx, b, func(done, total int64) { report(progressOf{done: done, total: total}) })
	}, s.onVerified)
}

// readProgress is what the dialog shows while the file is read.
func readProgress(p progressOf) widgets.ProgressState {
	state := widgets.ProgressState{Fraction: -1, Cancel: true}
	if p.total > 0 {
		state.Fraction = min(max(float64(p.done)/float64(p.total), 0), 1)
		state.Words = lang.L("{{.Done}} of {{.Total}}", blanks{"Done": sizeText(p.done), "Total": sizeText(p.total)})
	}
	return state
}

func (s *details) onVerified(c download.Copy, err error) {
	s.closeDialog()
	switch {
	case errors.Is(err, context.Canceled):
		s.nav.Toast(widgets.Toast{Text: lang.L("The check was stopped. The file is as it was.")})
	case err != nil:
		s.showFault(err)
	default:
		s.copy = c
		s.nav.Toast(widgets.Toast{
			Text: lang.L("{{.File}} is verified: every byte is as the server made it.", blanks{"File": c.Name}), Tone: widgets.Good,
		})
		s.draw()
	}
	s.lookAgain()
	s.askHolders()
}

// showFault says what is wrong with the file here, and offers the way to a
// whole one.
func (s *details) showFault(err error) {
	words := faultInquiry(err, s.backup, s.holders, s.surroundings(), s.say)
	answers := []widgets.Answer{{Label: lang.L("Close")}}
	if s.backup.Downloadable() && s.user().Can(api.PermissionDownload) {
		answers = append(answers, widgets.Answer{Label: lang.L("Download again"), Strong: true, Do: s.onDownload})
	}
	s.question(words.Title, words.Text, answers...)
}

// faultInquiry tells why a file here is not what the server made, and where a
// whole one can be had.
func faultInquiry(err error, b api.Backup, h holders, s surroundings, words func(error) (what, next string)) inquiry {
	what, next := words(err)
	if !b.Downloadable() {
		next = "" // it would be to download it again
	}
	var damaged *download.DamagedError
	if errors.Is(err, download.ErrNotTheFile) || errors.As(err, &damaged) {
		what = lang.L("This is not the file that the server made.")
		next = lang.L("It was changed or damaged since, or is another one of the same name.")
	}
	names := h.names(s.DeviceID)
	switch {
	case b.Downloadable():
		return inquiry{what, next}
	case names != "":
		return inquiry{what, twoSentences(next,
			lang.L("The server no longer has the file. These devices hold a copy: {{.Devices}}.", blanks{"Devices": names}))}
	}
	return inquiry{what, twoSentences(next, lang.L("The server no longer has the file."))}
}

// onFind looks through Downloads for a file that was moved or renamed
// (requirement B13).
func (s *details) onFind() {
	b, n := s.backup, s.n
	s.showWork(lang.L("Looking for the file"), widgets.ProgressState{
		Words:    lang.L("Files in {{.Folder}} of the same size are read and compared.", blanks{"Folder": s.folder}),
		Fraction: -1, Cancel: true,
	}, s.check.halt)
	ask(&s.work, &s.check, func(ctx context.Context) (download.Copy, error) { return n.Downloads.Find(ctx, b) },
		func(c download.Copy, err error) {
			s.closeDialog()
			if err == nil && c.State == download.CopyNone {
				s.question(lang.L("It was not found"),
					lang.L("No file in {{.Folder}} is this backup. It may lie in another folder.", blanks{"Folder": s.folder}),
					widgets.Answer{Label: lang.L("Close")},
					widgets.Answer{Label: lang.L("Locate file…"), Strong: true, Do: s.onLocate})
				return
			}
			s.onFound(c, err)
		})
}

// onLocate lets the person show which file it is.
func (s *details) onLocate() {
	s.closeDialog()
	picked := later(&s.work, s.onPicked)
	w := s.nav.Window()
	s.picker = dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err == nil && file != nil {
			err = file.Close() // it is opened again by whoever reads it
		}
		picked(answer[fyne.URIReadCloser]{file, err})
	}, w)
	s.picker.SetTitleText(lang.L("Locate file…"))
	s.picker.SetConfirmText(lang.L("Choose"))
	s.picker.SetDismissText(lang.L("Cancel"))
	if folder, err := storage.ListerForURI(storage.NewFileURI(s.n.Settings.Downloads())); err == nil {
		s.picker.SetLocation(folder) // otherwise it begins where the system likes
	}
	s.picker.Show()
	// A system's own picker is no overlay; the dialog's own Resize fails there.
	if top, ok := w.Canvas().Overlays().Top().(*widget.PopUp); ok {
		top.Resize(w.Canvas().Size())
	}
}

func (s *details) onPicked(a answer[fyne.URIReadCloser]) {
	switch {
	case a.err != nil:
		s.fail(a.err)
	case a.value != nil:
		s.adopt(locationOf(a.value.URI()))
	}
}

// locationOf is the place of a picked file: its path, or a phone's URI.
func locationOf(u fyne.URI) download.Location {
	if u.Scheme() != "file" {
		return download.Location(u.String())
	}
	return download.Location(u.Path())
}

// adopt asks whether the picked file is the backup's; then it is the copy.
func (s *details) adopt(file download.Location) {
	b, n := s.backup, s.n
	s.showWork(lang.L("Checking the file"), widgets.ProgressState{
		Words: lang.L("The file is read and compared with what the server made."), Fraction: -1, Cancel: true,
	}, s.check.halt)
	ask(&s.work, &s.check, func(ctx context.Context) (download.Copy, error) {
		return n.Downloads.Adopt(ctx, b, file)
	}, func(c download.Copy, err error) {
		s.closeDialog()
		if errors.Is(err, download.ErrNotTheFile) {
			s.question(lang.L("This is another file"),
				lang.L("What it holds is not what the server made for this backup."),
				widgets.Answer{Label: lang.L("Close")},
				widgets.Answer{Label: lang.L("Locate file…"), Do: s.onLocate})
			return
		}
		s.onFound(c, err)
	})
}

// onFound takes in a file that is the backup's, or says why none was found.
func (s *details) onFound(c download.Copy, err error) {
	switch {
	case errors.Is(err, context.Canceled):
		return
	case err != nil:
		s.fail(err)
	default:
		s.copy = c
		s.nav.Toast(widgets.Toast{
			Text: lang.L("Found and verified: {{.File}}.", blanks{"File": c.Name}), Tone: widgets.Good,
		})
		s.draw()
	}
	s.lookAgain()
	s.askHolders()
}
