package lang

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pluralForms are the forms that a text with a number needs in each language.
var pluralForms = map[string][]string{
	"en": {one, other},
	"de": {one, other},
	"fr": {one, many, other},
	"es": {one, many, other},
}

// Texts that people read are written out where a test sees them, and reach no
// control untranslated.
func TestEveryTextGoesThroughLang(t *testing.T) {
	s := readSource(t)
	for _, m := range s.mistakes {
		t.Error(m)
	}
	if len(s.texts) < 250 {
		t.Errorf("only %d texts were found: the test no longer sees them", len(s.texts))
	}
	for _, known := range []string{
		"Download Backup",       // of a screen
		"Previous month",        // of a widget
		"A download is running", // of the window
		"{{.Count}} bytes",      // of this package
		"The disk is full.",     // what happened
		"Refresh the list.",     // what to do next
		"The archive is damaged: {{.Entry}} cannot be read.",      // set later
		"Free some space, then try again. Nothing was extracted.", // in a variable
		"{{.Range}} · {{.Count}} modules",                         // a plural
	} {
		if !slices.ContainsFunc(s.texts, func(f sourceText) bool { return f.key == known }) {
			t.Errorf("%q was not found in the source: the test no longer sees such texts", known)
		}
	}
}

// Every text has its translation, with the same blanks and all forms, and no
// translation is left over.
func TestEveryTextIsTranslated(t *testing.T) {
	texts := byKey(t, readSource(t).texts)
	for _, tag := range languages {
		t.Run(tag, func(t *testing.T) {
			for _, m := range mistakesIn(tag, catalogs()[tag], texts) {
				t.Error(m)
			}
		})
	}
}

// byKey gathers the texts; the same key may stand at several places, but for
// the same text.
func byKey(t *testing.T, texts []sourceText) map[string]sourceText {
	t.Helper()
	all := map[string]sourceText{}
	for _, text := range texts {
		before, twice := all[text.key]
		if twice && (before.english != text.english || before.plural != text.plural) {
			t.Errorf("%q is used in two ways, at %s and at %s", text.key, before.at, text.at)
		}
		all[text.key] = text
	}
	return all
}

// mistakesIn lists what is wrong with a translation.
func mistakesIn(tag string, c catalog, texts map[string]sourceText) (found []string) {
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		text := texts[key]
		said, ok := c[key]
		switch {
		case !ok && tag == english && !text.plural:
		case !ok:
			found = append(found, fmt.Sprintf("%s: no translation of %q", text.at, key))
		default:
			found = append(found, mistakesOf(tag, text, said)...)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c)) {
		if text, used := texts[key]; !used {
			found = append(found, fmt.Sprintf("%q is used nowhere", key))
		} else if tag == english && !text.plural {
			found = append(found, fmt.Sprintf("%q stands in the source already", key))
		}
	}
	return found
}

func mistakesOf(tag string, text sourceText, said message) (found []string) {
	forms := []string{other}
	if text.plural {
		forms = pluralForms[tag]
	}
	for _, form := range forms {
		if said[form] == "" {
			found = append(found, fmt.Sprintf("%s: %q lacks its form %q", text.at, text.key, form))
		}
	}
	for _, form := range slices.Sorted(maps.Keys(said)) {
		if !slices.Contains(forms, form) {
			found = append(found, fmt.Sprintf("%q has a form %q that is never used", text.key, form))
			continue
		}
		want, got := blanksIn(text.english), blanksIn(said[form])
		if form == one { // "a minute ago" needs no number
			want, got = without(want, "Count"), without(got, "Count")
		}
		if !slices.Equal(want, got) {
			found = append(found, fmt.Sprintf("%q has the blanks %v in %q, want %v", text.key, got, said[form], want))
		}
		if said[form] != strings.TrimSpace(said[form]) {
			found = append(found, fmt.Sprintf("%q begins or ends with a space in %q", text.key, said[form]))
		}
		if end := ending(text.english); form == other && text.key == text.english && end != ending(said[form]) {
			found = append(found, fmt.Sprintf("%q ends otherwise in %q", text.key, said[form]))
		}
	}
	return found
}

var blank = regexp.MustCompile(`{{\.(\w+)}}`)

func blanksIn(text string) []string {
	var names []string
	for _, m := range blank.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

// ending is the mark at the end, by which people tell a sentence from a label.
func ending(text string) string {
	for _, mark := range []string{".", "?", "!", "…", ":"} {
		if strings.HasSuffix(text, mark) {
			return mark
		}
	}
	return ""
}

// A mistake that nobody sees is worth nothing: each kind is found.
func TestMistakesInTranslationsAreFound(t *testing.T) {
	texts := map[string]sourceText{
		"{{.Count}} rows":  {key: "{{.Count}} rows", english: "{{.Count}} rows", plural: true, at: "a.go:1"},
		"Hello {{.Name}}.": {key: "Hello {{.Name}}.", english: "Hello {{.Name}}.", at: "a.go:2"},
	}
	good := catalog{
		"{{.Count}} rows":  {one: "une ligne", many: "{{.Count}} de lignes", other: "{{.Count}} lignes"},
		"Hello {{.Name}}.": {other: "Bonjour {{.Name}}."},
	}
	if found := mistakesIn("fr", good, texts); len(found) > 0 {
		t.Errorf("a right translation is found wrong: %v", found)
	}
	for want, spoil := range map[string]func(c catalog){
		"no translation": func(c catalog) { delete(c, "Hello {{.Name}}.") },
		"used nowhere":   func(c catalog) { c["Old"] = message{other: "Vieux"} },
		"lacks its form": func(c catalog) { c["{{.Count}} rows"] = message{other: "{{.Count}} lignes"} },
		"never used":     func(c catalog) { c["Hello {{.Name}}."] = message{other: "Bonjour {{.Name}}.", "few": "x"} },
		"has the blanks": func(c catalog) { c["Hello {{.Name}}."] = message{other: "Bonjour {{.Nom}}."} },
		"ends otherwise": func(c catalog) { c["Hello {{.Name}}."] = message{other: "Bonjour {{.Name}}"} },
		"begins or ends": func(c catalog) { c["Hello {{.Name}}."] = message{other: " Bonjour {{.Name}}."} },
	} {
		c := maps.Clone(good)
		spoil(c)
		found := mistakesIn("fr", c, texts)
		if !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("a translation that is wrong so passes: %s (%v)", want, found)
		}
	}
}

// TestWords prints what a translator has to add, as it stands in a translation,
// with the English text to be replaced: `make words`.
func TestWords(t *testing.T) {
	if os.Getenv("WORDS") == "" {
		t.Skip("set WORDS=1 to see which texts lack a translation")
	}
	texts := byKey(t, readSource(t).texts)
	for _, tag := range languages {
		missing, left := map[string]any{}, []string{}
		for key, text := range texts {
			_, ok := catalogs()[tag][key]
			switch {
			case ok || tag == english && !text.plural:
			case text.plural:
				forms := map[string]string{}
				for _, form := range pluralForms[tag] {
					forms[form] = text.english
				}
				missing[key] = forms
			default:
				missing[key] = text.english
			}
		}
		for key := range catalogs()[tag] {
			if _, used := texts[key]; !used {
				left = append(left, key)
			}
		}
		slices.Sort(left)
		raw := stub(t, missing)
		fmt.Printf("%s.json lacks %d texts:\n%s\n", tag, len(missing), raw)
		if len(left) > 0 {
			fmt.Printf("%s.json has texts that are used nowhere:\n\t%s\n", tag, strings.Join(left, "\n\t"))
		}
	}
}

func stub(t *testing.T, missing map[string]any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(missing); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The words of Fyne's menus and dialogs are there in each of our languages: as
// many as Fyne has.
func TestTheToolkitsWordsAreAllThere(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "fyne.io/fyne/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := keysOf(t, filepath.Join(strings.TrimSpace(string(dir)), "lang", "translations", "base.en.json"))
	for _, tag := range languages {
		got := keysOf(t, filepath.Join("..", "..", "assets", "translations", "toolkit", tag+".json"))
		if !slices.Equal(got, want) {
			t.Errorf("%s has the words %v, Fyne has %v", tag, got, want)
		}
	}
}

func keysOf(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(texts))
}
