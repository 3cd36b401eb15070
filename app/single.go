package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"connectbackup/device"
)

// What a later start of the app wants of the one that runs.
const (
	wantShow   = "show"
	wantBackup = "show backup "
)

// singlePatience is how long a start waits for the app that runs to answer, or
// to end.
const singlePatience = 5 * time.Second

// wish is what a start of the app wants, as a message to the app that runs.
func wish(backup string) string {
	if !plausible(backup) {
		return wantShow
	}
	return wantBackup + backup
}

// wished reads such a message; whoever writes one may be anybody with this
// user's rights.
func wished(message string) (backup string, ok bool) {
	if message == wantShow {
		return "", true
	}
	backup, found := strings.CutPrefix(message, wantBackup)
	return backup, found && plausible(backup)
}

// maxBackupID is longer than the ID of any backup.
const maxBackupID = 128

// plausible reports whether that may be the ID of a backup. The server says
// whether it is.
func plausible(id string) bool {
	if id == "" || len(id) > maxBackupID {
		return false
	}
	return !strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
}

// claim makes this process the one app on its data. device.ErrAnswered when
// the one that runs has shown its window. Where nobody can know whether one
// runs, the app goes on alone: if the data cannot be used, the core says why.
func (o *opener) claim() error {
	if o.single != nil || device.Platform() == "android" || device.Platform() == "ios" {
		return nil // there the system starts an app once
	}
	paths, err := systemPaths(o.app)
	if err != nil {
		return nil //nolint:nilerr // the core says it better
	}
	ctx, cancel := context.WithTimeout(context.Background(), singlePatience)
	defer cancel()
	single, err := device.Claim(ctx, paths.Data, wish(o.backup), o.heard)
	if errors.Is(err, device.ErrAnswered) || errors.Is(err, device.ErrNoAnswer) {
		return err
	}
	o.single = single
	return nil
}

// heard takes in what a later start wants, on any goroutine.
func (o *opener) heard(message string) {
	if backup, ok := wished(message); ok {
		o.come(backup)
	}
}

// come brings the window to the front, from wherever it is, and with an ID
// shows that backup. It may be called on any goroutine.
func (o *opener) come(backup string) {
	o.onUI(func() { o.frame.come(backup) })
}
