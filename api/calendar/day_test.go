package calendar

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the rules must not depend on the machine
)

func day(t testing.TB, s string) Day {
	t.Helper()
	d, err := ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestAddMonthsStaysInTheMonth(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2028-02-29", -24, "2026-02-28"}, // AddDate(-2, 0, 0) would give 1 March
		{"2028-02-29", -48, "2024-02-29"},
		{"2026-02-28", 24, "2028-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2023-01-31", 1, "2023-02-28"},
		{"2023-03-31", -1, "2023-02-28"},
		{"2023-12-31", 2, "2024-02-29"},
		{"2023-10-31", 1, "2023-11-30"},
		{"2024-01-15", -1, "2023-12-15"},
		{"2024-12-15", 1, "2025-01-15"},
		{"2024-05-31", -24, "2022-05-31"},
		{"2024-05-31", 0, "2024-05-31"},
		{"2024-05-31", -25, "2022-04-30"},
		{"2100-02-28", -1200, "2000-02-28"},
	} {
		if got := day(t, c.from).AddMonths(c.months).String(); got != c.want {
			t.Errorf("%s and %d months: got %s, want %s", c.from, c.months, got, c.want)
		}
	}
}

func TestAddMonthsOfAnInstantKeepsTheTimeOfDay(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	// From winter to summer time: 24 months of a calendar, not of hours.
	at := time.Date(2024, 2, 29, 23, 30, 5, 7, berlin)
	if got, want := AddMonths(at, 24, berlin), time.Date(2026, 2, 28, 23, 30, 5, 7, berlin); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// The date counts in the organisation's zone: in UTC it is 31 January.
	at = time.Date(2024, 1, 31, 23, 30, 0, 0, time.UTC)
	if got, want := AddMonths(at, 1, berlin), time.Date(2024, 3, 1, 0, 30, 0, 0, berlin); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestStart(t *testing.T) {
	for _, c := range []struct{ zone, day, want, why string }{
		{"UTC", "2024-03-01", "2024-03-01T00:00:00Z", "nothing special"},
		{"Europe/Berlin", "2024-03-31", "2024-03-30T23:00:00Z", "23 hours, from midnight on"},
		{"Europe/Berlin", "2024-04-01", "2024-03-31T22:00:00Z", "after a day of 23 hours"},
		{"Europe/Berlin", "2024-10-28", "2024-10-27T23:00:00Z", "after a day of 25 hours"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "begins at 01:00"},
		{"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z", "23:00 to 24:00 came twice the evening before"},
		{"Africa/Cairo", "2023-04-28", "2023-04-27T22:00:00Z", "begins at 01:00"},
		{"Africa/Cairo", "2023-10-27", "2023-10-26T22:00:00Z", "23:00 to 24:00 came twice the evening before"},
		{"Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z", "begins at 01:00"},
		{"Asia/Beirut", "2024-10-27", "2024-10-26T22:00:00Z", "23:00 to 24:00 came twice the evening before"},
		{"Atlantic/Azores", "2024-03-31", "2024-03-31T01:00:00Z", "begins at 01:00"},
		{"Atlantic/Azores", "2024-10-27", "2024-10-27T00:00:00Z", "00:00 to 01:00 comes twice; the first counts"},
		{"America/Havana", "2024-11-03", "2024-11-03T04:00:00Z", "00:00 to 01:00 comes twice; the first counts"},
		{"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "the day before the skipped one"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "skipped: as the day after"},
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "the day after the skipped one"},
		{"Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00:00Z", "skipped: as the day after"},
	} {
		loc, d := zone(t, c.zone), day(t, c.day)
		if got := d.Start(loc).UTC().Format(time.RFC3339Nano); got != c.want {
			t.Errorf("%s in %s (%s): got %s, want %s", c.day, c.zone, c.why, got, c.want)
		}
	}
}

// Whatever the clocks do, the days of a zone follow one another without gap
// and without overlap, so every record lies in exactly one.
func TestStartCutsTimeIntoDays(t *testing.T) {
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Atlantic/Azores", "America/Havana",
		"America/St_Johns", "Pacific/Apia", "Pacific/Kwajalein", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Asia/Gaza",
	} {
		loc := zone(t, name)
		d := NewDay(2005, time.January, 1)
		before := d.Start(loc)
		for range 365 * 20 {
			if !DayOf(before.Add(-time.Nanosecond), loc).Before(DayOf(before, loc)) {
				t.Fatalf("%s: %s does not begin at %v", name, d, before)
			}
			d = d.AddDays(1)
			next := d.Start(loc)
			if length := next.Sub(before); length < 0 || length > 26*time.Hour || length < 22*time.Hour && d != (Day{2011, 12, 31}) {
				t.Fatalf("%s: the day before %s has %v", name, d, length)
			}
			before = next
		}
	}
}

func TestParseDay(t *testing.T) {
	for _, s := range []string{
		"", "2021-7-1", "2021-07-1", "21-07-01", "2021-07-01 ", " 2021-07-01", "2021/07/01", "2021-02-29", "2021-13-01",
		"2021-00-10", "2021-01-00", "2021-07-01T00:00:00Z", "+021-07-01", "２０21-07-01", "12021-07-01", "yesterday",
	} {
		if d, err := ParseDay(s); err == nil {
			t.Errorf("%q was read as %s", s, d)
		}
	}
	if _, err := ParseDay(strings.Repeat("x", 1<<20)); len(err.Error()) > 200 {
		t.Errorf("the error repeats %d bytes of what came", len(err.Error()))
	}
}

func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"2021-07-01", "0000-01-01", "9999-12-31", "2024-02-29", "2023-02-29", "", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDay(s)
		if err == nil && d.String() != s {
			t.Errorf("%q was read as %s", s, d)
		}
	})
}

func TestDayTravels(t *testing.T) {
	type box struct {
		D Day `json:"d"`
	}
	b, err := json.Marshal(box{day(t, "2024-02-29")})
	if err != nil || string(b) != `{"d":"2024-02-29"}` {
		t.Errorf("%s, %v", b, err)
	}
	for text, want := range map[string]Day{`{"d":"2024-02-29"}`: {2024, 2, 29}, `{"d":""}`: {}, `{"d":null}`: {}, `{}`: {}} {
		var got box
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.D != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	var got box
	if err := json.Unmarshal([]byte(`{"d":"29.02.2024"}`), &got); err == nil {
		t.Error("read a day of another form")
	}
	if b, err := json.Marshal(box{}); err != nil || string(b) != `{"d":""}` {
		t.Errorf("the zero day: %s, %v", b, err)
	}
}

func TestSince(t *testing.T) {
	for _, c := range []struct {
		d, o string
		want int
	}{
		{"2024-03-01", "2024-02-28", 2},
		{"2024-02-28", "2024-03-01", -2},
		{"2024-02-28", "2024-02-28", 0},
		{"9999-12-31", "0001-01-01", 3652058}, // more than a time.Duration holds
	} {
		if got := day(t, c.d).Since(day(t, c.o)); got != c.want {
			t.Errorf("%s since %s: got %d, want %d", c.d, c.o, got, c.want)
		}
	}
}

func TestDayOfDependsOnTheZone(t *testing.T) {
	at := time.Date(2024, 6, 30, 22, 30, 0, 0, time.UTC)
	if got := DayOf(at, zone(t, "Europe/Berlin")).String(); got != "2024-07-01" {
		t.Errorf("Berlin: %s", got)
	}
	if got := DayOf(at, zone(t, "America/New_York")).String(); got != "2024-06-30" {
		t.Errorf("New York: %s", got)
	}
}
