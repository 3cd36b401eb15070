package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// How long a toast stays: longer when there is something to tap.
const (
	ToastTime       = 4 * time.Second
	ToastActionTime = 8 * time.Second
)

// toastLift is how far at least above the lower edge a toast floats: above a primary
// button of 48 and the space around it.
const toastLift = 48 + 3*Space

var (
	_ fyne.Widget     = (*ToastHost)(nil)
	_ fyne.Widget     = (*toastView)(nil)
	_ fyne.Accessible = (*toastView)(nil)
)

// ToastHost is a layer over the whole window in which toasts appear one after
// the other. What lies below it can be tapped.
//
// All its methods belong to the UI goroutine.
type ToastHost struct {
	widget.BaseWidget
	// After runs f on the UI goroutine after a while, unless stop was called.
	After func(d time.Duration, f func()) (stop func())
	// Below is how high the buttons at the lower edge stand now; a toast never
	// covers them. It may be nil.
	Below func() float32

	queue []Toast
	stop  func()
	view  *toastView
	lift  float32 // of the last layout
}

// NewToastHost makes a layer without toasts.
func NewToastHost(after func(d time.Duration, f func()) (stop func())) *ToastHost {
	h := &ToastHost{After: after}
	h.ExtendBaseWidget(h)
	return h
}

// Push puts a toast into the queue; it appears at once when there is none. The
// same words are not queued twice.
func (h *ToastHost) Push(t Toast) {
	for _, q := range h.queue {
		if q.Text == t.Text && q.Tone == t.Tone {
			return
		}
	}
	h.queue = append(h.queue, t)
	if len(h.queue) == 1 {
		h.next()
	}
}

// Current is the toast that is seen; false when there is none.
func (h *ToastHost) Current() (Toast, bool) {
	if len(h.queue) == 0 {
		return Toast{}, false
	}
	return h.queue[0], true
}

// Dismiss takes the toast that is seen away and shows the next one.
func (h *ToastHost) Dismiss() {
	if len(h.queue) == 0 {
		return
	}
	h.queue = h.queue[1:]
	h.next()
}

func (h *ToastHost) next() {
	if h.stop != nil {
		h.stop()
		h.stop = nil
	}
	h.Refresh()
	if len(h.queue) == 0 || h.After == nil {
		return
	}
	d := ToastTime
	if h.queue[0].Action != "" {
		d = ToastActionTime
	}
	h.stop = h.After(d, h.Dismiss)
}

// MinSize implements fyne.CanvasObject: it asks for no room.
func (h *ToastHost) MinSize() fyne.Size {
	h.ExtendBaseWidget(h)
	return fyne.Size{}
}

// CreateRenderer implements fyne.Widget.
func (h *ToastHost) CreateRenderer() fyne.WidgetRenderer {
	h.ExtendBaseWidget(h)
	h.view = newToastView(h.Dismiss)
	return compose(container.New(toastLayout{h}, h.view), func() {
		t, ok := h.Current()
		h.view.Hidden = !ok
		if ok {
			h.view.set(t)
		}
	})
}

// Settle moves the toast that is seen to above the buttons, where those have
// changed since.
func (h *ToastHost) Settle() {
	if len(h.queue) > 0 && h.above() != h.lift {
		h.Refresh()
	}
}

func (h *ToastHost) above() float32 {
	if h.Below == nil {
		return toastLift
	}
	return max(toastLift, h.Below()+Space)
}

type toastLayout struct{ host *ToastHost }

func (l toastLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.host.lift = l.host.above()
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		w := min(size.Width-4*Space, 560)
		h := heightFor(o, w)
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos((size.Width-w)/2, max(size.Height-l.host.lift-h, 0)))
	}
}

func (toastLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// toastView draws one toast. A tap takes it away.
type toastView struct {
	widget.BaseWidget
	toast   Toast
	dismiss func()

	back   *canvas.Rectangle
	icon   *glyph
	words  *Text
	action *linkButton
}

func newToastView(dismiss func()) *toastView {
	v := &toastView{dismiss: dismiss}
	v.ExtendBaseWidget(v)
	return v
}

func (v *toastView) set(t Toast) {
	v.toast = t
	v.Refresh()
}

// Tapped implements fyne.Tappable.
func (v *toastView) Tapped(*fyne.PointEvent) { v.dismiss() }

// AccessibilityLabel implements fyne.Accessible.
func (v *toastView) AccessibilityLabel() string { return v.toast.Text }

// AccessibilityRole implements fyne.Accessible.
func (v *toastView) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (v *toastView) CreateRenderer() fyne.WidgetRenderer {
	v.back = surface(RadiusCard)
	v.icon = newGlyph(20)
	v.words = &Text{ColorName: ColorOnToast}
	v.action = newLinkButton(func() {
		do := v.toast.OnTap
		v.dismiss()
		call(do)
	})
	row := container.New(&rowLayout{gap: 10, stretch: 1}, v.icon, v.words, v.action)
	return compose(AtLeast(0, 48, container.NewStack(v.back, Inset(2*Space, 8, row))), v.update)
}

func (v *toastView) update() {
	v.back.FillColor = paint(v, toastOf(v.toast.Tone))
	v.back.Shadow = canvas.Shadow{Color: paint(v, theme.ColorNameShadow), BlurRadius: 12, Offset: fyne.NewPos(0, 3)}
	v.back.Refresh()
	v.icon.show(toneIcon(v.toast.Tone), ColorOnToast)
	v.words.SetText(v.toast.Text)
	v.action.Hidden = v.toast.Action == ""
	v.action.set(v.toast.Action, ColorOnToast)
}

// toneIcon is the icon that goes with a tone.
func toneIcon(t Tone) string {
	switch t {
	case Good:
		return IconTick
	case Waiting:
		return IconClock
	case Bad:
		return IconWarning
	default:
		return IconInfo
	}
}
