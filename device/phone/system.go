//go:build android || jvm

package phone

import (
	"math"
	"time"
)

// askCode tells the answer to a question for permissions from others. Nobody
// waits for it: what may be done is asked when it is done.
const askCode = 0x63b

// The API levels at which permissions changed.
const (
	levelFree  = 29 // MediaStore.Downloads takes files without any
	levelAsked = 33 // notifications need one
	levelEver  = math.MaxInt
)

// MayWriteFiles reports whether the app may write to the public Downloads. From
// API level 29 it need not: MediaStore takes files from everybody.
func (p *Phone) MayWriteFiles() (bool, error) { return p.may(0, levelFree-1, mayWriteFiles) }

// MayNotify reports whether the app was allowed to show notifications. Below
// API level 33 nobody has to be asked.
func (p *Phone) MayNotify() (bool, error) { return p.may(levelAsked, levelEver, mayNotify) }

// may reports whether the app has a permission, or needs none at this level.
func (p *Phone) may(from, to int, permission string) (yes bool, err error) {
	err = p.do(func(e *env) error {
		if e.level < from || e.level > to {
			yes = true
			return nil
		}
		answer, err := e.number(checkSelfPermission, e.ctx, permission)
		yes = answer == int64(granted)
		return err
	})
	return yes, err
}

// AskToWriteFiles shows the system's question for it. The answer is what
// MayWriteFiles says afterwards.
func (p *Phone) AskToWriteFiles() error { return p.ask(mayWriteFiles) }

// AskToNotify shows the system's question for it. The answer is what MayNotify
// says afterwards. Whoever has refused twice is not asked again by the system.
func (p *Phone) AskToNotify() error { return p.ask(mayNotify) }

func (p *Phone) ask(permission string) error {
	return p.do(func(e *env) error {
		permissions, err := e.texts(permission)
		if err != nil {
			return err
		}
		return e.do(requestPermissions, e.ctx, permissions, int32(askCode))
	})
}

// Metered reports whether the network costs by the byte, as the person or the
// network says.
func (p *Phone) Metered() (metered bool, err error) {
	err = p.do(func(e *env) error {
		connections, err := e.service(connectionService)
		if err != nil {
			return err
		}
		metered, err = e.yes(isMetered, connections)
		return err
	})
	return metered, err
}

// lockTag names the lock in the system's statistics.
const lockTag = "ConnectBackup:download"

// KeepScreenOn keeps the screen on for at most that long, or, with 0, no
// longer. A window's own flag may only be set by Java's main thread, which Go
// cannot send anything to; the lock, though older, is for every thread.
func (p *Phone) KeepScreenOn(most time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.do(func(e *env) error {
		if err := p.letScreenGo(e); err != nil || most <= 0 {
			return err
		}
		power, err := e.service(powerService)
		if err != nil {
			return err
		}
		lock, err := e.object(newWakeLock, power, dimLock, lockTag)
		if err != nil {
			return err
		}
		if err := e.do(lockAcquire, lock, most.Milliseconds()); err != nil {
			return err
		}
		p.lock = e.keep(lock)
		return nil
	})
}

func (p *Phone) letScreenGo(e *env) error {
	if p.lock == 0 {
		return nil
	}
	held, err := e.yes(lockHeld, p.lock)
	if err == nil && held {
		err = e.do(lockRelease, p.lock)
	}
	e.drop(p.lock)
	p.lock = 0
	return err
}
