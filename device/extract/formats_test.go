package extract_test

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/mholt/archiver/v4"
	"github.com/ulikunitz/xz/lzma"

	"connectbackup/device/extract"
)

func packed(t *testing.T, c archiver.Compressor, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := c.OpenWriter(&out)
	must(t, err)
	_, err = w.Write(b)
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

var packings = map[string]archiver.Compressor{
	"gz": archiver.Gz{}, "bz2": archiver.Bz2{}, "xz": archiver.Xz{}, "zst": archiver.Zstd{},
}

func TestTarInEveryPacking(t *testing.T) {
	plain := tarOf(t, &tar.Header{Name: "./"}, &tar.Header{Name: "dir/", Typeflag: tar.TypeDir, Mode: 0o755},
		&tar.Header{Name: "dir/a", Size: 3}, &tar.Header{Name: "empty"})
	want := map[string]string{"dir/": "", "dir/a": "xxx", "empty": ""}
	assertTree(t, plain, want)
	for name, c := range packings {
		t.Run(name, func(t *testing.T) {
			b := packed(t, c, plain)
			assertTree(t, b, want)
			assertKind(t, b[:len(b)-5], extract.Damaged)
			single := packed(t, c, bytes.Repeat([]byte("only a file\n"), 100))
			assertKind(t, single, extract.Unsupported)
		})
	}
}

// Other readers give what is left of it, and say nothing.
func TestTarCutBetweenEntries(t *testing.T) {
	whole := tarOf(t, &tar.Header{Name: "a.csv", Size: 600}, &tar.Header{Name: "b.csv", Size: 512}, &tar.Header{Name: "c.csv"})
	entries := [...]int{512 + 1024, 512 + 512, 512}
	end := 0
	for i, n := range entries {
		end += n
		for what, b := range map[string][]byte{"plain": whole[:end], "packed": packed(t, archiver.Gz{}, whole[:end])} {
			assertKind(t, b, extract.Damaged)
			v, err := extract.Verify(t.Context(), bytes.NewReader(b), int64(len(b)), nil)
			if err != nil || len(v.Damaged) != 1 || v.Entries != i+1 {
				t.Errorf("%s, after %d entries: %+v, %v", what, i+1, v, err)
			}
		}
	}
	want := map[string]string{"a.csv": strings.Repeat("x", 600), "b.csv": strings.Repeat("x", 512), "c.csv": ""}
	assertTree(t, whole[:end+512], want) // half of the end is one
	assertTree(t, whole, want)
	assertTree(t, append(slices.Clone(whole), make([]byte, 10_000)...), want)
}

// What other tools write is whole, in their smallest records too.
func TestTarOfOtherToolsIsWhole(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the tools of these names are others")
	}
	src := t.TempDir()
	want := map[string]string{"a.csv": strings.Repeat("1,2\n", 300), "zeros": string(make([]byte, 1<<16)), "empty": ""}
	for name, text := range want {
		p := filepath.Join(src, name)
		must(t, os.WriteFile(p, bytes.TrimRight([]byte(text), "\x00"), 0o644))
		must(t, os.Truncate(p, int64(len(text)))) // GNU tar writes holes in a way of its own
	}
	const python = "import tarfile,sys\nwith tarfile.open(sys.argv[1],'w') as t:\n for n in sys.argv[2:]: t.add(n)"
	for _, args := range [][]string{
		{"tar", "-b", "1", "-cf"},
		{"tar", "--format=posix", "-cf"},
		{"tar", "-S", "-cf"},
		{"tar", "-cvf"},
		{"bsdtar", "-b", "1", "--format=ustar", "-cf"},
		{"bsdtar", "--format=pax", "-cf"},
		{"7z", "a", "-bso0", "-bsp0", "-ttar"},
		{"busybox", "tar", "-cf"},
		{"python3", "-c", python},
	} {
		if _, err := exec.LookPath(args[0]); err != nil {
			continue
		}
		p := filepath.Join(t.TempDir(), "a.tar")
		runIn(t, src, append(args, p, "a.csv", "zeros", "empty")...)
		b, err := os.ReadFile(p)
		must(t, err)
		t.Run(strings.Join(args[:2], " "), func(t *testing.T) { assertTree(t, b, want) })
	}
}

// A gzip carries its checksum behind the end of the tar.
func TestChecksumBehindTheTar(t *testing.T) {
	b := packed(t, archiver.Gz{}, tarOf(t, &tar.Header{Name: "a", Size: 3}))
	b[len(b)-6] ^= 1
	assertKind(t, b, extract.Damaged)
}

func TestZipMethods(t *testing.T) {
	data := bytes.Repeat([]byte("a;b;c\r\n"), 5000)
	for method, c := range map[uint16]archiver.Compressor{12: archiver.Bz2{}, 93: archiver.Zstd{}, 95: archiver.Xz{}} {
		e := raw{name: "a", data: data, packed: packed(t, c, data), method: method}
		assertTree(t, zipOf(t, e, file("b", "1")), map[string]string{"a": string(data), "b": "1"})
		e.packed = bytes.Clone(e.packed)
		e.packed[len(e.packed)/2] ^= 0x10
		assertKind(t, zipOf(t, e), extract.Damaged)
	}
}

// zipLZMA packs as the method LZMA of a zip wants it, with the properties that
// a test wants.
func zipLZMA(t testing.TB, data []byte, dictionary uint32) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := lzma.WriterConfig{Size: int64(len(data)), SizeInHeader: true}.NewWriter(&out)
	must(t, err)
	_, err = w.Write(data)
	must(t, err)
	must(t, w.Close())
	stream := out.Bytes()
	return append(le(uint8(9), uint8(20), uint16(5), stream[0], dictionary), stream[lzma.HeaderLen:]...)
}

func TestLZMAInZip(t *testing.T) {
	data := bytes.Repeat([]byte("a;b;c\r\n"), 5000)
	e := raw{name: "a", data: data, packed: zipLZMA(t, data, 1<<16), method: 14}
	empty := raw{name: "empty", method: 14, packed: zipLZMA(t, nil, 1<<16)}
	assertTree(t, zipOf(t, e, empty, file("b", "1")), map[string]string{"a": string(data), "b": "1", "empty": ""})
	// 4 GiB of dictionary are not made for 35 kB.
	var before, after runtime.MemStats
	e.packed = zipLZMA(t, data, math.MaxUint32)
	b := zipOf(t, e)
	runtime.ReadMemStats(&before)
	assertTree(t, b, map[string]string{"a": string(data)})
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 16<<20 {
		t.Errorf("it allocated %d bytes", after.TotalAlloc-before.TotalAlloc)
	}
	// Nor for what only claims to be large.
	e.size, e.packed = ptr(uint32(math.MaxUint32-1)), append(e.packed, make([]byte, 5<<20)...)
	_, _, err := extracted(t, zipOf(t, e), extract.Options{AllowRatio: true})
	if !isKind(err, extract.Unsupported) {
		t.Errorf("got %v", err)
	}
	for what, spoil := range map[string]func(b []byte) []byte{
		"cut": func(b []byte) []byte { return b[:len(b)/2] }, "no header": func(b []byte) []byte { return b[:0] },
		"flipped": func(b []byte) []byte { b[len(b)/2] ^= 0x10; return b }, "properties": func(b []byte) []byte { b[4] = 255; return b },
	} {
		e := raw{name: "a", data: data, packed: spoil(zipLZMA(t, data, 1<<16)), method: 14}
		t.Run(what, func(t *testing.T) { assertKind(t, zipOf(t, e), extract.Damaged) })
	}
}

// A stream may ask for gigabytes to be unpacked in.
func TestMemoryThatAStreamAsksFor(t *testing.T) {
	// RFC 8878, 3.1.1.1: magic, no single segment, a window of 2^41 bytes, an empty raw block.
	wide := le(uint32(0xfd2fb528), uint8(0), uint8(0xf8), uint8(1), uint8(0), uint8(0))
	for what, b := range map[string][]byte{
		"in a zip": zipOf(t, raw{name: "a", data: []byte("x"), packed: wide, method: 93}),
		"of a tar": wide,
	} {
		t.Run(what, func(t *testing.T) { assertKind(t, b, extract.Unsupported) })
	}
}

// What is packed into little is read whole, more is streamed: both ways, in
// turns, by one worker and by several.
func TestDeflateOfEverySize(t *testing.T) {
	noise := make([]byte, 7<<20)
	_, err := rand.NewChaCha8([32]byte{1}).Read(noise)
	must(t, err)
	large, edge := string(noise), string(noise[:6<<20])
	want := map[string]string{"large": large, "edge": edge, "small": "1", "empty": "", "again": large[1:]}
	b := zipOf(t, file("small", "1"), file("large", large), file("empty", ""), file("edge", edge), file("again", large[1:]))
	for _, workers := range []int{1, 4} {
		got, _, err := extracted(t, b, extract.Options{Workers: workers})
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%d workers: %d files, %v", workers, len(got), err)
		}
	}
	for _, name := range []string{"small", "large", "edge"} {
		bad := bytes.Clone(b)
		bad[bytes.Index(bad, []byte(name))+len(name)+1] ^= 0x40
		if e := faultOf(t, bad, extract.Damaged); e.Entry != name {
			t.Errorf("%s is damaged, the error names %q", name, e.Entry)
		}
	}
}

func Test7z(t *testing.T) {
	b := testdata(t, "sample.7z")
	assertTree(t, b, map[string]string{"dir/": "", "dir/table.csv": "a;b\r\n1;2\r\n", "Übersicht.txt": "hello"})
	assertKind(t, testdata(t, "secret.7z"), extract.Encrypted)
	assertKind(t, testdata(t, "secret-names.7z"), extract.Encrypted)
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 0x55
		// Neither a panic nor other contents: whole or an error.
		got, _, err := extracted(t, bad, extract.Options{})
		var e *extract.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("byte %d: %v", i, err)
		}
		if text, ok := got["Übersicht.txt"]; err == nil && ok && text != "hello" {
			t.Errorf("byte %d: wrong contents passed", i)
		}
	}
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	must(t, err)
	return b
}

// vint is a number as RAR 5 writes it.
func vint(n uint64) []byte {
	var b []byte
	for ; n > 127; n >>= 7 {
		b = append(b, byte(n)|128)
	}
	return append(b, byte(n))
}

// rarOf is a RAR 5 archive of stored files (RAR 5.0 archive format, technical
// note): there is no free program that writes one.
func rarOf(files map[string]string, crcOff uint32) []byte { return rarOfMode(files, 0o100644, crcOff) }

func rarWith(name, data string, mode uint64) []byte {
	return rarOfMode(map[string]string{name: data}, mode, 0)
}

func rarOfMode(files map[string]string, mode uint64, crcOff uint32) []byte {
	block := func(body []byte) []byte {
		sized := append(vint(uint64(len(body))), body...)
		return append(le(crc32.ChecksumIEEE(sized)), sized...)
	}
	out := []byte("Rar!\x1a\x07\x01\x00")
	out = append(out, block([]byte{1, 0, 0})...)
	for name, data := range files {
		n := vint(uint64(len(data)))
		body := append([]byte{2, 2}, n...)   // file, has data of that size
		body = append(append(body, 4), n...) // has a CRC; unpacked size
		body = append(body, vint(mode)...)   // attributes
		body = append(body, le(crc32.ChecksumIEEE([]byte(data))+crcOff)...)
		body = append(body, 0, 1) // stored; unix
		body = append(append(body, vint(uint64(len(name)))...), name...)
		out = append(append(out, block(body)...), data...)
	}
	return append(out, block([]byte{5, 0, 0})...)
}

func TestRar(t *testing.T) {
	assertTree(t, rarOf(map[string]string{"a.csv": "1;2\r\n", "dir/b.csv": "3"}, 0),
		map[string]string{"a.csv": "1;2\r\n", "dir/": "", "dir/b.csv": "3"})
	assertKind(t, rarOf(map[string]string{"a.csv": "1"}, 1), extract.Damaged)
	assertKind(t, rarOf(map[string]string{"../a.csv": "1"}, 0), extract.Unsafe)
}

func TestVerifyNamesWhatIsDamaged(t *testing.T) {
	bad, short := file("bad.csv", "hello"), file("short.csv", "hello")
	bad.crc = ptr(uint32(1))
	short.packed, short.data = deflated([]byte("hell")), []byte("hello")
	renamed := file("renamed.csv", "hello")
	renamed.localName = ptr("other.csv")
	b := zipOf(t, file("good.csv", "12345"), bad, short, renamed, file("../unsafe", "123"), raw{name: "d/"})
	res, err := extract.Verify(t.Context(), bytes.NewReader(b), int64(len(b)), nil)
	must(t, err)
	var names []string
	for _, e := range res.Damaged {
		names = append(names, e.Entry)
	}
	if want := []string{"bad.csv", "short.csv", "renamed.csv"}; !slices.Equal(names, want) {
		t.Errorf("damaged are %q, want %q", names, want)
	}
	if res.Entries != 2 {
		t.Errorf("%d entries are whole, want 2", res.Entries)
	}
	if want := sha(b); res.SHA256 != want {
		t.Errorf("SHA-256 is %s, want %s", res.SHA256, want)
	}
}

func TestVerifyEveryFormat(t *testing.T) {
	plain := tarOf(t, &tar.Header{Name: "a", Size: 300}, &tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "a"})
	for name, b := range map[string][]byte{
		"tar": plain, "gz": packed(t, archiver.Gz{}, plain), "rar": rarOf(map[string]string{"a": "1"}, 0), "7z": testdata(t, "sample.7z"),
	} {
		res, err := extract.Verify(t.Context(), bytes.NewReader(b), int64(len(b)), nil)
		if err != nil || res.Entries == 0 || res.Bytes == 0 || len(res.Damaged) > 0 || res.SHA256 != sha(b) {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
	b := rarOf(map[string]string{"a": "1"}, 1)
	res, err := extract.Verify(t.Context(), bytes.NewReader(b), int64(len(b)), nil)
	if err != nil || len(res.Damaged) != 1 || res.Damaged[0].Entry != "a" {
		t.Errorf("a damaged rar: %+v, %v", res, err)
	}
	html := []byte("<html>")
	res, err = extract.Verify(t.Context(), bytes.NewReader(html), int64(len(html)), nil)
	var e *extract.Error
	if !errors.As(err, &e) || e.Kind != extract.NotAnArchive || res.SHA256 != sha(html) {
		t.Errorf("what is no archive: %+v, %v", res, err)
	}
}

func TestListNamesEntries(t *testing.T) {
	z := zipOf(t, file("a/b.csv", "12345"), raw{name: "d/"})
	for name, b := range map[string][]byte{"zip": z, "tar": tarOf(t, &tar.Header{Name: "a/b.csv", Size: 5}, &tar.Header{Name: "d/", Typeflag: tar.TypeDir})} {
		entries, err := extract.List(bytes.NewReader(b), int64(len(b)))
		must(t, err)
		if len(entries) != 2 || entries[0].Name != "a/b.csv" || entries[0].Size != 5 || entries[0].Dir || !entries[1].Dir {
			t.Errorf("%s: %+v", name, entries)
		}
	}
}

func TestProgressAddsUp(t *testing.T) {
	b := zipOf(t, file("a", "12345"), file("b", "123"), raw{name: "c/"})
	var seen []extract.Progress
	_, res, err := extracted(t, b, extract.Options{Report: func(p extract.Progress) { seen = append(seen, p) }})
	must(t, err)
	if len(seen) == 0 {
		t.Fatal("nothing was reported")
	}
	last := seen[len(seen)-1]
	if last.Done != 8 || last.Total != 8 || last.Entries != 2 || last.Entry == "" {
		t.Errorf("at the end %+v was reported", last)
	}
	if res.Files != 2 || res.Bytes != 8 {
		t.Errorf("the result is %+v", res)
	}
}

// The readers of 7z and rar believe what an archive says; a wrong count made
// them loop, or allocate until the process ended. The checksums of the 7z are
// made right again, so that the garbage gets that far.
func TestGarbageNeitherHangsNorCrashes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	seeds := [][]byte{testdata(t, "sample.7z"), testdata(t, "secret.7z"), testdata(t, "secret-names.7z"), rarOf(map[string]string{"a": "1"}, 0)}
	for i := range 3000 {
		b := bytes.Clone(seeds[i%len(seeds)])
		for range 1 + rnd.IntN(4) {
			b[12+rnd.IntN(len(b)-12)] = byte(rnd.Uint32())
		}
		if b[0] == '7' {
			off, n := binary.LittleEndian.Uint64(b[12:]), binary.LittleEndian.Uint64(b[20:])
			if size := uint64(len(b)) - 32; off <= size && n <= size-off {
				binary.LittleEndian.PutUint32(b[28:], crc32.ChecksumIEEE(b[32+off:32+off+n]))
			}
			binary.LittleEndian.PutUint32(b[8:], crc32.ChecksumIEEE(b[12:32]))
		}
		var e *extract.Error
		if _, err := extract.List(bytes.NewReader(b), int64(len(b))); err != nil && !errors.As(err, &e) {
			t.Errorf("%x: %v", b, err)
		}
		if _, err := extract.Verify(t.Context(), bytes.NewReader(b), int64(len(b)), nil); err != nil && !errors.As(err, &e) {
			t.Errorf("%x: %v", b, err)
		}
	}
}

// FuzzExtract looks for garbage that makes a decoder panic, leaves something
// behind, or shows something half.
func FuzzExtract(f *testing.F) {
	f.Add(zipOf(f, file("a", "hello"), raw{name: "d/"}))
	f.Add(rawZip{entries: []raw{file("a", "hello")}, zip64: true, before: []byte("MZ")}.bytes(f))
	f.Add(rarOf(map[string]string{"a": "1"}, 0))
	for _, name := range []string{"sample.7z", "secret.7z"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		parent := t.TempDir()
		_, err := extract.Archive(t.Context(), bytes.NewReader(b), int64(len(b)), extract.Dir(parent), extract.Options{
			Name: "out", Free: func() (int64, error) { return 32 << 20, nil },
		})
		if names := list(t, parent); err != nil && len(names) > 0 || err == nil && len(names) != 1 {
			t.Errorf("with %v there is %q", err, names)
		}
		if _, err := extract.Verify(t.Context(), io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))), int64(len(b)), nil); err != nil {
			var e *extract.Error
			if !errors.As(err, &e) {
				t.Errorf("verify: %v", err)
			}
		}
	})
}
