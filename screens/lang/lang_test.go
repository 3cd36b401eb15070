package lang

import (
	"bytes"
	"log"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	fynelang "fyne.io/fyne/v2/lang"

	"connectbackup/api/calendar"
)

// A language that the app does not have gets whole English sentences, and the
// log stays empty.
func TestEveryLocaleGetsWholeSentences(t *testing.T) {
	var complaints bytes.Buffer
	before := log.Writer()
	log.SetOutput(&complaints)
	defer log.SetOutput(before)
	for _, locale := range []string{"en-GB", "en-US", "ja-JP", "ar-EG", "zh-Hans-CN", "pt-BR", "C", "", "x", "../etc"} {
		defer Use(locale)()
		if got := L("No such text"); got != "No such text" {
			t.Errorf("%s: %q", locale, got)
		}
		if got := X("no.such.key", "{{.Day}} of {{.Month}}", map[string]any{"Day": 23, "Month": "Nov"}); got != "23 of Nov" {
			t.Errorf("%s: %q", locale, got)
		}
		for count, want := range map[int]string{0: "0 rows", 1: "1 row", 2: "2 rows", 21: "21 rows"} {
			if got := N("{{.Count}} rows", count, map[string]any{"Count": count}); got != want {
				t.Errorf("%s: %q, want %q", locale, got, want)
			}
		}
	}
	if complaints.Len() > 0 {
		t.Errorf("the log says:\n%s", complaints.String())
	}
}

func TestUseSpeaksALanguageUntilRestored(t *testing.T) {
	defer Use("en")()
	restore := Use("de")
	if got := L("Cancel"); got != "Abbrechen" || Tag() != "de" {
		t.Errorf("in German %q, of language %q", got, Tag())
	}
	for count, want := range map[int]string{0: "0 Zeilen", 1: "1 Zeile", 2: "2 Zeilen"} {
		if got := N("{{.Count}} rows", count, map[string]any{"Count": count}); got != want {
			t.Errorf("in German %q, want %q", got, want)
		}
	}
	if got := N("{{.Count}} unheard of", 2, map[string]any{"Count": 2}); got != "2 unheard of" {
		t.Errorf("a text without a translation is %q", got)
	}
	restore()
	if got := L("Cancel"); got != "Cancel" || Tag() != "en" {
		t.Errorf("after restoring %q, of language %q", got, Tag())
	}
}

// The language is the chosen one; the region is that of the system, so that a
// German in the United States sees weeks that begin on Sunday.
func TestLanguageAndRegion(t *testing.T) {
	for _, c := range []struct{ tag, system, language, region string }{
		{"", "de-AT", "de", "AT"},
		{"", "en-GB", "en", "GB"},
		{"de", "en-US", "de", "US"},
		{"en", "de-DE", "en", "DE"},
		{"es-MX", "de-DE", "es", "MX"},
		{"", "fr", "fr", ""},
		{"", "fr-CA", "fr", "CA"},
		{"", "es-419", "es", ""}, // a continent is no region to write numbers for
		{"", "lb-LU", "de", "LU"},
		{"", "pl-PL", "en", "PL"},
		{"", "zh-CN", "en", "CN"},
		{"", "", "en", ""},
		{"", "C", "en", ""},
		{"tlh", "xx-YY", "en", ""},
	} {
		got := newTongue(c.tag, c.system)
		if got.tag != c.language || got.region != c.region {
			t.Errorf("%q on %q speaks %q in %q, want %q in %q", c.tag, c.system, got.tag, got.region, c.language, c.region)
		}
	}
	defer Use("de-AT")()
	if Locale() != "de-AT" {
		t.Errorf("the locale is %q", Locale())
	}
}

func TestPluralForms(t *testing.T) {
	for tag, want := range map[string]map[int]string{
		"en": {0: other, 1: one, 2: other, 1_000_000: other},
		"de": {0: other, 1: one, 2: other, 1_000_000: other},
		"fr": {0: one, 1: one, 2: other, 999_999: other, 1_000_000: many, 2_000_000: many, 1_000_001: other},
		"es": {0: other, 1: one, 2: other, 1_000_000: many, 1_500_000: other},
	} {
		for count, form := range want {
			if got := pluralRules[tag](count); got != form {
				t.Errorf("%s: %d has the form %q, want %q", tag, count, got, form)
			}
		}
	}
}

type count int64

func (c count) Bytes() int64 { return int64(c) }

func TestBlanksAreFilled(t *testing.T) {
	defer Use("fr-FR")()
	data := map[string]any{"Name": "a {{.Name}} b", "Year": 2026, "Size": count(18_400_000), "On": calendar.NewDay(2026, 12, 1), "None": nil}
	for text, want := range map[string]string{
		"plain":                        "plain",
		"{{.Name}}":                    "a {{.Name}} b", // what people wrote is no template
		"{{.Name}}{{.Year}}.":          "a {{.Name}} b2026.",
		"le {{.On}}":                   "le 1er déc. 2026",
		"of {{.Size}}":                 "of 18,4" + nbsp + "Mo",
		"{{.Missing}} {{.Year}}":       "{{.Missing}} 2026",
		"{{.Year} {{.Year}}":           "{{.Year} {{.Year}}",
		"{{.Year":                      "{{.Year",
		"{{.Year}} and {{.Year":        "2026 and {{.Year",
		"{{if .Year}}{{.Year}}{{end}}": "{{if .Year}}2026{{end}}",
	} {
		if got := spoken().fill(text, data); got != want {
			t.Errorf("%q is filled as %q, want %q", text, got, want)
		}
	}
}

// Fyne's own menus and dialogs speak the chosen language, and one that the app
// does not have gets English throughout, not two languages on one screen.
func TestTheToolkitSpeaksTheSameLanguage(t *testing.T) {
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LANG"} {
		before, set := os.LookupEnv(name)
		t.Cleanup(func() { restoreEnv(t, name, before, set) })
	}
	for _, system := range []string{"de_DE.UTF-8", "ja_JP.UTF-8", "pt_BR.UTF-8", "sr_RS.UTF-8", "C"} {
		for _, name := range []string{"LANGUAGE", "LC_ALL", "LANG"} {
			restoreEnv(t, name, system, true)
		}
		for _, c := range []struct{ tag, want string }{
			{"fr", "Coller"}, {"es", "Pegar"}, {"de", "Einfügen"}, {"en", "Paste"},
		} {
			restore := Use(c.tag)
			if got := fynelang.L("Paste"); got != c.want {
				t.Errorf("on %s in %s the menu says %q", system, c.tag, got)
			}
			restore()
		}
	}
}

func restoreEnv(t *testing.T, name, value string, set bool) {
	t.Helper()
	err := os.Unsetenv(name)
	if set {
		err = os.Setenv(name, value)
	}
	if err != nil {
		t.Error(err)
	}
}

// Notifications are worded while the person changes the language.
func TestManySpeakAtOnce(t *testing.T) {
	defer Use("en")()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 200 {
				if said := L("Cancel"); said != "Cancel" && said != "Annuler" {
					t.Errorf("said %q", said)
				}
				if day := Day(calendar.NewDay(2026, time.May, 1)); !strings.Contains(day, "2026") {
					t.Errorf("wrote %q", day)
				}
			}
		})
	}
	for range 20 {
		Use("fr")
		Use("en")
	}
	wait.Wait()
}
