package download

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// want is what is to become of a job.
type want int

const (
	wantNothing want = iota // it is done or failed
	wantRun
	wantPause
	wantDrop
	wantClose // paused for now, but goes on at the next start of the app
)

// job is one download of a Manager. Its fields are guarded by the Manager's
// lock; the tally counts without it.
type job struct {
	m     *Manager
	id    string // with key and began, never changes
	key   string
	began time.Time
	req   Request
	want  want
	alive bool               // its goroutine runs
	abort context.CancelFunc // ends the run; nil when none
	spare bool               // what had come is of no use any more
	wake  chan struct{}
	state State // Done, Total, Rate and Left as of the last sample
	tally tally
	speed speed

	result     *Result
	unrecorded *Result // published, but Finished failed
}

func newJob(m *Manager, r Request, began time.Time) *job {
	j := &job{
		m: m, id: r.ID, key: keyOf(m.cfg.Scope, r.ID), began: began, req: r, wake: make(chan struct{}, 1),
	}
	j.tally.total.Store(r.Size)
	return j
}

// start makes the job run, or run on.
func (j *job) start() {
	j.want = wantRun
	j.tell(Queued, nil)
	j.work()
}

// stop makes the run end, for that reason.
func (j *job) stop(why want) {
	j.want = why
	if j.abort != nil {
		j.abort()
	}
}

// work starts the job's goroutine unless it runs.
func (j *job) work() {
	if j.alive {
		return
	}
	j.alive = true
	j.m.working++
	go j.loop()
}

// loop does what is wanted until nothing is any more. Wishes that change on the
// way are seen after each step.
func (j *job) loop() {
	m := j.m
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() {
		m.working--
		m.idle.Broadcast()
	}()
	for {
		was := j.want
		if j.spare {
			j.spare = false
			m.mu.Unlock()
			if _, err := m.cfg.Folder.LoadJournal(j.key); !errors.Is(err, fs.ErrNotExist) {
				j.discard()
			}
			m.mu.Lock()
			continue
		}
		switch was {
		case wantRun:
			ctx, abort := context.WithCancel(context.Background())
			j.abort = abort
			r, pending := j.req, j.unrecorded
			m.mu.Unlock()
			res, err := j.run(ctx, r, pending)
			stopped := ctx.Err() != nil
			abort()
			m.mu.Lock()
			j.abort = nil
			j.settle(res, err, stopped)
			continue
		case wantDrop:
			m.mu.Unlock()
			j.discard()
			m.mu.Lock()
		}
		if j.want == was {
			j.alive = false
			if was == wantDrop {
				delete(m.jobs, j.id)
			}
			return
		}
	}
}

// run waits for its turn and carries the download out.
func (j *job) run(ctx context.Context, r Request, pending *Result) (Result, error) {
	m := j.m
	if pending != nil {
		return *pending, j.record(*pending)
	}
	t := newTransfer(m.cfg, r, j.key, j.began, &j.tally, hooks{
		phase: j.phase, intent: j.intent, wake: j.wake,
	})
	if err := j.turn(ctx, t); err != nil {
		return Result{}, err
	}
	defer func() { <-m.slots }()
	j.tally.fetched.Store(0)
	j.phase(Running, nil)
	stop := j.sample()
	res, err := t.run(ctx)
	stop()
	if err != nil || res.Skipped {
		return res, err
	}
	m.mu.Lock()
	j.unrecorded = &res
	m.mu.Unlock()
	return res, j.record(res)
}

// turn waits until fewer downloads run. Meanwhile the journal knows of this one.
func (j *job) turn(ctx context.Context, t *transfer) error {
	select {
	case j.m.slots <- struct{}{}:
		return nil
	default:
	}
	if err := t.register(intentRun); err != nil {
		return err
	}
	select {
	case j.m.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), t.register(j.intent()))
	}
}

func (j *job) record(r Result) error {
	if err := j.m.cfg.Finished(r); err != nil {
		return fmt.Errorf("the file is complete, but could not be recorded: %w", err)
	}
	return nil
}

// settle notes how a run ended. A file that was published is Done, whatever
// was wished in the last moment. A run that was stopped did not fail, even if
// by now it is wanted again.
func (j *job) settle(res Result, err error, stopped bool) {
	switch {
	case err == nil:
		j.unrecorded = nil
		j.finished(res)
	case j.unrecorded != nil && (j.want == wantRun || j.want == wantPause), j.want == wantRun && !stopped:
		j.want = wantNothing
		j.m.cfg.Log.Error("the download failed", "name", j.req.Name, "key", j.key, "error", err)
		j.tell(Failed, err)
	}
}

// finished makes the job Done.
func (j *job) finished(res Result) {
	j.want = wantNothing
	j.result = &res
	j.tally.have.Store(res.Bytes)
	j.tally.total.Store(res.Bytes)
	j.tell(Done, nil)
}

// intent is what the journal shall say of a run that ended.
func (j *job) intent() intent {
	j.m.mu.Lock()
	defer j.m.mu.Unlock()
	switch j.want {
	case wantPause:
		return intentPaused
	case wantRun:
		return intentFailed
	default:
		return intentRun
	}
}

// discard removes part and journal.
func (j *job) discard() {
	part, err := j.m.cfg.Folder.OpenPart(j.key) // not what another process writes
	if err == nil {
		err = part.Close()
	}
	if err == nil {
		err = j.m.cfg.Folder.Discard(j.key)
	}
	if err != nil {
		j.m.cfg.Log.Warn("a cancelled download could not be removed", "key", j.key, "error", err)
	}
}

// phase is the transfer's word on what goes on. It does not count once
// something else is wanted.
func (j *job) phase(p Phase, err error) {
	j.m.mu.Lock()
	defer j.m.mu.Unlock()
	if j.want != wantRun || j.state.same(p, err) {
		return
	}
	j.tell(p, err)
}

// sample has the subscribers told of progress until stop is called.
func (j *job) sample() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	j.m.mu.Lock()
	j.speed = newSpeed(time.Now(), j.tally.fetched.Load())
	j.m.mu.Unlock()
	go func() {
		defer close(ended)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case now := <-tick.C:
				j.progress(now)
			}
		}
	}()
	return func() {
		close(end)
		<-ended
		j.m.mu.Lock()
		defer j.m.mu.Unlock()
		j.speed = speed{}
	}
}

func (j *job) progress(now time.Time) {
	j.m.mu.Lock()
	defer j.m.mu.Unlock()
	j.speed.sample(now, j.tally.fetched.Load())
	if j.want != wantRun {
		return
	}
	before := j.state
	if s := j.picture(); s.Done != before.Done || s.Total != before.Total || s.Rate != before.Rate || s.Left != before.Left {
		j.m.out.tell(s)
	}
}

// picture brings the state up to date.
func (j *job) picture() State {
	s := &j.state
	s.ID, s.Name = j.id, j.req.Name
	if s.Phase == Done {
		s.Name = j.result.FinalName
	}
	s.Done, s.Total = j.tally.have.Load(), j.tally.total.Load()
	s.Rate, s.Left = 0, -1
	if s.Phase == Running && s.Err == nil {
		s.Rate = j.speed.rate()
		if s.Total >= 0 {
			s.Left = j.speed.left(s.Total - s.Done)
		}
	}
	return *s
}

// tell changes the phase and has the subscribers told.
func (j *job) tell(p Phase, err error) {
	j.state.Phase, j.state.Err, j.state.Location = p, err, ""
	if p == Done {
		j.state.Location = j.result.Location
	}
	j.m.out.tell(j.picture())
}
