package extract_test

import (
	"archive/tar"
	"bytes"
	"hash/crc32"
	"io/fs"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// odd are archives that differ from what a good tool writes. stricter is the
// reason for which ours refuses some that the peers take.
func odd(t testing.TB) (archives map[string][]byte, stricter map[string]extract.Kind) {
	t.Helper()
	data := strings.Repeat("hello ", 50)
	with := func(change func(*raw)) []byte {
		e := file("a", data)
		change(&e)
		return zipOf(t, e, file("b", "2"))
	}
	zip := func(z rawZip) []byte { return z.bytes(t) }
	two := []raw{file("a", data), file("b", "2")}
	packedData := deflated([]byte(data))
	descriptor := le(uint32(0x08074b50), crc32.ChecksumIEEE([]byte(data)), uint32(len(packedData)), uint32(len(data)))
	streamed := func(e *raw) {
		e.flags, e.localCRC, e.localSize, e.localPacked = 8, ptr(uint32(0)), ptr(uint32(0)), ptr(uint32(0))
	}
	field := le(uint16(1), uint16(16), uint64(len(data)), uint64(len(packedData)))
	marks := func(e *raw) {
		e.size, e.packSize, e.extra, e.localEx = ptr(uint32(math.MaxUint32)), ptr(uint32(math.MaxUint32)), field, field
	}
	link := raw{name: "l", data: []byte("a"), creator: 3, attrs: 0o120777 << 16}
	archives = map[string][]byte{
		"plain.zip":       zipOf(t, two...),
		"stored.zip":      with(func(e *raw) { e.method = 0 }),
		"lzma.zip":        with(func(e *raw) { e.method, e.packed = 14, zipLZMA(t, []byte(data), 1<<16) }),
		"before.zip":      zip(rawZip{entries: two, before: bytes.Repeat([]byte("#!/bin/sh\n"), 100)}),
		"after.zip":       zip(rawZip{entries: two, after: bytes.Repeat([]byte("x"), 1000)}),
		"comment.zip":     zip(rawZip{entries: two, comment: "a comment"}),
		"spanmark.zip":    zip(rawZip{entries: two, before: []byte("PK00")}),
		"zip64.zip":       zip(rawZip{entries: two, zip64: true}),
		"field64.zip":     with(marks),
		"nofield.zip":     with(func(e *raw) { marks(e); e.extra = nil }),
		"count.zip":       zip(rawZip{entries: two, records: ptr(uint16(1))}),
		"dirsize.zip":     zip(rawZip{entries: two, dirSize: ptr(uint32(7))}),
		"disk.zip":        zip(rawZip{entries: two, disk: 1}),
		"two-ends.zip":    append(zipOf(t, file("old", "0")), zipOf(t, two...)...),
		"streamed.zip":    with(func(e *raw) { streamed(e); e.after = descriptor }),
		"unsigned.zip":    with(func(e *raw) { streamed(e); e.after = descriptor[4:] }),
		"undescribed.zip": with(streamed),
		"badcrc.zip":      with(func(e *raw) { e.crc = ptr(uint32(1)) }),
		"shorter.zip":     with(func(e *raw) { e.size = ptr(uint32(len(data) + 1)) }),
		"longer.zip":      with(func(e *raw) { e.size = ptr(uint32(len(data) - 1)) }),
		"othername.zip":   with(func(e *raw) { e.localName = ptr("c") }),
		"othercrc.zip":    with(func(e *raw) { e.localCRC = ptr(uint32(1)) }),
		"othersize.zip":   with(func(e *raw) { e.localSize = ptr(uint32(1)) }),
		"othermethod.zip": with(func(e *raw) { e.method2 = ptr(uint16(0)) }),
		"encrypted.zip":   with(func(e *raw) { e.flags = 1 }),
		"unknown.zip":     with(func(e *raw) { e.method = 77 }),
		"dos.zip":         zipOf(t, file("a", data), raw{name: `d\e\f.csv`, data: []byte("1")}),
		"absolute.zip":    zipOf(t, file("/abs/a", data), file("//b", "2")),
		"dots.zip":        zipOf(t, file("./a", data), file("c/./d", "2")),
		"dotdot.zip":      zipOf(t, file("a", data), file("../b", "2")),
		"windows.zip":     zipOf(t, file("CON", data), file("a.", "2"), file("x:y", "3"), file("a?", "4")),
		"control.zip":     zipOf(t, file("a\tb", data), file("\x01", "2"), file("\u202egpj", "3")),
		"utf8.zip":        zipOf(t, raw{name: "Übersicht", data: []byte(data), flags: 1 << 11}),
		"link.zip":        zipOf(t, file("a", data), link),
		"setuid.zip":      with(func(e *raw) { e.attrs = 0o104755 << 16 }),
		"times.zip":       with(func(e *raw) { e.dosTime = math.MaxUint32 }),
		"twice.zip":       zipOf(t, file("a", data), file("a", data)),
		"case.zip":        zipOf(t, file("A", data), file("a", "2")),
		"folder.zip":      zipOf(t, raw{name: "d/", creator: 3, attrs: 0o040755 << 16}, file("d/a", data)),
		"empty.zip":       zipOf(t),
		"ratio.zip":       zipOf(t, file("zeros", string(make([]byte, 18<<20)))),
		"nested.zip":      zipOf(t, file("inner.zip", string(zipOf(t, file("x", "1"))))),
		"plain.tar":       tarOf(t, &tar.Header{Name: "a", Size: 3}, &tar.Header{Name: "d/b", Size: 5}),
		"twice.tar":       tarOf(t, &tar.Header{Name: "a", Size: 3}, &tar.Header{Name: "a", Size: 5}),
		"link.tar":        tarOf(t, &tar.Header{Name: "a", Size: 3}, &tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "a"}),
		"hardlink.tar":    tarOf(t, &tar.Header{Name: "a", Size: 3}, &tar.Header{Name: "h", Typeflag: tar.TypeLink, Linkname: "a"}),
		"long.tar":        tarOf(t, &tar.Header{Name: strings.Repeat("long/", 50) + "a", Size: 3}),
		"unended.tar":     tarOf(t, &tar.Header{Name: "a", Size: 3})[:1024],
		"sample.7z":       testdata(t, "sample.7z"),
		"link.7z":         testdata(t, "link.7z"),
		"plain.rar":       rarOf(map[string]string{"a": "1"}, 0),
		"badcrc.rar":      rarOf(map[string]string{"a": "1"}, 1),
	}
	stricter = map[string]extract.Kind{
		"link.zip": extract.Unsafe, "link.tar": extract.Unsafe, "hardlink.tar": extract.Unsafe, // Z13
		"twice.zip": extract.Unsafe, "twice.tar": extract.Unsafe, // Z10: one of the two would be lost
		"case.zip":  extract.Unsafe, // Z11: elsewhere one of the two would be lost
		"ratio.zip": extract.Bomb,   // Z20: until the person agrees
	}
	return archives, stricter
}

// TestOddArchivesAsPeers holds ours against archives that are odd, whole or
// hostile: what both peers take, with equal bytes and no way out, ours takes
// with those bytes, but for what is listed as refused.
func TestOddArchivesAsPeers(t *testing.T) {
	for _, tool := range []string{"bsdtar", "7z"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s to compare with", tool)
		}
	}
	archives, stricter := odd(t)
	agreed := 0
	for name, b := range archives {
		t.Run(name, func(t *testing.T) {
			p := filepath.Join(t.TempDir(), name)
			must(t, os.WriteFile(p, b, 0o644))
			bsd, bsdOK := peer(t, "bsdtar", "-xf", p)
			seven, sevenOK := peer(t, "7z", "x", "-y", "-bso0", "-bsp0", "-p", p)
			got, _, err := extracted(t, b, extract.Options{})
			if !bsdOK || !sevenOK || !maps.Equal(bsd, seven) {
				if _, listed := stricter[name]; listed {
					t.Errorf("it is listed as refused, yet the peers do not agree: bsdtar %v %d, 7z %v %d", bsdOK, len(bsd), sevenOK, len(seven))
				}
				t.Logf("the peers do not agree (bsdtar %v %d, 7z %v %d); ours: %v", bsdOK, len(bsd), sevenOK, len(seven), err)
				return
			}
			agreed++
			if kind, listed := stricter[name]; listed {
				if !isKind(err, kind) {
					t.Errorf("it is listed as refused: got %v", err)
				}
				return
			}
			if err != nil || !maps.Equal(got, bsd) {
				t.Errorf("the peers extract %d files alike; ours %d: %v", len(bsd), len(got), err)
			}
		})
	}
	if agreed < 20 {
		t.Errorf("the peers agree on %d archives only", agreed)
	}
}

// peer extracts with another program into a new folder, and tells whether it
// was content. Links count as their text.
func peer(t *testing.T, args ...string) (map[string]string, bool) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	must(t, os.Mkdir(dir, 0o755))
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	err := cmd.Run()
	if names := list(t, filepath.Dir(dir)); len(names) > 1 {
		return nil, false // it led out
	}
	got := make(map[string]string)
	must(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		name := filepath.ToSlash(p[len(dir)+1:])
		switch {
		case d.IsDir():
			got[name+"/"] = ""
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			got[name], err = os.Readlink(p)
			return err
		}
		b, err := os.ReadFile(p)
		got[name] = string(b)
		return err
	}))
	return got, err == nil
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
