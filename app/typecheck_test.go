package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A developer's machine compiles the program for itself only. Here every
// system's files are checked for types and imports, without that system's tool
// chain: as the Go compiler would, but with C left unlooked at.

const module = "connectbackup"

type target struct{ name, goos, goarch, cgo, tags string }

var targets = []target{
	{"android", "android", "arm64", "1", ""},
	{"ios", "ios", "arm64", "1", ""},
	{"macOS", "darwin", "arm64", "1", ""},
	{"macOS without a window", "darwin", "arm64", "0", "headless"},
	{"Windows", "windows", "amd64", "1", ""},
	{"Windows without a window", "windows", "amd64", "0", "headless"},
	{"Linux", "linux", "amd64", "1", ""},
	{"Linux without a window", "linux", "arm64", "0", "headless"},
	{"a phone's window on Linux", "linux", "amd64", "1", "mobile"},
}

func TestEverySystem(t *testing.T) {
	root := projectRoot(t)
	rules := readRules(t, root)
	read := &reader{fset: token.NewFileSet(), files: map[string]*ast.File{}}
	for _, target := range targets {
		t.Run(target.name, func(t *testing.T) {
			t.Parallel()
			packages, err := list(root, target)
			if err != nil {
				t.Fatal(err)
			}
			c := checker{target: target, read: read, listed: packages, done: map[string]*types.Package{}}
			checked := 0
			for _, p := range packages.order {
				if !p.ours() {
					continue
				}
				checked++
				_, err := c.Import(p.ImportPath)
				if err != nil {
					t.Errorf("for %s: %v", target.name, err)
				}
				for _, broken := range rules.broken(root, p, target.goos) {
					t.Errorf("for %s: %s", target.name, broken)
				}
			}
			if checked < 5 {
				t.Errorf("only %d packages of ours were found for %s", checked, target.name)
			}
		})
	}
}

// TestOneFileAsksTheDesktop holds what no linter can say: of all files of
// device, one alone knows the library that shows notifications.
func TestOneFileAsksTheDesktop(t *testing.T) {
	root := projectRoot(t)
	files, err := filepath.Glob(filepath.Join(root, "device", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var with []string
	for _, file := range files {
		for _, path := range importsOf(t, file) {
			if strings.HasPrefix(path, "github.com/gen2brain/beeep") {
				with = append(with, filepath.Base(file))
			}
		}
	}
	if len(with) > 1 {
		t.Errorf("beeep is imported by %s; one file is enough", strings.Join(with, " and "))
	}
}

func projectRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

type listedPackage struct {
	ImportPath, Dir   string
	GoFiles, CgoFiles []string
	ImportMap         map[string]string
	Error             *struct{ Err string }
}

func (p *listedPackage) ours() bool {
	return p.ImportPath == module || strings.HasPrefix(p.ImportPath, module+"/")
}

func (p *listedPackage) files() []string {
	return append(slices.Clone(p.GoFiles), p.CgoFiles...)
}

type listing struct {
	order []*listedPackage
	by    map[string]*listedPackage
}

// list asks go for the files that make up the program on that system.
func list(root string, t target) (listing, error) {
	cmd := exec.Command("go", "list", "-deps", "-e", "-json=ImportPath,Dir,GoFiles,CgoFiles,ImportMap,Error", "-tags="+t.tags, "./...")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS="+t.goos, "GOARCH="+t.goarch, "CGO_ENABLED="+t.cgo)
	var wrong bytes.Buffer
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		return listing{}, fmt.Errorf("go list: %w: %s", err, wrong.String())
	}
	l := listing{by: map[string]*listedPackage{}}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &listedPackage{}
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return l, nil
		} else if err != nil {
			return listing{}, fmt.Errorf("read go list: %w", err)
		}
		// Of the rooms only those with files for this system take part.
		if len(p.files()) == 0 && p.ImportPath != "unsafe" {
			continue
		}
		l.order = append(l.order, p)
		l.by[p.ImportPath] = p
	}
}

// checker type-checks packages from their source, each once. What others
// wrote is read without the bodies of its functions, and not judged: C, which
// is left out, makes some of its types invalid.
type checker struct {
	target target
	read   *reader
	listed listing
	done   map[string]*types.Package
}

func (c *checker) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := c.done[path]; p != nil {
		return p, nil
	}
	listed := c.listed.by[path]
	if listed == nil {
		return nil, fmt.Errorf("%s has no file for this system", path)
	}
	if listed.ours() && listed.Error != nil {
		return nil, errors.New(listed.Error.Err)
	}
	var files []*ast.File
	for _, name := range listed.files() {
		f, err := c.read.file(filepath.Join(listed.Dir, name), listed.ours())
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	var wrong []error
	config := types.Config{
		Importer:         mapped{c, listed, files},
		Error:            func(err error) { wrong = append(wrong, err) },
		FakeImportC:      true,
		IgnoreFuncBodies: !listed.ours(),
		Sizes:            types.SizesFor("gc", c.target.goarch),
	}
	p, err := config.Check(path, c.read.fset, files, nil)
	c.done[path] = p
	if listed.ours() && err != nil {
		return p, errors.Join(wrong...)
	}
	return p, nil
}

// mapped resolves the imports of one package.
type mapped struct {
	c     *checker
	by    *listedPackage
	files []*ast.File
}

func (m mapped) Import(path string) (*types.Package, error) {
	if m.by.ours() && m.onlyForItsEffect(path) {
		// Nothing in it has a name here. A database is large: it is left alone.
		p := types.NewPackage(path, "effect")
		p.MarkComplete()
		return p, nil
	}
	if real, ok := m.by.ImportMap[path]; ok { // a vendored one
		path = real
	}
	return m.c.Import(path)
}

func (m mapped) onlyForItsEffect(path string) bool {
	for _, f := range m.files {
		for _, spec := range f.Imports {
			if spec.Path.Value == strconv.Quote(path) && (spec.Name == nil || spec.Name.Name != "_") {
				return false
			}
		}
	}
	return true
}

// reader reads each source file once for all systems.
type reader struct {
	fset  *token.FileSet
	mu    sync.Mutex
	files map[string]*ast.File
}

// file reads one file; not whole, only what other packages see of it.
func (r *reader) file(path string, whole bool) (*ast.File, error) {
	r.mu.Lock()
	f := r.files[path]
	r.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := parser.ParseFile(r.fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if !whole {
		outline(f)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[path] = f
	return f, nil
}

// outline takes out the bodies of functions and the contents of tables, which
// are most of what there is to check.
func outline(f *ast.File) {
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Body != nil {
				decl.Body.List = nil
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				values, ok := spec.(*ast.ValueSpec)
				if !ok || decl.Tok != token.VAR {
					continue
				}
				for _, value := range values.Values {
					if table, ok := value.(*ast.CompositeLit); ok {
						table.Elts = nil
					}
				}
			}
		}
	}
}

// importRules are the rules of .golangci.yml on who may import whom.
type importRules map[string]struct {
	ListMode string `yaml:"list-mode"`
	Files    []string
	Allow    []string
	Deny     []struct{ Pkg, Desc string }
}

func readRules(t *testing.T, root string) importRules {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".golangci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Linters struct {
			Settings struct{ Depguard struct{ Rules importRules } }
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	rules := config.Linters.Settings.Depguard.Rules
	if len(rules) < 10 {
		t.Fatalf("only %d import rules were found in .golangci.yml", len(rules))
	}
	return rules
}

// broken names the imports of p that a rule forbids.
func (r importRules) broken(root string, p *listedPackage, goos string) (found []string) {
	for _, name := range p.files() {
		file, err := filepath.Rel(root, filepath.Join(p.Dir, name))
		if err != nil {
			return []string{err.Error()}
		}
		file = filepath.ToSlash(file)
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ImportsOnly)
		if err != nil {
			return []string{err.Error()}
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return []string{err.Error()}
			}
			if why := r.forbids(file, path, goos); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", file, path, why))
			}
		}
	}
	return found
}

func (r importRules) forbids(file, path, goos string) (why string) {
	for name, rule := range r {
		if !about(rule.Files, file) {
			continue
		}
		// A phone's notification goes through Fyne, the one exception.
		if name == "fyne" && strings.HasPrefix(file, "device/") && (goos == "android" || goos == "ios") {
			continue
		}
		for _, deny := range rule.Deny {
			if matches(deny.Pkg, path) {
				return deny.Desc
			}
		}
		if rule.ListMode == "strict" && !slices.ContainsFunc(rule.Allow, func(allow string) bool { return matches(allow, path) }) {
			return "rule " + name + " allows only " + strings.Join(rule.Allow, " and ")
		}
	}
	return ""
}

// about reports whether a rule's patterns mean that file; none of the files
// asked about is a test.
func about(patterns []string, file string) bool {
	in := false
	for _, pattern := range patterns {
		pattern, not := strings.CutPrefix(pattern, "!")
		hit := pattern == "$all"
		if glob, ok := strings.CutPrefix(pattern, "${base-path}/"); ok {
			hit = globToRegexp(glob).MatchString(file)
		}
		if hit && not {
			return false
		}
		in = in || hit && !not
	}
	return in
}

func globToRegexp(glob string) *regexp.Regexp {
	parts := strings.Split(glob, "**")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(regexp.QuoteMeta(part), `\*`, `[^/]*`)
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$")
}

// matches reads a package of a rule: $gostd, an exact path with a $ behind, or
// the beginning of paths.
func matches(rule, path string) bool {
	if rule == "$gostd" {
		first, _, _ := strings.Cut(path, "/")
		return !strings.Contains(first, ".") && first != module
	}
	if exact, ok := strings.CutSuffix(rule, "$"); ok {
		return path == exact
	}
	return strings.HasPrefix(path, rule)
}

func TestImportRulesAreRead(t *testing.T) {
	rules := readRules(t, projectRoot(t))
	for _, c := range []struct {
		file, path, goos string
		forbidden        bool
	}{
		{"device/notify_android.go", "fyne.io/fyne/v2", "android", false},
		{"device/notify_desktop.go", "fyne.io/fyne/v2", "linux", true},
		{"device/notify_ios.go", "connectbackup/api", "ios", true},
		{"device/notify_ios.go", "connectbackup/api/calendar", "ios", false},
		{"device/iphone/iphone_ios.go", "C", "ios", false},
		{"device/iphone/iphone_ios.go", "connectbackup/device/download", "ios", true},
		{"api/client.go", "github.com/go-resty/resty/v2", "android", false},
		{"api/cache/cache.go", "github.com/go-resty/resty/v2", "android", true},
		{"api/reminder/look.go", "connectbackup/api/cache", "android", true},
		{"api/reminder/look.go", "connectbackup/api", "android", false},
		{"screens/home.go", "connectbackup/api/reminder", "android", false},
		{"screens/home.go", "os", "android", true},
		{"screens/home.go", "connectbackup/api", "android", false},
		{"screens/home.go", "connectbackup/api/server", "android", true},
		{"app/core/sqlite_cgo.go", "github.com/mattn/go-sqlite3", "android", false},
		{"app/core/core.go", "github.com/mattn/go-sqlite3", "android", true},
		{"app/core/core.go", "connectbackup/screens/widgets", "android", true},
		{"app/window.go", "connectbackup/screens", "android", false},
		{"device/download/engine.go", "golang.org/x/sys/unix", "android", true},
		{"device/download/engine.go", "net/http", "android", false},
	} {
		if why := rules.forbids(c.file, c.path, c.goos); (why != "") != c.forbidden {
			t.Errorf("%s importing %s on %s: forbidden %t (%s), want %t", c.file, c.path, c.goos, why != "", why, c.forbidden)
		}
	}
}

func importsOf(t *testing.T, file string) (paths []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range parsed.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}
