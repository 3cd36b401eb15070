package lang

import (
	"bytes"
	"log"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// A language that the app does not have gets whole English sentences, and the
// log stays empty.
func TestEveryLocaleGetsWholeSentences(t *testing.T) {
	var complaints bytes.Buffer
	before := log.Writer()
	log.SetOutput(&complaints)
	defer log.SetOutput(before)
	for _, locale := range []string{"en-GB", "en-US", "de-DE", "fr-FR", "es-ES", "ja-JP", "ar-EG", "zh-Hans-CN", "C", ""} {
		w := newWords(locale)
		if got := w.text("No backup selected", "No backup selected", nil); got != "No backup selected" {
			t.Errorf("%s: %q", locale, got)
		}
		if got := w.text("date.day", "{{.Day}} {{.Month}}", []any{map[string]any{"Day": 23, "Month": "Nov"}}); got != "23 Nov" {
			t.Errorf("%s: %q", locale, got)
		}
		for count, want := range map[int]string{0: "0 rows", 1: "1 row", 2: "2 rows", 21: "21 rows"} {
			got := w.say(&i18n.LocalizeConfig{
				DefaultMessage: &i18n.Message{ID: "{{.Count}} rows", Other: "{{.Count}} rows"},
				PluralCount:    count, TemplateData: map[string]any{"Count": count},
			})
			if got != want {
				t.Errorf("%s: %q, want %q", locale, got, want)
			}
		}
	}
	if complaints.Len() > 0 {
		t.Errorf("the log says:\n%s", complaints.String())
	}
}
