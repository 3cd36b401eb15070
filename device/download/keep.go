package download

import (
	"errors"
	"io/fs"
	"time"
)

// adopt takes over what the journal says, as far as the part bears it out.
func (t *transfer) adopt() error {
	b, err := t.cfg.Folder.LoadJournal(t.key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t.disk("read", err)
	}
	length, err := t.part.Size()
	if err != nil {
		return t.disk("read", err)
	}
	if j, bad := decodeJournal(b); len(b) > 0 && bad != nil {
		t.log.Warn("start again: the journal cannot be used", "error", bad)
	} else if len(b) > 0 && j.Scope == t.cfg.Scope {
		t.take(j, length)
	}
	if end := t.done.end(); length > end {
		if err := t.part.Truncate(end); err != nil {
			return t.disk("write", err)
		}
	}
	t.tally.have.Store(t.done.sum())
	t.tally.total.Store(t.size)
	return nil
}

// take goes by a journal and the length of the part.
func (t *transfer) take(j journal, length int64) {
	t.began = j.Began
	if !j.fits(t.req) {
		return
	}
	t.claimsAll = length == 0 && j.Size > 0 && j.Done.front() == j.Size && j.SHA256 != ""
	if t.size < 0 {
		t.size = j.Total
	}
	t.tag, t.done = j.Tag, j.Done.clip(length)
	if j.tailHolds(t.req) && (t.size < 0 || length <= t.size) {
		t.done = t.done.add(t.done.end(), length)
	}
	if j.Hashed <= t.done.front() {
		t.hashed, t.state = j.Hashed, j.State
	}
}

// save writes the journal, after the part was synced.
func (t *transfer) save(in intent) error {
	t.saving.Lock()
	defer t.saving.Unlock()
	return t.write(in)
}

func (t *transfer) write(in intent) error {
	j := t.snapshot(in)
	if t.part != nil { // a closed one was synced before
		if err := t.part.Sync(); err != nil {
			return t.disk("write", err)
		}
	}
	b, err := j.encode()
	if err != nil {
		return err
	}
	return t.disk("write", t.cfg.Folder.SaveJournal(t.key, b))
}

func (t *transfer) snapshot(in intent) journal {
	t.mu.Lock()
	defer t.mu.Unlock()
	hashed, state := t.hashed, t.state
	if t.hash != nil {
		hashed, state = t.hash.saved()
	}
	t.unsaved = 0
	r := t.req
	return journal{
		Scope: t.cfg.Scope, ID: r.ID, Name: r.Name, Size: r.Size, SHA256: r.SHA256, ETag: r.ETag, Clash: r.Clash,
		Intent: in, Began: t.began, Tag: t.tag, Total: t.size,
		Done: append(spans(nil), t.done...), Hashed: min(hashed, t.done.front()), State: state,
		Boot: bootID(), InOrder: !t.shared,
	}
}

// share has the journal know, before any further connection writes, that there
// may be holes from now on.
func (t *transfer) share() error {
	t.mu.Lock()
	known := t.shared
	t.shared = true
	t.mu.Unlock()
	if known {
		return nil
	}
	return t.save(intentRun)
}

// keep writes the journal from time to time, beside the transfer, until stop
// is called. On a disk that syncs slowly it writes less often: syncing takes
// half of the time at most, as long as the journal is not older than it may be.
// On a fast line it lets saveApart pass.
func (t *transfer) keep() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(saveEvery)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-t.dirty:
			case <-tick.C:
			}
			if !t.outdated() {
				continue
			}
			began := time.Now()
			if err := t.save(intentRun); err != nil {
				t.fail(err)
				return
			}
			rest := time.NewTimer(max(min(time.Since(began), saveEvery), saveApart))
			select {
			case <-end:
				rest.Stop()
				return
			case <-rest.C:
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

// due asks for a new journal.
func (t *transfer) due() {
	select {
	case t.dirty <- struct{}{}:
	default:
	}
}

// outdated says whether bytes came that the journal does not know of.
func (t *transfer) outdated() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.unsaved > 0
}
