package lang

import (
	"strings"
	"testing"
	"time"

	"connectbackup/api/calendar"
)

// shown makes the two kinds of spaces visible.
func shown(text string) string {
	return strings.NewReplacer(nbsp, "~", nnbsp, "^").Replace(text)
}

// What people of a region are used to. The rows were compared with Unicode CLDR
// 48, which differs in the first of a month in French, the Swiss mark between
// thousands, and September in British English.
func TestFormats(t *testing.T) {
	morning := time.Date(2026, 11, 3, 9, 5, 0, 0, time.UTC)
	for _, c := range []struct{ locale, day, long, month, clock, whole, four, large, size, percent string }{
		{"en-US", "Nov 3, 2026", "Tuesday, November 3, 2026", "November 2026", "9:05~AM", "Nov 3, 2026, 9:05~AM", "1,234", "1,234,567", "18.4 MB", "42%"},
		{"en-GB", "3 Nov 2026", "Tuesday, 3 November 2026", "November 2026", "09:05", "3 Nov 2026 09:05", "1,234", "1,234,567", "18.4 MB", "42%"},
		{"en-CA", "Nov 3, 2026", "Tuesday, November 3, 2026", "November 2026", "9:05~a.m.", "Nov 3, 2026, 9:05~a.m.", "1,234", "1,234,567", "18.4 MB", "42%"},
		{"en-AU", "3 Nov 2026", "Tuesday, 3 November 2026", "November 2026", "9:05~am", "3 Nov 2026 9:05~am", "1,234", "1,234,567", "18.4 MB", "42%"},
		{"en-IN", "3 Nov 2026", "Tuesday, 3 November 2026", "November 2026", "9:05~am", "3 Nov 2026 9:05~am", "1,234", "12,34,567", "18.4 MB", "42%"},
		{"en-DE", "3 Nov 2026", "Tuesday, 3 November 2026", "November 2026", "09:05", "3 Nov 2026 09:05", "1.234", "1.234.567", "18,4 MB", "42%"},
		{"en-SE", "3 Nov 2026", "Tuesday, 3 November 2026", "November 2026", "09:05", "3 Nov 2026 09:05", "1~234", "1~234~567", "18,4 MB", "42%"},
		{"en", "3 Nov 2026", "Tuesday, 3 November 2026", "November 2026", "09:05", "3 Nov 2026 09:05", "1,234", "1,234,567", "18.4 MB", "42%"},
		{"de-DE", "3. Nov. 2026", "Dienstag, 3. November 2026", "November 2026", "09:05", "3. Nov. 2026, 09:05", "1.234", "1.234.567", "18,4 MB", "42~%"},
		{"de-AT", "3. Nov. 2026", "Dienstag, 3. November 2026", "November 2026", "09:05", "3. Nov. 2026, 09:05", "1~234", "1~234~567", "18,4 MB", "42~%"},
		{"de-CH", "3. Nov. 2026", "Dienstag, 3. November 2026", "November 2026", "09:05", "3. Nov. 2026, 09:05", "1’234", "1’234’567", "18.4 MB", "42%"},
		{"de-US", "3. Nov. 2026", "Dienstag, 3. November 2026", "November 2026", "09:05", "3. Nov. 2026, 09:05", "1.234", "1.234.567", "18,4 MB", "42~%"},
		{"fr-FR", "3 nov. 2026", "mardi 3 novembre 2026", "novembre 2026", "09:05", "3 nov. 2026, 09:05", "1^234", "1^234^567", "18,4~Mo", "42~%"},
		{"fr-CA", "3 nov. 2026", "mardi 3 novembre 2026", "novembre 2026", "09~h~05", "3 nov. 2026, 09~h~05", "1~234", "1~234~567", "18,4~Mo", "42~%"},
		{"fr-CH", "3 nov. 2026", "mardi 3 novembre 2026", "novembre 2026", "09:05", "3 nov. 2026, 09:05", "1^234", "1^234^567", "18,4~Mo", "42%"},
		{"fr-LU", "3 nov. 2026", "mardi 3 novembre 2026", "novembre 2026", "09:05", "3 nov. 2026, 09:05", "1.234", "1.234.567", "18,4~Mo", "42~%"},
		{"es-ES", "3 nov 2026", "martes, 3 de noviembre de 2026", "noviembre de 2026", "9:05", "3 nov 2026, 9:05", "1234", "1.234.567", "18,4 MB", "42~%"},
		{"es-MX", "3 nov 2026", "martes, 3 de noviembre de 2026", "noviembre de 2026", "9:05~a.m.", "3 nov 2026, 9:05~a.m.", "1,234", "1,234,567", "18.4 MB", "42%"},
		{"es-AR", "3 nov 2026", "martes, 3 de noviembre de 2026", "noviembre de 2026", "9:05~a.~m.", "3 nov 2026, 9:05~a.~m.", "1.234", "1.234.567", "18,4 MB", "42%"},
		{"es-CR", "3 nov 2026", "martes, 3 de noviembre de 2026", "noviembre de 2026", "9:05~a.~m.", "3 nov 2026, 9:05~a.~m.", "1~234", "1~234~567", "18,4 MB", "42%"},
	} {
		t.Run(c.locale, func(t *testing.T) {
			defer Use(c.locale)()
			day, clock := Day(calendar.NewDay(2026, time.November, 3)), Clock(morning)
			for _, line := range []struct{ what, got, want string }{
				{"day", day, c.day},
				{"long day", LongDay(morning), c.long},
				{"month", Month(morning), c.month},
				{"clock", clock, c.clock},
				{"day and time", DayTime(day, clock), c.whole},
				{"four digits", Number(1234), c.four},
				{"large number", Number(1234567), c.large},
				{"negative number", Number(-1234567), "-" + c.large},
				{"three digits", Number(999), "999"},
				{"size", Size(18_400_000), c.size},
				{"percent", Percent(42), c.percent},
			} {
				if shown(line.got) != line.want {
					t.Errorf("%s: got %q, want %q", line.what, shown(line.got), line.want)
				}
			}
		})
	}
}

func TestClocksOfTwelveHours(t *testing.T) {
	defer Use("en-US")()
	for at, want := range map[int]string{0: "12:00~AM", 1: "1:00~AM", 11: "11:00~AM", 12: "12:00~PM", 13: "1:00~PM", 23: "11:00~PM"} {
		if got := shown(Clock(time.Date(2026, 1, 1, at, 0, 0, 0, time.UTC))); got != want {
			t.Errorf("at %d it is %q, want %q", at, got, want)
		}
	}
}

func TestTheFirstOfAMonth(t *testing.T) {
	for locale, want := range map[string]string{
		"fr-FR": "1er août 2026", "de-DE": "1. Aug. 2026", "es-ES": "1 ago 2026", "en-GB": "1 Aug 2026", "en-US": "Aug 1, 2026",
	} {
		restore := Use(locale)
		if got := Day(calendar.NewDay(2026, time.August, 1)); got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
		restore()
	}
}

func TestMonthsOfARegion(t *testing.T) {
	for locale, want := range map[string]string{
		"de-AT": "Jänner 2026", "de-DE": "Januar 2026", "fr-CA": "janvier 2026", "es-MX": "enero de 2026",
	} {
		restore := Use(locale)
		if got := Month(time.Date(2026, 1, 9, 0, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
		restore()
	}
}

func TestSizes(t *testing.T) {
	for locale, sizes := range map[string]map[int64]string{
		"en-GB": {
			-1: "unknown size", 0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 999_949: "999.9 kB",
			999_950: "1.0 MB", 4_294_967_296: "4.3 GB", 7_000_000_000_000_000_000: "7,000.0 PB",
		},
		"de-DE": {0: "0 Byte", 1: "1 Byte", 5100: "5,1 kB", 7_000_000_000_000_000_000: "7.000,0 PB"},
		"fr-FR": {0: "0 octet", 1: "1 octet", 2: "2 octets", 5100: "5,1~ko"},
		"es-ES": {0: "0 bytes", 1: "1 byte", 5100: "5,1 kB", 7_000_000_000_000_000_000: "7000,0 PB"},
	} {
		restore := Use(locale)
		for bytes, want := range sizes {
			if got := shown(Size(bytes)); got != want {
				t.Errorf("%s: %d bytes are written %q, want %q", locale, bytes, got, want)
			}
		}
		restore()
	}
}

// Every language has names for all that a calendar shows, each its own.
func TestEveryLanguageHasItsCalendar(t *testing.T) {
	for _, tag := range languages {
		f := formatsOf(tag, "")
		seen := map[string]bool{}
		for i, list := range [][]string{f.months[:], f.weekdays[:]} {
			for _, name := range list {
				if name == "" || seen[name] {
					t.Errorf("%s: the name %q in list %d is empty or there twice", tag, name, i)
				}
				seen[name] = true
			}
		}
		for _, list := range [][]string{f.shortMonths[:], f.columns[:]} {
			short := map[string]bool{}
			for _, name := range list {
				if name == "" || short[name] {
					t.Errorf("%s: the short name %q is empty or there twice", tag, name)
				}
				short[name] = true
			}
		}
		for _, text := range []string{f.day, f.longDay, f.month, f.dayTime, f.clock, f.group, f.decimal, f.percent, f.sizeMark} {
			if text == "" {
				t.Errorf("%s: a format is missing: %+v", tag, f)
			}
		}
	}
}
