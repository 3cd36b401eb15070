package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"connectbackup/screens/lang"
)

var (
	_ fyne.Widget     = (*ProgressRow)(nil)
	_ fyne.Accessible = (*ProgressRow)(nil)
)

// ProgressState is what a ProgressRow shows.
type ProgressState struct {
	Title    string  // what is going on: "Downloading"
	Words    string  // how far: "7.1 of 18.4 MB · 6.2 MB/s · 2 s left"
	Fraction float64 // 0 to 1; below zero when nobody knows
	Tone     Tone    // of the bar; Neutral is the accent

	Pause, Resume, Cancel bool // which buttons are offered
}

// ProgressRow is a bar with words and the buttons for what is under way.
type ProgressRow struct {
	widget.BaseWidget
	State                       ProgressState
	OnPause, OnResume, OnCancel func()

	title, words          *Text
	bar                   *Bar
	pause, resume, cancel *Button
	buttons               *fyne.Container
}

// NewProgressRow makes a row; a callback may be nil where its button is never
// offered.
func NewProgressRow(pause, resume, cancel func()) *ProgressRow {
	p := &ProgressRow{OnPause: pause, OnResume: resume, OnCancel: cancel}
	p.ExtendBaseWidget(p)
	return p
}

// SetState shows another state. Of what did not change nothing is redrawn.
func (p *ProgressRow) SetState(s ProgressState) {
	if p.State == s && s.Fraction >= 0 {
		return
	}
	p.State = s
	if p.bar == nil {
		return // not drawn yet
	}
	if p.update() {
		p.buttons.Refresh() // a button that took another's place stands where that stood
		p.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (p *ProgressRow) AccessibilityLabel() string { return p.State.Title + ". " + p.State.Words }

// AccessibilityRole implements fyne.Accessible.
func (p *ProgressRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// MinSize implements fyne.CanvasObject.
func (p *ProgressRow) MinSize() fyne.Size {
	p.ExtendBaseWidget(p)
	return p.BaseWidget.MinSize()
}

// Inside are its buttons, as soon as they were drawn.
func (p *ProgressRow) Inside() fyne.CanvasObject {
	if p.buttons == nil {
		return nil
	}
	return p.buttons
}

// CreateRenderer implements fyne.Widget.
func (p *ProgressRow) CreateRenderer() fyne.WidgetRenderer {
	p.ExtendBaseWidget(p)
	p.title, p.words, p.bar = NewText(""), NewCaption(""), NewBar()
	p.title.Bold = true
	p.pause = NewButton(lang.L("Pause"), IconPause, func() { call(p.OnPause) })
	p.resume = NewButton(lang.L("Resume"), IconResume, func() { call(p.OnResume) })
	p.cancel = NewButton(lang.L("Cancel"), IconCross, func() { call(p.OnCancel) })
	p.buttons = Flow(p.pause, p.resume, p.cancel)
	return compose(Column(p.title, p.bar, p.words, p.buttons), func() { p.update() })
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// update brings the parts in line and reports whether the arrangement changed.
func (p *ProgressRow) update() bool {
	s := p.State
	p.title.SetText(s.Title)
	p.words.SetText(s.Words)
	p.bar.Set(s.Fraction, s.Tone)
	moved := show(p.title, s.Title != "")
	moved = show(p.words, s.Words != "") || moved
	moved = show(p.pause, s.Pause) || moved
	moved = show(p.resume, s.Resume) || moved
	moved = show(p.cancel, s.Cancel) || moved
	moved = show(p.buttons, s.Pause || s.Resume || s.Cancel) || moved
	return moved
}

// show makes an object visible or not and reports whether that changed it.
func show(o fyne.CanvasObject, on bool) bool {
	if o.Visible() == on {
		return false
	}
	if on {
		o.Show()
	} else {
		o.Hide()
	}
	return true
}
