package screens

import (
	"context"
	"errors"
	"path"
	"slices"

	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// listedFiles is how many files are listed after an extraction: more are looked
// for in the folder itself.
const listedFiles = 100

// extracted is what an extraction made.
type extracted struct {
	folder    download.Location
	files     int
	documents []download.Info // those of them that can be opened, or the first of those
}

// progressOf is one report of an extraction.
type progressOf struct {
	done, total int64
	entry       string
}

// onExtract writes the archive out into a folder beside it.
func (s *details) onExtract() { s.unpackWith(download.Ask) }

func (s *details) unpackWith(clash download.Clash) {
	l, n := s.copy.Location, s.n
	row := s.showWork(lang.L("Extracting"), extractProgress(progressOf{}), s.cancelExtraction)
	report := later(&s.work, func(p progressOf) {
		if s.unpack.busy() {
			row.SetState(extractProgress(p))
			s.open.Refresh() // a long name takes another line
		}
	})
	ask(&s.work, &s.unpack, func(ctx context.Context) (extracted, error) {
		folder, files, err := n.Device.Extract(ctx, l, clash, func(done, total int64, entry string) {
			report(progressOf{done, total, entry})
		})
		e := extracted{folder: folder, files: files}
		if err == nil && n.Device.Can(CanOpen) {
			e.documents, _ = n.Device.Documents(folder, listedFiles) // without it there is still the folder
		}
		return e, err
	}, func(e extracted, err error) { s.onExtracted(e, clash, err) })
}

// showWork opens the dialog of what takes a while: a heading, the bar, Cancel.
func (s *details) showWork(heading string, first widgets.ProgressState, cancel func()) *widgets.ProgressRow {
	s.closeDialog()
	row := widgets.NewProgressRow(nil, nil, cancel)
	row.SetState(first)
	content := widgets.ColumnGap(12, widgets.NewHeading(heading), row)
	s.open = widgets.OpenModal(s.nav.Window(), content, 420, nil, cancel)
	return row
}

// extractProgress is what the dialog shows.
func extractProgress(p progressOf) widgets.ProgressState {
	state := widgets.ProgressState{Title: p.entry, Fraction: -1, Cancel: true}
	if p.entry == "" {
		state.Title = lang.L("Checking the archive")
	}
	if p.total > 0 {
		state.Fraction = min(max(float64(p.done)/float64(p.total), 0), 1)
		state.Words = lang.L("{{.Done}} of {{.Total}}", blanks{"Done": sizeText(p.done), "Total": sizeText(p.total)})
	} else if p.done > 0 {
		state.Words = sizeText(p.done)
	}
	return state
}

// cancelExtraction stops it. What it has to say is waited for: it may have
// ended in the same moment.
func (s *details) cancelExtraction() { s.unpack.halt() }

func (s *details) onExtracted(e extracted, clash download.Clash, err error) {
	s.closeDialog()
	var exists *download.ExistsError
	switch {
	case errors.As(err, &exists) && clash == download.Ask:
		s.askFolderExists(exists.Name)
	case errors.Is(err, context.Canceled):
		s.nav.Toast(widgets.Toast{Text: lang.L("Extraction cancelled. Nothing was left behind.")})
	case err != nil:
		what, next := s.say(err)
		s.question(what, next, widgets.Answer{Label: lang.L("Close")})
		s.lookAgain()
	default:
		s.showExtracted(e)
	}
}

// askFolderExists asks what to do with a folder of that name.
func (s *details) askFolderExists(name string) {
	s.question(lang.L("This folder is already there"),
		lang.L("Replace removes what is in {{.Folder}} once everything is extracted.", blanks{"Folder": name}),
		widgets.Answer{Label: lang.L("Cancel")},
		widgets.Answer{Label: lang.L("Keep both"), Do: func() { s.unpackWith(download.KeepBoth) }},
		widgets.Answer{Label: lang.L("Replace"), Danger: true, Do: func() { s.unpackWith(download.Replace) }})
}

// showExtracted says what was made and offers to open it: the files one by one,
// for a spreadsheet (requirement S24), or the folder.
func (s *details) showExtracted(e extracted) {
	q := widgets.Question{
		Title: plural("Extracted {{.Count}} files", e.files), Text: string(e.folder),
		Answers: []widgets.Answer{{Label: lang.L("Close")}},
	}
	for _, f := range tablesFirst(e.documents) {
		icon := widgets.IconInfo
		if isTable(f) {
			icon = widgets.IconTable
		}
		q.Items = append(q.Items, widgets.MenuItem{
			Label: f.Name, Note: sizeText(f.Size), Icon: icon, Leads: widgets.IconOpen, Do: s.opener(f.Location),
		})
	}
	if more := e.files - len(e.documents); more > 0 && len(e.documents) > 0 {
		q.More = plural("{{.Count}} more files are in the folder", more)
	}
	if s.n.Device.Can(CanOpen) {
		q.Answers = append(q.Answers, widgets.Answer{Label: lang.L("Open folder"), Strong: true, Do: s.opener(e.folder)})
	}
	s.ask(q)
}

// tablesFirst puts the tables before what is about them.
func tablesFirst(files []download.Info) []download.Info {
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b download.Info) int {
		switch {
		case isTable(a) == isTable(b):
			return 0
		case isTable(a):
			return -1
		}
		return 1
	})
	return sorted
}

func isTable(f download.Info) bool { return path.Ext(f.Name) == ".csv" }

// opener shows a file or folder with the system's app for it.
func (s *details) opener(l download.Location) func() {
	return func() { s.handOver(l, s.n.Device.Open) }
}
