package app

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"connectbackup/api"
	"connectbackup/screens/widgets"
)

// focused names what has the focus.
func (p *person) focused() string {
	switch o := p.window.Canvas().Focused().(type) {
	case nil:
		return "nothing"
	case *widgets.List:
		return "the list"
	case *widgets.Button:
		return o.Text
	default:
		return wordsOf(o.(fyne.CanvasObject))
	}
}

func (p *person) waitToFocus(want string) {
	p.Helper()
	p.until("the focus on "+want, func() bool { return p.focused() == want })
}

// key presses a key as the window would: what has the focus gets it.
func (p *person) key(name fyne.KeyName) {
	p.Helper()
	c := p.window.Canvas()
	if f := c.Focused(); f != nil {
		f.TypedKey(&fyne.KeyEvent{Name: name})
	} else {
		c.OnTypedKey()(&fyne.KeyEvent{Name: name})
	}
	p.drain()
}

// tabTo presses Tab until something has the focus.
func (p *person) tabTo(want string) {
	p.Helper()
	for range 100 {
		if strings.HasPrefix(p.focused(), want) {
			return
		}
		p.window.Canvas().FocusNext()
	}
	p.Fatalf("Tab does not lead to %s; to be seen is:\n%s", want, p.sees())
}

// TestEnterLeadsToTheButtonOfABackup is what a fake screen cannot tell: what
// the list and the details show arrives late, and from several places.
func TestEnterLeadsToTheButtonOfABackup(t *testing.T) {
	onADesk(t)
	server := demoServer(t)
	for name, size := range map[string]fyne.Size{"wide": fyne.NewSize(1280, 800), "narrow": fyne.NewSize(412, 892)} {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t, size, server)
			p.tap("Try the demo")
			p.waitToSee("Acme Trading")
			p.tabTo("Backup")
			p.key(fyne.KeyReturn)
			p.waitToFocus("the list")
			newest, err := p.core.Backups().List(p.Context(), api.ListQuery{Limit: 1})
			if err != nil || !newest.Value.Items[0].Downloadable() {
				t.Fatalf("the first row is %+v, %v", newest.Value.Items, err)
			}
			p.key(fyne.KeyReturn)
			p.waitToFocus("Download Backup")
			p.key(fyne.KeyReturn)
			p.tabTo("Download") // in the question
			p.key(fyne.KeyReturn)
			first := "Extract"
			if p.core.Machine().CanOpen() {
				first = "Open with the default app"
			}
			p.waitToFocus(first)
			p.key(fyne.KeyEscape)
			p.waitToFocus("the list")
			p.key(fyne.KeyReturn)
			p.waitToFocus(first)
		})
	}
}

// TestFormByKeyboard fills in the form without the pointer, and is led back to
// the list by it.
func TestFormByKeyboard(t *testing.T) {
	onADesk(t)
	p := newPerson(t, fyne.NewSize(1000, 720), demoServer(t))
	p.tap("Try the demo")
	p.waitToSee("Acme Trading")
	p.tabTo("Backup")
	p.key(fyne.KeyReturn)
	p.waitToFocus("the list")
	p.frame.nav.New()
	p.waitToSee("13 of 13")
	p.waitToFocus("Title")
	p.tabTo(shortDay(p.core.Today())) // till
	p.key(fyne.KeyReturn)
	p.key(fyne.KeyLeft)
	p.key(fyne.KeyReturn)
	p.waitToFocus(shortDay(p.core.Today().AddDays(-1)))
	p.tabTo("Visitors")
	p.key(fyne.KeySpace)
	p.waitToSee("12 of 13")
	p.tabTo("Create backup")
	p.key(fyne.KeyReturn)
	p.waitToFocus("the list")
	p.key(fyne.KeyEscape)
	p.until("the focus on the tile that led here", func() bool { return strings.HasPrefix(p.focused(), "Backup, ") })
}

// onADesk leaves a test out in the phone's build, where nothing leads the focus:
// it would bring up the keyboard of the screen.
func onADesk(t *testing.T) {
	t.Helper()
	if fyne.CurrentDevice().IsMobile() {
		t.Skip("a phone leads no focus")
	}
}
