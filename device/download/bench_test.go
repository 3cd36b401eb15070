package download_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"connectbackup/device/download"
)

const benchSize = 256 << 20

// bigServer serves benchSize bytes from a process of its own cost: a file.
func bigServer(b *testing.B) (url, sum string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "big")
	chunk := randomFile(1 << 20).data
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	h := sha256.New()
	for range benchSize / len(chunk) {
		chunk[0]++
		if _, err := io.MultiWriter(out, h).Write(chunk); err != nil {
			b.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	sum = hex.EncodeToString(h.Sum(nil))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+sum+`"`)
		f, err := os.Open(path)
		if err != nil {
			b.Error(err)
			return
		}
		defer func() { _ = f.Close() }()
		http.ServeContent(w, r, "", time.Time{}, f)
	}))
	b.Cleanup(server.Close)
	return server.URL, sum
}

// BenchmarkDownload compares a verified download over loopback with curl without
// any check, round by round: medians, their ratio, and the memory added. The
// engine waits until the file is on the disk before it gives it its name, curl
// does not; so the second ratio is to curl and a sync of its file.
func BenchmarkDownload(b *testing.B) {
	url, sum := bigServer(b)
	curl, err := exec.LookPath("curl")
	if err != nil {
		b.Skip("curl is not installed")
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	var ours, theirs, synced []time.Duration
	var peak uint64
	for b.Loop() {
		dir := newFolder(b)
		runtime.GC()
		before := inUse()
		began := time.Now()
		_, err := download.Fetch(b.Context(), download.Config{Source: httpSource{client}, Folder: dir}, download.Request{
			ID: url, Name: "big", Size: benchSize, SHA256: sum,
		}, func(download.State) { peak = max(peak, inUse()-min(before, inUse())) })
		ours = append(ours, time.Since(began))
		must(b, err)
		must(b, os.RemoveAll(dir.dir))

		dir = newFolder(b)
		began = time.Now()
		out, err := exec.Command(curl, "-sSf", "-o", filepath.Join(dir.dir, "big"), url).CombinedOutput()
		theirs = append(theirs, time.Since(began))
		if err != nil {
			b.Fatal(err, string(out))
		}
		file, err := os.Open(filepath.Join(dir.dir, "big"))
		must(b, err)
		must(b, file.Sync())
		synced = append(synced, time.Since(began))
		must(b, file.Close())
		must(b, os.RemoveAll(dir.dir))
	}
	one, other, safe := median(ours), median(theirs), median(synced)
	b.ReportMetric(benchSize/one/1e6, "MB/s")
	b.ReportMetric(benchSize/other/1e6, "curl-MB/s")
	b.ReportMetric(other/one, "x-curl")
	b.ReportMetric(safe/one, "x-curl+sync")
	b.ReportMetric(float64(peak)/(1<<20), "peak-added-MiB")
	b.ReportAllocs()
}

// median is in seconds.
func median(d []time.Duration) float64 {
	slices.Sort(d)
	return d[len(d)/2].Seconds()
}

// inUse is what the process holds from the system for its heap and stacks.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
