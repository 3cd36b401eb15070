package screens

import (
	"context"
	"errors"

	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// toldPersonalData remembers that the person was told what lies in a
// downloaded file (requirement I18).
const toldPersonalData = "personal-data"

// onDownload is Download Backup and Download again. The first time ever it
// tells what lies in the file.
func (s *details) onDownload() {
	if s.n.Settings.Told(toldPersonalData) {
		s.fetch()
		return
	}
	s.question(lang.L("This file holds personal data"),
		lang.L("It will lie in {{.Folder}}, which other people and apps on this device may be able to read. Keep it as safe as you keep the records themselves.",
			blanks{"Folder": s.n.Settings.Downloads()}),
		widgets.Answer{Label: lang.L("Cancel")},
		widgets.Answer{Label: lang.L("Download"), Strong: true, Do: func() {
			s.n.Settings.SetTold(toldPersonalData)
			s.fetch()
		}})
}

// meteredMost is how much is fetched over a network that costs by the byte
// without a question, in bytes.
const meteredMost = 50_000_000

// fetch begins a download, of a large file only after a question when the
// network costs by the byte.
func (s *details) fetch() {
	n := s.n
	if s.backup.Archive == nil || s.backup.Archive.Size <= meteredMost {
		s.start(download.Ask)
		return
	}
	ask(&s.work, &s.doing, func(context.Context) (bool, error) { return n.Device.Metered(), nil },
		func(metered bool, _ error) {
			if !metered {
				s.start(download.Ask)
				return
			}
			s.question(lang.L("Download over this network?"),
				lang.L("{{.File}} is {{.Size}}, and this network is limited or costs by what you use. On Wi-Fi it may cost nothing.",
					blanks{"File": s.name, "Size": sizeText(s.backup.Archive.Size)}),
				widgets.Answer{Label: lang.L("Cancel")},
				widgets.Answer{Label: lang.L("Download"), Strong: true, Do: func() { s.start(download.Ask) }})
			s.draw()
		})
	s.draw()
}

// start begins a download; a file that is in the way is asked about.
func (s *details) start(clash download.Clash) {
	b, n := s.backup, s.n
	ask(&s.work, &s.doing, func(context.Context) (download.Copy, error) {
		err := n.Downloads.Start(b, clash)
		return n.Downloads.Copy(b), err // an unknown file that is the backup's was taken for the copy
	}, func(c download.Copy, err error) {
		var exists *download.ExistsError
		switch {
		case errors.As(err, &exists) && clash == download.Ask:
			s.askExists(existsInquiry(exists.Name, s.folder, c))
		case err != nil:
			s.fail(err)
		}
		s.lookAgain()
	})
	s.draw()
}

// existsInquiry is the question of S18. A file of that name that is not what
// the server made may be anything.
func existsInquiry(name, folder string, c download.Copy) inquiry {
	file := blanks{"File": name, "Folder": folder}
	if c.State == download.CopyPresent {
		return inquiry{
			lang.L("Download it again?"),
			lang.L("{{.File}} is already in {{.Folder}}. Yes replaces it once the new file is complete and checked.", file),
		}
	}
	return inquiry{
		lang.L("Another file has this name"),
		lang.L("{{.File}} is already in {{.Folder}}, but it is not what the server made. Yes replaces it once the new file is complete and checked.", file),
	}
}

// askExists asks. No is the answer that changes nothing.
func (s *details) askExists(q inquiry) {
	s.question(q.Title, q.Text,
		widgets.Answer{Label: lang.L("No")},
		widgets.Answer{Label: lang.L("Keep both"), Do: func() { s.start(download.KeepBoth) }},
		widgets.Answer{Label: lang.L("Yes"), Do: func() { s.start(download.Replace) }})
}

// onTransfer takes in how the download stands.
func (s *details) onTransfer(state download.State) {
	if state.ID != s.id {
		return
	}
	was := s.state.Phase
	s.state = state
	if !s.known {
		return
	}
	if was == state.Phase && underWay(state.Phase) {
		s.transfer.SetState(transferProgress(state, s.say)) // the rest of the screen is as it was
		return
	}
	if state.Phase == download.Done && was != download.Done {
		s.nav.Toast(widgets.Toast{
			Text: lang.L("{{.File}} is in {{.Folder}}.", blanks{"File": state.Name, "Folder": s.folder}),
			Tone: widgets.Good,
		})
	}
	s.lookAgain()
	if state.Phase == download.Done {
		s.askHolders()
	}
	s.draw()
}

func (s *details) onPause()          { s.steer(s.n.Downloads.Pause) }
func (s *details) onResume()         { s.steer(s.n.Downloads.Resume) }
func (s *details) onCancelTransfer() { s.steer(s.n.Downloads.Cancel) }

// steer does something to the download under way.
func (s *details) steer(do func(id string) error) {
	id := s.id
	run(&s.work, &s.doing, func(context.Context) error { return do(id) }, func(err error) {
		if err != nil && !errors.Is(err, download.ErrUnknown) { // it ended by itself meanwhile
			s.fail(err)
		}
		s.lookAgain()
	})
}

func (s *details) onOpen()   { s.withFile(s.n.Device.Open) }
func (s *details) onReveal() { s.withFile(s.n.Device.Reveal) }
func (s *details) onShare()  { s.withFile(s.n.Device.Share) }

func (s *details) withFile(do func(download.Location) error) { s.handOver(s.copy.Location, do) }

// handOver hands a file or folder to the system. It may have been deleted
// meanwhile: the screen looks again after a failure.
func (s *details) handOver(l download.Location, do func(download.Location) error) {
	run(&s.work, &s.doing, func(context.Context) error { return do(l) }, func(err error) {
		if err != nil {
			s.fail(err)
			s.lookAgain()
			return
		}
		s.draw()
	})
}

// onCancelJob ends the preparation on the server.
func (s *details) onCancelJob() {
	s.question(lang.L("Cancel this backup?"),
		lang.L("The server stops preparing it. There will be no file."),
		widgets.Answer{Label: lang.L("Go on")},
		widgets.Answer{Label: lang.L("Cancel this backup"), Danger: true, Do: s.cancelJob})
}

func (s *details) cancelJob() { s.change(s.n.Backups.Cancel, func() {}) }

// onTryAgain offers the same choices once more, in the form, where they can be
// looked at and changed.
func (s *details) onTryAgain() {
	like := choicesOf(s.backup, s.window())
	s.nav.ShowCreate(&like)
}
