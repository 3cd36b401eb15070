package lang

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"connectbackup/api/calendar"
)

// Day writes a day in short: "23 Nov 2026"; nothing for the zero day.
func Day(d calendar.Day) string {
	if d.IsZero() {
		return ""
	}
	t := spoken()
	return t.writeDay(t.day, time.Date(d.Year, d.Month, d.Date, 12, 0, 0, 0, time.UTC))
}

// LongDay writes the day of t in full: "Monday, 23 November 2026".
func LongDay(at time.Time) string {
	t := spoken()
	return t.writeDay(t.longDay, at)
}

// Month writes a month with its year: "November 2026".
func Month(at time.Time) string {
	t := spoken()
	return t.writeDay(t.month, at)
}

// WeekdayColumn is the head of a calendar's column: "Mo".
func WeekdayColumn(d time.Weekday) string { return spoken().columns[d] }

func (t *tongue) writeDay(template string, at time.Time) string {
	day := strconv.Itoa(at.Day())
	if at.Day() == 1 && t.first != "" {
		day = t.first
	}
	return t.fill(template, map[string]any{
		"Day": day, "Year": at.Year(), "Weekday": t.weekdays[at.Weekday()],
		"Month": t.months[at.Month()-1], "ShortMonth": t.shortMonths[at.Month()-1],
	})
}

// Clock writes the time of day of t: "10:42", or "10:42 AM" where people count
// so.
func Clock(at time.Time) string {
	t := spoken()
	half := t.morning
	if at.Hour() >= 12 {
		half = t.evening
	}
	return t.fill(t.clock, map[string]any{
		"H": at.Hour(), "HH": fmt.Sprintf("%02d", at.Hour()), "K": (at.Hour()+11)%12 + 1,
		"MM": fmt.Sprintf("%02d", at.Minute()), "Half": half,
	})
}

// DayTime joins a day and a time of day, both written already.
func DayTime(day, clock string) string {
	t := spoken()
	return t.fill(t.dayTime, map[string]any{"Day": day, "Time": clock})
}

// Number writes a whole number with its thousands apart: "18,233".
func Number(n int64) string { return spoken().number(n) }

func (t *tongue) number(n int64) string {
	if n < 0 {
		return "-" + t.digits(strconv.FormatInt(n, 10)[1:])
	}
	return t.digits(strconv.FormatInt(n, 10))
}

// digits puts the marks between the groups of a number.
func (t *tongue) digits(digits string) string {
	if len(digits) < t.grouped {
		return digits
	}
	var b strings.Builder
	for i, r := range digits {
		left := len(digits) - i
		if i > 0 && (left == 3 || left > 3 && t.begins(left)) {
			b.WriteString(t.group)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// begins reports whether a group begins where so many digits are left; there
// are more than three.
func (t *tongue) begins(left int) bool {
	if t.lakhs {
		return (left-3)%2 == 0
	}
	return left%3 == 0
}

// Tenths writes a number that is not negative with one decimal: "18.4".
func Tenths(value float64) string {
	t := spoken()
	tenths := int64(value*10 + 0.5)
	return t.number(tenths/10) + t.decimal + strconv.FormatInt(tenths%10, 10)
}

// Percent writes 0 to 100 percent: "42%".
func Percent(percent int) string {
	return strconv.Itoa(max(0, min(percent, 100))) + spoken().percent
}

// Size writes a number of bytes with one decimal and a unit: "18.4 MB". Units
// are a thousand apart, as people know them from their file managers and their
// contracts. Less than no bytes means that nobody knows.
func Size(bytes int64) string {
	if bytes < 0 {
		return L("unknown size")
	}
	if bytes < 1000 {
		return N("{{.Count}} bytes", int(bytes), map[string]any{"Count": int(bytes)})
	}
	t := spoken()
	value, unit := float64(bytes)/1000, 0
	for value >= 999.95 && unit < len(t.sizes)-1 { // 999.95 would be written 1000.0
		value /= 1000
		unit++
	}
	return Tenths(value) + t.sizeMark + t.sizes[unit]
}
