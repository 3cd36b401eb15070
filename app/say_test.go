package app

import (
	"testing"

	"connectbackup/api/calendar"
	"connectbackup/screens/lang"
)

// What the core tells outside the window is in the person's language, with
// numbers written as people there write them.
func TestSayTranslates(t *testing.T) {
	defer lang.Use("fr-FR")()
	for _, c := range []struct {
		text  string
		count int
		data  map[string]any
		want  string
	}{
		{"The disk is full.", -1, nil, "Le disque est plein."},
		{"{{.Count}} rows", 1, nil, "1 ligne"},
		{"{{.Count}} rows", 18233, map[string]any{"Other": 1}, "18\u202f233 lignes"},
		{"{{.Count}} rows", 2_000_000, map[string]any{"Count": 2_000_000}, "2\u202f000\u202f000 de lignes"},
		{"You are reminded again on {{.Day}}.", -1, map[string]any{"Day": calendar.NewDay(2026, 12, 1)}, "Vous serez prévenu de nouveau le 1er déc. 2026."},
		{"{{.Host}} cannot be reached.", -1, map[string]any{"Host": "x.example"}, "x.example est injoignable."},
	} {
		if got := say(c.text, c.count, c.data); got != c.want {
			t.Errorf("%q with %d is %q, want %q", c.text, c.count, got, c.want)
		}
	}
}
