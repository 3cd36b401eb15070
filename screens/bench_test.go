package screens

import (
	"fmt"
	"image/color"
	"runtime"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"connectbackup/api"
	"connectbackup/device/download"
)

// manyBackups is a list as a large organisation has it after some years.
func manyBackups(count int) []api.Backup {
	all := make([]api.Backup, count)
	for i := range all {
		all[i] = withStatus(fmt.Sprint("b", i), fmt.Sprintf("Monthly backup %d", i), api.StatusCompleted,
			time.Duration(i+1)*time.Hour)
		switch i % 10 {
		case 3:
			all[i].Completeness = api.Partial
		case 7:
			all[i].Status = api.StatusFailed
		}
	}
	return all
}

// bigList is the list with that many backups, one in ten of them on this device.
func bigList(b testing.TB, count int) (*stage, *backups) {
	s := newStage(b)
	screen := NewBackups(s.world.needs(), s.nav).(*backups)
	s.put(screen, phoneWidth, phoneHeight)
	s.Settle()
	page := loaded{
		Snapshot: api.Snapshot[api.BackupPage]{Value: api.BackupPage{Items: manyBackups(count)}},
		Copies:   map[string]download.Copy{},
	}
	for i, one := range page.Snapshot.Value.Items {
		if i%10 == 0 {
			page.Copies[one.ID] = copyOf(one, download.CopyPresent)
		}
	}
	screen.data.replace(page)
	screen.redraw()
	return s, screen
}

// scrolls moves a list on by a window at each step, and draws it.
func scrolls(b *testing.B, w fyne.Window, list interface{ ScrollToOffset(float32) }, row float32, count int) (best time.Duration) {
	page := w.Canvas().Size().Height
	rows := int(page/row) + 1
	end := row*float32(count) - page
	at, best := float32(0), time.Hour
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		at += page
		if at > end {
			at = 0
		}
		begun := time.Now()
		list.ScrollToOffset(at)
		w.Canvas().Capture()
		best = min(best, time.Since(begun)) // what else the machine does is not in it
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(best.Nanoseconds())/float64(rows), "best-ns/row")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(b.N*rows), "allocs/row")
	return best
}

// BenchmarkScroll moves through 5,000 backups, 500 of them on this device, by a
// window at a time: binding, layout and drawing of every row. The empty list
// has as many rows of the same height with nothing on them.
func BenchmarkScroll(b *testing.B) {
	const count = 5000
	var ours, empty time.Duration
	b.Run("backups", func(b *testing.B) {
		s, screen := bigList(b, count)
		s.window.SetContent(screen.list)
		s.window.Resize(fyne.NewSize(phoneWidth, phoneHeight))
		ours = scrolls(b, s.window, screen.list, newRowView().MinSize().Height, count)
	})
	b.Run("empty", func(b *testing.B) {
		s := newStage(b)
		height := newRowView().MinSize().Height
		list := widget.NewList(func() int { return count }, func() fyne.CanvasObject {
			o := canvas.NewRectangle(color.Transparent)
			o.SetMinSize(fyne.NewSize(1, height))
			return o
		}, func(int, fyne.CanvasObject) {})
		s.window.SetContent(list)
		s.window.Resize(fyne.NewSize(phoneWidth, phoneHeight))
		empty = scrolls(b, s.window, list, height, count)
		if ours > 0 {
			b.ReportMetric(float64(ours)/float64(empty), "backups/empty")
		}
	})
}

// BenchmarkOpenDetails is from the tap on a backup until its title, facts and
// buttons stand in the window, from the copy: the server never answers.
func BenchmarkOpenDetails(b *testing.B) {
	s := newStage(b)
	s.world.kept = &api.Snapshot[api.Backup]{Value: sample(), At: testNow}
	s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent)
	s.world.holdGet = make(chan struct{})
	s.window.Resize(fyne.NewSize(phoneWidth, phoneHeight))
	b.ReportAllocs()
	for b.Loop() {
		screen := NewDetails(s.world.needs(), s.nav, "year-end").(*details)
		s.window.SetContent(screen.Object())
		screen.Shown()
		s.Until("the backup", func() bool { return screen.known })
		screen.Hidden()
	}
}

// BenchmarkBind is BenchmarkScroll without the drawing.
func BenchmarkBind(b *testing.B) {
	_, screen := bigList(b, 5000)
	row := newRowView()
	row.Resize(fyne.NewSize(phoneWidth, row.MinSize().Height))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		screen.drawRow(i%5000, row)
	}
}
