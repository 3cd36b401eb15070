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
	"signin":  {"first start", "unknown server"},
	"home":    {"first time", "loading", "nothing yet", "no connection", "stale", "reminder", "reminder offline", "reminder of a file"},
	"backups": {"list", "offline", "no match", "loading", "empty", "error", "transfers", "copies", "on this device", "not allowed"},
	"details": {
		"not here", "on this device", "verified long ago", "file gone", "file changed", "file unknown to us",
		"queued", "downloading", "paused", "waiting", "stopped", "checking", "done", "exists",
		"pending", "pending, queued", "failed", "cancelled", "partial", "expired", "expired, nowhere", "deleted, here",
		"not allowed", "first download", "not found", "loading", "error", "offline",
		"menu", "rename", "delete here", "delete on server",
	},
	"verify":   {"under way", "damaged", "another file", "not found"},
	"create":   {"usual", "overlap", "held already", "counting", "from a reminder", "plain", "date window", "mistakes", "server refuses", "no modules", "not allowed"},
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
				s.play(shot)
				name := strings.NewReplacer(" ", "-", ",", "").Replace(sheet + "-" + name)
				test.AssertRendersToMarkup(t, name+".xml", s.window.Canvas())
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
