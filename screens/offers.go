package screens

import (
	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
)

// primary is what stands at the bottom of a backup's details.
type primary int

const (
	nothing       primary = iota
	firstDownload         // Download Backup: never downloaded here (S11, S12)
	downloadAgain         // Download again (S15, S18)
	transfer              // a download under way: its progress row
	cancelJob             // pending on the server
	tryAgain              // failed or cancelled: the same choices once more
)

// offers says what can be done with a backup, here and now. The reading of
// S11 to S19 stands in the requirements: "which button, which name".
type offers struct {
	Primary primary
	Refused string // why Primary cannot be used, in words; empty when it can
	Open    bool
	Extract bool
	Reveal  bool
	Share   bool
}

// situation is all that offers depend on.
type situation struct {
	Backup api.Backup
	Copy   download.Copy
	State  download.State
	User   api.User
	Can    func(Feature) bool
}

// offersFor chooses the buttons.
func offersFor(s situation) offers {
	here := s.Copy.State == download.CopyPresent || s.Copy.State == download.CopyChanged
	o := offers{
		Open:    here && s.Can(CanOpen),
		Extract: here,
		Reveal:  here && s.Can(CanReveal),
		Share:   here && s.Can(CanShare),
	}
	o.Primary = primaryFor(s)
	if permission := permissionFor(o.Primary); permission != "" && !s.User.Can(permission) {
		o.Refused = refusal(permission)
	}
	return o
}

func primaryFor(s situation) primary {
	if underWay(s.State.Phase) {
		return transfer
	}
	switch s.Backup.Status {
	case api.StatusPending:
		return cancelJob
	case api.StatusFailed, api.StatusCancelled:
		return tryAgain
	}
	switch {
	case !s.Backup.Downloadable():
		return nothing
	case s.Copy.State == download.CopyNone:
		return firstDownload
	}
	return downloadAgain
}

// underWay reports whether a download has something to show: also one that
// was paused or failed, for it can go on.
func underWay(p download.Phase) bool { return p != download.None && p != download.Done }

func permissionFor(p primary) string {
	switch p {
	case firstDownload, downloadAgain:
		return api.PermissionDownload
	case cancelJob, tryAgain:
		return api.PermissionCreate
	}
	return ""
}

// refusal says why something is not offered, and who can change that (I16).
func refusal(permission string) string {
	switch permission {
	case api.PermissionCreate:
		return lang.L("You are not allowed to create backups. Ask the person who manages your organisation.")
	case api.PermissionDownload:
		return lang.L("You are not allowed to download backups. Ask the person who manages your organisation.")
	}
	return lang.L("You are not allowed to do this. Ask the person who manages your organisation.")
}
