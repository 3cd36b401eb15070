package core

import (
	"connectbackup/api"
	"connectbackup/device"
	"connectbackup/device/download"
)

// noticesMax is how many notifications wait to be shown. What does not fit is
// told inside the app alone.
const noticesMax = 64

// say translates a text of the app's own.
func (c *Core) say(text string, data map[string]any) string {
	if c.options.Say != nil {
		return c.options.Say(text, -1, data)
	}
	return fill(text, data)
}

// announce shows a notification outside the app's window, in its turn: the
// system may take seconds for one. Refused or impossible ones are no failure:
// the app tells inside too (requirement I13).
func (c *Core) announce(n device.Notification) {
	if c.options.Notifier == nil {
		return
	}
	select {
	case c.notices <- n:
	default:
		c.log.Warn("too many notifications wait; one is not shown", "title", n.Title)
	}
}

// showNotices shows notifications until the app closes.
func (c *Core) showNotices() {
	for {
		select {
		case n := <-c.notices:
			if err := c.options.Notifier.Notify(n); err != nil {
				c.log.Warn("notify", "error", err)
			}
		case <-c.ctx.Done():
			return
		}
	}
}

// leadTo is what choosing a notification of that backup does; nil when nobody
// can show it.
func (c *Core) leadTo(id string) func() {
	if c.options.OpenBackup == nil {
		return nil
	}
	return func() { c.options.OpenBackup(id) }
}

// announceEnd tells that a backup which was pending is ready, or has failed.
// Only whoever asked for it is told: of ten colleagues' backups a day most
// people want to see nothing outside the app.
func (c *Core) announceEnd(b api.Backup) {
	s := c.current()
	if s == nil || b.CreatedBy.ID != s.account.User.ID {
		return
	}
	n := device.Notification{ID: b.ID, Action: c.say("Show", nil), OnAction: c.leadTo(b.ID)}
	switch b.Status {
	case api.StatusCompleted:
		n.Title, n.Body = c.say("Backup is ready", nil), b.Title
	case api.StatusFailed:
		n.Title, n.Body = c.say("Backup failed", nil), b.Title
		if b.Error != nil {
			n.Body += "\n" + c.sentence(&api.Problem{Code: api.Code(b.Error.Code), Detail: b.Error.Detail})
		}
	default:
		return // cancelled: by a person, who knows
	}
	c.announce(n)
}

// sentence is an error in the person's language.
func (c *Core) sentence(err error) string {
	what, next, data := Explain(err)
	return c.say(what, data) + " " + c.say(next, data)
}

// announceDownload tells that a download has ended (requirement S20). Where a
// notification can open the file, choosing it does so (S21); elsewhere it leads
// to the backup, where Open stands first.
func (c *Core) announceDownload(s download.State) {
	n := device.Notification{
		ID: s.ID, Title: c.say("Backup downloaded", nil), Body: s.Name, OnAction: c.leadTo(s.ID), Opens: s.Location,
	}
	switch {
	case s.Phase == download.Failed:
		n.Title, n.Body, n.Opens = c.say("Backup not downloaded", nil), s.Name+"\n"+c.sentence(s.Err), ""
	case device.Platform() == "linux":
		n.Action = c.say("Open", nil)
		n.OnAction = func() { c.openOrShow(s) }
		c.announce(n)
		return
	}
	n.Action = c.say("Show", nil)
	c.announce(n)
}

// openOrShow opens a downloaded file; when that fails the backup says more.
func (c *Core) openOrShow(s download.State) {
	err := device.Open(s.Location)
	if err == nil {
		return
	}
	c.log.Error("open a file from its notification", "error", err)
	if show := c.leadTo(s.ID); show != nil {
		show()
	}
}
