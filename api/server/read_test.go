package server

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectbackup/api"
)

func titles(p api.BackupPage) (all []string) {
	for _, b := range p.Items {
		all = append(all, b.Title)
	}
	return all
}

func TestTheListShowsPendingOnesFirstThenTheNewest(t *testing.T) { // S6, S40
	g := newGate(api.StageCollecting, "departments")
	w := newWorld(t, g.config)
	auth := w.demo()
	before := titles(into[api.BackupPage](w.call("GET", "/v1/backups", nil, auth).want(200)))
	want := []string{
		"Last week, everything", "Working hours (Müller & Söhne)", "Wrong dates, please ignore", "Complaints once more",
		"For the auditors: complaints", "Year-end closing 2024", "Customers and complaints, first half", "Before moving to the new system",
	}
	if !slices.Equal(before, want) {
		t.Errorf("got %q", before)
	}
	old := w.create(auth, request("Waits"))
	w.clock.add(time.Minute)
	n := request("Done")
	n.Modules = []string{"staff"}
	w.make(auth, n)
	got := titles(into[api.BackupPage](w.call("GET", "/v1/backups", nil, auth).want(200)))
	if !slices.Equal(got, append([]string{"Waits", "Done"}, want...)) {
		t.Errorf("got %q", got)
	}
	close(g.open)
	w.ended(old.ID)
	got = titles(into[api.BackupPage](w.call("GET", "/v1/backups", nil, auth).want(200)))
	if !slices.Equal(got, append([]string{"Done", "Waits"}, want...)) {
		t.Errorf("got %q", got)
	}
}

func TestPagesNeitherRepeatNorSkip(t *testing.T) {
	g := newGate(api.StageCollecting, "departments")
	w := newWorld(t, g.config)
	auth := w.demo()
	for i := range 4 { // all at the same instant
		w.create(auth, request(fmt.Sprint("pending ", i)))
	}
	var seen []string
	next := ""
	for range 20 {
		r := w.call("GET", "/v1/backups?limit=3&cursor="+next, nil, auth).want(200)
		page := into[api.BackupPage](r)
		if len(page.Items) > 3 {
			t.Fatalf("%d on a page", len(page.Items))
		}
		seen = append(seen, titles(page)...)
		if next = page.NextCursor; next == "" {
			break
		}
		if len(seen) == 6 { // a new one does not shift the pages that follow
			w.clock.add(time.Minute)
			w.create(auth, request("meanwhile"))
		}
	}
	if len(seen) != 12 || slices.Contains(seen, "meanwhile") {
		t.Errorf("%d: %q", len(seen), seen)
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 12 {
		t.Errorf("repeated: %q", seen)
	}
	for _, bad := range []string{"cursor=x", "cursor=e30x", "cursor=e30", "cursor=bnVsbA", "limit=0", "limit=101", "limit=x", "status=green", "q=" + strings.Repeat("x", 201)} {
		w.call("GET", "/v1/backups?"+bad, nil, auth).problem(422, api.CodeValidation)
	}
	close(g.open)
}

func TestSearchFindsWhatPeopleRemember(t *testing.T) { // S7, S8
	w := newWorld(t)
	auth := w.demo()
	w.make(auth, request("100% of_everything"))
	search := func(query string) []string {
		t.Helper()
		return titles(into[api.BackupPage](w.call("GET", "/v1/backups?"+query, nil, auth).want(200)))
	}
	hours := []string{"Working hours (Müller & Söhne)"}
	for query, want := range map[string][]string{
		"q=M%C3%9CLLER":               hours,
		"q=muller":                    hours, // accents do not matter
		"q=hours+s%C3%B6hne":          hours, // words in any order
		"q=attendance+hours":          hours, // by module
		"q=muller-sohne_2026":         hours, // by file name
		"q=2026-04-17+working":        hours, // by first day
		"q=17+April+2026+working":     hours, // in words
		"q=17+MAY+2026+working":       hours, // the day it was performed
		"q=%25":                       {"100% of_everything"},
		"q=of_every":                  {"100% of_everything"},
		"q=ofXevery":                  nil,
		"q=nothing+like+that":         nil,
		"status=failed":               {"Complaints once more"},
		"status=cancelled&q=ignore":   {"Wrong dates, please ignore"},
		"status=expired":              {"Before moving to the new system"},
		"status=deleted&q=complaints": {"Customers and complaints, first half"},
		"status=pending":              nil,
		"q=%27%20OR%201%3D1--":        nil,
	} {
		if got := search(query); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	if got := search("q="); len(got) != 9 { // S7: clearing shows all again
		t.Errorf("got %q", got)
	}
}

func TestWhatHasNotChangedIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	auth := w.demo()
	id := into[api.BackupPage](w.call("GET", "/v1/backups", nil, auth).want(200)).Items[0].ID
	for _, path := range []string{"/v1/backups", "/v1/backups?status=failed", "/v1/backups/" + id, "/v1/modules"} {
		r := w.call("GET", path, nil, auth).want(200)
		tag := r.header.Get("ETag")
		for _, list := range []string{tag, "W/" + tag, `"x", ` + tag, `"x",W/` + tag + `,"y"`, "*"} {
			again := w.call("GET", path, nil, auth, "If-None-Match: "+list).want(304)
			if len(again.body) > 0 || again.header.Get("ETag") != tag {
				t.Errorf("%s: %q %v", path, again.body, again.header)
			}
		}
		for _, list := range []string{`"x"`, strings.Trim(tag, `"`), `"` + tag, "W/x"} {
			w.call("GET", path, nil, auth, "If-None-Match: "+list).want(200)
		}
	}
	list := w.call("GET", "/v1/backups", nil, auth).header.Get("ETag")
	w.make(auth, request("New"))
	w.call("GET", "/v1/backups", nil, auth, "If-None-Match: "+list).want(200)
}

func TestAHeldRequestAnswersAtTheNextChange(t *testing.T) { // I4
	g := newGate(api.StagePacking, "")
	w := newWorld(t, g.config)
	auth := w.demo()
	b := w.create(auth, request("Held"))
	<-g.reached
	r := w.call("GET", "/v1/backups/"+b.ID, nil, auth).want(200)
	tag := "If-None-Match: " + r.header.Get("ETag")
	answered := make(chan reply, 2)
	go func() { answered <- w.call("GET", "/v1/backups/"+b.ID, nil, auth, "Prefer: wait=20", tag) }()
	go func() { answered <- w.call("GET", "/v1/backups/"+b.ID, nil, auth, "Prefer: respond-async, wait=20") }()
	close(g.open)
	for range 2 {
		r := (<-answered).want(200)
		if got := into[api.Backup](r); r.header.Get("Preference-Applied") != "wait" || got.Stage == api.StagePacking {
			t.Errorf("nothing had changed: %+v", got)
		}
	}
	w.ended(b.ID)
	// What is known to be old already, or has ended, is not worth waiting for.
	w.call("GET", "/v1/backups/"+b.ID, nil, auth, "Prefer: wait=20", tag).want(200)
	w.call("GET", "/v1/backups/"+b.ID, nil, auth, "Prefer: wait=20").want(200)
}

func TestNobodyIsHeldLongerThanAsked(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(api.StageCollecting, "departments")
		s, db, readers := serverIn(t, Config{Dir: dir, Pace: g.pace})
		w := &world{T: t, dir: dir, s: s, w: db, r: readers}
		_, email := w.organisation("Held", "UTC", "en-GB")
		send := func(method, path, body string, headers ...string) reply {
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			for _, h := range headers {
				name, value, _ := strings.Cut(h, ": ")
				r.Header.Set(name, value)
			}
			rec := httptest.NewRecorder()
			s.Handler().ServeHTTP(rec, r)
			return reply{t, rec.Code, rec.Header(), rec.Body.Bytes()}
		}
		session := send("POST", "/v1/session", `{"email":"`+email+`","password":"`+demoPassword+`","device":{"id":"d","name":"d","platform":"","app_version":""}}`).want(201)
		auth := "Authorization: Bearer " + into[api.Session](session).AccessToken
		today := time.Now().UTC().Format(time.DateOnly)
		b := into[api.Backup](send("POST", "/v1/backups", `{"title":"x","from":"`+today+`","till":"`+today+`","modules":["departments"]}`, auth, "Idempotency-Key: k").want(202))
		<-g.reached
		tag := "If-None-Match: " + send("GET", "/v1/backups/"+b.ID, "", auth).want(200).header.Get("ETag")
		for wait, want := range map[string]time.Duration{"wait=3": 3 * time.Second, "wait=3600": 25 * time.Second, "wait=0": 0, "wait=-1": 0, "wait=x": 0, "handling=lenient": 0, `wait="2"; a=b`: 2 * time.Second} {
			begun := time.Now()
			send("GET", "/v1/backups/"+b.ID, "", auth, "Prefer: "+wait, tag).want(304)
			if got := time.Since(begun); got != want {
				t.Errorf("%s: held for %v", wait, got)
			}
		}
		// A server that closes lets go of them.
		answered := make(chan reply)
		go func() { answered <- send("GET", "/v1/backups/"+b.ID, "", auth, "Prefer: wait=20", tag) }()
		synctest.Wait()
		begun := time.Now()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		<-answered
		if time.Since(begun) != 0 {
			t.Error("Close had to wait")
		}
		if err := readers.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOneOrganisationNeverSeesAnothers(t *testing.T) { // I12
	w := newWorld(t)
	_, email := w.organisation("Other", "UTC", "en-GB")
	b := w.make(w.demo(), request("Ours"))
	theirs := w.signedIn(email)
	for _, at := range []string{"GET /v1/backups/" + b.ID, "GET /v1/backups/" + b.ID + "/archive", "HEAD /v1/backups/" + b.ID + "/archive", "GET /v1/backups/" + b.ID + "/manifest", "POST /v1/backups/" + b.ID + "/cancel"} {
		method, path, _ := strings.Cut(at, " ")
		r := w.call(method, path, nil, theirs).want(404)
		if method != "HEAD" {
			r.problem(404, api.CodeNotFound)
			none := w.call(method, strings.Replace(path, b.ID, "bkp_00000000000000000000000000", 1), nil, theirs)
			if string(none.body) != string(r.body) {
				t.Errorf("%s: it can be seen that there is one", at)
			}
		}
	}
	if list := into[api.BackupPage](w.call("GET", "/v1/backups", nil, theirs).want(200)); len(list.Items) != 0 || list.Items == nil {
		t.Errorf("got %v", list)
	}
	for _, m := range into[api.ModuleList](w.call("GET", "/v1/modules", nil, theirs).want(200)).Items {
		if m.Records != 0 || m.OldestAt != nil {
			t.Errorf("%s has %d records", m.Key, m.Records)
		}
	}
	for _, id := range []string{"x", "bkp_%00", "bkp_'--", strings.Repeat("x", 128)} {
		w.call("GET", "/v1/backups/"+id, nil, theirs).want(404)
	}
}

func TestModulesSayWhatIsKept(t *testing.T) {
	w := emptyWorld(t)
	org, email := w.organisation("Kept", "Europe/Berlin", "de-DE")
	edge := time.Date(2024, 6, 16, 22, 0, 0, 0, time.UTC) // 17 June 2024, 00:00 in Berlin
	w.department(org, edge.Add(-time.Millisecond), "too old")
	w.department(org, edge, "oldest")
	w.department(org, noon.Add(-time.Hour), "newest")
	list := into[api.ModuleList](w.call("GET", "/v1/modules", nil, w.signedIn(email)).want(200))
	if list.Today.String() != "2026-06-17" || len(list.Items) != 13 {
		t.Fatalf("got %+v", list)
	}
	d := list.Items[2]
	if d.Key != "departments" || d.Name != "Departments" || !d.Subscribed || d.Records != 2 || !d.OldestAt.Equal(edge) || !d.NewestAt.Equal(noon.Add(-time.Hour)) {
		t.Errorf("got %+v", d)
	}
	var columns []string
	for _, c := range d.Columns {
		columns = append(columns, c.Name+" "+c.Type)
	}
	if got := strings.Join(columns, ", "); got != "department_id I, name T, manager_id I, manager_name T, member_count N, created_at Z, updated_at Z" {
		t.Errorf("columns %s", got)
	}
	if v := list.Items[12]; v.Key != "visitors" || v.Subscribed || v.Records != 0 || v.OldestAt != nil {
		t.Errorf("got %+v", v)
	}
}
