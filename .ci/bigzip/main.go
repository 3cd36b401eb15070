// Command bigzip has a program download, verify and extract a zip of 6 GB,
// larger than a zip could be before zip64. The download is killed twice on the
// way. It fails when a byte is wrong, when too much is fetched again, or when
// the program takes more memory for it than for a zip of a hundredth of that.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// The goals of the engine, and how much of it a hundredth is.
const (
	fetchMore   = 16 << 20 // bytes of memory that a download may take for the size of a file
	extractMore = 32 << 20
	again       = 8<<20 + 8<<20 // bytes that may be sent again after a kill: a journal's worth, and what was on its way in the system
	unit        = 1 << 20
	largeUnits  = 6000
	smallUnits  = 60
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bigzip PROGRAM")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "bigzip:", err)
		os.Exit(1)
	}
}

func run(program string) (err error) {
	dir, err := os.MkdirTemp("", "connect-backup-bigzip-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	small, err := job(program, filepath.Join(dir, "small"), smallUnits, 0)
	if err != nil {
		return fmt.Errorf("small: %w", err)
	}
	large, err := job(program, filepath.Join(dir, "large"), largeUnits, 2)
	if err != nil {
		return fmt.Errorf("large: %w", err)
	}
	fmt.Printf("memory for the size: download %+.1f MiB, extract %+.1f MiB\n",
		float64(large.fetch-small.fetch)/unit, float64(large.extract-small.extract)/unit)
	if large.fetch-small.fetch > fetchMore || large.extract-small.extract > extractMore {
		return errors.New("that is too much")
	}
	return nil
}

// peaks are the most memory that the program took, in bytes.
type peaks struct{ fetch, extract int64 }

// job makes a zip of so many MiB, downloads it, killed so often, and extracts it.
func job(program, dir string, units, kills int) (p peaks, err error) {
	served, got, out := filepath.Join(dir, "served"), filepath.Join(dir, "got"), filepath.Join(dir, "out")
	for _, d := range []string{served, got, out} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return p, err
		}
	}
	sum, entries, err := makeZip(filepath.Join(served, "big.zip"), units)
	if err != nil {
		return p, err
	}
	info, err := os.Stat(filepath.Join(served, "big.zip"))
	if err != nil {
		return p, err
	}
	s, err := serve(served, sum)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, s.server.Close()) }()
	begin := time.Now()
	fetch := []string{"fetch", s.address, "--dir", got, "--sha256", sum}
	for n := range kills {
		if err := s.killed(program, fetch, info.Size()*int64(n+1)/int64(kills+1)); err != nil {
			return p, err
		}
	}
	if p.fetch, err = peak(program, fetch...); err != nil {
		return p, err
	}
	more := s.sent.Load() - info.Size()
	fmt.Printf("%d MB downloaded in %.1f s, %d kills, %d KiB fetched again, peak %.1f MiB\n",
		info.Size()/1e6, time.Since(begin).Seconds(), kills, more>>10, float64(p.fetch)/unit)
	if more > int64(kills)*again {
		return p, fmt.Errorf("%d bytes were fetched again after %d kills", more, kills)
	}
	if err := os.RemoveAll(served); err != nil {
		return p, err
	}
	begin = time.Now()
	if p.extract, err = peak(program, "extract", filepath.Join(got, "big.zip"), "--to", out); err != nil {
		return p, err
	}
	fmt.Printf("%d entries extracted in %.1f s, peak %.1f MiB\n", len(entries), time.Since(begin).Seconds(), float64(p.extract)/unit)
	return p, errors.Join(compare(out, entries), os.RemoveAll(dir))
}

// makeZip writes a zip of records that is about so many MiB large: one entry of
// three quarters of it, which needs zip64 from 4 GiB on, and smaller ones. It
// returns the SHA-256 of the zip and of each entry.
func makeZip(path string, units int) (sum string, entries map[string]string, err error) {
	file, err := os.Create(path)
	if err != nil {
		return "", nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	whole := sha256.New()
	z := zip.NewWriter(io.MultiWriter(file, whole))
	entries = map[string]string{}
	for _, e := range []struct {
		name   string
		units  int
		method uint16
	}{
		{"messages.csv", units * 3 / 4, zip.Store},
		{"attendance.csv", units / 8, zip.Store},
		{"tasks.csv", units / 8, zip.Store},
		{"staff.csv", units / 100, zip.Deflate},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: e.method})
		if err != nil {
			return "", nil, err
		}
		h := sha256.New()
		if err := records(io.MultiWriter(w, h), e.name, e.units); err != nil {
			return "", nil, err
		}
		entries[e.name] = hex.EncodeToString(h.Sum(nil))
	}
	if err := z.Close(); err != nil {
		return "", nil, err
	}
	return hex.EncodeToString(whole.Sum(nil)), entries, nil
}

// records writes so many MiB of which no two are equal.
func records(w io.Writer, name string, units int) error {
	seed := sha256.Sum256([]byte(name))
	b := make([]byte, unit/2)
	_, _ = rand.NewChaCha8(seed).Read(b)
	text := fmt.Appendf(nil, "%x", b)
	for n := range units {
		copy(text, fmt.Sprintf("%s,%012d,", name, n))
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// source serves the zip, and counts what the other side took.
type source struct {
	server  *http.Server
	address string
	sent    atomic.Int64
}

func serve(dir, sum string) (*source, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &source{address: "http://" + l.Addr().String() + "/big.zip"}
	files := http.FileServer(http.Dir(dir))
	s.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+sum+`"`)
		files.ServeHTTP(&counted{w, s}, r)
	})}
	go func() { _ = s.server.Serve(l) }() // ends with Close, which is all it has to say
	return s, nil
}

type counted struct {
	http.ResponseWriter
	s *source
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.s.sent.Add(int64(n))
	return n, err
}

// killed runs the program and kills it when so many bytes have gone out.
func (s *source) killed(program string, args []string, at int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for s.sent.Load() < at {
		select {
		case err := <-ended:
			return fmt.Errorf("ended before it was killed: %w\n%s", err, &said)
		case <-tick.C:
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		return err
	}
	if err := <-ended; err == nil {
		return errors.New("it ended in the moment it was killed")
	}
	return nil
}

// peak runs the program and returns the most memory that it took.
func peak(program string, args ...string) (int64, error) {
	cmd := exec.Command(program, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", args[0], err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	return usage.Maxrss * 1024, nil // Linux counts in KiB
}

// compare checks that exactly these files were extracted.
func compare(dir string, want map[string]string) error {
	found := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found++
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(h, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		if sum := hex.EncodeToString(h.Sum(nil)); sum != want[d.Name()] {
			return fmt.Errorf("%s is wrong: %s", path, sum)
		}
		return nil
	})
	if err == nil && found != len(want) {
		err = fmt.Errorf("%d files were extracted, not %d", found, len(want))
	}
	return err
}
