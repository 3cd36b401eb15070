package calendar

import "time"

// Range is From to Till, both inclusive.
type Range struct {
	From Day `json:"from"`
	Till Day `json:"till"`
}

// Window is the kept range on a day: from the clamped same date so many months
// before up to today (requirements S28 and S29).
func Window(today Day, months int) Range { return Range{today.AddMonths(-months), today} }

// Bounds are the instants [start, end) that r covers in loc: from the start of
// From to the start of the day after Till.
func (r Range) Bounds(loc *time.Location) (start, end time.Time) {
	return r.From.Start(loc), r.Till.AddDays(1).Start(loc)
}

// Valid reports whether both days are set and From is not after Till.
func (r Range) Valid() bool {
	return !r.From.IsZero() && !r.Till.IsZero() && !r.From.After(r.Till)
}

// Contains reports whether d lies in r.
func (r Range) Contains(d Day) bool { return !d.Before(r.From) && !d.After(r.Till) }

// Clamp is d moved to the nearest day of r.
func (r Range) Clamp(d Day) Day {
	switch {
	case d.Before(r.From):
		return r.From
	case d.After(r.Till):
		return r.Till
	}
	return d
}

// Overlaps reports whether the two ranges share a day.
func (r Range) Overlaps(o Range) bool { return !r.Till.Before(o.From) && !o.Till.Before(r.From) }

// Days is the number of days in r.
func (r Range) Days() int { return r.Till.Since(r.From) + 1 }
