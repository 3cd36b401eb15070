package main

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

// download fetches one file over loopback, with a SHA-256 while it is written,
// beside curl, which checks nothing.
func (b *bench) download() (err error) {
	const large, small = 1 << 30, 1 << 20
	served := filepath.Join(b.dir, "served")
	if err := os.Mkdir(served, 0o700); err != nil {
		return err
	}
	sum, err := writeNoise(filepath.Join(served, "large.bin"), large)
	if err != nil {
		return err
	}
	if _, err := writeNoise(filepath.Join(served, "small.bin"), small); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.FileServer(http.Dir(served))}
	go func() { _ = server.Serve(l) }() // ends with Close, which is all it has to say
	defer func() { err = errors.Join(err, server.Close(), os.RemoveAll(served)) }()
	address := "http://" + l.Addr().String() + "/"
	to := filepath.Join(b.dir, "downloaded")
	clean := func() error { return errors.Join(os.RemoveAll(to), os.Mkdir(to, 0o700)) }

	curl := &contestant{name: "curl, no check", clean: clean, command: func() *exec.Cmd {
		return exec.Command("curl", "-sS", "-o", filepath.Join(to, "large.bin"), address+"large.bin")
	}}
	synced := &contestant{name: "curl, then sync and sha256sum", clean: clean, command: func() *exec.Cmd {
		file := filepath.Join(to, "large.bin")
		return exec.Command("sh", "-c", `curl -sS -o "$1" "$2" && sync "$1" && sha256sum "$1"`, "sh", file, address+"large.bin")
	}}
	fetch := func(name string, args ...string) *contestant {
		return &contestant{name: name, clean: clean, command: func() *exec.Cmd {
			return exec.Command(b.program("connect-backup-headless"), append([]string{"fetch", "--dir", to}, args...)...)
		}}
	}
	ours := fetch("connect-backup fetch, SHA-256", address+"large.bin", "--sha256", sum)
	little := fetch("connect-backup fetch, 1 MiB", address+"small.bin")
	if err := inTurns(curl, synced, ours, little); err != nil {
		return err
	}
	tell("Download of 1 GiB over loopback", large, curl, synced, ours)
	fmt.Printf("  memory that 1 GiB adds to 1 MiB: %.1f MiB\n", float64(median(ours.peak)-median(little.peak))/(1<<20))
	return nil
}

// writeNoise writes a file that cannot be compressed and gives its SHA-256.
func writeNoise(path string, size int64) (sum string, err error) {
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(f, h), rand.NewChaCha8([32]byte{1}), size); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// extract writes out a zip of 12 CSVs, 200 MB together, beside what people have.
func (b *bench) extract() error {
	const files, each = 12, 200_000_000 / 12
	archive := filepath.Join(b.dir, "backup.zip")
	if err := writeArchive(archive, files, each); err != nil {
		return err
	}
	tiny := filepath.Join(b.dir, "tiny.zip")
	if err := writeArchive(tiny, 1, 1000); err != nil {
		return err
	}
	to := filepath.Join(b.dir, "extracted")
	clean := func() error { return errors.Join(os.RemoveAll(to), os.Mkdir(to, 0o700)) }
	with := func(name string, args ...string) *contestant {
		return &contestant{name: name, clean: clean, command: func() *exec.Cmd { return exec.Command(args[0], args[1:]...) }}
	}
	ours := b.program("connect-backup-headless")
	bsdtar := with("bsdtar", "bsdtar", "-xf", archive, "-C", to)
	unzip := with("unzip", "unzip", "-q", archive, "-d", to)
	seven := with("7z", "7z", "x", "-y", "-bd", "-o"+to, archive)
	us := with("connect-backup extract", ours, "extract", archive, "--to", filepath.Join(to, "here"))
	little := with("connect-backup extract, tiny", ours, "extract", tiny, "--to", filepath.Join(to, "here"))
	if err := inTurns(bsdtar, unzip, seven, us, little); err != nil {
		return err
	}
	tell("Extraction of 12 CSVs, 200 MB", files*each, bsdtar, unzip, seven, us)
	fmt.Printf("  memory that 200 MB add to 1 kB: %.1f MiB\n", float64(median(us.peak)-median(little.peak))/(1<<20))
	return nil
}

// extractMany writes out a zip of 50,000 small files.
func (b *bench) extractMany() error {
	const files, each = 50_000, 1000
	archive := filepath.Join(b.dir, "many.zip")
	if err := writeArchive(archive, files, each); err != nil {
		return err
	}
	to := filepath.Join(b.dir, "many")
	clean := func() error { return errors.Join(os.RemoveAll(to), os.Mkdir(to, 0o700)) }
	bsdtar := &contestant{name: "bsdtar", clean: clean, command: func() *exec.Cmd { return exec.Command("bsdtar", "-xf", archive, "-C", to) }}
	us := &contestant{name: "connect-backup extract", clean: clean, command: func() *exec.Cmd {
		return exec.Command(b.program("connect-backup-headless"), "extract", archive, "--to", filepath.Join(to, "here"))
	}}
	if err := inTurns(bsdtar, us); err != nil {
		return err
	}
	tell("Extraction of 50,000 files, 50 MB", files*each, bsdtar, us)
	return os.RemoveAll(to)
}

func writeArchive(path string, files, each int) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	random := rand.New(rand.NewPCG(1, 2))
	z := zip.NewWriter(f)
	for i := range files {
		w, err := z.Create(fmt.Sprintf("module-%02d.csv", i))
		if err != nil {
			return err
		}
		lines := bufio.NewWriter(w)
		for written := 0; written < each; {
			n, err := fmt.Fprintf(lines, "%08d,2026-%02d-%02d,\"Müller & Co, branch %d\",%d.%02d,paid,%x\r\n", random.IntN(1e8),
				1+random.IntN(12), 1+random.IntN(28), random.IntN(40), random.IntN(5000), random.IntN(100), random.Uint32())
			if err != nil {
				return err
			}
			written += n
		}
		if err := lines.Flush(); err != nil {
			return err
		}
	}
	return z.Close()
}
