package core

import (
	"errors"
	"time"

	"connectbackup/api"
)

// ListenAgain is how long the app does without events after a server, or a
// network on the way, would not let them through. Meanwhile it polls.
const ListenAgain = 15 * time.Minute

// listen hears what happens in the organisation for as long as the session
// lasts: one stream, which the client opens again by itself. What came while
// it was down is told by the server; a server that no longer knows says so, and
// everything is read anew.
func (b *Backups) listen(s *session) {
	last := ""
	for {
		missed := last == "" // what happened before the stream began
		err := s.client.Listen(s.ctx, api.Listener{
			Last: last,
			Event: func(e api.Event) {
				last = e.ID
				b.hear(s, e)
			},
			Connected: func(on bool) {
				b.setLive(on)
				if !on {
					return
				}
				if missed {
					missed = false
					b.ask(chores{list: true, pending: true})
				}
				b.core.outbox.nudge() // the network is there
			},
		})
		b.setLive(false)
		if s.ctx.Err() != nil || errors.Is(err, api.ErrSignedOut) {
			return
		}
		b.core.log.Info("no events are to be had; pending backups are asked for instead", "error", err)
		timer := time.NewTimer(b.core.options.ListenAgain)
		select {
		case <-timer.C:
		case <-s.ctx.Done():
			timer.Stop()
			return
		}
	}
}

// setLive says whether events are heard right now.
func (b *Backups) setLive(on bool) {
	b.mu.Lock()
	b.live = on
	b.mu.Unlock()
	b.nudge()
}

// hear takes in one event.
func (b *Backups) hear(s *session, e api.Event) {
	switch {
	case e.Type == api.EventReset:
		b.ask(chores{pending: true, list: true, modules: true})
	case e.Type == api.EventModules:
		b.ask(chores{modules: true})
	case e.Backup != nil:
		b.told(s, *e.Backup, e.Type == api.EventDownload)
	case e.BackupID != "":
		b.ask(chores{pending: true, list: true}) // of which nothing else is said
	}
}

// told takes in a backup as an event has it. The event may have been on its way
// while a reply said more: a backup that has ended is never pending again.
// Which device holds a file is not to be seen on the backup itself, so that
// news of it is passed on in any case.
func (b *Backups) told(s *session, backup api.Backup, holders bool) {
	before, known, err := s.store.Backup(backup.ID)
	b.complain("read the offline copy of a backup", err)
	if known && backup.Status == api.StatusPending && before.Value.Status != api.StatusPending {
		return
	}
	news := b.isNews(s, backup) || holders
	b.complain("keep the offline copy of a backup", s.store.SaveBackup(backup, b.core.options.Clock()))
	b.learn(backup, news)
}
