package screens

import (
	"testing"

	"connectbackup/api/reminder"
	"connectbackup/screens/lang"
)

// Each text of the reminders has its singular among the translations.
func TestReminderTextsHaveTheirSingular(t *testing.T) {
	numbered := 0
	for _, text := range reminder.Texts() {
		if text.One == "" {
			continue
		}
		numbered++
		data := blanks{"Count": 1, "Module": "Staff", "Title": "Year end", "From": "a", "Till": "b"}
		one, other := lang.N(text.Text, 1, data), lang.N(text.Text, 2, data)
		want := lang.X("a text of its own: "+text.One, text.One, data)
		if one != want || one == other {
			t.Errorf("%q is said as %q, want %q", text.Text, one, want)
		}
	}
	if numbered < 4 {
		t.Errorf("only %d texts have a number in them", numbered)
	}
}
