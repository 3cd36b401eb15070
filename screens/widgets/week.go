package widgets

import (
	"strings"
	"time"
)

// Regions whose week does not begin on Monday; Unicode CLDR 46, weekData.
const (
	sundayRegions   = "AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW"
	saturdayRegions = "AE AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY"
)

// FirstWeekday is the day on which the week begins where a locale is used, for
// example Sunday for "en-US". Monday when the locale names no region.
func FirstWeekday(locale string) time.Weekday {
	region := ""
	for _, part := range strings.FieldsFunc(locale, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		if len(part) == 2 && part == strings.ToUpper(part) {
			region = part
		}
	}
	switch {
	case region == "":
		return time.Monday
	case strings.Contains(sundayRegions, region):
		return time.Sunday
	case strings.Contains(saturdayRegions, region):
		return time.Saturday
	default:
		return time.Monday
	}
}

// dayAt is a day as the date window handles it: noon in UTC, which no change
// of the clocks moves to another day.
func dayAt(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
}

func dayOf(t time.Time) time.Time { return dayAt(t.Year(), t.Month(), t.Day()) }

func monthOf(t time.Time) time.Time { return dayAt(t.Year(), t.Month(), 1) }

// addMonths moves a day by months; where the month is too short it is the
// month's last day.
func addMonths(t time.Time, n int) time.Time {
	first := dayAt(t.Year(), t.Month()+time.Month(n), 1)
	return dayAt(first.Year(), first.Month(), min(t.Day(), daysIn(first)))
}

func daysIn(t time.Time) int { return dayAt(t.Year(), t.Month()+1, 0).Day() }

func clampDay(t, least, most time.Time) time.Time {
	if t.Before(least) {
		return least
	}
	if t.After(most) {
		return most
	}
	return t
}
