package lang

import (
	"encoding/json"
	"strings"
	"sync/atomic"
	"text/template"

	"fyne.io/fyne/v2"
	fynelang "fyne.io/fyne/v2/lang"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"connectbackup/assets"
)

// System is the locale of this system, such as "de-DE", whether or not the app
// has its language: how a week begins depends on it.
func System() string { return fynelang.SystemLocale().String() }

// L translates a text whose blanks, such as {{.Count}}, are filled from data.
func L(text string, data ...any) string { return spoken().text(text, text, data) }

// X is L for a text that has a name of its own in the translations.
func X(key, text string, data ...any) string { return spoken().text(key, text, data) }

// N is L for a text with a number in it that decides its form.
func N(text string, count int, data ...any) string {
	return spoken().say(&i18n.LocalizeConfig{
		DefaultMessage: &i18n.Message{ID: text, Other: text}, PluralCount: count, TemplateData: first(data),
	})
}

// Use speaks the language of that tag, such as "de", from now on; empty is that
// of the system. It may be called on any goroutine. What was said before stays
// as it was said.
func Use(tag string) {
	if tag == "" {
		tag = System()
	}
	w := newWords(tag)
	current.Store(&w)
}

// current are the words of the language that is spoken. Notifications are
// worded on other goroutines than the screens.
var current atomic.Pointer[words]

func spoken() words {
	if w := current.Load(); w != nil {
		return *w
	}
	w := newWords(System())
	if current.CompareAndSwap(nil, &w) {
		return w
	}
	return *current.Load()
}

type words struct{ localizer *i18n.Localizer }

// newWords reads the app's translations and chooses among them for a locale.
func newWords(locale string) words {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	const folder = "translations"
	files, err := assets.Translations.ReadDir(folder)
	if err != nil {
		fyne.LogError("read the translations", err)
	}
	for _, f := range files {
		if _, err := bundle.LoadMessageFileFS(assets.Translations, folder+"/"+f.Name()); err != nil {
			fyne.LogError("read the translation "+f.Name(), err)
		}
	}
	return words{i18n.NewLocalizer(bundle, locale)}
}

func (w words) text(key, text string, data []any) string {
	return w.say(&i18n.LocalizeConfig{DefaultMessage: &i18n.Message{ID: key, Other: text}, TemplateData: first(data)})
}

// say never fails: a translation that lacks this text, or cannot be filled,
// gives way to the English one.
func (w words) say(c *i18n.LocalizeConfig) string {
	if said, err := w.localizer.Localize(c); err == nil || said != "" {
		return said
	}
	t, err := template.New("").Parse(c.DefaultMessage.Other)
	if err != nil {
		return c.DefaultMessage.Other
	}
	var b strings.Builder
	if err := t.Execute(&b, c.TemplateData); err != nil {
		return c.DefaultMessage.Other
	}
	return b.String()
}

func first(data []any) any {
	if len(data) == 0 {
		return nil
	}
	return data[0]
}
