package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// proofs are the tests that REQUIREMENTS.md names for each number.
func proofs(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("REQUIREMENTS.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| ([SIB]\d+) \| .* \| (.*) \|$`)
	all := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(b), -1) {
		if all[m[1]] != "" {
			t.Errorf("%s has two rows", m[1])
		}
		all[m[1]] = m[2]
	}
	return all
}

// tests are all test functions of the project, each with the strings that
// stand in its file: the names of its parts are among them.
func tests(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		var words []string
		ast.Inspect(file, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if s, err := strconv.Unquote(l.Value); err == nil {
					words = append(words, s)
				}
			}
			return true
		})
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") {
				all[f.Name.Name] = append(all[f.Name.Name], words...)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRequirementsNameTheirTests holds REQUIREMENTS.md to its word: each number
// has a row, and the tests that a row names exist. A test may be named with a
// part of it, as TestJourney/S7.
func TestRequirementsNameTheirTests(t *testing.T) {
	named, known := proofs(t), tests(t)
	name := regexp.MustCompile("`(Test[A-Za-z0-9_]+)(?:/([^`]+))?`")
	for kind, last := range map[string]int{"S": 45, "I": 18, "B": 18} {
		for n := 1; n <= last; n++ {
			number := fmt.Sprint(kind, n)
			proof := named[number]
			found := name.FindAllStringSubmatch(proof, -1)
			if len(found) == 0 && !strings.HasPrefix(proof, "not yet") {
				t.Errorf("%s names no test, and does not say \"not yet\": %q", number, proof)
			}
			for _, m := range found {
				words, ok := known[m[1]]
				if !ok {
					t.Errorf("%s names %s, which does not exist", number, m[1])
				}
				if m[2] != "" && !contained(words, m[2]) {
					t.Errorf("%s names the part %q of %s, which has none of that name", number, m[2], m[1])
				}
			}
		}
	}
}

func contained(all []string, word string) bool {
	for _, s := range all {
		if s == word {
			return true
		}
	}
	return false
}
