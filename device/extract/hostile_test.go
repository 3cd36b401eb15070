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
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

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

func tarOf(t testing.TB, headers ...*tar.Header) []byte {
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

func TestZ01_DotDot(t *testing.T) {
	refusesName(t, "../x", "a/../../x", "..", "a/..", "a/../b", "./../x")
}

func TestZ02_AbsoluteBecomesRelative(t *testing.T) {
	place := filepath.ToSlash(t.TempDir()) // which could really be written to
	want := map[string]string{"y": "2"}
	for i, c := range strings.TrimPrefix(place, "/") + "/" {
		if c == '/' {
			want[strings.TrimPrefix(place, "/")[:min(i, len(place)-1)]+"/"] = ""
		}
	}
	want[strings.TrimPrefix(place, "/")+"/x"] = "1"
	assertTree(t, zipOf(t, file(place+"/x", "1"), file("//y", "2")), want)
	delete(want, "y")
	want[strings.TrimPrefix(place, "/")+"/x"] = "xxx"
	assertTree(t, tarOf(t, &tar.Header{Name: place + "/x", Size: 3}), want)
	assertEmpty(t, filepath.FromSlash(place))
}

func TestZ03_BackslashDotDot(t *testing.T) {
	refusesName(t, `..\x`, `a\..\..\x`, `a/..\x`)
	// Separators of old DOS tools are separators.
	dos := raw{name: `a\b\c.csv`, data: []byte("1"), creator: 0}
	assertTree(t, zipOf(t, dos), map[string]string{"a/": "", "a/b/": "", "a/b/c.csv": "1"})
	assertKind(t, zipOf(t, raw{name: `a\..\..\x`, data: []byte("1"), creator: 0}), extract.Unsafe)
}

// refusedOnWindows expects that Windows gets none of the names, and that a
// system which can hold them does, under just these names.
func refusedOnWindows(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if why := extract.Refusal("windows", name); why == "" {
			t.Errorf("on Windows %q is let through", name)
		}
		b := zipOf(t, file(name, "1"))
		if runtime.GOOS == "windows" {
			assertKind(t, b, extract.Unsafe)
		} else {
			assertTree(t, b, map[string]string{name: "1"})
		}
	}
}

func TestZ04_DriveUNCStream(t *testing.T) {
	refusedOnWindows(t, "C:", "C:x", "a:ads", "a::$DATA", `C:\x`, `\\srv\share\x`, `\\?\C:\x`, `\\.\PhysicalDrive0`, "x?y", "tab\ty")
	if extract.Refusal("windows", "good name.csv") != "" {
		t.Error("on Windows even a good name is refused")
	}
	// Separators of DOS tools are separators: the way out becomes a way down.
	dos := func(name string) raw { return raw{name: name, data: []byte("1"), creator: 0} }
	assertTree(t, zipOf(t, dos(`\\srv\share\x`)), map[string]string{"srv/": "", "srv/share/": "", "srv/share/x": "1"})
	if runtime.GOOS == "windows" {
		assertKind(t, zipOf(t, dos(`C:\x`)), extract.Unsafe)
	} else {
		assertTree(t, zipOf(t, dos(`C:\x`), file("D:/y", "2")), map[string]string{"C:/": "", "C:/x": "1", "D:/": "", "D:/y": "2"})
	}
}

func TestZ05_ReservedNames(t *testing.T) {
	refusedOnWindows(t, "CON", "con", "con.txt", "PRN", "AUX.tar.gz", "NUL", "nul .csv", "COM0", "COM1", "com9.csv", "LPT9.csv",
		"COM\u00b9", "lpt\u00b3.csv", "CONIN$", "CONOUT$.txt")
	for _, name := range []string{"CONSOLE", "COM10", "COM", "LPTX", "NULL.csv", "xCON", "a.con"} {
		if why := extract.Refusal("windows", name); why != "" {
			t.Errorf("on Windows %q is refused: %s", name, why)
		}
	}
}

func TestZ06_TrailingDotBlank(t *testing.T) {
	refusedOnWindows(t, "a.", "a ", "a. ", "a...", "a.csv.", " ")
	if why := extract.Refusal("windows", " a.b"); why != "" {
		t.Errorf("a leading blank is refused: %s", why)
	}
	// The part of a path counts, not only its end.
	b := zipOf(t, file("a./b", "1"))
	if runtime.GOOS == "windows" {
		assertKind(t, b, extract.Unsafe)
	} else {
		assertTree(t, b, map[string]string{"a./": "", "a./b": "1"})
	}
}

func TestZ07_ZeroByteControlsBidi(t *testing.T) {
	refusesName(t, "a\x00b", "a.csv\x00.exe")
	if runtime.GOOS == "windows" {
		return
	}
	assertTree(t, zipOf(t, file("a\nb", "1"), file("\u202egpj.csv", "2")), map[string]string{"a\nb": "1", "\u202egpj.csv": "2"})
	for _, name := range []string{"a\nb", "\x1b[2Jx", "\x01"} {
		if extract.Refusal("windows", name) == "" {
			t.Errorf("on Windows %q is let through", name)
		}
	}
}

func TestZ08_TooLongTooDeep(t *testing.T) {
	refusesName(t, strings.Repeat("x", 256), strings.Repeat("a/", 256)+"x", strings.Repeat(strings.Repeat("b", 200)+"/", 21)+"x")
	long := strings.Repeat("x", 255)
	assertTree(t, zipOf(t, file(long, "1")), map[string]string{long: "1"})
	// Windows counts UTF-16 units, so that 255 letters of two bytes are not too long there.
	for name, fits := range map[string]bool{strings.Repeat("ü", 255): true, strings.Repeat("ü", 256): false, strings.Repeat("😀", 128): false} {
		if why := extract.Refusal("windows", name); (why == "") != fits {
			t.Errorf("on Windows %d bytes: %q", len(name), why)
		}
	}
}

func TestZ09_EmptyNames(t *testing.T) {
	refusesName(t, "")
	assertKind(t, zipOf(t, file(".", "x")), extract.Unsafe)
	dir := raw{name: "./", creator: 3, attrs: 0o040755 << 16}
	assertTree(t, zipOf(t, dir, raw{name: "//"}, file("./a//./b", "1")), map[string]string{"a/": "", "a/b": "1"})
	assertTree(t, tarOf(t, &tar.Header{Name: "./", Typeflag: tar.TypeDir}, &tar.Header{Name: "./a//b", Size: 1}), map[string]string{"a/": "", "a/b": "x"})
}

func TestZ10_Duplicates(t *testing.T) {
	assertKind(t, zipOf(t, file("a", "1"), file("a", "2")), extract.Unsafe)
	assertKind(t, zipOf(t, file("a/b", "1"), file("./a//b", "2")), extract.Unsafe)
	assertKind(t, tarOf(t, &tar.Header{Name: "a"}, &tar.Header{Name: "a"}), extract.Unsafe)
	assertTree(t, zipOf(t, raw{name: "d/"}, raw{name: "d/"}, file("d/a", "1")), map[string]string{"d/": "", "d/a": "1"})
}

func TestZ11_NamesThatCollideElsewhere(t *testing.T) {
	for _, pair := range [][2]string{
		{"Report.csv", "report.CSV"},
		{"caf\u00e9", "cafe\u0301"},
		{"STRASSE", "straße"},
		{"Dir/a", "dir/b"},
		{"Ä/a", "a\u0308/b"},
	} {
		assertKind(t, zipOf(t, file(pair[0], "1"), file(pair[1], "2")), extract.Unsafe)
		assertKind(t, tarOf(t, &tar.Header{Name: pair[0]}, &tar.Header{Name: pair[1]}), extract.Unsafe)
	}
}

func TestZ12_FileThenFolder(t *testing.T) {
	assertKind(t, zipOf(t, file("a", "1"), file("a/b", "2")), extract.Unsafe)
	assertKind(t, zipOf(t, file("a/b", "1"), file("a", "2")), extract.Unsafe)
	assertKind(t, zipOf(t, file("a", "1"), raw{name: "a/"}), extract.Unsafe)
	assertKind(t, zipOf(t, raw{name: "a/"}, file("A", "1")), extract.Unsafe)
	assertKind(t, tarOf(t, &tar.Header{Name: "a"}, &tar.Header{Name: "a/b"}), extract.Unsafe)
}

func TestZ13_Links(t *testing.T) {
	outside := t.TempDir()
	link := raw{name: "l", data: []byte(outside), creator: 3, attrs: 0o120777 << 16}
	toLink := &tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: outside}
	for what, b := range map[string][]byte{
		"out":               zipOf(t, link),
		"through":           zipOf(t, link, file("l/x", "1")),
		"out of a tar":      tarOf(t, toLink),
		"through, in a tar": tarOf(t, toLink, &tar.Header{Name: "l/x", Size: 1}),
		"hard":              tarOf(t, &tar.Header{Name: "h", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}),
		"within":            zipOf(t, file("a", "1"), raw{name: "l", data: []byte("a"), creator: 3, attrs: 0o120777 << 16}),
		"7z":                testdata(t, "link.7z"),
		"rar":               rarWith("l", outside, 0o120777),
	} {
		t.Run(what, func(t *testing.T) {
			if e := faultOf(t, b, extract.Unsafe); e.Detail != "it is a link" {
				t.Errorf("it says: %v", e)
			}
		})
	}
	assertEmpty(t, outside)
}

func TestZ14_ModesAndDevices(t *testing.T) {
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

func TestZ15_AbsurdTimes(t *testing.T) {
	far := raw{name: "t", data: []byte("1"), extra: le(uint16(0x5455), uint16(5), uint8(1), uint32(math.MaxUint32))}
	ntfs := raw{name: "n", data: []byte("2"), extra: le(uint16(10), uint16(32), uint32(0), uint16(1), uint16(24), uint64(math.MaxUint64), uint64(1<<63), uint64(0))}
	dos := raw{name: "d", data: []byte("3"), dosTime: math.MaxUint32} // the 31st of a month 15, at 31:63:62
	assertTree(t, zipOf(t, far, ntfs, dos), map[string]string{"t": "1", "n": "2", "d": "3"})
	for _, when := range []time.Time{time.Unix(-1<<40, 0), time.Unix(1<<40, 0), time.Unix(math.MaxInt32+1, 0)} {
		b := tarOf(t, &tar.Header{Name: "t", Size: 1, ModTime: when, Format: tar.FormatGNU})
		assertTree(t, b, map[string]string{"t": "x"})
	}
}

func TestZ16_OverlappingBomb(t *testing.T) {
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

func TestZ17_NestedArchivesStayPacked(t *testing.T) {
	inner := zipOf(t, file("x", "1"))
	assertTree(t, zipOf(t, file("inner.zip", string(inner))), map[string]string{"inner.zip": string(inner)})
}

func TestZ18_DeclaredHuge(t *testing.T) {
	b := zipOf(t, file("a", strings.Repeat("0123456789", 1000)))
	_, _, err := extracted(t, b, extract.Options{Free: func() (int64, error) { return 9_999, nil }})
	var space *download.SpaceError
	if !errors.As(err, &space) || space.Free != 9_999 || space.Need < 10_000 {
		t.Errorf("got %v", err)
	}
	huge := raw{name: "a", data: []byte("x"), method: 8, size: ptr(uint32(4 << 30 >> 1))}
	assertKind(t, zipOf(t, huge), extract.Bomb)
	// What deflate cannot do is a lie, whatever the person agrees to.
	if _, _, err := extracted(t, zipOf(t, huge), extract.Options{AllowRatio: true}); !isKind(err, extract.Bomb) {
		t.Errorf("with consent: got %v", err)
	}
	// A tar declares as it goes; it is cut off here, right after saying so.
	var b2 bytes.Buffer
	must(t, tar.NewWriter(&b2).WriteHeader(&tar.Header{Name: "a", Size: 15 << 20, Mode: 0o644}))
	_, _, err = extracted(t, b2.Bytes(), extract.Options{Free: func() (int64, error) { return 1 << 20, nil }})
	if !errors.As(err, &space) {
		t.Errorf("a tar: got %v", err)
	}
	b2.Reset()
	must(t, tar.NewWriter(&b2).WriteHeader(&tar.Header{Name: "a", Size: 1 << 50, Mode: 0o644, Format: tar.FormatGNU}))
	assertKind(t, b2.Bytes(), extract.Bomb)
}

func TestZ19_DeclaredSmallReallyHuge(t *testing.T) {
	zeros := make([]byte, 4<<20)
	b := zipOf(t, raw{name: "a", data: []byte("tiny"), packed: deflated(zeros), method: 8})
	e := faultOf(t, b, extract.Damaged)
	if e.Entry != "a" {
		t.Errorf("the error names %q", e.Entry)
	}
	// Not a byte more than declared reaches the disk.
	written := 0
	to := target{DirTarget: extract.Dir(t.TempDir()), write: func(b []byte) (int, error) { written += len(b); return len(b), nil }}
	if _, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), to, extract.Options{Name: "out"}); err == nil || written > 4 {
		t.Errorf("%d bytes were written: %v", written, err)
	}
	assertKind(t, zipOf(t, raw{name: "a", data: []byte("tiny and more"), packed: deflated([]byte("tiny")), method: 8}), extract.Damaged)
	less := raw{name: "a", data: []byte("tiny"), size: ptr(uint32(13)), method: 8} // the checksum is right
	assertKind(t, zipOf(t, less), extract.Damaged)
}

func TestZ20_RatioBomb(t *testing.T) {
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

func TestZ21_TooManyEntries(t *testing.T) {
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
	// A zip may have two hundred thousand, and a tar is stopped on the way.
	head := tarOf(t, &tar.Header{Name: "d/", Typeflag: tar.TypeDir})[:512]
	long := bytes.Repeat(head, 200_001)
	if _, err := extract.List(bytes.NewReader(long), int64(len(long))); !isKind(err, extract.Bomb) {
		t.Errorf("list of a long tar: %v", err)
	}
	if _, err := extract.Verify(t.Context(), bytes.NewReader(long), int64(len(long)), nil); !isKind(err, extract.Bomb) {
		t.Errorf("verify of a long tar: %v", err)
	}
}

func isKind(err error, want extract.Kind) bool {
	var e *extract.Error
	return errors.As(err, &e) && e.Kind == want
}

func TestZ22_SizeOverflow(t *testing.T) {
	huge := func(name string) raw {
		field := le(uint16(1), uint16(8), uint64(math.MaxInt64))
		return raw{name: name, data: []byte("x"), method: 8, size: ptr(uint32(math.MaxUint32)), extra: field, localEx: field}
	}
	assertKind(t, zipOf(t, huge("a"), huge("b")), extract.Bomb)
	// Together they are less than nothing; of bzip2 a person may agree to any size.
	a, b := huge("a"), huge("b")
	a.method, b.method = 12, 12
	if _, _, err := extracted(t, zipOf(t, a, b), extract.Options{AllowRatio: true}); !isKind(err, extract.Bomb) {
		t.Errorf("with consent: got %v", err)
	}
	over := huge("a")
	over.extra = le(uint16(1), uint16(8), uint64(math.MaxUint64))
	over.localEx = over.extra
	assertKind(t, zipOf(t, over), extract.Damaged)
}

func TestZ23_Zip64(t *testing.T) {
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
	nowhere := z.bytes(t)
	copy(nowhere[bytes.Index(nowhere, []byte("PK\x06\x07"))+8:], le(uint64(math.MaxUint64)))
	assertKind(t, nowhere, extract.Damaged)
	faraway := file("a", "1")
	faraway.offset, faraway.extra = ptr(uint32(math.MaxUint32)), le(uint16(1), uint16(8), uint64(math.MaxUint64))
	assertKind(t, zipOf(t, faraway), extract.Damaged)
	faraway.extra = nil
	assertKind(t, zipOf(t, faraway), extract.Damaged)
}

func TestZ24_WrongCounts(t *testing.T) {
	for _, n := range []uint16{0, 1, 3, 60_000} {
		z := rawZip{entries: []raw{file("a", "1"), file("b", "2")}, records: ptr(n)}
		assertKind(t, z.bytes(t), extract.Damaged)
	}
	// In 64 bits nothing is counted modulo 65,536.
	for _, n := range []uint64{1, 3, 2 + 65536} {
		z := rawZip{entries: []raw{file("a", "1"), file("b", "2")}, zip64: true, records64: &n}
		assertKind(t, z.bytes(t), extract.Damaged)
	}
	many := make([]raw, 65536+2)
	for i := range many {
		many[i] = raw{name: fmt.Sprint(i), noLocal: true, offset: ptr(uint32(0))}
	}
	wrapped := rawZip{before: []byte("PK\x03\x04"), entries: many, zip64: true, records64: ptr(uint64(2))}
	if e := faultOf(t, wrapped.bytes(t), extract.Damaged); !strings.Contains(e.Detail, "number of entries") {
		t.Errorf("it says: %v", e)
	}
}

func TestZ25_TruncatedDirectory(t *testing.T) {
	whole := zipOf(t, file("a", "1"), file("b", "2"))
	for n := range whole {
		if _, _, err := extracted(t, whole[:n], extract.Options{}); err == nil {
			t.Errorf("cut after %d of %d bytes, it was accepted", n, len(whole))
		}
	}
	z := rawZip{entries: []raw{file("a", "1"), file("b", "2")}, cutDirectory: 10}
	assertKind(t, z.bytes(t), extract.Damaged)
}

func TestZ26_JunkAround(t *testing.T) {
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

func TestZ27_LocalAndCentralDiffer(t *testing.T) {
	base := file("a", "hello")
	for what, change := range map[string]func(*raw){
		"name":     func(e *raw) { e.localName = ptr("b") },
		"size":     func(e *raw) { e.localSize = ptr(uint32(4)) },
		"checksum": func(e *raw) { e.localCRC = ptr(uint32(1)) },
		"method":   func(e *raw) { e.method2 = ptr(uint16(0)) },
		"place":    func(e *raw) { e.offset = ptr(uint32(1)) },
		"secrecy":  func(e *raw) { e.localFlags = ptr(uint16(1)) },
		"packed":   func(e *raw) { e.localPacked = ptr(uint32(3)) },
	} {
		e := base
		change(&e)
		t.Run(what, func(t *testing.T) { assertKind(t, zipOf(t, e), extract.Damaged) })
	}
	b := zipOf(t, file("a", "1"), file("b", "2"))
	b[bytes.LastIndex(b, []byte("PK\x03\x04"))+3] = 5 // no local header any more
	if e := faultOf(t, b, extract.Damaged); e.Entry != "b" {
		t.Errorf("the error names %q", e.Entry)
	}
}

func TestZ28_DataDescriptors(t *testing.T) {
	data := []byte("hello hello hello")
	packed := deflated(data)
	e := file("a", string(data))
	e.flags, e.localCRC, e.localSize = 8, ptr(uint32(0)), ptr(uint32(0))
	e.after = le(uint32(0x08074b50), crc32.ChecksumIEEE(data), uint32(len(packed)), uint32(len(data)))
	assertTree(t, zipOf(t, e, file("b", "2")), map[string]string{"a": string(data), "b": "2"})
	e.after = e.after[4:] // the signature is optional
	assertTree(t, zipOf(t, e, file("b", "2")), map[string]string{"a": string(data), "b": "2"})
	// In zip64 its sizes have 64 bits; what stands there is not believed anyway.
	e.after = le(uint32(0x08074b50), crc32.ChecksumIEEE(data), uint64(len(packed)), uint64(len(data)))
	e.localSize, e.localPacked = ptr(uint32(math.MaxUint32)), ptr(uint32(math.MaxUint32))
	e.localEx = le(uint16(1), uint16(16), uint64(0), uint64(0))
	assertTree(t, zipOf(t, e, file("b", "2")), map[string]string{"a": string(data), "b": "2"})
	e.localEx = nil // some leave the marks without the field
	assertTree(t, zipOf(t, e, file("b", "2")), map[string]string{"a": string(data), "b": "2"})
	// A checksum in the local header that is wrong is not excused by a descriptor.
	e = file("a", string(data))
	e.flags, e.localCRC, e.localSize = 8, ptr(uint32(7)), ptr(uint32(0))
	assertKind(t, zipOf(t, e), extract.Damaged)
}

func TestZ29_SplitArchive(t *testing.T) {
	assertKind(t, rawZip{entries: []raw{file("a", "1")}, disk: 3}.bytes(t), extract.Unsupported)
	assertKind(t, rawZip{entries: []raw{file("a", "1")}, first: ptr(uint16(0)), disk: 1}.bytes(t), extract.Unsupported)
	assertKind(t, rawZip{entries: []raw{file("a", "1")}, first: ptr(uint16(1))}.bytes(t), extract.Unsupported)
	elsewhere := file("a", "1")
	elsewhere.disk = 2
	assertKind(t, zipOf(t, elsewhere), extract.Unsupported)
	assertKind(t, rawZip{entries: []raw{file("a", "1")}, zip64: true, disks64: 3}.bytes(t), extract.Unsupported)
	// The last of several parts holds the directory; its files are in the others.
	last := file("a", "1")
	last.noLocal, last.offset, last.disk = true, ptr(uint32(0)), 0
	assertKind(t, rawZip{entries: []raw{last}, disk: 1}.bytes(t), extract.Unsupported)
	// Made for several parts, but it fitted into one.
	assertTree(t, rawZip{entries: []raw{file("a", "1")}, before: []byte("PK\x07\x08")}.bytes(t), map[string]string{"a": "1"})
}

func TestZ30_EncryptedDirectory(t *testing.T) {
	b := zipOf(t, file("a", "1"))
	i := bytes.Index(b, []byte("PK\x01\x02"))
	copy(b[i:], "PK\x06\x08")
	assertKind(t, b, extract.Encrypted)
	// A directory of noise, and the end says that 6.2 is needed to read it.
	b = rawZip{entries: []raw{file("a", "1")}, zip64: true}.bytes(t)
	copy(b[bytes.Index(b, []byte("PK\x01\x02")):], "\xa5\x5a\x01\x02")
	assertKind(t, b, extract.Damaged)
	b[bytes.Index(b, []byte("PK\x06\x06"))+14] = 62
	assertKind(t, b, extract.Encrypted)
}

func TestZ31_BadCRC(t *testing.T) {
	bad := file("bad.csv", "hello")
	bad.crc = ptr(uint32(1))
	e := faultOf(t, zipOf(t, file("good.csv", "1"), bad), extract.Damaged)
	if e.Entry != "bad.csv" {
		t.Errorf("the error names %q", e.Entry)
	}
	stored := raw{name: "stored.csv", data: []byte("hello"), crc: ptr(uint32(1))}
	empty := raw{name: "empty.csv", crc: ptr(uint32(1))}
	for _, bad := range []raw{stored, empty} {
		if e := faultOf(t, zipOf(t, file("good.csv", "1"), bad), extract.Damaged); e.Entry != bad.name {
			t.Errorf("the error names %q", e.Entry)
		}
	}
}

func TestZ32_Encrypted(t *testing.T) {
	e := file("a", "1")
	e.flags = 1
	assertKind(t, zipOf(t, e), extract.Encrypted)
	e = file("a", "1")
	e.method = 99
	assertKind(t, zipOf(t, e), extract.Encrypted)
	for _, flags := range []uint16{1 << 6, 1 << 13} {
		e = file("a", "1")
		e.flags = flags
		assertKind(t, zipOf(t, e), extract.Encrypted)
	}
}

func TestZ33_UnknownMethod(t *testing.T) {
	for _, method := range []uint16{1, 6, 9, 98, 1234} {
		assertKind(t, zipOf(t, raw{name: "a", data: []byte("1"), method: method}), extract.Unsupported)
	}
}

func TestZ34_Encodings(t *testing.T) {
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

func TestZ35_NotAnArchive(t *testing.T) {
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
	close  error
	commit error
}

func (t target) Commit() (download.Location, error) {
	if t.commit != nil {
		return "", t.commit
	}
	return t.DirTarget.Commit()
}

func (t target) Create(p string) (io.WriteCloser, error) {
	if t.create != nil {
		return t.create(p)
	}
	w, err := t.DirTarget.Create(p)
	return writer{w, t.write, t.close}, err
}

type writer struct {
	io.WriteCloser
	write func([]byte) (int, error)
	close error
}

func (w writer) Write(b []byte) (int, error) {
	if w.write == nil {
		return w.WriteCloser.Write(b)
	}
	return w.write(b)
}

func (w writer) Close() error { return errors.Join(w.WriteCloser.Close(), w.close) }

func TestZ36_Cancel(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<16)
	seven := testdata(t, "sample.7z")
	for what, b := range map[string][]byte{
		"zip": zipOf(t, file("a", big), file("b", big), file("c", big)),
		"tar": tarOf(t, &tar.Header{Name: "a", Size: 1 << 20}, &tar.Header{Name: "b", Size: 1 << 20}),
		"7z":  seven, "rar": rarOf(map[string]string{"a": big, "b": big}, 0),
	} {
		t.Run(what, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			parent := t.TempDir()
			var written atomic.Int64
			to := target{DirTarget: extract.Dir(parent), write: func(p []byte) (int, error) {
				written.Add(1)
				cancel()
				return len(p), nil
			}}
			_, err := extract.Archive(ctx, bytes.NewReader(b), int64(len(b)), to, extract.Options{Name: "out"})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if n := written.Load(); n == 0 || n > 4 { // one for each worker at most
				t.Errorf("it wrote %d times", n)
			}
			assertEmpty(t, parent)
			// Before the first byte too.
			_, err = extract.Archive(ctx, bytes.NewReader(b), int64(len(b)), extract.Dir(parent), extract.Options{Name: "out"})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			assertEmpty(t, parent)
			if _, err = extract.Verify(ctx, bytes.NewReader(b), int64(len(b)), nil); !errors.Is(err, context.Canceled) {
				t.Errorf("verify: got %v", err)
			}
		})
	}
}

func TestZ37_DiskFull(t *testing.T) {
	b := zipOf(t, file("a", strings.Repeat("x", 100_000)), file("b", "2"))
	full := &fs.PathError{Op: "write", Path: "a", Err: syscall.ENOSPC}
	for what, to := range map[string]func(*extract.DirTarget) extract.Target{
		"create": func(d *extract.DirTarget) extract.Target {
			return target{DirTarget: d, create: func(string) (io.WriteCloser, error) { return nil, full }}
		},
		"write": func(d *extract.DirTarget) extract.Target {
			return target{DirTarget: d, write: func([]byte) (int, error) { return 0, full }}
		},
		"close":  func(d *extract.DirTarget) extract.Target { return target{DirTarget: d, close: full} },
		"commit": func(d *extract.DirTarget) extract.Target { return target{DirTarget: d, commit: full} },
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

func TestZ39_TargetExists(t *testing.T) {
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
	// Nor is one replaced that came while we were at work.
	late := filepath.Join(parent, "late")
	to := target{DirTarget: extract.Dir(parent), write: func(b []byte) (int, error) { return len(b), os.Mkdir(late, 0o755) }}
	if _, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), to, extract.Options{Name: "late"}); !errors.As(err, &exists) {
		t.Errorf("ask, late: %v", err)
	}
	if names := list(t, parent); !slices.Equal(names, []string{"late", "out", "out (2)"}) {
		t.Errorf("there is %q", names)
	}
	assertEmpty(t, late)
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

func TestZ40_ChangedWhileRead(t *testing.T) {
	whole := zipOf(t, file("a", strings.Repeat("0123456789", 100_000)), file("b", "2"))
	then := time.Unix(1_700_000_000, 0)
	other := bytes.Clone(whole)
	other[len(other)/2] ^= 1
	for what, change := range map[string]func(p string) error{
		"longer": func(p string) error { return os.WriteFile(p, append(slices.Clone(whole), "more"...), 0o644) },
		"longer, with its old time": func(p string) error {
			return errors.Join(os.WriteFile(p, append(slices.Clone(whole), "more"...), 0o644), os.Chtimes(p, time.Time{}, then))
		},
		"shorter":   func(p string) error { return os.Truncate(p, 50) },
		"same size": func(p string) error { return os.WriteFile(p, other, 0o644) },
		"touched":   func(p string) error { return os.Chtimes(p, time.Time{}, time.Unix(1, 0)) },
	} {
		t.Run(what, func(t *testing.T) {
			parent, p := t.TempDir(), filepath.Join(t.TempDir(), "a.zip")
			must(t, os.WriteFile(p, whole, 0o644))
			must(t, os.Chtimes(p, time.Time{}, then))
			f, err := os.Open(p)
			must(t, err)
			defer func() { must(t, f.Close()) }()
			to := target{DirTarget: extract.Dir(parent)}
			var once sync.Once
			to.write = func(data []byte) (int, error) {
				once.Do(func() { must(t, change(p)) })
				return len(data), nil
			}
			_, err = extract.Archive(t.Context(), f, int64(len(whole)), to, extract.Options{Name: "out", Workers: 1})
			if !isKind(err, extract.Changed) {
				t.Errorf("got %v", err)
			}
			assertEmpty(t, parent)
		})
	}
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

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
