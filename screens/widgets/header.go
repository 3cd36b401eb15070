package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"connectbackup/screens/lang"
)

var (
	_ fyne.Widget     = (*Header)(nil)
	_ fyne.Accessible = (*Header)(nil)
)

// Header is the top of a screen: the way back, the title, and what can be done
// here. A title that does not fit ends with an ellipsis.
type Header struct {
	widget.BaseWidget
	Title   string
	Back    bool // whether the way back is offered
	OnBack  func()
	Actions []fyne.CanvasObject

	back  *IconButton
	title *Line
	row   *fyne.Container
}

// NewHeader makes a header; a nil back offers no way back.
func NewHeader(title string, back func(), actions ...fyne.CanvasObject) *Header {
	h := &Header{Title: title, Back: back != nil, OnBack: back, Actions: actions}
	h.ExtendBaseWidget(h)
	return h
}

// SetTitle changes the title.
func (h *Header) SetTitle(title string) {
	if h.Title != title {
		h.Title = title
		h.Refresh()
	}
}

// SetBack offers the way back, or not.
func (h *Header) SetBack(on bool) {
	if h.Back != on {
		h.Back = on
		h.Refresh()
	}
}

// SetActions replaces what stands at the end.
func (h *Header) SetActions(actions ...fyne.CanvasObject) {
	h.Actions = actions
	h.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (h *Header) AccessibilityLabel() string { return h.Title }

// AccessibilityRole implements fyne.Accessible.
func (h *Header) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// MinSize implements fyne.CanvasObject.
func (h *Header) MinSize() fyne.Size {
	h.ExtendBaseWidget(h)
	return h.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (h *Header) CreateRenderer() fyne.WidgetRenderer {
	h.ExtendBaseWidget(h)
	h.back = NewIconButton(IconBack, lang.L("Back"), func() {
		if h.OnBack != nil {
			h.OnBack()
		}
	})
	h.title = &Line{SizeName: theme.SizeNameSubHeadingText, Bold: true}
	h.row = container.New(&rowLayout{gap: 4, stretch: 1})
	return compose(AtLeast(0, 56, Inset(Space, 6, h.row)), h.update)
}

func (h *Header) update() {
	h.back.Hidden = !h.Back
	h.title.SetText(h.Title)
	lead := fyne.CanvasObject(h.back)
	if !h.Back { // keeps the title in line with the body's edge
		lead = AtLeast(4, 0, container.NewWithoutLayout())
	}
	h.row.Objects = append([]fyne.CanvasObject{lead, h.title}, h.Actions...)
	if n := len(h.Actions); n > 0 {
		if _, icon := h.Actions[n-1].(*IconButton); !icon { // an icon has its own margin
			h.row.Add(AtLeast(4, 0, container.NewWithoutLayout()))
		}
	}
	h.row.Refresh()
}
