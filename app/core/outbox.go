package core

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/device/ledger"
)

// Kinds of messages in the outbox.
const (
	messageDownload = "download" // what became of a backup's file here; the body is an api.NewDownload
	messageName     = "name"     // what this device is called; the body is the name
)

// flushWait is how long signing out waits for what is unsent. With the token
// gone nobody could send it any more.
const flushWait = 2 * time.Second

// resendSteps are the waits between two attempts to tell the server something.
// The client has tried several times by then.
var resendSteps = []time.Duration{30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// ResendAfter is how long to wait before telling the server again, after so
// many failures in a row.
func ResendAfter(failures int) time.Duration { return resendSteps[min(failures, len(resendSteps)-1)] }

// outbox tells the server, when it can be reached, what happened on this device
// (requirement B10): in order, over restarts, and never in the way of whatever
// happened.
type outbox struct {
	core *Core
	more chan struct{} // there is something new to send, or the network is back
}

func newOutbox(c *Core) *outbox { return &outbox{core: c, more: make(chan struct{}, 1)} }

// nudge lets the sender try now.
func (o *outbox) nudge() {
	select {
	case o.more <- struct{}{}:
	default:
	}
}

func ownerOf(a api.Account) ledger.Owner {
	return ledger.Owner{Server: a.Server, Organisation: a.Organisation.ID, User: a.User.ID}
}

// post puts something into the outbox. That it cannot be written is no failure
// of what happened.
func (o *outbox) post(a api.Account, kind, subject, body string) {
	err := o.core.ledger.Post(ledger.Message{Owner: ownerOf(a), Kind: kind, Subject: subject, Body: body})
	if err != nil {
		o.core.log.Error("note what the server has to be told", "kind", kind, "about", subject, "error", err)
		return
	}
	o.nudge()
}

// report notes what became of a backup's file on this device.
func (o *outbox) report(a api.Account, id string, event api.DownloadEvent, f download.Info, sum string) {
	o.core.reminders.copiesChanged()
	body, err := json.Marshal(api.NewDownload{
		Event: event, FileName: tellable(f.Name), Bytes: max(f.Size, 0), SHA256: sum, At: o.core.options.Clock().UTC(),
	})
	if err != nil {
		o.core.log.Error("note what became of a file", "backup", id, "error", err)
		return
	}
	o.post(a, messageDownload, id, string(body))
}

// nameMax is how many bytes of a file's name the contract takes.
const nameMax = 255

// tellable is a file's name as the contract takes it: on this device it may
// have been called anything.
func tellable(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '/' || r == '\\' {
			return -1
		}
		return r
	}, name)
	for len(name) > nameMax {
		runes := []rune(name)
		name = string(runes[:len(runes)-1])
	}
	return name
}

// send empties the outbox of a session for as long as that lasts.
func (o *outbox) send(s *session) {
	o.nudge() // what is left of the last run
	failures := 0
	for {
		var again <-chan time.Time
		var timer *time.Timer
		if failures > 0 {
			timer = time.NewTimer(o.core.options.Resend(failures - 1))
			again = timer.C
		}
		select {
		case <-o.more:
			failures = 0
		case <-again:
		case <-s.ctx.Done():
		}
		if timer != nil {
			timer.Stop()
		}
		if s.ctx.Err() != nil {
			return
		}
		if err := o.flush(s.ctx, s); err == nil {
			failures = 0
		} else if failures++; s.ctx.Err() == nil {
			o.core.log.Info("the server could not be told", "failures", failures, "error", err)
		}
	}
}

// flush sends what waits, the oldest first, until nothing is left or one cannot
// be sent now.
func (o *outbox) flush(ctx context.Context, s *session) error {
	for {
		m, err := o.core.ledger.Next(ownerOf(s.account))
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		err = o.deliver(ctx, s, m)
		if err != nil && !isFinal(err) {
			return err
		}
		if err != nil {
			o.core.log.Warn("the server will not be told", "kind", m.Kind, "about", m.Subject, "error", err)
		}
		if err := o.core.ledger.Done(m.ID); err != nil {
			return err
		}
	}
}

// close tries once to send what is left of a session that the person ends, and
// forgets the rest: nothing of an account stays behind when it leaves the device
// (requirement I15), and without its token nobody could send it.
func (o *outbox) close(ctx context.Context, s *session) {
	ctx, cancel := context.WithTimeout(ctx, flushWait)
	defer cancel()
	if err := o.flush(ctx, s); err != nil {
		o.core.log.Warn("the server was not told everything before signing out", "error", err)
	}
	if err := o.drop(s.account); err != nil {
		o.core.log.Error("forget what the server was to be told", "error", err)
	}
}

// drop forgets what is unsent of an account.
func (o *outbox) drop(a api.Account) error { return o.core.ledger.DropMessages(ownerOf(a)) }

// errMessage says that a message cannot be sent as it is: nobody knows what it
// was to say.
var errMessage = errors.New("a message that cannot be read")

func (o *outbox) deliver(ctx context.Context, s *session, m ledger.Message) error {
	switch m.Kind {
	case messageDownload:
		var n api.NewDownload
		if err := json.Unmarshal([]byte(m.Body), &n); err != nil {
			return join(errMessage, err)
		}
		_, err := s.client.RecordDownload(ctx, m.Subject, n)
		return err
	case messageName:
		_, err := s.client.RenameDevice(ctx, m.Subject, m.Body)
		return err
	}
	return errMessage
}

// isFinal reports whether the same message would be refused for ever. What may
// pass, such as a session that ended or a server that is busy, is none of that.
func isFinal(err error) bool {
	var id *api.IDError
	if errors.Is(err, errMessage) || errors.As(err, &id) {
		return true
	}
	var p *api.Problem
	if !errors.As(err, &p) {
		return false
	}
	switch p.Status {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return p.Status >= http.StatusBadRequest && p.Status < http.StatusInternalServerError
}
