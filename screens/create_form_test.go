package screens

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device/download"
)

func day(text string) calendar.Day {
	d, err := calendar.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestCheckForm(t *testing.T) {
	window := calendar.Window(day("2026-11-23"), keptMonths)
	good := api.NewBackup{Title: "x", From: window.From, Till: window.Till, Modules: []string{"staff"}}
	for name, c := range map[string]struct {
		change func(*api.NewBackup)
		want   string // fields that are complained about
	}{
		"good":                  {func(*api.NewBackup) {}, ""},
		"one day":               {func(f *api.NewBackup) { f.From = f.Till }, ""},
		"no title":              {func(f *api.NewBackup) { f.Title = " \t " }, "title"},
		"80 characters":         {func(f *api.NewBackup) { f.Title = strings.Repeat("ü", 80) }, ""},
		"81 characters":         {func(f *api.NewBackup) { f.Title = strings.Repeat("a", 81) }, "title"},
		"a day too old":         {func(f *api.NewBackup) { f.From = f.From.AddDays(-1) }, "from"},
		"till tomorrow":         {func(f *api.NewBackup) { f.Till = f.Till.AddDays(1) }, "till"},
		"both tomorrow":         {func(f *api.NewBackup) { f.From, f.Till = f.Till.AddDays(1), f.Till.AddDays(1) }, "from till"},
		"the wrong way round":   {func(f *api.NewBackup) { f.From, f.Till = f.Till, f.From }, "till"},
		"both too old":          {func(f *api.NewBackup) { f.From, f.Till = day("2020-01-01"), day("2020-02-01") }, "from till"},
		"no module":             {func(f *api.NewBackup) { f.Modules = []string{} }, "modules"},
		"all by leaving it out": {func(f *api.NewBackup) { f.Modules = nil }, ""},
	} {
		f := good
		c.change(&f)
		var fields []string
		for at, why := range checkForm(f, window, 13) {
			fields = append(fields, string(at))
			if why == "" {
				t.Errorf("%s: no reason at %s", name, at)
			}
		}
		slices.Sort(fields)
		if got := strings.Join(fields, " "); got != c.want {
			t.Errorf("%s: complained about %q, want %q", name, got, c.want)
		}
	}
}

// The window of 29 February ends on the 28th, not on 1 March.
func TestWindowIsClamped(t *testing.T) {
	window := calendar.Window(day("2028-02-29"), keptMonths)
	f := api.NewBackup{Title: "x", From: day("2026-02-28"), Till: day("2028-02-29")}
	if r := checkForm(f, window, 1); len(r) != 0 {
		t.Errorf("complained: %v", r)
	}
}

func TestServerReasons(t *testing.T) {
	window := calendar.Window(day("2026-11-23"), keptMonths)
	err := fmt.Errorf("create: %w", &api.Problem{Code: api.CodeValidation, Status: 422, Errors: []api.FieldError{
		{Field: "body.title", Code: api.FieldTooLong},
		{Field: "from", Code: api.FieldOutOfWindow},
		{Field: "body.modules[2]", Code: api.FieldUnknownModule},
	}})
	at, other := serverReasons(err, window)
	if got := slices.Sorted(maps.Keys(at)); !slices.Equal(got, []field{fieldFrom, fieldModules, fieldTitle}) || other {
		t.Errorf("got %v, other %v", at, other)
	}
	at, other = serverReasons(&api.Problem{Code: api.CodeValidation, Errors: []api.FieldError{{Field: "organisation"}}}, window)
	if len(at) != 0 || !other {
		t.Errorf("an unknown field: got %v, other %v", at, other)
	}
	if _, other = serverReasons(errors.New("no network"), window); !other {
		t.Error("an error without fields belongs to none")
	}
}

func TestPresets(t *testing.T) {
	text := func(all []preset) string {
		var parts []string
		for _, p := range all {
			parts = append(parts, fmt.Sprint(p.Label, " ", p.Range.From, " ", p.Range.Till))
		}
		return strings.Join(parts, "; ")
	}
	for _, c := range []struct{ today, last, want string }{
		{"2026-11-23", "", "Last month 2026-10-01 2026-10-31; This year 2026-01-01 2026-11-23; Everything 2024-11-23 2026-11-23"},
		{"2026-03-31", "", "Last month 2026-02-01 2026-02-28; This year 2026-01-01 2026-03-31; Everything 2024-03-31 2026-03-31"},
		{"2026-01-15", "2025-12-31", "Since last backup 2025-12-31 2026-01-15; Last month 2025-12-01 2025-12-31; This year 2026-01-01 2026-01-15; Everything 2024-01-15 2026-01-15"},
		{"2026-01-15", "2023-12-31", "Last month 2025-12-01 2025-12-31; This year 2026-01-01 2026-01-15; Everything 2024-01-15 2026-01-15"},
	} {
		var last calendar.Day
		if c.last != "" {
			last = day(c.last)
		}
		if got := text(presets(day(c.today), last)); got != c.want {
			t.Errorf("on %s: got %s\nwant %s", c.today, got, c.want)
		}
	}
}

func TestLastCovered(t *testing.T) {
	older := with(func(b *api.Backup) { b.Till = day("2026-05-01") })
	partial := partialSample()
	some := with(func(b *api.Backup) { b.Till, b.Modules = day("2026-09-01"), b.Modules[:2] })
	pending := pendingSample()
	if got := lastCovered([]api.Backup{pending, partial, some, older}, nil, testModules()); got != day("2026-05-01") {
		t.Errorf("got %v", got)
	}
	if got := lastCovered([]api.Backup{pending, partial, some}, nil, testModules()); !got.IsZero() {
		t.Errorf("got %v", got)
	}
	// What the server no longer has counts while a verified copy is here (B6).
	expired := with(func(b *api.Backup) {
		b.ID, b.Till, b.Status, b.Archive = "gone", day("2026-09-01"), api.StatusExpired, nil
	})
	verified := copyOf(expired, download.CopyPresent)
	changed, doubtful := copyOf(expired, download.CopyChanged), verified
	doubtful.VerifiedAt = time.Time{}
	for name, c := range map[string]struct {
		copies []download.Copy
		want   string
	}{
		"no copy": {nil, "2026-05-01"}, "a verified one": {[]download.Copy{verified}, "2026-09-01"},
		"a changed one": {[]download.Copy{changed}, "2026-05-01"}, "one never verified": {[]download.Copy{doubtful}, "2026-05-01"},
	} {
		if got := lastCovered([]api.Backup{expired, older}, c.copies, testModules()); got != day(c.want) {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
	if got := lastCovered([]api.Backup{older}, nil, nil); !got.IsZero() {
		t.Errorf("nothing is known of the modules, got %v", got)
	}
}

// A lost reply is asked for again under the same key; another form, or a
// refusal, begins another attempt (B14).
func TestAttempt(t *testing.T) {
	n := 0
	newKey := func() string { n++; return fmt.Sprint(n) }
	var a attempt
	form := api.NewBackup{Title: "x", Modules: []string{"staff"}}
	steps := []struct {
		change func()
		answer error
		want   string
	}{
		{func() {}, errOffline, "1"},
		{func() {}, problem(api.CodeInternal, 500), "1"},
		{func() {}, problem(api.CodeIdempotencyInProgress, 409), "1"},
		{func() { form.Modules = []string{"staff", "leave"} }, errOffline, "2"},
		{func() { form.Title = "y" }, problem(api.CodeRateLimited, 429), "3"},
		{func() {}, nil, "4"},
		{func() {}, nil, "5"},
	}
	for i, s := range steps {
		s.change()
		if got := a.keyFor(form, newKey); got != s.want {
			t.Errorf("step %d went under key %s, want %s", i, got, s.want)
		}
		a.answered(s.answer)
	}
}

func TestChoicesOf(t *testing.T) {
	window := calendar.Window(day("2026-11-23"), keptMonths)
	b := failedSample()
	b.From = day("2023-01-01")
	got := choicesOf(b, window)
	if got.From != window.From || got.Till != day("2026-08-31") || !slices.Equal(got.Modules, []string{"messages"}) || got.Title != b.Title {
		t.Errorf("got %+v", got)
	}
}
