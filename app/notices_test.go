package app_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connectbackup/assets"
)

// notice is one text of a licence and what stands under it, as
// assets/notices.json has it for the screen of the licences.
type notice struct {
	Licence string   `json:"licence"`
	Modules []string `json:"modules"`
	Text    string   `json:"text"`
}

// What the program is built from is named in it, with the texts that its
// licences ask for. UPDATE_NOTICES=1 writes them anew.
func TestNoticesAreUpToDate(t *testing.T) {
	dirs := requiredModules(t)
	dirs["Go"] = strings.TrimSpace(goCommand(t, projectRoot(t), "env", "GOROOT"))
	b := &bytes.Buffer{}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(noticesIn(t, dirs)); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE_NOTICES") != "" {
		if err := os.WriteFile(filepath.Join(projectRoot(t), "assets", "notices.json"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(b.Bytes(), assets.Notices) {
		t.Error("assets/notices.json is not what the modules say: run this test with UPDATE_NOTICES=1")
	}
}

// noticesIn reads the licences at the top of each module. Modules with the
// very same text share it.
func noticesIn(t *testing.T, dirs map[string]string) []notice {
	t.Helper()
	modules := map[string][]string{} // of a text
	for _, module := range slices.Sorted(maps.Keys(dirs)) {
		for _, text := range licenceTexts(t, module, dirs[module]) {
			modules[text] = append(modules[text], module)
		}
	}
	var all []notice
	for text, names := range modules {
		name := licenceOf(text)
		if name == "" {
			name = "Notice" // what a licence wants to be passed on; the licences themselves are tested
		}
		all = append(all, notice{Licence: name, Modules: names, Text: text})
	}
	slices.SortFunc(all, func(a, b notice) int {
		return strings.Compare(strings.ToLower(a.Modules[0]+a.Text), strings.ToLower(b.Modules[0]+b.Text))
	})
	return all
}

func licenceTexts(t *testing.T, module, dir string) (texts []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		wanted := strings.HasPrefix(upper, "LICEN") || strings.HasPrefix(upper, "COPYING") ||
			strings.HasPrefix(upper, "UNLICENSE") || strings.HasPrefix(upper, "NOTICE")
		if e.IsDir() || !wanted || notInTheProgram[module+"/"+e.Name()] != "" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")))
	}
	if len(texts) == 0 {
		t.Errorf("%s has no text of a licence", module)
	}
	return texts
}
