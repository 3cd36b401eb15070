//go:build android || jvm

package phone

import (
	"errors"
	"hash/crc32"
	"time"
)

// errIcon says that a notification's icon is no picture.
var errIcon = errors.New("the icon is no picture")

// staleAfter takes away progress that nobody has renewed: the system freezes
// and ends apps without a word to them.
const staleAfter = time.Minute

// NoticesAllowed reports whether the person lets this app show notifications.
func (p *Phone) NoticesAllowed() (allowed bool, err error) {
	err = p.do(func(e *env) error {
		manager, err := e.service(noticeService)
		if err != nil {
			return err
		}
		allowed, err = e.yes(noticesEnabled, manager)
		return err
	})
	return allowed, err
}

// Show shows a notification, in its channel, which is made where there are
// channels.
func (p *Phone) Show(c Channel, n Notice) error {
	return p.do(func(e *env) error {
		manager, err := e.service(noticeService)
		if err != nil {
			return err
		}
		builder, err := e.builder(manager, c)
		if err != nil {
			return err
		}
		if err := e.fill(builder, n); err != nil {
			return err
		}
		opens, err := e.opens(n)
		if err != nil {
			return err
		}
		if err := e.do(setContentIntent, builder, opens); err != nil {
			return err
		}
		notice, err := e.object(buildNotice, builder)
		if err != nil {
			return err
		}
		return e.do(notifyTagged, manager, n.Tag, int32(1), notice)
	})
}

// Withdraw takes a notification away; none there is fine.
func (p *Phone) Withdraw(tag string) error {
	return p.do(func(e *env) error {
		manager, err := e.service(noticeService)
		if err != nil {
			return err
		}
		return e.do(cancelTagged, manager, tag, int32(1))
	})
}

// builder begins a notification. A channel that is there already is left as
// the person has set it.
func (e *env) builder(manager object, c Channel) (object, error) {
	if e.level < newChannel.Since {
		return e.object(newBuilderOld, 0, e.ctx)
	}
	channel, err := e.object(newChannel, 0, c.ID, c.Name, importanceDefault)
	if err != nil {
		return 0, err
	}
	if err := e.do(createChannel, manager, channel); err != nil {
		return 0, err
	}
	return e.object(newBuilder, 0, e.ctx, c.ID)
}

func (e *env) fill(builder object, n Notice) error {
	icon, err := e.icon(n.Icon)
	if err != nil {
		return err
	}
	style, err := e.object(newBigText, 0)
	if err != nil {
		return err
	}
	if err := e.do(bigText, style, n.Text); err != nil {
		return err
	}
	type step struct {
		m    *Member
		args []any
	}
	steps := []step{
		{setSmallIcon, []any{icon}},
		{setColor, []any{n.Colour}},
		{setContentTitle, []any{n.Title}},
		{setContentText, []any{n.Text}},
		{setStyle, []any{style}},
		{setAutoCancel, []any{!n.Quiet}},
		{setOngoing, []any{n.Quiet}},
		{setAlertOnce, []any{n.Quiet}},
	}
	if n.Quiet {
		part, whole, unknown := progress(n.Done, n.Total)
		steps = append(steps, step{setProgress, []any{whole, part, unknown}})
		if e.level >= setTimeout.Since {
			steps = append(steps, step{setTimeout, []any{staleAfter.Milliseconds()}})
		}
	}
	for _, s := range steps {
		if err := e.do(s.m, builder, s.args...); err != nil {
			return err
		}
	}
	return nil
}

func (e *env) icon(png []byte) (object, error) {
	bytes, err := e.bytes(png)
	if err != nil {
		return 0, err
	}
	bitmap, err := e.nullable(decodeBitmap, 0, bytes, int32(0), int32(len(png)))
	if err == nil && bitmap == 0 {
		err = errIcon
	}
	if err != nil {
		return 0, err
	}
	return e.object(iconOfBitmap, 0, bitmap)
}

// opens is what a tap does, decided now, since nothing of the app need run
// then: the file in the app for its kind, or a list of apps where there is
// none; without a file, the app itself.
func (e *env) opens(n Notice) (object, error) {
	var wish object
	var err error
	if n.Opens.URI == "" {
		wish, err = e.launch()
	} else {
		wish, err = e.viewOrChoose(n.Opens)
	}
	if err != nil {
		return 0, err
	}
	// One code a tag: wishes that differ in their extras alone are one to Android.
	code := int32(crc32.ChecksumIEEE([]byte(n.Tag)) >> 1)
	return e.object(pendingActivity, 0, e.ctx, code, wish, flagUpdate|flagImmutable)
}

func (e *env) viewOrChoose(h Handed) (object, error) {
	packages, err := e.object(getPackageManager, e.ctx)
	if err != nil {
		return 0, err
	}
	view, err := e.view(h.URI, h.Mime)
	if err != nil {
		return 0, err
	}
	app, err := e.nullable(resolveActivity, view, packages)
	if err != nil || app != 0 {
		return view, err
	}
	return e.chooserOfAnything(h)
}

// launch is the wish to see the app as it is.
func (e *env) launch() (object, error) {
	packages, err := e.object(getPackageManager, e.ctx)
	if err != nil {
		return 0, err
	}
	name, err := e.textOf(getPackageName, e.ctx)
	if err != nil {
		return 0, err
	}
	launch, err := e.object(getLaunchIntent, packages, name)
	if err != nil {
		return 0, err
	}
	// Without its package, and so as the home screen starts it: the window comes
	// to the front, rather than a second one.
	return e.object(setPackage, launch, object(0))
}
