package screens

import (
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// transferProgress is what the progress row shows of a download. words tells
// an error to people.
func transferProgress(s download.State, words func(error) (what, next string)) widgets.ProgressState {
	p := widgets.ProgressState{Words: transferAmount(s), Fraction: fractionOf(s), Cancel: true}
	switch s.Phase {
	case download.Queued:
		p.Title = lang.L("Waiting for another download to end")
		p.Pause = true
	case download.Running:
		p.Title = lang.L("Downloading")
		p.Words = transferPace(s)
		p.Pause = true
	case download.Paused:
		p.Title = lang.L("Paused")
		p.Resume = true
	case download.Waiting:
		p.Title = lang.L("Waiting for the connection. The download goes on by itself.")
		p.Tone = widgets.Waiting
		p.Pause = true
		if s.Err != nil {
			p.Words, _ = words(s.Err)
		}
	case download.Verifying:
		p.Title = lang.L("Checking the file")
		p.Words = lang.L("{{.Size}}, compared with what the server made", blanks{"Size": sizeText(s.Total)})
		p.Fraction = 1
	case download.Failed:
		p.Title, p.Words = lang.L("The download stopped."), ""
		p.Tone = widgets.Bad
		p.Resume = true
		if s.Err != nil {
			p.Title, p.Words = words(s.Err)
		}
	}
	return p
}

func fractionOf(s download.State) float64 {
	if s.Total <= 0 {
		return -1
	}
	return min(max(float64(s.Done)/float64(s.Total), 0), 1)
}

// transferAmount says how much is here: "7.1 MB of 18.4 MB".
func transferAmount(s download.State) string {
	if s.Total < 0 {
		return sizeText(s.Done)
	}
	return lang.L("{{.Done}} of {{.Total}}", blanks{"Done": sizeText(s.Done), "Total": sizeText(s.Total)})
}

// transferPace adds how fast it comes and how long it will take, as far as
// that is known.
func transferPace(s download.State) string {
	data := blanks{"Amount": transferAmount(s), "Rate": sizeText(int64(s.Rate)), "Left": leftText(s.Left)}
	switch {
	case s.Rate < 1:
		return transferAmount(s)
	case s.Left < 0:
		return lang.L("{{.Amount}} · {{.Rate}}/s", data)
	}
	return lang.L("{{.Amount}} · {{.Rate}}/s · {{.Left}}", data)
}
