package widgets

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"connectbackup/assets"
)

// iconNames reads the constants of icon.go, so that a new one is covered too.
func iconNames(t *testing.T) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "icon.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(v.Names[0].Name, "Icon") {
			return true
		}
		name, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		return false
	})
	return names
}

func TestEveryIconIsDrawn(t *testing.T) {
	names := iconNames(t)
	if len(names) != len(assets.Icons()) {
		t.Errorf("%d names for %d files", len(names), len(assets.Icons()))
	}
	for _, name := range names {
		res := Icon(name)
		if res == nil {
			t.Errorf("no file for %q", name)
			continue
		}
		c := test.NewCanvas()
		img := canvas.NewImageFromResource(res)
		c.SetContent(img)
		img.Resize(fyne.NewSquareSize(24))
		if img.Image == nil {
			t.Errorf("%s cannot be drawn", name)
		}
		if bytes.Contains(res.Content(), []byte("#000000")) {
			t.Errorf("%s does not take the colour of the theme", name)
		}
	}
}

func TestUnknownIconIsNoIcon(t *testing.T) {
	if r := Icon("no such icon"); r != nil {
		t.Errorf("got %v, want an untyped nil", r)
	}
}
