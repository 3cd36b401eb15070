package screens

import (
	"testing"
	"time"

	"connectbackup/api/calendar"
)

func TestTexts(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{dayText(calendar.NewDay(2028, 2, 29)), "29 Feb 2028"},
		{dayText(calendar.Day{}), ""},
		{rangeText(calendar.Range{From: calendar.NewDay(2024, 11, 23), Till: calendar.NewDay(2026, 11, 23)}), "23 Nov 2024 – 23 Nov 2026"},
		{rangeText(calendar.Range{From: calendar.NewDay(2026, 5, 1), Till: calendar.NewDay(2026, 5, 1)}), "1 May 2026"},
		{timeText(at, time.UTC), "23 Nov 2026 23:30"},
		{timeText(at, berlin), "24 Nov 2026 00:30"},
		{asOfText(at, at.Add(-time.Hour), time.UTC), "22:30"},
		{asOfText(at, at.Add(-24*time.Hour), time.UTC), "22 Nov 2026 23:30"},
		{sizeText(-1), "unknown size"},
		{sizeText(1), "1 byte"},
		{sizeText(999_950), "1.0 MB"},
		{countText(0), "0"},
		{countText(999), "999"},
		{countText(1000), "1,000"},
		{countText(12345678), "12,345,678"},
		{countText(-1234), "-1,234"},
		{percentText(42), "42%"},
		{percentText(140), "100%"},
		{percentText(-3), "0%"},
		{leftText(-1), ""},
		{leftText(1500 * time.Millisecond), "2 s left"},
		{leftText(59*time.Second + 900*time.Millisecond), "60 s left"},
		{leftText(3 * time.Minute), "3 min left"},
		{leftText(3*time.Minute + 1), "4 min left"},
		{leftText(0), "0 s left"},
		{leftText(65 * time.Minute), "1 h 5 min left"},
		{leftText(72 * time.Hour), "3 days left"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestPerformed(t *testing.T) {
	for age, want := range map[time.Duration]string{
		-time.Hour: "Performed just now", 59 * time.Second: "Performed just now",
		time.Minute: "Performed a minute ago", 59 * time.Minute: "Performed 59 minutes ago",
		time.Hour: "Performed an hour ago", 23 * time.Hour: "Performed 23 hours ago",
		24 * time.Hour: "Performed a day ago", 29 * 24 * time.Hour: "Performed 29 days ago",
		30 * 24 * time.Hour: "Performed 24 Oct 2026",
	} {
		if got := performedText(testNow, testNow.Add(-age), time.UTC); got != want {
			t.Errorf("after %v: %q, want %q", age, got, want)
		}
	}
}
