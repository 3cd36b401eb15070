package calendar

import (
	"fmt"
	"time"
)

// Day is a civil day without a zone. The zero Day is not a day.
type Day struct {
	Year  int
	Month time.Month
	Date  int // 1 to 31
}

// NewDay makes a Day; a date past the end of the month runs over into the
// next one, as in time.Date.
func NewDay(year int, month time.Month, date int) Day {
	return DayOf(time.Date(year, month, date, 12, 0, 0, 0, time.UTC), time.UTC)
}

// DayOf is the day that it is at instant t in zone loc.
func DayOf(t time.Time, loc *time.Location) Day {
	y, m, d := t.In(loc).Date()
	return Day{y, m, d}
}

// ParseDay reads YYYY-MM-DD.
func ParseDay(s string) (Day, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, time.UTC)
	if err != nil || len(s) != len(time.DateOnly) {
		return Day{}, fmt.Errorf("day %.20q is not of the form YYYY-MM-DD", s)
	}
	return DayOf(t, time.UTC), nil
}

// IsZero reports whether d is the zero Day.
func (d Day) IsZero() bool { return d == Day{} }

// String writes YYYY-MM-DD; nothing for the zero Day.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Date)
}

// MarshalText writes YYYY-MM-DD.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD; empty text gives the zero Day.
func (d *Day) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Day{}
		return nil
	}
	parsed, err := ParseDay(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Start is the first instant of d in loc. Where the clock jumps over midnight
// it is the first instant after the jump; where it jumps over the whole day,
// as Samoa did over 30 December 2011, the start of the next day.
func (d Day) Start(loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Date, 0, 0, 0, 0, loc)
	if DayOf(t, loc) == d && DayOf(t.Add(-time.Nanosecond), loc) != d {
		return t
	}
	// Where midnight does not exist, or twice, time.Date gives one of the two
	// offsets around the jump. Search between two noons that are safely
	// before and after, even when one of them falls into a skipped day.
	lo := time.Date(d.Year, d.Month, d.Date-2, 12, 0, 0, 0, loc)
	hi := time.Date(d.Year, d.Month, d.Date+1, 12, 0, 0, 0, loc)
	for hi.Sub(lo) > time.Nanosecond {
		mid := lo.Add(hi.Sub(lo) / 2)
		if DayOf(mid, loc).Before(d) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// AddDays is the day n days later; n may be negative.
func (d Day) AddDays(n int) Day { return NewDay(d.Year, d.Month, d.Date+n) }

// AddMonths is the same date n calendar months later, or the last day of that
// month where it is shorter: 29 February 2028 less 24 months is 28 February
// 2026. (time.AddDate would run over into March.)
func (d Day) AddMonths(n int) Day {
	first := NewDay(d.Year, d.Month+time.Month(n), 1)
	return Day{first.Year, first.Month, min(d.Date, DaysIn(first.Year, first.Month))}
}

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// Compare is negative, zero or positive as d is before, equal to or after o.
func (d Day) Compare(o Day) int { return d.utc().Compare(o.utc()) }

// Before reports whether d comes before o.
func (d Day) Before(o Day) bool { return d.Compare(o) < 0 }

// After reports whether d comes after o.
func (d Day) After(o Day) bool { return d.Compare(o) > 0 }

// Since counts the days from o to d.
func (d Day) Since(o Day) int {
	// Not Sub: a time.Duration ends after 292 years.
	return int((d.utc().Unix() - o.utc().Unix()) / (24 * 60 * 60))
}

// utc is noon of the day in UTC, where every day has 24 hours.
func (d Day) utc() time.Time { return time.Date(d.Year, d.Month, d.Date, 12, 0, 0, 0, time.UTC) }

// DaysIn is the number of days of a month.
func DaysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 12, 0, 0, 0, time.UTC).Day()
}

// AddMonths is the instant n calendar months after t in zone loc, on the same
// date clamped to the month, at the same time of day.
func AddMonths(t time.Time, n int, loc *time.Location) time.Time {
	t = t.In(loc)
	d := DayOf(t, loc).AddMonths(n)
	h, m, s := t.Clock()
	return time.Date(d.Year, d.Month, d.Date, h, m, s, t.Nanosecond(), loc)
}
