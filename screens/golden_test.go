package screens

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// goldens are the states whose drawing is kept: every object, its place, size
// and colour. After a change that is meant, look at the pictures of
// `make gallery`, then copy testdata/failed/*.xml over testdata/.
var goldens = map[string][]string{
	"signin":   {"first start", "unknown server"},
	"home":     {"first time", "loading", "nothing yet", "no connection", "stale", "reminder", "reminder offline", "reminder of a file"},
	"backups":  {"list", "offline", "no match", "loading", "empty", "error", "transfers", "copies", "on this device", "not allowed"},
	"details":  {"not here", "on this device", "downloading", "pending", "partial"},
	"create":   {"usual"},
	"settings": {"no keyring", "devices", "devices unknown", "loading", "timer and put off"},
	"help":     {"linux", "windows", "android", "tags"},
}

func TestGoldens(t *testing.T) {
	if fyne.CurrentDevice().IsMobile() {
		t.Skip("drawn with a phone for its icon there; the words are tested")
	}
	for sheet, names := range goldens {
		for _, name := range names {
			t.Run(sheet+" "+name, func(t *testing.T) {
				s := newStage(t)
				shot := shotOf(t, sheet, name)
				s.put(shot.make(s), phoneWidth, phoneHeight)
				if shot.name != "loading" {
					s.Settle()
				}
				if shot.after != nil {
					shot.after(s)
					s.Settle()
				}
				test.AssertRendersToMarkup(t, strings.ReplaceAll(sheet+"-"+name, " ", "-")+".xml", s.window.Canvas())
			})
		}
	}
}

func shotOf(t *testing.T, sheet, name string) shot {
	t.Helper()
	for _, s := range gallery[sheet] {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("the gallery has no %s %q", sheet, name)
	return shot{}
}
