package extract_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// extracted writes an archive out into a new folder and returns what is in it:
// folders end in a slash.
func extracted(t *testing.T, b []byte, o extract.Options) (map[string]string, extract.Result, error) {
	t.Helper()
	parent := t.TempDir()
	if o.Name == "" {
		o.Name = "out"
	}
	res, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), extract.Dir(parent), o)
	if err != nil {
		assertEmpty(t, parent)
		return nil, res, err
	}
	if want := filepath.Join(parent, o.Name); string(res.Location) != want {
		t.Errorf("location is %q, want %q", res.Location, want)
	}
	if names := list(t, parent); !slices.Equal(names, []string{o.Name}) {
		t.Errorf("beside the folder there is %q", names)
	}
	return tree(t, string(res.Location)), res, nil
}

func assertEmpty(t *testing.T, dir string) {
	t.Helper()
	if names := list(t, dir); len(names) > 0 {
		t.Errorf("left behind: %q", names)
	}
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := make(map[string]string)
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			got[filepath.ToSlash(rel)+"/"] = ""
			return nil
		}
		if info.Mode()&^0o644 != 0 {
			t.Errorf("%s has mode %v", rel, info.Mode())
		}
		b, err := os.ReadFile(p)
		got[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func assertTree(t *testing.T, b []byte, want map[string]string) {
	t.Helper()
	got, _, err := extracted(t, b, extract.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func assertKind(t *testing.T, b []byte, want extract.Kind) {
	t.Helper()
	if e := faultOf(t, b, want); e.Error() == "" {
		t.Error("the error says nothing")
	}
}

// faultOf extracts what must fail for one reason, and returns the error.
func faultOf(t *testing.T, b []byte, want extract.Kind) *extract.Error {
	t.Helper()
	_, _, err := extracted(t, b, extract.Options{})
	var e *extract.Error
	if !errors.As(err, &e) || e.Kind != want {
		t.Fatalf("got %v, want an archive that is %s", err, want)
	}
	return e
}

func refusesName(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			e := faultOf(t, zipOf(t, file("good.csv", "x"), file(name, "bad")), extract.Unsafe)
			if e.Detail == "" {
				t.Error("the error does not say why")
			}
			assertKind(t, tarOf(t, &tar.Header{Name: "good.csv", Size: 1}, &tar.Header{Name: name, Size: 3}), extract.Unsafe)
		})
	}
}

func tarOf(t *testing.T, headers ...*tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(h); err != nil {
			t.Skipf("tar cannot hold %q: %v", h.Name, err)
		}
		if _, err := w.Write(bytes.Repeat([]byte("x"), int(h.Size))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestZ01DotDot(t *testing.T) {
	refusesName(t, "../x", "a/../../x", "..", "a/..", "a/../b", "./../x")
}

func TestZ02AbsoluteBecomesRelative(t *testing.T) {
	assertTree(t, zipOf(t, file("/etc/x", "1"), file("//y", "2")), map[string]string{"etc/": "", "etc/x": "1", "y": "2"})
}

func TestZ03BackslashDotDot(t *testing.T) {
	refusesName(t, `..\x`, `a\..\..\x`, `a/..\x`)
	// Separators of old DOS tools are separators.
	dos := raw{name: `a\b\c.csv`, data: []byte("1"), creator: 0}
	assertTree(t, zipOf(t, dos), map[string]string{"a/": "", "a/b/": "", "a/b/c.csv": "1"})
	assertKind(t, zipOf(t, raw{name: `a\..\..\x`, data: []byte("1"), creator: 0}), extract.Unsafe)
}

func TestZ04To06NamesOfWindows(t *testing.T) {
	names := []string{`C:\x`, "C:/x", "a:ads", "CON", "con.txt", "COM1", "LPT9.csv", "AUX.tar.gz", "a.", "a ", "a./b", "x?y", "tab\ty"}
	for _, name := range names {
		_, _, err := extracted(t, zipOf(t, file(name, "1")), extract.Options{})
		if refused := err != nil; refused != (runtime.GOOS == "windows") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestZ07ZeroByteControlsBidi(t *testing.T) {
	refusesName(t, "a\x00b", "a.csv\x00.exe")
	if runtime.GOOS == "windows" {
		return
	}
	assertTree(t, zipOf(t, file("a\nb", "1"), file("\u202egpj.csv", "2")), map[string]string{"a\nb": "1", "\u202egpj.csv": "2"})
}

func TestZ08TooLongTooDeep(t *testing.T) {
	refusesName(t, strings.Repeat("x", 256), strings.Repeat("a/", 256)+"x", strings.Repeat(strings.Repeat("b", 200)+"/", 21)+"x")
	long := strings.Repeat("x", 255)
	assertTree(t, zipOf(t, file(long, "1")), map[string]string{long: "1"})
}

func TestZ09EmptyNames(t *testing.T) {
	refusesName(t, "")
	assertKind(t, zipOf(t, file(".", "x")), extract.Unsafe)
	dir := raw{name: "./", creator: 3, attrs: 0o040755 << 16}
	assertTree(t, zipOf(t, dir, raw{name: "//"}, file("./a//./b", "1")), map[string]string{"a/": "", "a/b": "1"})
}

func TestZ10Duplicates(t *testing.T) {
	assertKind(t, zipOf(t, file("a", "1"), file("a", "2")), extract.Unsafe)
	assertKind(t, zipOf(t, file("a/b", "1"), file("./a//b", "2")), extract.Unsafe)
	assertTree(t, zipOf(t, raw{name: "d/"}, raw{name: "d/"}, file("d/a", "1")), map[string]string{"d/": "", "d/a": "1"})
}

func TestZ11NamesThatCollideElsewhere(t *testing.T) {
	for _, pair := range [][2]string{
		{"Report.csv", "report.CSV"},
		{"caf\u00e9", "cafe\u0301"},
		{"STRASSE", "straße"},
		{"Dir/a", "dir/b"},
		{"Ä/a", "a\u0308/b"},
	} {
		assertKind(t, zipOf(t, file(pair[0], "1"), file(pair[1], "2")), extract.Unsafe)
	}
}

func TestZ12FileThenFolder(t *testing.T) {
	assertKind(t, zipOf(t, file("a", "1"), file("a/b", "2")), extract.Unsafe)
	assertKind(t, zipOf(t, file("a/b", "1"), file("a", "2")), extract.Unsafe)
	assertKind(t, zipOf(t, file("a", "1"), raw{name: "a/"}), extract.Unsafe)
}

func TestZ13Links(t *testing.T) {
	outside := t.TempDir()
	link := raw{name: "l", data: []byte(outside), creator: 3, attrs: 0o120777 << 16}
	assertKind(t, zipOf(t, link, file("l/x", "1")), extract.Unsafe)
	assertKind(t, zipOf(t, link), extract.Unsafe)
	assertKind(t, tarOf(t, &tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: outside}), extract.Unsafe)
	assertKind(t, tarOf(t, &tar.Header{Name: "h", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}), extract.Unsafe)
	assertEmpty(t, outside)
}

func TestZ14ModesAndDevices(t *testing.T) {
	for _, mode := range []uint32{0o010644, 0o020644, 0o060644, 0o140644} {
		assertKind(t, zipOf(t, raw{name: "d", creator: 3, attrs: mode << 16}), extract.Unsafe)
	}
	for _, kind := range []byte{tar.TypeFifo, tar.TypeChar, tar.TypeBlock} {
		assertKind(t, tarOf(t, &tar.Header{Name: "d", Typeflag: kind}), extract.Unsafe)
	}
	// tree finds fault with any mode but that of a plain file.
	setuid := raw{name: "s", data: []byte("1"), creator: 3, attrs: 0o104777 << 16}
	assertTree(t, zipOf(t, setuid), map[string]string{"s": "1"})
	assertTree(t, tarOf(t, &tar.Header{Name: "s", Size: 1, Mode: 0o6777}), map[string]string{"s": "x"})
}

func TestZ15AbsurdTimes(t *testing.T) {
	far := raw{name: "t", data: []byte("1"), extra: le(uint16(0x5455), uint16(5), uint8(1), uint32(math.MaxUint32))}
	assertTree(t, zipOf(t, far), map[string]string{"t": "1"})
}

func TestZ16OverlappingBomb(t *testing.T) {
	kernel := file("a", strings.Repeat("x", 1<<20))
	kernel.packed = deflated(kernel.data)
	entries := []raw{kernel}
	for i := range 40 {
		again := kernel
		again.name, again.noLocal, again.offset = fmt.Sprint("b", i), true, ptr(uint32(0))
		entries = append(entries, again)
	}
	_, _, err := extracted(t, zipOf(t, entries...), extract.Options{AllowRatio: true})
	if err == nil {
		t.Fatal("one local header under many names was accepted")
	}
	// Quoted: each local header lies within the data of the one before.
	inner := le(uint32(0x04034b50), uint16(20), uint16(0), uint16(0), uint32(0), crc32.ChecksumIEEE([]byte("hello")), uint32(5), uint32(5), uint16(1), uint16(0))
	inner = append(append(inner, 'b'), "hello"...)
	b := zipOf(t, raw{name: "a", data: inner},
		raw{name: "b", data: []byte("hello"), noLocal: true, offset: ptr(uint32(31))})
	assertKind(t, b, extract.Bomb)
}

func TestZ17NestedArchivesStayPacked(t *testing.T) {
	inner := zipOf(t, file("x", "1"))
	assertTree(t, zipOf(t, file("inner.zip", string(inner))), map[string]string{"inner.zip": string(inner)})
}

func TestZ18DeclaredHuge(t *testing.T) {
	b := zipOf(t, file("a", strings.Repeat("0123456789", 1000)))
	_, _, err := extracted(t, b, extract.Options{Free: func() (int64, error) { return 9_999, nil }})
	var space *download.SpaceError
	if !errors.As(err, &space) || space.Free != 9_999 || space.Need < 10_000 {
		t.Errorf("got %v", err)
	}
	huge := raw{name: "a", data: []byte("x"), method: 8, size: ptr(uint32(4 << 30 >> 1))}
	assertKind(t, zipOf(t, huge), extract.Bomb)
}

func TestZ19DeclaredSmallReallyHuge(t *testing.T) {
	zeros := make([]byte, 4<<20)
	b := zipOf(t, raw{name: "a", data: []byte("tiny"), packed: deflated(zeros), method: 8})
	e := faultOf(t, b, extract.Damaged)
	if e.Entry != "a" {
		t.Errorf("the error names %q", e.Entry)
	}
	assertKind(t, zipOf(t, raw{name: "a", data: []byte("tiny and more"), packed: deflated([]byte("tiny")), method: 8}), extract.Damaged)
}

func TestZ20RatioBomb(t *testing.T) {
	b := zipOf(t, file("zeros", string(make([]byte, 18<<20))))
	assertKind(t, b, extract.Bomb)
	got, _, err := extracted(t, b, extract.Options{AllowRatio: true})
	if err != nil || len(got["zeros"]) != 18<<20 {
		t.Errorf("with consent: %v", err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	must(t, err)
	if _, err := w.Write(tarOf(t, &tar.Header{Name: "x", Size: 64 << 20})); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	assertKind(t, packed.Bytes(), extract.Bomb)
}

func TestZ21TooManyEntries(t *testing.T) {
	entries := make([]raw, 200_001)
	for i := range entries {
		entries[i] = raw{name: "d/", noLocal: true, offset: ptr(uint32(0))}
	}
	one := le(uint32(0x02014b50), uint16(20), uint16(20), uint16(0), uint16(0), uint32(0), uint32(0), uint32(0), uint32(0),
		uint16(2), uint16(0), uint16(0), uint16(0), uint16(0), uint32(0), uint32(0))
	one = append(one, "d/"...)
	dir := bytes.Repeat(one, len(entries))
	// The end record tells a number that is right modulo 65,536.
	b := append(dir, le(uint32(0x06054b50), uint32(0), uint16(len(entries)%65536), uint16(len(entries)%65536), uint32(len(dir)), uint32(0), uint16(0))...)
	b = append([]byte("PK\x03\x04"), b...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	assertKind(t, b, extract.Bomb)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("it allocated %d bytes to find out", used)
	}
	declared := rawZip{entries: []raw{file("a", "1")}, zip64: true, records64: ptr(uint64(10_000_000))}
	assertKind(t, declared.bytes(t), extract.Bomb)
}

func TestZ22SizeOverflow(t *testing.T) {
	huge := func(name string) raw {
		field := le(uint16(1), uint16(8), uint64(math.MaxInt64))
		return raw{name: name, data: []byte("x"), method: 8, size: ptr(uint32(math.MaxUint32)), extra: field, localEx: field}
	}
	assertKind(t, zipOf(t, huge("a"), huge("b")), extract.Bomb)
	over := huge("a")
	over.extra = le(uint16(1), uint16(8), uint64(math.MaxUint64))
	over.localEx = over.extra
	assertKind(t, zipOf(t, over), extract.Damaged)
}

func TestZ23Zip64(t *testing.T) {
	data := []byte("hello")
	field := le(uint16(1), uint16(16), uint64(len(data)), uint64(len(data)))
	good := raw{name: "a", data: data, size: ptr(uint32(math.MaxUint32)), packSize: ptr(uint32(math.MaxUint32)), extra: field, localEx: field}
	z := rawZip{entries: []raw{good}, zip64: true}
	assertTree(t, z.bytes(t), map[string]string{"a": "hello"})
	missing := good
	missing.extra = nil
	assertKind(t, zipOf(t, missing), extract.Damaged)
	wrong := good
	wrong.extra = le(uint16(1), uint16(16), uint64(len(data)), uint64(9999))
	assertKind(t, zipOf(t, wrong), extract.Damaged)
	cut := good
	cut.extra = field[:12]
	assertKind(t, zipOf(t, cut), extract.Damaged)
	faraway := file("a", "1")
	faraway.offset, faraway.extra = ptr(uint32(math.MaxUint32)), le(uint16(1), uint16(8), uint64(math.MaxUint64))
	assertKind(t, zipOf(t, faraway), extract.Damaged)
}

func TestZ24WrongCounts(t *testing.T) {
	for _, n := range []uint16{0, 1, 3, 60_000} {
		z := rawZip{entries: []raw{file("a", "1"), file("b", "2")}, records: ptr(n)}
		assertKind(t, z.bytes(t), extract.Damaged)
	}
}

func TestZ25TruncatedDirectory(t *testing.T) {
	whole := zipOf(t, file("a", "1"), file("b", "2"))
	for n := range whole {
		if _, _, err := extracted(t, whole[:n], extract.Options{}); err == nil {
			t.Errorf("cut after %d of %d bytes, it was accepted", n, len(whole))
		}
	}
	z := rawZip{entries: []raw{file("a", "1"), file("b", "2")}, cutDirectory: 10}
	assertKind(t, z.bytes(t), extract.Damaged)
}

func TestZ26JunkAround(t *testing.T) {
	want := map[string]string{"a": "1"}
	junk := bytes.Repeat([]byte("#!/bin/sh\n"), 500)
	entries := []raw{file("a", "1")}
	assertTree(t, rawZip{entries: entries, before: junk}.bytes(t), want)
	assertTree(t, rawZip{entries: entries, after: junk}.bytes(t), want)
	assertTree(t, rawZip{entries: entries, comment: "a comment"}.bytes(t), want)
	// Of two ends the last one counts; its directory is the second one's.
	two := append(zipOf(t, file("old", "0")), zipOf(t, entries...)...)
	assertTree(t, two, want)
}

func TestZ27LocalAndCentralDiffer(t *testing.T) {
	base := file("a", "hello")
	for what, change := range map[string]func(*raw){
		"name":     func(e *raw) { e.localName = ptr("b") },
		"size":     func(e *raw) { e.localSize = ptr(uint32(4)) },
		"checksum": func(e *raw) { e.localCRC = ptr(uint32(1)) },
		"method":   func(e *raw) { e.method2 = ptr(uint16(0)) },
		"place":    func(e *raw) { e.offset = ptr(uint32(1)) },
	} {
		e := base
		change(&e)
		t.Run(what, func(t *testing.T) { assertKind(t, zipOf(t, e), extract.Damaged) })
	}
}

func TestZ28DataDescriptors(t *testing.T) {
	data := []byte("hello hello hello")
	packed := deflated(data)
	e := file("a", string(data))
	e.flags, e.localCRC, e.localSize = 8, ptr(uint32(0)), ptr(uint32(0))
	e.after = le(uint32(0x08074b50), crc32.ChecksumIEEE(data), uint32(len(packed)), uint32(len(data)))
	assertTree(t, zipOf(t, e, file("b", "2")), map[string]string{"a": string(data), "b": "2"})
	e.after = e.after[4:] // the signature is optional
	assertTree(t, zipOf(t, e, file("b", "2")), map[string]string{"a": string(data), "b": "2"})
}

func TestZ29SplitArchive(t *testing.T) {
	assertKind(t, rawZip{entries: []raw{file("a", "1")}, disk: 3}.bytes(t), extract.Unsupported)
}

func TestZ30EncryptedDirectory(t *testing.T) {
	b := zipOf(t, file("a", "1"))
	i := bytes.Index(b, []byte("PK\x01\x02"))
	copy(b[i:], "PK\x06\x08")
	assertKind(t, b, extract.Encrypted)
}

func TestZ31BadCRC(t *testing.T) {
	bad := file("bad.csv", "hello")
	bad.crc = ptr(uint32(1))
	e := faultOf(t, zipOf(t, file("good.csv", "1"), bad), extract.Damaged)
	if e.Entry != "bad.csv" {
		t.Errorf("the error names %q", e.Entry)
	}
}

func TestZ32Encrypted(t *testing.T) {
	e := file("a", "1")
	e.flags = 1
	assertKind(t, zipOf(t, e), extract.Encrypted)
	e = file("a", "1")
	e.method = 99
	assertKind(t, zipOf(t, e), extract.Encrypted)
}

func TestZ33UnknownMethod(t *testing.T) {
	for _, method := range []uint16{1, 6, 9, 14, 98, 1234} {
		assertKind(t, zipOf(t, raw{name: "a", data: []byte("1"), method: method}), extract.Unsupported)
	}
}

func TestZ34Encodings(t *testing.T) {
	utf8 := file("Übersicht.csv", "1") // not flagged, as many tools do
	flagged := file("客户.csv", "2")
	flagged.flags = 1 << 11
	cp437 := file("M\x84rz.csv", "3")
	name := "original"
	unicode := file(name, "4")
	unicode.extra = append(le(uint16(0x7075), uint16(5+len("Zürich.csv")), uint8(1), crc32.ChecksumIEEE([]byte(name))), "Zürich.csv"...)
	stale := file("renamed", "5")
	stale.extra = unicode.extra // its checksum is of another name
	assertTree(t, zipOf(t, utf8, flagged, cp437, unicode, stale), map[string]string{
		"Übersicht.csv": "1", "客户.csv": "2", "März.csv": "3", "Zürich.csv": "4", "renamed": "5",
	})
	evil := file(name, "6")
	evil.extra = append(le(uint16(0x7075), uint16(5+len("../x")), uint8(1), crc32.ChecksumIEEE([]byte(name))), "../x"...)
	assertKind(t, zipOf(t, evil), extract.Unsafe)
}

func TestZ35NotAnArchive(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("x"), []byte("<html>Please sign in</html>"), make([]byte, 100_000), bytes.Repeat([]byte("noise"), 50_000)} {
		assertKind(t, b, extract.NotAnArchive)
	}
	for _, magic := range []string{"PK\x03\x04", "\x1f\x8b", "BZh9", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07\x00", "Rar!\x1a\x07\x01\x00"} {
		assertKind(t, append([]byte(magic), bytes.Repeat([]byte{0xa5}, 300)...), extract.Damaged)
	}
	assertTree(t, zipOf(t), map[string]string{})
}

// target is a Target that does what a test wants at one moment.
type target struct {
	*extract.DirTarget
	create func(string) (io.WriteCloser, error)
	write  func([]byte) (int, error)
}

func (t target) Create(p string) (io.WriteCloser, error) {
	if t.create != nil {
		return t.create(p)
	}
	w, err := t.DirTarget.Create(p)
	return writer{w, t.write}, err
}

type writer struct {
	io.WriteCloser
	write func([]byte) (int, error)
}

func (w writer) Write(b []byte) (int, error) { return w.write(b) }

func TestZ36Cancel(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<16)
	b := zipOf(t, file("a", big), file("b", big), file("c", big))
	ctx, cancel := context.WithCancel(t.Context())
	parent := t.TempDir()
	to := target{DirTarget: extract.Dir(parent), write: func(p []byte) (int, error) { cancel(); return len(p), nil }}
	_, err := extract.Archive(ctx, bytes.NewReader(b), int64(len(b)), to, extract.Options{Name: "out"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	assertEmpty(t, parent)
	// Before the first byte too.
	_, err = extract.Archive(ctx, bytes.NewReader(b), int64(len(b)), extract.Dir(parent), extract.Options{Name: "out"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	assertEmpty(t, parent)
}

func TestZ37DiskFull(t *testing.T) {
	b := zipOf(t, file("a", strings.Repeat("x", 100_000)), file("b", "2"))
	full := &fs.PathError{Op: "write", Path: "a", Err: syscall.ENOSPC}
	for what, to := range map[string]func(*extract.DirTarget) extract.Target{
		"create": func(d *extract.DirTarget) extract.Target {
			return target{DirTarget: d, create: func(string) (io.WriteCloser, error) { return nil, full }}
		},
		"write": func(d *extract.DirTarget) extract.Target {
			return target{DirTarget: d, write: func([]byte) (int, error) { return 0, full }}
		},
	} {
		t.Run(what, func(t *testing.T) {
			for _, archive := range [][]byte{b, tarOf(t, &tar.Header{Name: "a", Size: 1000})} {
				parent := t.TempDir()
				_, err := extract.Archive(t.Context(), bytes.NewReader(archive), int64(len(archive)), to(extract.Dir(parent)), extract.Options{Name: "out"})
				var space *download.SpaceError
				if !errors.As(err, &space) || !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("got %v", err)
				}
				assertEmpty(t, parent)
			}
		})
	}
}

func TestZ39TargetExists(t *testing.T) {
	parent := t.TempDir()
	b := zipOf(t, file("a", "new"))
	old := filepath.Join(parent, "out")
	must(t, os.Mkdir(old, 0o755))
	must(t, os.WriteFile(filepath.Join(old, "mine"), []byte("old"), 0o644))
	run := func(clash download.Clash) (extract.Result, error) {
		return extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), extract.Dir(parent), extract.Options{Name: "out", Clash: clash})
	}
	var exists *download.ExistsError
	if _, err := run(download.Ask); !errors.As(err, &exists) || string(exists.Location) != old {
		t.Errorf("ask: %v", err)
	}
	if res, err := run(download.Skip); err != nil || string(res.Location) != old || res.Files != 0 {
		t.Errorf("skip: %v %v", res, err)
	}
	if res, err := run(download.KeepBoth); err != nil || string(res.Location) != old+" (2)" {
		t.Errorf("keep both: %v %v", res, err)
	}
	if got := tree(t, old); got["mine"] != "old" || len(got) != 1 {
		t.Errorf("the old folder became %q", got)
	}
	if res, err := run(download.Replace); err != nil || string(res.Location) != old {
		t.Errorf("replace: %v %v", res, err)
	}
	if got := tree(t, old); !maps.Equal(got, map[string]string{"a": "new"}) {
		t.Errorf("the replaced folder is %q", got)
	}
	if names := list(t, parent); !slices.Equal(names, []string{"out", "out (2)"}) {
		t.Errorf("there is %q", names)
	}
	// A folder never replaces a file.
	must(t, os.RemoveAll(old))
	must(t, os.WriteFile(old, []byte("file"), 0o644))
	if _, err := run(download.Replace); !errors.As(err, &exists) {
		t.Errorf("over a file: %v", err)
	}
	if got, err := os.ReadFile(old); err != nil || string(got) != "file" {
		t.Errorf("the file became %q, %v", got, err)
	}
}

func TestReplaceKeepsOldWhenNewIsDamaged(t *testing.T) {
	parent := t.TempDir()
	old := filepath.Join(parent, "out")
	must(t, os.Mkdir(old, 0o755))
	must(t, os.WriteFile(filepath.Join(old, "mine"), []byte("old"), 0o644))
	bad := file("a", "hello")
	bad.crc = ptr(uint32(1))
	b := zipOf(t, bad)
	_, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), extract.Dir(parent), extract.Options{Name: "out", Clash: download.Replace})
	if err == nil {
		t.Fatal("a damaged archive was accepted")
	}
	if got := tree(t, old); got["mine"] != "old" {
		t.Errorf("the old folder became %q", got)
	}
}

func TestZ40ChangedWhileRead(t *testing.T) {
	parent := t.TempDir()
	p := filepath.Join(t.TempDir(), "a.zip")
	b := zipOf(t, file("a", strings.Repeat("x", 1000)))
	must(t, os.WriteFile(p, b, 0o644))
	f, err := os.Open(p)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	to := target{DirTarget: extract.Dir(parent)}
	to.write = func(data []byte) (int, error) {
		must(t, os.WriteFile(p, append(slices.Clone(b), "more"...), 0o644))
		return len(data), nil
	}
	_, err = extract.Archive(t.Context(), f, int64(len(b)), to, extract.Options{Name: "out"})
	var e *extract.Error
	if !errors.As(err, &e) || e.Kind != extract.Changed {
		t.Errorf("got %v", err)
	}
	assertEmpty(t, parent)
}

func TestFaultOfTheDiskIsNoDamage(t *testing.T) {
	b := zipOf(t, file("a", strings.Repeat("x", 1000)))
	broken := brokenReader{bytes.NewReader(b), 40}
	_, err := extract.Archive(t.Context(), broken, int64(len(b)), extract.Dir(t.TempDir()), extract.Options{Name: "out"})
	var fault *download.FolderError
	if !errors.As(err, &fault) || !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v", err)
	}
}

// brokenReader cannot read a certain place.
type brokenReader struct {
	io.ReaderAt
	bad int64
}

func (r brokenReader) ReadAt(b []byte, off int64) (int, error) {
	if off == r.bad || off < r.bad && off+int64(len(b)) > r.bad && off > 0 {
		return 0, syscall.EIO
	}
	return r.ReaderAt.ReadAt(b, off)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
