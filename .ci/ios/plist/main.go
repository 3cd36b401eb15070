// Plist makes the Info.plist of an app for iOS what Fyne's packager does not:
// with the app's Documents in Files, for the system that it needs, and with its
// languages.
//
//	plist edit FILE         changes one that the packager made, as XML
//	plist new SOURCE FILE   makes one from the template in SOURCE, the packager's
//	                        own build_iosapp.go, with what FyneApp.toml says
package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

// wanted are the app's own entries, as XML.
var wanted = []entry{
	{"UIFileSharingEnabled", "<true/>"},
	{"LSSupportsOpeningDocumentsInPlace", "<true/>"},
	{"MinimumOSVersion", "<string>15.0</string>"},
	{"CFBundleLocalizations", "<array><string>en</string><string>de</string><string>fr</string><string>es</string></array>"},
}

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	var plist []byte
	var err error
	switch {
	case len(args) == 2 && args[0] == "edit":
		plist, err = os.ReadFile(args[1])
	case len(args) == 3 && args[0] == "new":
		plist, err = fromTemplate(args[1], "FyneApp.toml")
	default:
		return errors.New("usage: plist edit FILE | plist new SOURCE FILE")
	}
	if err != nil {
		return err
	}
	edited, err := edit(plist, wanted)
	if err != nil {
		return err
	}
	return os.WriteFile(args[len(args)-1], edited, 0o644)
}

// fromTemplate fills the packager's own template.
func fromTemplate(source, toml string) ([]byte, error) {
	text, err := templateIn(source)
	if err != nil {
		return nil, err
	}
	said, err := os.ReadFile(toml)
	if err != nil {
		return nil, err
	}
	data := map[string]any{"Legacy": false, "Microphone": false}
	for field, key := range map[string]string{"BundleID": "ID", "Name": "Name", "Version": "Version", "Build": "Build"} {
		value := regexp.MustCompile(`(?m)^` + key + ` = "?(.*?)"?$`).FindSubmatch(said)
		if value == nil {
			return nil, fmt.Errorf("%s has no %s", toml, key)
		}
		data[field] = string(value[1])
	}
	t, err := template.New("Info.plist").Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, err
	}
	var filled bytes.Buffer
	if err := t.Execute(&filled, data); err != nil {
		return nil, err
	}
	return filled.Bytes(), nil
}

// templateIn finds the template among the texts of a Go file.
func templateIn(source string) (found string, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
	if err != nil {
		return "", err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && strings.Contains(text, "<plist") {
				found = text
			}
		}
		return true
	})
	if found == "" {
		return "", fmt.Errorf("%s has no template of an Info.plist", source)
	}
	return found, nil
}
