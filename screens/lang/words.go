package lang

import (
	"encoding/json"
	"path"
	"sync"

	"fyne.io/fyne/v2"
	fynelang "fyne.io/fyne/v2/lang"

	"connectbackup/assets"
)

// languages are those of the app. A new one is a file in assets/translations,
// one in its folder toolkit, a rule below and its formats.
var languages = []string{english, "de", "fr", "es"}

const english = "en"

// The forms of a text by its number that our languages have; Unicode CLDR 48.
const (
	one   = "one"
	many  = "many"
	other = "other"
)

// pluralRules choose the form of a text by the number in it.
var pluralRules = map[string]func(count int) string{
	"en": func(n int) string { return ruled(n == 1, false) },
	"de": func(n int) string { return ruled(n == 1, false) },
	"fr": func(n int) string { return ruled(n == 0 || n == 1, millions(n)) },
	"es": func(n int) string { return ruled(n == 1, millions(n)) },
}

// millions are counted with a word between: "1 000 000 de lignes".
func millions(n int) bool { return n != 0 && n%1_000_000 == 0 }

func ruled(isOne, isMany bool) string {
	switch {
	case isOne:
		return one
	case isMany:
		return many
	}
	return other
}

// message is one text of a translation, by form.
type message map[string]string

// UnmarshalJSON reads a text, or an object of a text for each form.
func (m *message) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		*m = message{other: text}
		return nil
	}
	var forms map[string]string
	if err := json.Unmarshal(raw, &forms); err != nil {
		return err
	}
	*m = forms
	return nil
}

// form is the text in that form, or else in the general one.
func (m message) form(name string) string {
	if text := m[name]; text != "" {
		return text
	}
	return m[other]
}

// catalog holds the texts of one language, by what they are in the source.
type catalog map[string]message

// catalogs reads the app's translations. One that cannot be read gives way to
// English; a test sees to it that this does not happen.
var catalogs = sync.OnceValue(func() map[string]catalog {
	all := map[string]catalog{}
	for _, tag := range languages {
		c, err := readCatalog(tag)
		if err != nil {
			fyne.LogError("read the translation "+tag, err)
		}
		all[tag] = c
	}
	return all
})

func readCatalog(tag string) (catalog, error) {
	raw, err := assets.Translations.ReadFile(path.Join("translations", tag+".json"))
	if err != nil {
		return nil, err
	}
	var c catalog
	return c, json.Unmarshal(raw, &c)
}

// tellToolkit puts our words for Fyne's own menus and dialogs in the place of
// those that Fyne chose by the system's language.
func tellToolkit(tag string) {
	raw, err := assets.Translations.ReadFile(path.Join("translations", "toolkit", tag+".json"))
	if err == nil {
		system := fynelang.SystemLocale().LanguageString() // without a script, as Fyne looks it up
		err = fynelang.AddTranslationsForLocale(raw, fyne.Locale(system))
	}
	if err != nil {
		fyne.LogError("translate the words of the toolkit", err)
	}
}
