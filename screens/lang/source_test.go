package lang

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sourceText is one text for people, as the source has it.
type sourceText struct {
	key     string // what it is called in the translations
	english string
	plural  bool // a number decides its form
	at      string
}

// Where texts for people are written. The commands of app/cli are English.
var sourceFolders = []string{"screens", "screens/widgets", "screens/lang", "app", "app/core", "api/reminder"}

// Functions that are handed a text which was written out elsewhere.
var passesOn = []string{"translated", "sentence", "say", "plural", "reminderText", "sayText", "L", "X", "N"}

// source is what the program says to people, and where that cannot be told.
type source struct {
	texts    []sourceText
	mistakes []string

	fset   *token.FileSet
	root   string
	folder string
	consts map[string]string // of the package that is read
}

// readSource reads the program's texts out of its source.
func readSource(t *testing.T) *source {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	s := &source{fset: token.NewFileSet(), root: root}
	for _, folder := range sourceFolders {
		if _, err := os.Stat(filepath.Join(root, folder)); err != nil {
			t.Fatal(err)
		}
		s.readFolder(t, folder)
	}
	return s
}

func (s *source) readFolder(t *testing.T, folder string) {
	t.Helper()
	names, err := fs.Glob(os.DirFS(filepath.Join(s.root, folder)), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	s.folder, s.consts = folder, map[string]string{}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(s.fset, filepath.Join(s.root, folder, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
		s.readConsts(f)
	}
	for _, f := range files {
		for _, decl := range f.Decls {
			s.readDecl(decl)
		}
	}
}

func (s *source) readConsts(f *ast.File) {
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			continue
		}
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for i, name := range v.Names {
					if i < len(v.Values) {
						if text, ok := s.text(v.Values[i]); ok {
							s.consts[name.Name] = text
						}
					}
				}
			}
		}
	}
}

// text is what an expression says, if that can be read from the source.
func (s *source) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		left, ok := s.text(e.X)
		right, too := s.text(e.Y)
		return left + right, e.Op == token.ADD && ok && too
	case *ast.Ident:
		text, ok := s.consts[e.Name]
		return text, ok
	case *ast.ParenExpr:
		return s.text(e.X)
	}
	return "", false
}

func (s *source) at(n ast.Node) string {
	p := s.fset.Position(n.Pos())
	name, err := filepath.Rel(s.root, p.Filename)
	if err != nil {
		name = p.Filename
	}
	return fmt.Sprintf("%s:%d", filepath.ToSlash(name), p.Line)
}

func (s *source) mistake(n ast.Node, format string, args ...any) {
	s.mistakes = append(s.mistakes, s.at(n)+": "+fmt.Sprintf(format, args...))
}

func (s *source) found(n ast.Node, key, english string, plural bool) {
	if english == "" {
		return
	}
	s.texts = append(s.texts, sourceText{key: key, english: english, plural: plural, at: s.at(n)})
}

func (s *source) readDecl(decl ast.Decl) {
	name := ""
	if f, ok := decl.(*ast.FuncDecl); ok {
		name = f.Name.Name
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			s.readCall(n, name)
			s.readControl(n)
		case *ast.CompositeLit:
			s.readComposite(n, decl)
		case *ast.AssignStmt:
			s.readAssign(n)
		}
		return true
	})
}

// called is the function of a call: lang.L is "lang", "L".
func called(call *ast.CallExpr) (of, name string) {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return "", f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name, f.Sel.Name
		}
		return "?", f.Sel.Name
	}
	return "", ""
}

// readCall takes the text of a call that translates.
func (s *source) readCall(call *ast.CallExpr, within string) {
	of, name := called(call)
	inLang := of == "lang" || of == "" && s.folder == "screens/lang"
	key, english, plural := 0, 0, false
	switch {
	case inLang && name == "L":
	case inLang && name == "X":
		english = 1
	case inLang && name == "N", of == "" && name == "plural" && s.folder == "screens":
		plural = true
	case s.folder == "app/core" && strings.EqualFold(name, "say"):
		plural = len(call.Args) == 3 && !negative(call.Args[1])
	default:
		return
	}
	if len(call.Args) <= english {
		return
	}
	k, ok := s.text(call.Args[key])
	text, too := s.text(call.Args[english])
	if !ok || !too {
		if !slices.Contains(passesOn, within) {
			s.mistake(call, "%s is handed a text that is not written out there, so that no test sees whether it is translated", name)
		}
		return
	}
	s.found(call, k, text, plural)
}

func negative(e ast.Expr) bool {
	u, ok := e.(*ast.UnaryExpr)
	return ok && u.Op == token.SUB
}

// readComposite takes the words of an error, and the texts of reminders.
func (s *source) readComposite(c *ast.CompositeLit, within ast.Decl) {
	fields := map[string]ast.Expr{}
	for _, e := range c.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if name, ok := kv.Key.(*ast.Ident); ok {
				fields[name.Name] = kv.Value
			}
		}
	}
	if s.folder == "app/core" {
		for _, name := range []string{"what", "next"} {
			if value, ok := fields[name]; ok {
				s.readWords(value, within)
			}
		}
	}
	if kind, ok := c.Type.(*ast.Ident); ok && kind.Name == "Text" && s.folder == "api/reminder" {
		if text, ok := s.text(fields["Text"]); ok {
			s.found(c, text, text, fields["Count"] == nil || !negative(fields["Count"]))
		}
	}
	s.readLabels(c, fields)
}

// readWords takes the words of an error, also where a variable of the function
// holds one of several.
func (s *source) readWords(value ast.Expr, within ast.Decl) {
	if text, ok := s.text(value); ok {
		s.found(value, text, text, false)
		return
	}
	variable, ok := value.(*ast.Ident)
	taken := 0
	ast.Inspect(within, func(n ast.Node) bool {
		a, isAssign := n.(*ast.AssignStmt)
		if !ok || !isAssign || len(a.Lhs) != len(a.Rhs) {
			return true
		}
		for i, left := range a.Lhs {
			if name, isIdent := left.(*ast.Ident); isIdent && name.Name == variable.Name {
				if text, written := s.text(a.Rhs[i]); written {
					s.found(a.Rhs[i], text, text, false)
					taken++
				}
			}
		}
		return true
	})
	if taken == 0 {
		s.mistake(value, "the words of an error are not written out there")
	}
}

// readAssign takes the words of an error that are set later: w.what = "…".
func (s *source) readAssign(a *ast.AssignStmt) {
	if s.folder != "app/core" || len(a.Lhs) != len(a.Rhs) {
		return
	}
	for i, left := range a.Lhs {
		if field, ok := left.(*ast.SelectorExpr); ok && (field.Sel.Name == "what" || field.Sel.Name == "next") {
			if text, ok := s.text(a.Rhs[i]); ok {
				s.found(a, text, text, false)
			}
		}
	}
}

// Packages whose functions and structs show their texts to people.
var showing = []string{"widgets", "widget", "canvas", "dialog"}

// readControl refuses a text that reaches a control untranslated.
func (s *source) readControl(call *ast.CallExpr) {
	of, name := called(call)
	inWidgets := s.folder == "screens/widgets" && of == "" && strings.HasPrefix(name, "New")
	setter := name == "SetText" || name == "SetHint" || name == "SetProblem" || name == "SetTitle" || name == "SetAction" || name == "SetLabel"
	if !slices.Contains(showing, of) && !inWidgets && !setter {
		return
	}
	for _, arg := range call.Args {
		s.refuse(arg)
	}
}

// Fields that are shown to people, or read to them.
var shownFields = []string{"Text", "Title", "Label", "Words", "Placeholder", "PlaceHolder", "Hint", "Note", "Spoken", "Action"}

func (s *source) readLabels(c *ast.CompositeLit, fields map[string]ast.Expr) {
	if !strings.HasPrefix(s.folder, "screens") && s.folder != "app" {
		return
	}
	for name, value := range fields {
		if slices.Contains(shownFields, name) {
			s.refuse(value)
		}
	}
	if kind, ok := c.Type.(*ast.Ident); ok && (kind.Name == "mark" || kind.Name == "notice" || kind.Name == "fact") {
		for _, e := range c.Elts {
			s.refuse(e)
		}
	}
}

// refuse notes a text in quotes that people would read. An address is the same
// in every language.
func (s *source) refuse(e ast.Expr) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil || strings.HasPrefix(text, "https://") || !strings.ContainsFunc(text, isLetter) {
		return
	}
	s.mistake(lit, "%q is shown without lang", text)
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f }
