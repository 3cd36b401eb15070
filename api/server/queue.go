package server

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"connectbackup/api"
)

// Why a job's context ended.
var (
	errCancelled = errors.New("the backup was cancelled")
	errClosing   = errors.New("the server is closing")
)

// queue runs jobs, at most so many at a time, in the order they were added.
type queue struct {
	ctx     context.Context
	workers int
	run     func(ctx context.Context, id string, p *progress)

	mu      sync.Mutex
	waiting []string
	running map[string]*task
	closed  bool
	all     sync.WaitGroup
}

// task is a job that runs.
type task struct {
	progress *progress
	cancel   context.CancelCauseFunc
	done     chan struct{}
}

func newQueue(ctx context.Context, workers int, run func(context.Context, string, *progress)) *queue {
	return &queue{ctx: ctx, workers: workers, run: run, running: map[string]*task{}}
}

func (q *queue) add(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, id)
	q.start()
}

// start runs what may run; the lock is held.
func (q *queue) start() {
	for !q.closed && len(q.waiting) > 0 && len(q.running) < q.workers {
		id := q.waiting[0]
		q.waiting = q.waiting[1:]
		ctx, cancel := context.WithCancelCause(q.ctx)
		t := &task{progress: &progress{}, cancel: cancel, done: make(chan struct{})}
		q.running[id] = t
		q.all.Go(func() {
			defer q.finish(id, t)
			q.run(ctx, id, t.progress)
		})
	}
}

func (q *queue) finish(id string, t *task) {
	t.cancel(nil)
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, id)
	close(t.done)
	q.start()
}

// cancel stops a job and waits until nothing is left of it, or ctx ends.
func (q *queue) cancel(ctx context.Context, id string) {
	q.mu.Lock()
	q.waiting = slices.DeleteFunc(q.waiting, func(w string) bool { return w == id })
	t := q.running[id]
	q.mu.Unlock()
	if t == nil {
		return
	}
	t.cancel(errCancelled)
	select {
	case <-t.done:
	case <-ctx.Done():
	}
}

// close stops all jobs and waits.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	for _, t := range q.running {
		t.cancel(errClosing)
	}
	q.mu.Unlock()
	q.all.Wait()
}

// progress of all running jobs, by backup.
func (q *queue) progress() map[string]*progress {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := make(map[string]*progress, len(q.running))
	for id, t := range q.running {
		all[id] = t.progress
	}
	return all
}

// tellEvery is how often the progress within a module is shown at most.
const tellEvery = 250 * time.Millisecond

// progress is what a running job shows of itself.
type progress struct {
	mu      sync.Mutex
	stage   api.Stage
	shown   api.Progress
	modules []api.BackupModule
	within  []within // by module
	asOf    *time.Time
	told    time.Time
}

// show adds to a pending backup what its job has done so far.
func (p *progress) show(b *api.Backup) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stage == "" {
		return
	}
	b.Stage = p.stage
	shown := p.shown
	b.Progress = &shown
	b.Modules = slices.Clone(p.modules)
	b.DataAsOf = p.asOf
}

// set changes the progress.
func (p *progress) set(f func(*progress)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p)
}

// within is how far a module is: the share of its time, and its records so far.
type within struct {
	share   float64
	records int64
}

// snapshot is the moment of the data that the job reads; nil until it is taken.
func (p *progress) snapshot() *time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asOf
}

// tick notes how far module i is. It is false when the last word is too fresh
// for another one.
func (p *progress) tick(now time.Time, i int, w within) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.within[i] = w
	if since := now.Sub(p.told); since >= 0 && since < tellEvery {
		return false
	}
	p.told = now
	p.sum()
	return true
}

// sum shows what all modules have done; the lock is held.
func (p *progress) sum() {
	var share float64
	p.shown.Records = 0
	for _, w := range p.within {
		share += w.share
		p.shown.Records += w.records
	}
	p.shown.Percent = max(p.shown.Percent, int(collectShare*share/float64(max(1, len(p.within)))+1e-9))
}

// ended is the state of all modules at the end.
func (p *progress) ended() []api.BackupModule {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.modules)
}
