package screens

import (
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// galleryIndex shows every picture of the gallery, a row a state.
var galleryIndex = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Connect Backup: every screen in every state</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; background: #808080; color: #fff }
a { color: inherit }
nav a { margin-right: 1rem }
figure { margin: 0 0 1.5rem; display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start }
figcaption { flex-basis: 100%; font-weight: 600 }
img { height: 420px; box-shadow: 0 1px 4px #0008 }
</style>
<h1>Every screen in every state</h1>
<nav>{{range .}}<a href="#{{.Name}}">{{.Name}}</a>{{end}}</nav>
{{range .}}
<h2 id="{{.Name}}">{{.Name}}{{if .Sheet}} <small><a href="{{.Sheet}}">one sheet</a></small>{{end}}</h2>
{{range .States}}<figure><figcaption>{{.Name}}</figcaption>
{{range .Pictures}}<a href="{{.}}"><img src="{{.}}" alt="{{.}}" loading="lazy"></a>
{{end}}</figure>
{{end}}{{end}}
`))

// galleryState is one state of a screen, galleryScreen one screen.
type galleryState struct {
	Name     string
	Pictures []string
}

type galleryScreen struct {
	Name, Sheet string // Sheet is empty where the pictures are in no sheet
	States      []galleryState
}

// writeGalleryIndex writes index.html for the pictures in dir: each folder is a
// screen, and a file is called "STATE LOOK.png".
func writeGalleryIndex(t *testing.T, dir string) {
	t.Helper()
	var all []galleryScreen
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".png" || filepath.Dir(path) == dir {
			return err
		}
		at, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(at))
		if len(all) == 0 || all[len(all)-1].Name != folder {
			s := galleryScreen{Name: folder}
			if _, err := os.Stat(filepath.Join(dir, folder+".png")); err == nil {
				s.Sheet = folder + ".png"
			}
			all = append(all, s)
		}
		s := &all[len(all)-1]
		state := strings.TrimSuffix(e.Name(), ".png")
		if i := strings.LastIndexByte(state, ' '); i > 0 {
			state = state[:i]
		}
		if len(s.States) == 0 || s.States[len(s.States)-1].Name != state {
			s.States = append(s.States, galleryState{Name: state})
		}
		last := &s.States[len(s.States)-1]
		last.Pictures = append(last.Pictures, filepath.ToSlash(at))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if err := galleryIndex.Execute(f, all); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
