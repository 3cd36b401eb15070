package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// The window never gets smaller than this; what does not fit scrolls.
const (
	leastWidth  = 320
	leastHeight = 420
)

// The list's part of a wide window.
const (
	listShare = 0.4
	listLeast = 340
	listMost  = 460
)

// shell is what stays while screens come and go: the bars above, one or
// two screens, and the layer of toasts over everything.
type shell struct {
	root   *fyne.Container
	demo   *widgets.Banner
	end    *widgets.Banner // the session ended
	stage  *fyne.Container
	panes  *panesLayout
	empty  *widgets.Placeholder // on the right while nothing is chosen
	line   *widget.Separator
	toasts *widgets.ToastHost
	onWide func(wide bool)
	size   fyne.Size // of the window's content, as it was laid out last
}

func newShell(toasts *widgets.ToastHost) *shell {
	s := &shell{toasts: toasts, panes: &panesLayout{}, line: widget.NewSeparator()}
	s.demo = widgets.NewBanner("", widgets.Waiting, widgets.IconDemo)
	s.demo.Hide()
	s.end = widgets.NewBanner("", widgets.Bad, widgets.IconWarning)
	s.end.Hide()
	s.empty = widgets.NewPlaceholder("", widgets.Neutral, "", "")
	s.stage = container.New(s.panes)
	s.toasts.Below = func() float32 { return widgets.BottomHeight(s.stage) }
	s.root = container.New(&rootLayout{s: s}, s.demo, s.end, s.stage, s.toasts)
	s.word()
	return s
}

// word says what stays while screens come and go, in the language that is
// spoken now.
func (s *shell) word() {
	s.demo.SetText(lang.L("Demo data"))
	if s.demo.OnAction != nil {
		s.demo.SetAction(lang.L("Leave the demo"), s.demo.OnAction)
	}
	if s.end.OnAction != nil {
		s.end.SetAction(lang.L("Sign in"), s.end.OnAction)
	}
	s.empty.Set(widgets.IconBackup, widgets.Neutral,
		lang.L("No backup selected"), lang.L("Select one on the left, or make a new one."))
}

// show puts one screen (left is nil) or two onto the stage; right may be nil
// where nothing was chosen yet.
func (s *shell) show(left, right fyne.CanvasObject) {
	s.panes.split = left != nil
	switch {
	case left == nil && right == nil:
		s.stage.Objects = nil
	case left == nil:
		s.stage.Objects = []fyne.CanvasObject{right}
	case right == nil:
		s.stage.Objects = []fyne.CanvasObject{left, s.line, s.empty}
	default:
		s.stage.Objects = []fyne.CanvasObject{left, s.line, right}
	}
	s.stage.Refresh()
	s.toasts.Settle()
}

// showDemo shows the demo bar, or not.
func (s *shell) showDemo(on bool) {
	if on == s.demo.Visible() {
		return
	}
	if on {
		s.demo.Show()
	} else {
		s.demo.Hide()
	}
	s.root.Refresh()
}

// showEnd shows the bar that says that the session ended; not without words.
func (s *shell) showEnd(text string) {
	s.end.SetText(text)
	if (text != "") == s.end.Visible() {
		return
	}
	if text != "" {
		s.end.Show()
	} else {
		s.end.Hide()
	}
	s.root.Refresh()
}

// panesLayout gives one screen all the room, or two of them a part each.
type panesLayout struct{ split bool }

func (l *panesLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	if !l.split || len(objects) != 3 {
		for _, o := range objects {
			o.Move(fyne.NewPos(0, 0))
			o.Resize(size)
		}
		return
	}
	left := min(max(size.Width*listShare, listLeast), listMost)
	const line = 1
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(left, size.Height))
	objects[1].Move(fyne.NewPos(left, 0))
	objects[1].Resize(fyne.NewSize(line, size.Height))
	objects[2].Move(fyne.NewPos(left+line, 0))
	objects[2].Resize(fyne.NewSize(size.Width-left-line, size.Height))
}

// MinSize asks for nothing: the window's least size does not depend on what is
// in it, or it would grow with a long text and never shrink.
func (l *panesLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// rootLayout lays out the window and notices when it becomes wide or narrow.
type rootLayout struct{ s *shell }

func (l *rootLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	s := l.s
	s.size = size
	if s.onWide != nil {
		s.onWide(size.Width >= wideFrom)
	}
	top := float32(0)
	for _, bar := range []*widgets.Banner{s.demo, s.end} {
		if !bar.Visible() {
			continue
		}
		bar.Move(fyne.NewPos(0, top))
		bar.Resize(fyne.NewSize(size.Width, bar.MinSize().Height))
		bar.Resize(fyne.NewSize(size.Width, bar.MinSize().Height)) // of the words at this width
		top += bar.Size().Height
	}
	s.stage.Move(fyne.NewPos(0, top))
	s.stage.Resize(fyne.NewSize(size.Width, size.Height-top))
	s.toasts.Move(fyne.NewPos(0, 0))
	s.toasts.Resize(size)
}

func (l *rootLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(leastWidth, leastHeight)
}
