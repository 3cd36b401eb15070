package core

import (
	"errors"
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
	"time"

	"connectbackup/api"
	"connectbackup/api/reminder"
	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/device/iphone"
	"connectbackup/device/ledger"
	"connectbackup/device/phone"
)

// reaching are the errors that can reach a person, by the names that the source
// gives them. Each has words of its own.
var reaching = map[string]error{
	"api.Problem":          &api.Problem{Code: api.CodeInternal, Status: 500},
	"api.UnreachableError": &api.UnreachableError{Host: "x.example", Reason: api.ReasonCut, Err: errors.New("x")},
	"api.ProxyError":       &api.UnreachableError{Host: "x.example", Reason: api.ReasonNetwork, Err: &api.ProxyError{Status: 407}},
	"api.NotConnectError":  &api.NotConnectError{URL: "https://x.example"},
	"api.VersionError":     &api.VersionError{Server: "v9", Want: "v1"},
	"api.AddressError":     &api.AddressError{Address: "??"},
	"api.InsecureError":    &api.InsecureError{Address: "http://x.example"},
	"api.RedirectError":    &api.RedirectError{From: "https://x.example", To: "http://y"},
	"api.IDError":          &api.IDError{ID: "/"},
	"api.TokenStoreError":  &api.TokenStoreError{Op: "save", Err: errors.New("disk full")},
	"api.ErrSignedOut":     api.ErrSignedOut,

	"device.OpenError":      &device.OpenError{What: "a.zip"},
	"device.ErrStore":       device.ErrStore,
	"device.ErrUnsafe":      device.ErrUnsafe,
	"device.ErrUnsupported": device.ErrUnsupported,
	"device.ErrNoAnswer":    device.ErrNoAnswer,

	"device.ErrNoNotifications": device.ErrNoNotifications, // of the command remind
	"device.ErrNoTimer":         device.ErrNoTimer,
	"reminder.ErrNotNow":        reminder.ErrNotNow,

	"download.RequestError":    &download.RequestError{Field: "SHA256", Value: "x", Detail: "too short"},
	"download.RetryAfterError": &download.RetryAfterError{After: time.Minute, Err: errors.New("x")},
	"download.ExistsError":     &download.ExistsError{Name: "a.zip"},
	"download.SpaceError":      &download.SpaceError{Need: 2, Free: 1},
	"download.FolderError":     &download.FolderError{Path: "/x", Op: "write", Err: fs.ErrPermission},
	"download.DamagedError":    &download.DamagedError{Name: "a.zip"},
	"download.LockedError":     &download.LockedError{Key: "x"},
	"download.StalledError":    &download.StalledError{After: time.Minute, Err: errors.New("x")},
	"download.ErrGone":         download.ErrGone,
	"download.ErrNotFound":     download.ErrNotFound,
	"download.ErrDenied":       download.ErrDenied,
	"download.ErrAuthExpired":  download.ErrAuthExpired,
	"download.ErrNotReady":     download.ErrNotReady,
	"download.ErrNotTheFile":   download.ErrNotTheFile,
	"download.ErrUntrusted":    download.ErrUntrusted,
	"download.ErrProxy":        download.ErrProxy,
	"download.ErrRefused":      download.ErrRefused,
	"download.ErrChanged":      download.ErrChanged,
	"download.ErrTooBig":       download.ErrTooBig,
	"download.ErrRange":        download.ErrRange,
	"download.ErrOddAnswer":    download.ErrOddAnswer,
	"download.ErrUnknown":      download.ErrUnknown,
	"download.ErrClosed":       download.ErrClosed,

	"phone.ErrNotReady": phone.ErrNotReady,
	"phone.JavaError":   &phone.JavaError{Class: "java.lang.IllegalStateException", Message: "x", In: "a/B.c"},

	"iphone.ErrNoWindow":   iphone.ErrNoWindow,
	"iphone.ErrSlow":       iphone.ErrSlow,
	"iphone.ErrFailed":     iphone.ErrFailed,
	"iphone.KeychainError": &iphone.KeychainError{Status: -25308},

	"extract.Error":           &extract.Error{Kind: extract.Damaged},
	"extract.ErrHoldsArchive": &download.FolderError{Path: "/x/acme", Op: "delete", Err: extract.ErrHoldsArchive},

	"ledger.VersionError": &ledger.VersionError{Found: 9, Known: 2},

	"core.FileChangedError": &FileChangedError{Name: "a.zip"},
	"core.FileKeptError":    &FileKeptError{Name: "a.zip", Err: fs.ErrPermission},
	"core.OtherFileError":   &OtherFileError{Name: "a.zip"},
	"core.DamagedFileError": &DamagedFileError{Name: "a.zip", Entries: []string{"staff.csv"}},
	"core.ErrFileGone":      ErrFileGone,
	"core.ErrServerBusy":    ErrServerBusy,
	"core.ErrNothingDue":    ErrNothingDue,
	"core.ErrReminding":     ErrReminding,
}

// unheard are the errors that never reach a person through Explain, and why.
var unheard = map[string]string{
	"api.RangeError":           "sourceError makes it download.ErrRange",
	"api.GrantError":           "sourceError makes it download.ErrRange",
	"api.EncodingError":        "sourceError makes it download.ErrNotTheFile",
	"api.ErrNoEvents":          "the app then polls",
	"manifest.SchemaError":     "inside an api.NotConnectError, or of a file whose own list is then not used",
	"manifest.InvalidError":    "inside an api.NotConnectError, or of a file whose own list is then not used",
	"cache.DamagedError":       "logged: the copy is a convenience",
	"server.LineError":         "of the command serve, which lists them itself",
	"server.ErrNoOrganisation": "of the command serve, which has words of its own",
	"server.ErrImportRefused":  "of the command serve, which has words of its own",
	"server.ErrImportOptions":  "of the command serve, which has words of its own",
	"device.ErrAnswered":       "the second start then ends, and all is well",
	"device.ErrNoSecret":       "the token store makes it api.ErrSignedOut",
	"disk.ErrLocked":           "device makes it a download.LockedError",
	"phone.ErrNoApp":           "device makes it an OpenError",
	"phone.ErrSealed":          "device makes it ErrNoSecret",
	"phone.ErrTooOld":          "device asks for the version first",
	"iphone.ErrNoApp":          "device makes it an OpenError",
	"iphone.ErrRefused":        "device makes it ErrNoNotifications",
	"iphone.ErrNoSecret":       "device makes it ErrNoSecret",
	"ledger.ErrNotFound":       "core makes it ErrFileGone, or no copy",
}

// TestEveryErrorOfTheSourceHasWords reads the source, so that an error that is
// new there and has no words fails here.
func TestEveryErrorOfTheSourceHasWords(t *testing.T) {
	found := errorsOf(t, "../../api", "../../device", ".")
	if len(found) < 40 {
		t.Fatalf("only %d errors were found in the source", len(found))
	}
	for _, name := range found {
		err, told := reaching[name]
		why, hidden := unheard[name]
		switch {
		case told == hidden:
			t.Errorf("%s must stand either among those that reach a person or among those that do not", name)
		case hidden && why == "":
			t.Errorf("%s never reaches a person: say why", name)
		case told:
			ownWords(t, name, err)
		}
	}
	for name := range reaching {
		if !slices.Contains(found, name) {
			t.Errorf("%s is no longer in the source", name)
		}
	}
	for name := range unheard {
		if !slices.Contains(found, name) {
			t.Errorf("%s is no longer in the source", name)
		}
	}
}

// TestEveryProblemCodeHasWords keeps the table whole when the contract grows.
func TestEveryProblemCodeHasWords(t *testing.T) {
	codes := constantsOf(t, "../../api/errors.go", "Code")
	if len(codes) != len(api.Codes()) || len(codes) < 20 {
		t.Errorf("the source has %d codes, api.Codes %d", len(codes), len(api.Codes()))
	}
	for _, code := range codes {
		ownWords(t, code, &api.Problem{Code: api.Code(code), Status: 400})
	}
	for _, reason := range constantsOf(t, "../../api/errors.go", "Reason") {
		if _, ok := reachWords[api.Reason(reason)]; !ok {
			t.Errorf("the reason %s has no words", reason)
		}
	}
	for _, kind := range constantsOf(t, "../../device/extract/types.go", "Kind") {
		if _, ok := archiveWords[extract.Kind(kind)]; !ok {
			t.Errorf("the kind %s has no words", kind)
		}
	}
}

// ownWords makes sure that an error is told in words of its own, however deep
// it lies.
func ownWords(t *testing.T, name string, err error) {
	t.Helper()
	for _, err := range []error{err, fmt.Errorf("while doing something: %w", err)} {
		what, next, data := Explain(err)
		if strings.HasPrefix(what, "Something unexpected") || strings.HasPrefix(what, "The server refused:") {
			t.Errorf("%s has no words of its own: %q", name, what)
		}
		for _, text := range []string{what, next} {
			filled := fill(text, data)
			if !strings.HasSuffix(text, ".") || strings.Contains(filled, "<no value>") || strings.Contains(filled, "{{") {
				t.Errorf("%s: %q is no whole sentence, or has a gap: %q", name, text, filled)
			}
		}
	}
}

// errorsOf are the exported error types and sentinels below these folders, as
// package.Name.
func errorsOf(t *testing.T, roots ...string) (names []string) {
	t.Helper()
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			names = append(names, errorsIn(parse(t, path))...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func errorsIn(file *ast.File) (names []string) {
	add := func(name string) {
		if ast.IsExported(name) {
			names = append(names, file.Name.Name+"."+name)
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "Error" && d.Recv != nil && len(d.Type.Params.List) == 0 {
				receiver := d.Recv.List[0].Type
				if star, ok := receiver.(*ast.StarExpr); ok {
					receiver = star.X
				}
				if name, ok := receiver.(*ast.Ident); ok {
					add(name.Name)
				}
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR {
					for _, name := range v.Names {
						if strings.HasPrefix(name.Name, "Err") {
							add(name.Name)
						}
					}
				}
			}
		}
	}
	return names
}

// constantsOf are the values of the constants of a string type in a file.
func constantsOf(t *testing.T, path, typeName string) (values []string) {
	t.Helper()
	for _, d := range parse(t, path).Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v, ok := s.(*ast.ValueSpec)
			if !ok {
				continue
			}
			if name, ok := v.Type.(*ast.Ident); !ok || name.Name != typeName {
				continue
			}
			for _, value := range v.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, text)
			}
		}
	}
	if len(values) == 0 {
		t.Fatalf("%s has no constants of the type %s", path, typeName)
	}
	return values
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
