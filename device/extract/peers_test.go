package extract_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"connectbackup/device/extract"
)

// What both bsdtar and 7z extract with equal bytes, ours extracts with those
// bytes.
func TestSameBytesAsPeers(t *testing.T) {
	for _, tool := range []string{"bsdtar", "7z", "zip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s to compare with", tool)
		}
	}
	big := make([]byte, 300_000)
	for i := range big {
		big[i] = "name;amount\r\n0123456789"[(i*i>>3)%23]
	}
	src := t.TempDir()
	for name, text := range map[string]string{
		"plain.csv": string(big), "empty.csv": "", "dir/below/deep.csv": "x", "-rf": "dash", "a b.csv": "blank", "Übersicht.csv": "umlaut",
		"客户.csv": "han", "CON": "reserved elsewhere", "dot.": "trailing dot", "back\\slash": "backslash", "quote\"'$(x)": "shell", "new\nline": "line",
	} {
		p := filepath.Join(src, name)
		must(t, os.MkdirAll(filepath.Dir(p), 0o755))
		must(t, os.WriteFile(p, []byte(text), 0o644))
	}
	must(t, os.Mkdir(filepath.Join(src, "emptydir"), 0o755))
	dir := t.TempDir()
	makers := map[string][]string{
		"info.zip":   {"zip", "-q", "-r", filepath.Join(dir, "info.zip"), "."},
		"stored.zip": {"zip", "-q", "-0", "-r", filepath.Join(dir, "stored.zip"), "."},
		"bsd.zip":    {"bsdtar", "-a", "-cf", filepath.Join(dir, "bsd.zip"), "."},
		"seven.zip":  {"7z", "a", "-bso0", "-bsp0", filepath.Join(dir, "seven.zip"), "."},
		"bzip2.zip":  {"7z", "a", "-bso0", "-bsp0", "-mm=BZip2", filepath.Join(dir, "bzip2.zip"), "."},
		"seven.7z":   {"7z", "a", "-bso0", "-bsp0", filepath.Join(dir, "seven.7z"), "."},
		"lzma1.7z":   {"7z", "a", "-bso0", "-bsp0", "-m0=LZMA", "-ms=off", filepath.Join(dir, "lzma1.7z"), "."},
		"pax.tar.gz": {"bsdtar", "--format=pax", "-czf", filepath.Join(dir, "pax.tar.gz"), "."},
		"gnu.tar.xz": {"bsdtar", "--format=gnutar", "-cJf", filepath.Join(dir, "gnu.tar.xz"), "."},
	}
	for name, args := range makers {
		t.Run(name, func(t *testing.T) {
			runIn(t, src, args...)
			archive := filepath.Join(dir, name)
			bsd, seven := t.TempDir(), t.TempDir()
			runIn(t, bsd, "bsdtar", "-xf", archive)
			runIn(t, seven, "7z", "x", "-bso0", "-bsp0", archive)
			want := tree(t, bsd)
			if filepath.Ext(name) != ".gz" && filepath.Ext(name) != ".xz" { // there 7z takes only the packing off
				other := tree(t, seven)
				maps.DeleteFunc(want, func(p, text string) bool {
					theirs, ok := other[p]
					return !ok || theirs != text
				})
			}
			if len(want) < 10 {
				t.Fatalf("the peers agree on %d files only", len(want))
			}
			b, err := os.ReadFile(archive)
			must(t, err)
			got, _, err := extracted(t, b, extract.Options{})
			must(t, err)
			for p, text := range want {
				if ours, ok := got[p]; !ok || ours != text {
					t.Errorf("%q differs: %d bytes, there %d", p, len(ours), len(text))
				}
			}
		})
	}
}

func runIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v: %s", args, err, out)
	}
}
