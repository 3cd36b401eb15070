package extract_test

import (
	"archive/zip"
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// writeCSVs makes a zip of CSV files as a backup has them: 12 modules, names,
// dates, amounts, free text.
func writeCSVs(b *testing.B, p string, files int, total int64) {
	b.Helper()
	f, err := os.Create(p)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	z := zip.NewWriter(w)
	rnd := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 4000)
	for i := range words {
		word := make([]byte, 3+rnd.IntN(8))
		for j := range word {
			word[j] = "etaoinshrdlcumwfgypbvk"[min(rnd.IntN(22), rnd.IntN(22))]
		}
		words[i] = string(word)
	}
	for i := range files {
		out, err := z.Create(fmt.Sprintf("module-%02d.csv", i))
		if err != nil {
			b.Fatal(err)
		}
		for n := int64(0); n < total/int64(files); {
			m, err := fmt.Fprintf(out, "%08d,2024-%02d-%02d,%s %s,%d.%02d,\"%s %s %s, %s\",%x\r\n", rnd.IntN(1e7), 1+rnd.IntN(12), 1+rnd.IntN(28),
				words[rnd.IntN(4000)], words[rnd.IntN(4000)], rnd.IntN(10000), rnd.IntN(100),
				words[rnd.IntN(400)], words[rnd.IntN(4000)], words[rnd.IntN(40)], words[rnd.IntN(4000)], rnd.Uint32())
			if err != nil {
				b.Fatal(err)
			}
			n += int64(m)
		}
	}
	for _, err := range []error{z.Close(), w.Flush(), f.Close()} {
		if err != nil {
			b.Fatal(err)
		}
	}
}

func open(b *testing.B, p string) (*os.File, int64) {
	b.Helper()
	f, err := os.Open(p)
	if err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	return f, info.Size()
}

func benchmark(b *testing.B, files int, total int64) {
	dir := b.TempDir()
	p := filepath.Join(dir, "bench.zip")
	writeCSVs(b, p, files, total)
	f, size := open(b, p)
	defer func() { _ = f.Close() }()
	b.SetBytes(total)
	b.ReportMetric(float64(runtime.NumCPU()), "cores")
	for b.Loop() {
		_, err := extract.Archive(b.Context(), f, size, extract.Dir(dir), extract.Options{Name: "out", Clash: download.Replace})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExtractCSV is the main job: 12 CSV files, 200 MB, on the disk.
func BenchmarkExtractCSV(b *testing.B) { benchmark(b, 12, 200_000_000) }

// BenchmarkExtractMany is 50,000 files.
func BenchmarkExtractMany(b *testing.B) { benchmark(b, 50_000, 50_000_000) }

// BenchmarkVerify is SHA-256 and every CRC of the same 200 MB.
func BenchmarkVerify(b *testing.B) {
	p := filepath.Join(b.TempDir(), "bench.zip")
	writeCSVs(b, p, 12, 200_000_000)
	f, size := open(b, p)
	defer func() { _ = f.Close() }()
	b.SetBytes(200_000_000)
	for b.Loop() {
		if res, err := extract.Verify(b.Context(), f, size, nil); err != nil || len(res.Damaged) > 0 {
			b.Fatal(res.Damaged, err)
		}
	}
}
