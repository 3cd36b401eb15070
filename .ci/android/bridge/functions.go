//go:build jvm

package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"connectbackup/device/phone"
)

type function func(p *phone.Phone, args []string) (string, error)

// functions are what a test can ask for, by name.
var functions = map[string]function{
	"level":    func(p *phone.Phone, _ []string) (string, error) { return number(p.Level()) },
	"folder":   func(p *phone.Phone, _ []string) (string, error) { return p.DownloadsFolder() },
	"public":   func(p *phone.Phone, _ []string) (string, error) { return p.PublicFolder() },
	"insert":   func(p *phone.Phone, a []string) (string, error) { return p.Insert(a[0], a[1], a[2]) },
	"publish":  func(p *phone.Phone, a []string) (string, error) { return "", p.Publish(a[0], a[1]) },
	"delete":   func(p *phone.Phone, a []string) (string, error) { return "", p.Delete(a[0]) },
	"name":     func(p *phone.Phone, a []string) (string, error) { return p.Name(a[0]) },
	"keep":     func(p *phone.Phone, a []string) (string, error) { return "", p.Keep(a[0]) },
	"share":    func(p *phone.Phone, a []string) (string, error) { return p.Share(a[0], a[1], a[2]) },
	"named":    func(p *phone.Phone, a []string) (string, error) { return rows(p.Named(a[0], a[1])) },
	"under":    func(p *phone.Phone, a []string) (string, error) { return rows(p.Under(a[0])) },
	"ofsize":   ofSize,
	"write":    write,
	"read":     read,
	"view":     func(p *phone.Phone, a []string) (string, error) { return "", p.View(handed(a)) },
	"send":     func(p *phone.Phone, a []string) (string, error) { return "", p.Send(handed(a)) },
	"viewdir":  func(p *phone.Phone, a []string) (string, error) { return "", p.ViewFolder(a[0]) },
	"viewall":  func(p *phone.Phone, _ []string) (string, error) { return "", p.ViewDownloads() },
	"allowed":  func(p *phone.Phone, _ []string) (string, error) { return yes(p.NoticesAllowed()) },
	"show":     show,
	"progress": showProgress,
	"withdraw": func(p *phone.Phone, a []string) (string, error) { return "", p.Withdraw(a[0]) },
	"maywrite": func(p *phone.Phone, _ []string) (string, error) { return yes(p.MayWriteFiles()) },
	"maytell":  func(p *phone.Phone, _ []string) (string, error) { return yes(p.MayNotify()) },
	"askwrite": func(p *phone.Phone, _ []string) (string, error) { return "", p.AskToWriteFiles() },
	"asktell":  func(p *phone.Phone, _ []string) (string, error) { return "", p.AskToNotify() },
	"metered":  func(p *phone.Phone, _ []string) (string, error) { return yes(p.Metered()) },
	"screen":   screen,
	"seal":     seal,
	"unseal":   unseal,
	"storm":    storm,
	"nobody":   func(*phone.Phone, []string) (string, error) { return number(nowhere.Level()) },
}

// nowhere is an app whose window is gone.
var nowhere = phone.New(func(do func(vm, ctx uintptr) error) error { return do(0, 0) })

func number(n int, err error) (string, error) { return strconv.Itoa(n), err }

func yes(is bool, err error) (string, error) { return strconv.FormatBool(is), err }

func rows(all []phone.Row, err error) (string, error) {
	var b strings.Builder
	for _, r := range all {
		fmt.Fprintf(&b, "%s|%s|%s|%d\n", r.URI, r.Folder, r.Name, r.Size)
	}
	return b.String(), err
}

func handed(a []string) phone.Handed { return phone.Handed{URI: a[0], Mime: a[1]} }

func ofSize(p *phone.Phone, a []string) (string, error) {
	n, err := strconv.ParseInt(a[0], 10, 64)
	if err != nil {
		return "", err
	}
	return rows(p.OfSize(n))
}

func write(p *phone.Phone, a []string) (string, error) {
	f, err := p.Open(a[0], true)
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(f, a[1])
	return "", errors.Join(err, f.Sync(), f.Close())
}

func read(p *phone.Phone, a []string) (string, error) {
	f, err := p.Open(a[0], false)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(f)
	return string(b), errors.Join(err, f.Close())
}

var channel = phone.Channel{ID: "downloads", Name: "Backups & reminders"}

func show(p *phone.Phone, a []string) (string, error) {
	icon, err := os.ReadFile(a[3])
	if err != nil {
		return "", err
	}
	return "", p.Show(channel, phone.Notice{
		Tag: a[0], Title: a[1], Text: a[2], Icon: icon, Colour: 0x0b6560, Opens: handed(a[4:]),
	})
}

func showProgress(p *phone.Phone, a []string) (string, error) {
	icon, err := os.ReadFile(a[1])
	if err != nil {
		return "", err
	}
	return "", p.Show(channel, phone.Notice{Tag: a[0], Title: "Downloading", Icon: icon, Quiet: true, Done: 3, Total: 12})
}

// screen keeps the screen on and lets it go, as often as it is told: by one
// Phone, which remembers.
func screen(p *phone.Phone, a []string) (string, error) {
	for _, word := range a {
		most, err := time.ParseDuration(word)
		if err != nil {
			return "", err
		}
		if err := p.KeepScreenOn(most); err != nil {
			return "", err
		}
	}
	return "", nil
}

func seal(p *phone.Phone, a []string) (string, error) {
	b, err := p.Seal(a[0], []byte(a[1]), []byte(a[2]))
	return hex.EncodeToString(b), err
}

func unseal(p *phone.Phone, a []string) (string, error) {
	sealed, err := hex.DecodeString(a[1])
	if err != nil {
		return "", err
	}
	b, err := p.Unseal(a[0], sealed, []byte(a[2]))
	return string(b), err
}

// storm calls from many goroutines at once, each of which makes far more
// references than a frame holds.
func storm(p *phone.Phone, a []string) (string, error) {
	var wait sync.WaitGroup
	faults := make(chan error, 64)
	for range cap(faults) {
		wait.Go(func() {
			var err error
			for range 20 {
				_, rowsErr := p.Under(a[0])
				err = errors.Join(err, rowsErr)
			}
			faults <- err
		})
	}
	wait.Wait()
	close(faults)
	var all []error
	for err := range faults {
		all = append(all, err)
	}
	return "", errors.Join(all...)
}
