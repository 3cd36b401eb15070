//go:build android || jvm

package phone

import "sync"

// Phone is the system that this process runs on. It is safe for use by several
// goroutines.
type Phone struct {
	native func(do func(vm, ctx uintptr) error) error

	mu   sync.Mutex
	lock object // that keeps the screen on; a global reference
}

// New makes a Phone. native lends the virtual machine and the app's activity,
// as a global reference, for the time of one call of do.
func New(native func(do func(vm, ctx uintptr) error) error) *Phone { return &Phone{native: native} }

func (p *Phone) do(f func(*env) error) error {
	return p.native(func(vm, ctx uintptr) error { return attached(vm, ctx, f) })
}

// Level is the API level of this version of Android.
func (p *Phone) Level() (level int, err error) {
	err = p.do(func(e *env) error {
		level = e.level
		return nil
	})
	return level, err
}

// service is one of the system's, by its name.
func (e *env) service(name string) (object, error) { return e.object(getSystemService, e.ctx, name) }
