package screens

import (
	"connectbackup/api"
	"connectbackup/device/download"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
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
	Verify  bool // reading the whole file again (B3)
	Find    bool // looking for a file that was here (B13)
	Locate  bool // showing the app where the file is (B13)
	Remove  bool // deleting this device's copy
	Rename  bool
	Delete  bool // deleting the file on the server
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
	still := !underWay(s.State.Phase) // nothing is about to replace the file
	o := offers{
		Open:    here && s.Can(CanOpen),
		Extract: here,
		Reveal:  here && s.Can(CanReveal),
		Share:   here && s.Can(CanShare),
		Verify:  here && still,
		Remove:  here && still,
		Find:    s.Copy.State == download.CopyGone && still,
		Locate:  s.Copy.State != download.CopyPresent && hadFile(s.Backup) && still,
		Rename:  s.Backup.Status != api.StatusPending && s.Backup.Status != api.StatusOther,
		Delete:  s.Backup.Downloadable(),
	}
	o.Primary = primaryFor(s)
	if permission := permissionFor(o.Primary); permission != "" && !s.User.Can(permission) {
		o.Refused = refusal(permission)
	}
	return o
}

// hadFile reports whether the server ever made a file of the backup, which may
// lie somewhere on this device.
func hadFile(b api.Backup) bool {
	return b.Downloadable() || b.Status == api.StatusExpired || b.Status == api.StatusDeleted
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
	case api.PermissionDelete:
		return lang.L("You are not allowed to delete files on the server. Ask the person who manages your organisation.")
	}
	return lang.L("You are not allowed to do this. Ask the person who manages your organisation.")
}

// deed is one thing that the menu of a backup does.
type deed int

const (
	renameIt deed = iota
	shareIt
	locateIt
	removeIt
	deleteIt
)

// entry is one line of that menu.
type entry struct {
	Does    deed
	Label   string
	Icon    string
	Danger  bool
	Refused string // why it cannot be used; empty when it can
}

// menuFor is what the menu holds: what is wanted seldom, and what cannot be
// undone last.
func menuFor(o offers, u api.User) []entry {
	var all []entry
	add := func(offered bool, e entry, permission string) {
		if permission != "" && !u.Can(permission) {
			e.Refused = refusal(permission)
		}
		if offered {
			all = append(all, e)
		}
	}
	add(o.Rename, entry{Does: renameIt, Label: lang.L("Rename"), Icon: widgets.IconRename}, api.PermissionCreate)
	add(o.Share, entry{Does: shareIt, Label: lang.L("Share"), Icon: widgets.IconShare}, "")
	add(o.Locate && !o.Find, entry{Does: locateIt, Label: lang.L("Locate file…"), Icon: widgets.IconFolder}, "")
	add(o.Remove, entry{Does: removeIt, Label: lang.L("Delete from this device"), Icon: deviceIcon(), Danger: true}, "")
	add(o.Delete, entry{Does: deleteIt, Label: lang.L("Delete from server"), Icon: widgets.IconDelete, Danger: true},
		api.PermissionDelete)
	return all
}
