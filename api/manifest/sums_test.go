package manifest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestParseSums(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	upper := strings.Repeat("0A", 32)
	got, err := ParseSums([]byte("# made by hand\n" + sum + "  a.csv\r\n\n" + upper + " *b c.csv\n\\" + sum + "  x\\\\y\\nz\n" + sum + "  ./d/e.csv"))
	want := []Sum{{"a.csv", sum}, {"b c.csv", sum}, {"x\\y\nz", sum}, {"d/e.csv", sum}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	for _, text := range []string{
		"", "\n# nothing\n", "<html>", sum, sum + " a", sum + "  ", sum[1:] + "  a", "g" + sum[1:] + "  a", sum + "\ta",
		sum + "  a\nrubbish\n", strings.Repeat(sum+"  a\n", filesMax+1),
	} {
		var invalid *InvalidError
		if _, err := ParseSums([]byte(text)); !errors.As(err, &invalid) {
			t.Errorf("%.80q: got %v", text, err)
		}
	}
}

// What sha256sum writes of strange names is read back.
func TestParseSumsOfSha256sum(t *testing.T) {
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip("there is no sha256sum")
	}
	dir := t.TempDir()
	names := []string{"plain.csv", "a b", "back\\slash", "new\nline", "Übersicht.csv", "-rf", "\\lead"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sha256sum", append([]string{"--"}, names...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	sums, err := ParseSums(out)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range sums {
		if s.Name != names[i] {
			t.Errorf("got %q, want %q", s.Name, names[i])
		}
	}
}

// FuzzSums looks for a list that passes and is not sound.
func FuzzSums(f *testing.F) {
	f.Add([]byte(strings.Repeat("0a", 32) + "  a.csv\n"))
	f.Add([]byte("\\" + strings.Repeat("0A", 32) + " *a\\nb\r\n# x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		sums, err := ParseSums(b)
		var invalid *InvalidError
		if err != nil {
			if !errors.As(err, &invalid) {
				t.Fatalf("an error without a type: %v", err)
			}
			return
		}
		if len(sums) == 0 {
			t.Error("nothing, and no error")
		}
		for _, s := range sums {
			if !isSHA256(s.SHA256) {
				t.Errorf("%q is no SHA-256", s.SHA256)
			}
		}
	})
}
