package extract

import "errors"

// Refusal is what a system thinks of a name: systems that this machine is not
// are tested by it.
func Refusal(system, part string) string { return refusal(system, part) }

// WithoutExchange is d as it works where the system cannot swap two folders.
func (d *DirTarget) WithoutExchange() *DirTarget {
	return d.Exchanging(func(string, string) error { return errors.ErrUnsupported })
}

// Exchanging is d when f swaps its folders.
func (d *DirTarget) Exchanging(f func(a, b string) error) *DirTarget {
	d.exchange = f
	return d
}

// Removing is d when what it replaces is removed by f.
func (d *DirTarget) Removing(f func(old string) error) *DirTarget {
	d.remove = f
	return d
}
