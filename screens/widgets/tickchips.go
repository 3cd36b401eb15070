package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

var _ fyne.Widget = (*TickChips)(nil)

// TickChips are pills of which any number is ticked. They go on in a further
// line where the width ends.
type TickChips struct {
	widget.BaseWidget
	Options  []string
	Ticked   []bool // as long as Options
	OnChange func(index int, on bool)

	chips []*ChoiceChip
	flow  *fyne.Container
}

// NewTickChips makes pills of which none is ticked.
func NewTickChips(options []string, changed func(index int, on bool)) *TickChips {
	t := &TickChips{Options: options, Ticked: make([]bool, len(options)), OnChange: changed}
	t.ExtendBaseWidget(t)
	return t
}

// Inside are the pills, as soon as they were drawn.
func (t *TickChips) Inside() fyne.CanvasObject {
	if t.flow == nil {
		return nil
	}
	return t.flow
}

// SetTicked ticks a pill, or not, without calling OnChange.
func (t *TickChips) SetTicked(index int, on bool) {
	if t.Ticked[index] == on {
		return
	}
	t.Ticked[index] = on
	if len(t.chips) > 0 {
		t.chips[index].SetSelected(on)
		t.Refresh() // a tick needs room
	}
}

// MinSize implements fyne.CanvasObject.
func (t *TickChips) MinSize() fyne.Size {
	t.ExtendBaseWidget(t)
	return t.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (t *TickChips) CreateRenderer() fyne.WidgetRenderer {
	t.ExtendBaseWidget(t)
	t.flow = Pills()
	for i, option := range t.Options {
		c := NewChoiceChip(option, func() { t.toggle(i) })
		c.Tick, c.Selected = true, t.Ticked[i]
		t.chips = append(t.chips, c)
		t.flow.Add(c)
	}
	return compose(t.flow, func() {})
}

func (t *TickChips) toggle(index int) {
	on := !t.Ticked[index]
	t.SetTicked(index, on)
	if t.OnChange != nil {
		t.OnChange(index, on)
	}
}
