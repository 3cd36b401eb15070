package extract

import (
	"sync"
	"sync/atomic"
	"time"
)

// reportEvery keeps a screen from being told more often than it can draw.
const reportEvery = 100 * time.Millisecond

// progress counts without touching whoever listens; one goroutine reports.
type progress struct {
	done    atomic.Int64
	entries atomic.Int64
	entry   atomic.Pointer[string]
	total   int64
	report  func(Progress)

	stop chan struct{}
	wait sync.WaitGroup
}

// startProgress begins to report; report may be nil. finish ends it.
func startProgress(total int64, report func(Progress)) *progress {
	p := &progress{total: total, report: report, stop: make(chan struct{})}
	if report == nil {
		return p
	}
	p.wait.Go(func() {
		tick := time.NewTicker(reportEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				report(p.now())
			case <-p.stop:
				return
			}
		}
	})
	return p
}

func (p *progress) now() Progress {
	now := Progress{Done: p.done.Load(), Total: p.total, Entries: int(p.entries.Load())}
	if name := p.entry.Load(); name != nil {
		now.Entry = *name
	}
	return now
}

// finish reports once more.
func (p *progress) finish() {
	close(p.stop)
	p.wait.Wait()
	if p.report != nil {
		p.report(p.now())
	}
}
