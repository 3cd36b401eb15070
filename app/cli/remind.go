package cli

import (
	"errors"

	"connectbackup/app/core"
	"connectbackup/assets"
	"connectbackup/device"
)

type remindCommand struct{}

// Run shows a notification if its time has come. It leaves everything to an app
// that runs, and in a demo nothing is told outside the app.
func (remindCommand) Run(r *run) error {
	paths, err := core.SystemPaths()
	if err != nil {
		return err
	}
	done, err := core.Remind(r.ctx, core.Options{
		Paths: paths, Notifier: device.NewNotifier("Connect Backup", assets.AppIcon), Say: r.say,
	})
	switch {
	case errors.Is(err, core.ErrReminding):
		r.out.step("left", fields{"why": "running"}, "The app is running, and reminds by itself.")
		return nil
	case err != nil:
		return err
	case done.Demo:
		r.out.step("left", fields{"why": "demo"}, "This is a demo: it reminds inside the app alone.")
		return nil
	}
	o := done.Outlook
	f := fields{"due": len(o.Due), "today": o.Today, "as_of": o.At, "told": done.Told}
	if len(o.Due) > 0 {
		f["next"], f["days"] = o.Due[0].On, o.Due[0].Days
	}
	if !o.SnoozedTill.IsZero() {
		f["snoozed_till"] = o.SnoozedTill
	}
	switch {
	case done.Told:
		r.out.step("told", f, "A reminder was shown: the next deletion is on %s.", o.Due[0].On)
	case len(o.Due) == 0:
		r.out.step("quiet", f, "Nothing is about to be deleted that is not held here.")
	default:
		r.out.step("quiet", f, "It is not the time to remind. The next deletion is on %s.", o.Due[0].On)
	}
	return nil
}
