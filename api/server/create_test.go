package server

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

func TestCreateAnswersWithAPendingBackup(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := newWorld(t, g.config)
	auth := w.demo()
	r := w.call("POST", "/v1/backups", request("  Yearly  "), auth, newKey()).want(202)
	b := into[api.Backup](r)
	if r.header.Get("Location") != "/v1/backups/"+b.ID || r.header.Get("Retry-After") != "2" || r.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("got %v", r.header)
	}
	if !strings.HasPrefix(b.ID, "bkp_") || len(b.ID) != 30 || b.Title != "Yearly" || b.Status != api.StatusPending || b.Stage != api.StageQueued ||
		b.Progress == nil || b.Progress.ModulesTotal != 3 || b.CSVProfile != api.ProfileExcel || !b.PerformedAt.Equal(noon) ||
		b.CreatedBy.Name != "Alex Morgan" || b.CreatedOn.Name != "Test" || b.Archive != nil || b.Timezone != "Europe/Berlin" {
		t.Errorf("got %+v", b)
	}
	var keys []string
	for _, m := range b.Modules {
		keys = append(keys, m.Key+" "+m.Status)
	}
	if !slices.Equal(keys, []string{"departments waiting", "invoices waiting", "visitors waiting"}) {
		t.Errorf("modules in the organisation's order: %v", keys)
	}
	<-g.reached
	if got := w.get(auth, b.ID); got.Stage != api.StageCollecting || got.Progress.Module != "departments" {
		t.Errorf("got %+v", got)
	}
	close(g.open)
}

func TestWithoutModulesAllAreMeant(t *testing.T) {
	w := newWorld(t)
	n := request("All")
	n.Modules = nil
	if b := w.create(w.demo(), n); len(b.Modules) != 13 { // S35
		t.Errorf("%d modules", len(b.Modules))
	}
}

func TestTheSameKeyNeverMakesTwo(t *testing.T) { // B14
	w := newWorld(t)
	auth, key, n := w.demo(), newKey(), request("Once")
	before := w.count("SELECT COUNT(*) FROM backups")
	replies := make([]reply, 8)
	var all sync.WaitGroup
	for i := range replies {
		all.Go(func() { replies[i] = w.call("POST", "/v1/backups", n, auth, key) })
	}
	all.Wait()
	first := into[api.Backup](replies[0].want(202))
	w.ended(first.ID)
	late := w.call("POST", "/v1/backups", n, auth, key).want(202)
	if late.header.Get("Idempotency-Replayed") != "true" || late.header.Get("Location") != "/v1/backups/"+first.ID || late.header.Get("Retry-After") == "" {
		t.Errorf("a replay says so: %v", late.header)
	}
	for _, r := range append(replies, late) {
		if r.want(202); !bytes.Equal(r.body, replies[0].body) {
			t.Errorf("not the same reply:\n%s\n%s", r.body, replies[0].body)
		}
	}
	if got := w.count("SELECT COUNT(*) FROM backups"); got != before+1 {
		t.Errorf("%d backups were made", got-before)
	}
	n.Title = "Another"
	w.call("POST", "/v1/backups", n, auth, key).problem(422, api.CodeIdempotencyKeyReused)
	w.call("POST", "/v1/backups", n, auth).problem(400, api.CodeIdempotencyKeyRequired)
}

func TestAKeyIsItsUsersOwn(t *testing.T) {
	w := newWorld(t)
	_, email := w.organisation("Other", "UTC", "en-GB")
	key := newKey()
	a := into[api.Backup](w.call("POST", "/v1/backups", request("A"), w.demo(), key).want(202))
	b := into[api.Backup](w.call("POST", "/v1/backups", request("A"), w.signedIn(email), key).want(202))
	if a.ID == b.ID {
		t.Error("one organisation got the other's backup")
	}
}

func TestARefusedRequestDoesNotSpendItsKey(t *testing.T) {
	w := newWorld(t)
	auth, key, n := w.demo(), newKey(), request("")
	w.call("POST", "/v1/backups", n, auth, key).problem(422, api.CodeValidation)
	n.Title = "Now with a title"
	w.call("POST", "/v1/backups", n, auth, key).want(202)
}

func TestTheSameRequestLeadsToTheRunningOne(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := newWorld(t, g.config)
	auth, n := w.demo(), request("Twice")
	b := w.create(auth, n)
	slices.Reverse(n.Modules) // the order of the modules means nothing
	p := w.call("POST", "/v1/backups", n, auth, newKey()).problem(409, api.CodeIdenticalInProgress)
	if p.BackupID != b.ID {
		t.Errorf("leads to %q, want %q", p.BackupID, b.ID)
	}
	other := n
	other.Title = "Another title"
	w.create(auth, other)
	close(g.open)
	w.ended(b.ID)
	w.create(auth, n) // it has ended: a new one may be made
}

func TestCreateValidates(t *testing.T) { // I8
	w := newWorld(t)
	auth := w.demo()
	today := calendar.DayOf(noon, time.UTC)
	type fields map[string]api.FieldCode
	for _, c := range []struct {
		name   string
		change func(*api.NewBackup)
		want   fields
	}{
		{"no title", func(n *api.NewBackup) { n.Title = "" }, fields{"title": api.FieldRequired}},
		{"blank title", func(n *api.NewBackup) { n.Title = " \t\u00a0 " }, fields{"title": api.FieldRequired}},
		{"invisible title", func(n *api.NewBackup) { n.Title = "\u200b\u200b" }, fields{"title": api.FieldRequired}},
		{"81 characters", func(n *api.NewBackup) { n.Title = strings.Repeat("ä", 81) }, fields{"title": api.FieldTooLong}},
		{"line break", func(n *api.NewBackup) { n.Title = "a\nb" }, fields{"title": api.FieldInvalid}},
		{"no from", func(n *api.NewBackup) { n.From = calendar.Day{} }, fields{"from": api.FieldInvalid}},
		{"from a day too old", func(n *api.NewBackup) { n.From = today.AddMonths(-24).AddDays(-1) }, fields{"from": api.FieldOutOfWindow}},
		{"from tomorrow", func(n *api.NewBackup) { n.From, n.Till = today.AddDays(1), today.AddDays(1) }, fields{"from": api.FieldInFuture, "till": api.FieldInFuture}},
		{"till tomorrow", func(n *api.NewBackup) { n.Till = today.AddDays(1) }, fields{"till": api.FieldInFuture}},
		{"till before from", func(n *api.NewBackup) { n.Till = n.From.AddDays(-1) }, fields{"till": api.FieldOrder}},
		{"unknown module", func(n *api.NewBackup) { n.Modules = []string{"staff", "secrets"} }, fields{"modules": api.FieldUnknownModule}},
		{"unknown profile", func(n *api.NewBackup) { n.CSVProfile = "pdf" }, fields{"csv_profile": api.FieldInvalid}},
		{"several", func(n *api.NewBackup) { n.Title, n.Modules = "", []string{"x"} }, fields{"title": api.FieldRequired, "modules": api.FieldUnknownModule}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := request("Title")
			c.change(&n)
			p := w.call("POST", "/v1/backups", n, auth, newKey()).problem(422, api.CodeValidation)
			got := fields{}
			for _, e := range p.Errors {
				got[e.Field] = e.Code
				if e.Detail == "" {
					t.Errorf("%s: no reason is given", e.Field)
				}
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	for body, want := range map[string]fields{
		`{"title":"x","from":"2026-06-01","till":"2026-06-02","modules":[]}`: {"modules": api.FieldNoneSelected},
		`{"from":"2026-06-01","till":"2026-06-02"}`:                          {"title": api.FieldRequired},
		`{"title":"x"}`: {"from": api.FieldRequired, "till": api.FieldRequired},
		`{"title":"x","from":"2026-02-30","till":"2026-06-02"}`: {"from": api.FieldInvalid},
		`{"title":7,"from":"2026-06-01","till":"2026-06-02"}`:   {"title": api.FieldInvalid},
	} {
		p := w.call("POST", "/v1/backups", body, auth, newKey()).problem(422, api.CodeValidation)
		got := fields{}
		for _, e := range p.Errors {
			got[e.Field] = e.Code
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", body, got, want)
		}
	}
	if n := w.count("SELECT COUNT(*) FROM backups WHERE title = 'Title'"); n != 0 {
		t.Errorf("%d backups were made all the same", n)
	}
}

func TestCreateTakesWhatIsJustAllowed(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	today := calendar.DayOf(noon, time.UTC)
	n := request(strings.Repeat("界", 80))
	n.From, n.Till = today.AddMonths(-24), today // S29
	w.create(auth, n)
	n.From, n.Title = today, "One day"
	w.create(auth, n)
	w.call("POST", "/v1/backups", `{"title":"From a later version","from":"2026-06-01","till":"2026-06-02","colour":"red"}`, auth, newKey()).want(202)
}

func TestTodayIsTheOrganisations(t *testing.T) {
	w := newWorld(t)
	_, email := w.organisation("Auckland", "Pacific/Auckland", "en-NZ")
	w.clock.set(time.Date(2026, 6, 17, 13, 0, 0, 0, time.UTC)) // the 18th in Auckland, the 17th in Berlin
	n := request("Ahead")
	n.Till = calendar.NewDay(2026, 6, 18)
	w.create(w.signedIn(email), n)
	w.call("POST", "/v1/backups", n, w.demo(), newKey()).problem(422, api.CodeValidation)
	if got := into[api.ModuleList](w.call("GET", "/v1/modules", nil, w.signedIn(email)).want(200)).Today; got != n.Till {
		t.Errorf("today is %s", got)
	}
}

func TestCreateNeedsThePermission(t *testing.T) { // I16
	w := newWorld(t)
	auth := w.signedIn("maria@acme.example")
	w.call("POST", "/v1/backups", request("No"), auth, newKey()).problem(403, api.CodePermissionDenied)
	b := w.create(w.demo(), request("Yes"))
	w.call("POST", "/v1/backups/"+b.ID+"/cancel", nil, auth).problem(403, api.CodePermissionDenied)
}

func TestCreateIsLimitedByUser(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.CreatePerMinute = 0 })
	_, email := w.organisation("Other", "UTC", "en-GB")
	auth, key := w.demo(), newKey()
	w.call("POST", "/v1/backups", request("First"), auth, key).want(202)
	for i := range 5 {
		w.create(auth, request(fmt.Sprint(i)))
	}
	for range 7 { // what is refused does not count: a form may be mended
		w.call("POST", "/v1/backups", request(""), w.signedIn(email), newKey()).problem(422, api.CodeValidation)
	}
	r := w.call("POST", "/v1/backups", request("Seventh"), auth, newKey())
	r.problem(429, api.CodeRateLimited)
	if r.header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
	}
	w.call("POST", "/v1/backups", request("First"), auth, key).want(202) // a lost reply may still be asked for
	w.create(w.signedIn(email), request("Theirs"))
	w.clock.add(time.Minute)
	w.create(auth, request("Seventh"))
}
