package phone

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
)

func TestEverySignatureOfTheTableCanBeRead(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Members() {
		key := fmt.Sprint(m.Class, m.Name, m.Signature)
		if seen[key] {
			t.Errorf("%s stands twice in the table", m.String())
		}
		seen[key] = true
		if m.Since < 24 {
			t.Errorf("%s is used from API level %d; the app needs 24", m.String(), m.Since)
		}
		if m.Kind == Class {
			continue
		}
		if m.Kind == Field || m.Kind == Constant {
			if _, rest, err := cutType(m.Signature); err != nil || rest != "" {
				t.Errorf("%s is of type %q: %q, %v", m.String(), m.Signature, rest, err)
			}
			continue
		}
		parsed, err := parseSignature(m.Signature)
		if err != nil {
			t.Errorf("%s: %v", m.String(), err)
		}
		if len(parsed.args) > 8 {
			t.Errorf("%s takes %d arguments", m.String(), len(parsed.args))
		}
	}
	if levels := Levels(); !slices.Contains(levels, 29) {
		t.Errorf("nothing begins with MediaStore's level: %v", levels)
	}
}

func TestSignatures(t *testing.T) {
	for s, want := range map[string]signature{
		"()V":                               {nil, "V"},
		"(IJZ)I":                            {[]string{"I", "J", "Z"}, "I"},
		"([BLjava/lang/String;[[I)[La/B$C;": {[]string{"[B", "Ljava/lang/String;", "[[I"}, "[La/B$C;"},
	} {
		got, err := parseSignature(s)
		if err != nil || got.result != want.result || !slices.Equal(got.args, want.args) {
			t.Errorf("%s: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "I", "(", "(I", "(I)", "(I)VV", "(Q)V", "(L;)V", "(Ljava/lang/String)V", "([)V", "(V)V"} {
		if got, err := parseSignature(s); err == nil {
			t.Errorf("%q passes: %+v", s, got)
		}
	}
}

// TestEveryNameOfJavaStandsInTheTable keeps names of classes out of all files
// but the table's: what stands elsewhere is resolved by nobody.
func TestEveryNameOfJavaStandsInTheTable(t *testing.T) {
	known := map[string]bool{}
	for _, m := range Members() {
		known[m.Class] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file == "members.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			for _, root := range []string{"android/", "java/", "javax/"} {
				if strings.HasPrefix(s, root) && s != root && !known[s] {
					t.Errorf("%s names %s, which is not in the table", file, s)
				}
			}
			return true
		})
	}
}

func TestWhatExceptionsMean(t *testing.T) {
	for _, c := range []struct {
		class string
		means error
	}{
		{"java.io.FileNotFoundException", fs.ErrNotExist},
		{"java.lang.SecurityException", fs.ErrPermission},
		{"android.app.RecoverableSecurityException", fs.ErrPermission},
		{"android.content.ActivityNotFoundException", ErrNoApp},
		{"javax.crypto.AEADBadTagException", ErrSealed},
		{"android.security.keystore.KeyPermanentlyInvalidatedException", ErrSealed},
		{"javax.crypto.IllegalBlockSizeException", nil}, // what a Keystore throws that is busy or broken
		{"java.lang.IllegalStateException", nil},
	} {
		err := fmt.Errorf("wrapped: %w", &JavaError{Class: c.class, Message: "why", In: "a/B.c"})
		for _, known := range []error{fs.ErrNotExist, fs.ErrPermission, ErrNoApp, ErrSealed, os.ErrClosed} {
			if errors.Is(err, known) != errors.Is(c.means, known) {
				t.Errorf("%s counts as %v: %v", c.class, known, !errors.Is(c.means, known))
			}
		}
		if !strings.Contains(err.Error(), "why") || !strings.Contains(err.Error(), "a/B.c") {
			t.Errorf("%v does not say where and why", err)
		}
	}
}

func TestProgressOfANotification(t *testing.T) {
	for _, c := range []struct {
		done, total int64
		part        int32
		unknown     bool
	}{
		{0, -1, 0, true},
		{5, 0, 0, true},
		{0, 10, 0, false},
		{5, 10, 50, false},
		{11, 10, 100, false},
		{-1, 10, 0, false},
		{1 << 62, 1 << 62, 100, false},
	} {
		part, whole, unknown := progress(c.done, c.total)
		if part != c.part || unknown != c.unknown || !unknown && whole != 100 {
			t.Errorf("%d of %d: %d of %d, %v", c.done, c.total, part, whole, unknown)
		}
	}
}
