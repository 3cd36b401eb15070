package calendar

import (
	"testing"
	"time"
)

func between(t testing.TB, from, till string) Range {
	t.Helper()
	return Range{day(t, from), day(t, till)}
}

func TestWindow(t *testing.T) {
	if got, want := Window(day(t, "2028-02-29"), 24), between(t, "2026-02-28", "2028-02-29"); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		zone, from, till string
		start, end       string
	}{
		{"UTC", "2024-02-29", "2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
		{"Europe/Berlin", "2024-03-31", "2024-03-31", "2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z"}, // 23 h
		{"Europe/Berlin", "2024-10-27", "2024-10-27", "2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z"}, // 25 h
		{"America/Sao_Paulo", "2018-11-03", "2018-11-04", "2018-11-03T03:00:00Z", "2018-11-05T02:00:00Z"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"}, // a day that never was
		{"Pacific/Apia", "2011-12-29", "2011-12-31", "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z"},
	} {
		start, end := between(t, c.from, c.till).Bounds(zone(t, c.zone))
		if got := start.UTC().Format(time.RFC3339Nano); got != c.start {
			t.Errorf("%s %s: start %s, want %s", c.zone, c.from, got, c.start)
		}
		if got := end.UTC().Format(time.RFC3339Nano); got != c.end {
			t.Errorf("%s %s: end %s, want %s", c.zone, c.till, got, c.end)
		}
	}
}

func TestRange(t *testing.T) {
	r := between(t, "2024-02-28", "2024-03-02")
	if r.Days() != 4 || !r.Valid() {
		t.Errorf("%d days, valid %v", r.Days(), r.Valid())
	}
	if (Range{}).Valid() || between(t, "2024-03-02", "2024-02-28").Valid() || (Range{Till: r.Till}).Valid() {
		t.Error("a range that is none counts as valid")
	}
	for _, c := range []struct {
		day, clamped string
		in           bool
	}{
		{"2024-02-27", "2024-02-28", false},
		{"2024-02-28", "2024-02-28", true},
		{"2024-02-29", "2024-02-29", true},
		{"2024-03-02", "2024-03-02", true},
		{"2024-03-03", "2024-03-02", false},
	} {
		d := day(t, c.day)
		if r.Contains(d) != c.in || r.Clamp(d) != day(t, c.clamped) {
			t.Errorf("%s: contained %v, clamped to %s", d, r.Contains(d), r.Clamp(d))
		}
	}
	for _, c := range []struct {
		from, till string
		want       bool
	}{
		{"2024-01-01", "2024-02-27", false},
		{"2024-01-01", "2024-02-28", true},
		{"2024-02-29", "2024-02-29", true},
		{"2024-03-02", "2024-05-01", true},
		{"2024-03-03", "2024-05-01", false},
		{"2023-01-01", "2025-01-01", true},
	} {
		o := between(t, c.from, c.till)
		if r.Overlaps(o) != c.want || o.Overlaps(r) != c.want {
			t.Errorf("%v and %v: %v", r, o, r.Overlaps(o))
		}
	}
}
