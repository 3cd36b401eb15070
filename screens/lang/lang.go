package lang

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	fynelang "fyne.io/fyne/v2/lang"
	"golang.org/x/text/language"

	"connectbackup/api/calendar"
)

// System is the language and region of this system, such as "de-DE", whether or
// not the app has that language.
func System() string { return fynelang.SystemLocale().LanguageString() }

// Use speaks the language of that tag, such as "de", from now on; empty is that
// of the system. What was said before stays as it was said. restore goes back
// to the language before.
//
// It belongs to the UI goroutine, since the words of Fyne's own menus and
// dialogs change with it, and Fyne reads those unguarded. Others may speak
// meanwhile.
func Use(tag string) (restore func()) {
	before := spoken()
	use(newTongue(tag, System()))
	return func() { use(before) }
}

func use(t *tongue) {
	current.Store(t)
	tellToolkit(t.tag)
}

// Tag is the language that is spoken: "en", "de", "fr" or "es".
func Tag() string { return spoken().tag }

// Locale is the language that is spoken, with the region whose formats it
// uses, such as "en-GB"; the language alone where the system names no region.
func Locale() string {
	t := spoken()
	if t.region == "" {
		return t.tag
	}
	return t.tag + "-" + t.region
}

// L translates a text whose blanks, such as {{.Name}}, are filled from data.
func L(text string, data ...map[string]any) string { return X(text, text, data...) }

// X is L for a text that has a name of its own in the translations.
func X(key, text string, data ...map[string]any) string {
	t := spoken()
	if said, ok := t.words[key]; ok {
		text = said.form(other)
	}
	return t.fill(text, first(data))
}

// N is L for a text with a number in it that decides its form.
func N(text string, count int, data ...map[string]any) string {
	t := spoken()
	said, ok := t.words[text]
	plural := t.plural
	if !ok { // then at least the English singular
		said, plural = catalogs()[english][text], pluralRules[english]
	}
	if form := said.form(plural(count)); form != "" {
		text = form
	}
	return t.fill(text, first(data))
}

func first(data []map[string]any) map[string]any {
	if len(data) == 0 {
		return nil
	}
	return data[0]
}

// current is what is spoken. Notifications are worded on other goroutines than
// screens.
var current atomic.Pointer[tongue]

func spoken() *tongue {
	if t := current.Load(); t != nil {
		return t
	}
	current.CompareAndSwap(nil, newTongue("", System()))
	return current.Load()
}

// tongue is one language as it is used in one region.
type tongue struct {
	tag    string
	region string // empty: none is known
	words  catalog
	plural func(count int) string
	formats
}

// newTongue is the language of that tag, or of the system's locale where it is
// empty. The region is the system's, unless the tag names one.
func newTongue(tag, system string) *tongue {
	if tag == "" {
		tag = system
	}
	t := &tongue{tag: supported(tag), region: regionOf(tag)}
	if t.region == "" {
		t.region = regionOf(system)
	}
	t.words, t.plural, t.formats = catalogs()[t.tag], pluralRules[t.tag], formatsOf(t.tag, t.region)
	return t
}

// supported is the language of the app that serves a locale best. Some who
// speak another one read one of ours: Luxembourgers German, for example.
func supported(locale string) string {
	wanted, err := language.Parse(locale)
	if err != nil {
		return english
	}
	tags := make([]language.Tag, len(languages))
	for i, name := range languages {
		tags[i] = language.Make(name)
	}
	if _, i, how := language.NewMatcher(tags).Match(wanted); how != language.No {
		return languages[i]
	}
	return english
}

// regionOf is the region that a locale names, or nothing.
func regionOf(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return ""
	}
	if _, _, region := tag.Raw(); region.IsCountry() {
		return region.String()
	}
	return ""
}

// Bytes is a size in the data of a text. Like a day there, it is written as
// people of the region write it.
type Bytes interface{ Bytes() int64 }

// fill puts data into the blanks of a text. A blank without data, which would
// be a mistake of ours, stays as it is.
func (t *tongue) fill(text string, data map[string]any) string {
	const begin, end = "{{.", "}}"
	if !strings.Contains(text, begin) {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, begin)
		name, after, whole := strings.Cut(rest, end)
		if !found || !whole {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		if value, ok := data[name]; ok {
			b.WriteString(t.value(value))
		} else {
			b.WriteString(begin + name + end)
		}
		text = after
	}
}

func (t *tongue) value(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case calendar.Day:
		return Day(v)
	case Bytes:
		return Size(v.Bytes())
	}
	return fmt.Sprint(value)
}
