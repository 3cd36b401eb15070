package screens

import (
	"time"

	"connectbackup/api/calendar"
	"connectbackup/screens/lang"
)

// blanks fill the templates of a sentence.
type blanks = map[string]any

// dayText writes a day in words: "23 Nov 2026".
func dayText(d calendar.Day) string { return lang.Day(d) }

// rangeText writes an inclusive range of days: "23 Nov 2024 – 23 Nov 2026".
func rangeText(r calendar.Range) string {
	if r.From == r.Till {
		return dayText(r.From)
	}
	return lang.L("{{.From}} – {{.Till}}", blanks{"From": dayText(r.From), "Till": dayText(r.Till)})
}

// timeText writes an instant in a zone: "23 Nov 2026 10:42".
func timeText(t time.Time, zone *time.Location) string {
	return lang.DayTime(dayText(calendar.DayOf(t, zone)), clockText(t, zone))
}

func clockText(t time.Time, zone *time.Location) string { return lang.Clock(t.In(zone)) }

// asOfText is the time of day for something of today, and day and time for
// anything older: "10:42" or "22 Nov 2026 10:42".
func asOfText(now, t time.Time, zone *time.Location) string {
	if calendar.DayOf(now, zone) == calendar.DayOf(t, zone) {
		return clockText(t, zone)
	}
	return timeText(t, zone)
}

// zoneOf is the zone of that name, or other where this system does not know it.
func zoneOf(name string, other *time.Location) *time.Location {
	if name != "" {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return other
}

// performedText says how long ago a backup was performed, and from a month on
// the day it was.
func performedText(now, t time.Time, zone *time.Location) string {
	switch age := now.Sub(t); {
	case age < time.Minute: // also when this device's clock is behind
		return lang.L("Performed just now")
	case age < time.Hour:
		return plural("Performed {{.Count}} minutes ago", int(age/time.Minute))
	case age < 24*time.Hour:
		return plural("Performed {{.Count}} hours ago", int(age/time.Hour))
	case age < 30*24*time.Hour:
		return plural("Performed {{.Count}} days ago", int(age/(24*time.Hour)))
	}
	return lang.L("Performed {{.Day}}", blanks{"Day": dayText(calendar.DayOf(t, zone))})
}

// plural is a sentence with a number in it; its singular stands in the
// translations of every language, English included.
func plural(text string, count int, more ...blanks) string {
	data := blanks{"Count": countText(int64(count))}
	for _, m := range more {
		for k, v := range m {
			data[k] = v
		}
	}
	return lang.N(text, count, data)
}

// countText writes a whole number with its thousands apart: "18,233".
func countText(n int64) string { return lang.Number(n) }

// sizeText writes a number of bytes with one decimal and a unit: "18.4 MB".
func sizeText(bytes int64) string { return lang.Size(bytes) }

// leftText says how long something will still take: "2 s left".
func leftText(d time.Duration) string {
	switch {
	case d < 0:
		return ""
	case d < time.Minute:
		return lang.L("{{.Seconds}} s left", blanks{"Seconds": upTo(d, time.Second)})
	case d < time.Hour:
		return lang.L("{{.Minutes}} min left", blanks{"Minutes": upTo(d, time.Minute)})
	case d < 48*time.Hour:
		return lang.L("{{.Hours}} h {{.Minutes}} min left",
			blanks{"Hours": int(d / time.Hour), "Minutes": int(d % time.Hour / time.Minute)})
	}
	return plural("{{.Count}} days left", int(d/(24*time.Hour)))
}

// upTo counts the units that d has begun.
func upTo(d, unit time.Duration) int { return int((d + unit - 1) / unit) }

// percentText writes "42%".
func percentText(percent int) string { return lang.Percent(percent) }
