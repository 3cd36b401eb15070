package widgets

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// clock runs what it was asked to run when the test moves it.
type clock struct {
	now   time.Duration
	tasks []*task
}

type task struct {
	at   time.Duration
	f    func()
	done bool
}

func (c *clock) After(d time.Duration, f func()) func() {
	t := &task{at: c.now + d, f: f}
	c.tasks = append(c.tasks, t)
	return func() { t.done = true }
}

func (c *clock) pass(d time.Duration) {
	c.now += d
	for _, t := range c.tasks {
		if !t.done && t.at <= c.now {
			t.done = true
			t.f()
		}
	}
}

func showing(h *ToastHost) string {
	if !h.view.Visible() {
		return ""
	}
	return h.view.words.Text
}

func TestToastsQueueAndLeaveAfterFourSeconds(t *testing.T) {
	c := &clock{}
	h := NewToastHost(c.After)
	window(t, h, 412, 892)
	h.Push(Toast{Text: "one", Tone: Good})
	h.Push(Toast{Text: "two", Tone: Good})
	h.Push(Toast{Text: "two", Tone: Good})
	c.pass(3 * time.Second)
	if showing(h) != "one" {
		t.Fatalf("after 3 s it shows %q", showing(h))
	}
	c.pass(time.Second)
	if showing(h) != "two" {
		t.Fatalf("after 4 s it shows %q", showing(h))
	}
	c.pass(4 * time.Second)
	if showing(h) != "" {
		t.Fatalf("after 8 s it shows %q", showing(h))
	}
	h.Push(Toast{Text: "three"})
	if showing(h) != "three" {
		t.Errorf("a toast after a pause is not shown: %q", showing(h))
	}
}

func TestToastActionRunsAndTheToastLeaves(t *testing.T) {
	c := &clock{}
	h := NewToastHost(c.After)
	window(t, h, 412, 892)
	again := 0
	h.Push(Toast{Text: "It failed.", Tone: Bad, Action: "Try again", OnTap: func() { again++ }})
	c.pass(5 * time.Second)
	if showing(h) == "" {
		t.Fatal("a toast with something to tap left after 5 s")
	}
	h.Push(Toast{Text: "next"})
	test.Tap(h.view.action)
	if again != 1 || showing(h) != "next" {
		t.Fatalf("ran %d times, shows %q", again, showing(h))
	}
	c.pass(3 * time.Second) // the first one's time is over now; it must not take the second away
	if showing(h) != "next" {
		t.Error("the timer of the toast before took this one away")
	}
	test.Tap(h.view)
	if showing(h) != "" {
		t.Error("a tap does not take a toast away")
	}
}

func TestToastFloatsAboveThePrimaryButtonAndLeavesTheRestTappable(t *testing.T) {
	c := &clock{}
	h := NewToastHost(c.After)
	taps := 0
	page := Page(nil, NewText("body"), NewPrimaryButton("Create backup", "", func() { taps++ }))
	w := window(t, container.NewStack(page, h), 412, 892)
	h.Push(Toast{Text: "Backup started. It turns green here when it is ready, and this goes on for a second line.", Tone: Good})
	low := h.view.Position().Y + h.view.Size().Height
	if low > 892-64 {
		t.Errorf("the toast reaches down to %v and covers the button", low)
	}
	if h.view.Position().X < 0 || h.view.Position().X+h.view.Size().Width > 412 {
		t.Errorf("the toast leaves the window: %v %v", h.view.Position(), h.view.Size())
	}
	test.TapCanvas(w.Canvas(), fyne.NewPos(206, 892-30))
	if taps != 1 {
		t.Error("the button below the layer of toasts cannot be tapped")
	}
}
