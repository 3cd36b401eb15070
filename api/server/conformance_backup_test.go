package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/manifest"
)

// revalidates: the reply has an ETag, and is not sent again to who has it.
func (c *check) revalidates(path string) {
	c.Helper()
	tag := c.call("GET", path, nil, c.auth()).want(200).header.Get("ETag")
	for _, list := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		if r := c.call("GET", path, nil, c.auth(), "If-None-Match: "+list).want(304); len(r.body) > 0 || r.header.Get("ETag") != tag {
			c.Errorf("%s: %q %v", list, r.body, r.header)
		}
	}
	c.call("GET", path, nil, c.auth(), `If-None-Match: "x"`).want(200)
}

var moduleRules = []rule{
	{"tells what is kept of it and what its columns are; the list tells today's date", func(c *check) {
		l := c.modules()
		for _, m := range l.Items {
			if m.Key == "" || m.Name == "" || len(m.Columns) == 0 || (m.Records > 0) != (m.OldestAt != nil) || (m.Records > 0) != (m.NewestAt != nil) {
				c.Errorf("got %+v", m)
			}
		}
	}},
	{"list that has not changed is 304", func(c *check) { c.revalidates("/v1/modules") }},
}

var createRules = []rule{
	{"answers 202 with the pending backup, Location and Retry-After", func(c *check) {
		n := c.small()
		n.Title = "  " + n.Title + " "
		r := c.create(n).want(202)
		b := into[api.Backup](r)
		if b.Status != api.StatusPending || b.Title != strings.TrimSpace(n.Title) || b.From != n.From || b.Till != n.Till || b.CSVProfile != api.ProfileExcel ||
			b.Archive != nil || b.Progress == nil || b.CreatedBy.ID == "" || b.CreatedOn.ID != "shared_"+c.run {
			c.Errorf("%s", r.body)
		}
		if r.header.Get("Location") != "/v1/backups/"+b.ID || r.header.Get("Retry-After") == "" || r.header.Get("Idempotency-Replayed") != "" {
			c.Errorf("%v", r.header)
		}
		if m := b.Modules; len(m) != 1 || m[0].Key != n.Modules[0] {
			c.Errorf("modules %+v", m)
		}
		c.until(b.ID)
	}},
	{"without an Idempotency-Key is 400 idempotency-key-required", func(c *check) {
		c.call("POST", "/v1/backups", c.small(), c.auth()).problem(400, api.CodeIdempotencyKeyRequired)
	}},
	{"with the same key and body gives the same reply, marked as replayed, and one backup", func(c *check) {
		n, key := c.small(), c.key()
		first := c.create(n, key).want(202)
		c.until(into[api.Backup](first).ID)
		again := c.create(n, key).want(202)
		if !bytes.Equal(again.body, first.body) || again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("Location") != first.header.Get("Location") {
			c.Errorf("%v %s\n%s", again.header, again.body, first.body)
		}
		c.onlyOne(n.Title)
	}},
	{"with the same key, six first requests at once, gives one backup", func(c *check) {
		var n api.NewBackup
		var key string
		var replies []reply
		for range 2 {
			n, key = c.small(), c.key()
			replies = c.atOnce(n, key)
			i := slices.IndexFunc(replies, limited)
			if i < 0 {
				break
			}
			c.pause(replies[i]) // there was no room for all of them: perhaps there is then
		}
		last := c.create(n, key).want(202) // the first, if there still was no room for any of them
		begun := 0
		for _, r := range append(replies, last) {
			switch {
			case limited(r):
				continue
			case r.status == http.StatusConflict:
				r.problem(409, api.CodeIdempotencyInProgress)
				continue
			}
			if r.want(202); !bytes.Equal(r.body, last.body) {
				c.Errorf("%s\n%s", r.body, last.body)
			}
			if r.header.Get("Idempotency-Replayed") == "" {
				begun++
			}
		}
		if begun != 1 {
			c.Errorf("%d replies are not marked as replayed", begun)
		}
		c.onlyOne(n.Title)
	}},
	{"with the same key and another body is 422 idempotency-key-reused", func(c *check) {
		n, key := c.small(), c.key()
		c.create(n, key).want(202)
		n.Title = c.title()
		c.create(n, key).problem(422, api.CodeIdempotencyKeyReused)
	}},
	{"that is refused does not spend its key", func(c *check) {
		n, key := c.small(), c.key()
		title := n.Title
		n.Title = ""
		c.create(n, key).problem(422, api.CodeValidation)
		n.Title = title
		c.create(n, key).want(202)
	}},
	{"of what is being prepared already is 409 identical-in-progress and names that backup", func(c *check) {
		for range 3 {
			n := c.large()
			b := into[api.Backup](c.create(n).want(202))
			r := c.create(n)
			if r.status == http.StatusConflict {
				if p := r.problem(409, api.CodeIdenticalInProgress); p.BackupID != b.ID {
					c.Errorf("names %q, not %q", p.BackupID, b.ID)
				}
				return
			}
			r.want(202)
			if c.get(b.ID).Status == api.StatusPending {
				c.Fatal("the same is prepared twice")
			}
		}
		c.Skip("the server is too fast for this to be seen")
	}},
	{"names all modules when none are named", func(c *check) {
		b := into[api.Backup](c.create(c.span()).want(202))
		if len(b.Modules) != len(c.modules().Items) {
			c.Errorf("%d modules", len(b.Modules))
		}
		c.spanned = c.ready(b.ID)
	}},
	{"names what is wrong with each field", func(c *check) {
		today := c.day(0)
		good := map[string]any{"title": "x", "from": today.AddDays(-3), "till": today, "modules": []string{c.small().Modules[0]}}
		for name, bad := range map[string]struct {
			with map[string]any
			want map[string]api.FieldCode
		}{
			"no title":           {map[string]any{"title": ""}, map[string]api.FieldCode{"title": api.FieldRequired}},
			"blank title":        {map[string]any{"title": " \u00a0\t"}, map[string]api.FieldCode{"title": api.FieldRequired}},
			"81 characters":      {map[string]any{"title": strings.Repeat("ä", 81)}, map[string]api.FieldCode{"title": api.FieldTooLong}},
			"a line break":       {map[string]any{"title": "a\nb"}, map[string]api.FieldCode{"title": api.FieldInvalid}},
			"title is a number":  {map[string]any{"title": 7}, map[string]api.FieldCode{"title": api.FieldInvalid}},
			"no such day":        {map[string]any{"from": "2026-02-30"}, map[string]api.FieldCode{"from": api.FieldInvalid}},
			"from is too old":    {map[string]any{"from": calendar.Window(today, 24).From.AddDays(-1)}, map[string]api.FieldCode{"from": api.FieldOutOfWindow}},
			"from is tomorrow":   {map[string]any{"from": today.AddDays(2), "till": today.AddDays(2)}, map[string]api.FieldCode{"from": api.FieldInFuture, "till": api.FieldInFuture}},
			"till before from":   {map[string]any{"till": today.AddDays(-4)}, map[string]api.FieldCode{"till": api.FieldOrder}},
			"an unknown module":  {map[string]any{"modules": []string{"no_such_module"}}, map[string]api.FieldCode{"modules": api.FieldUnknownModule}},
			"no module":          {map[string]any{"modules": []string{}}, map[string]api.FieldCode{"modules": api.FieldNoneSelected}},
			"an unknown profile": {map[string]any{"csv_profile": "pdf"}, map[string]api.FieldCode{"csv_profile": api.FieldInvalid}},
			"two faults":         {map[string]any{"title": "", "modules": []string{}}, map[string]api.FieldCode{"title": api.FieldRequired, "modules": api.FieldNoneSelected}},
		} {
			body := maps.Clone(good)
			maps.Copy(body, bad.with)
			if got := c.call("POST", "/v1/backups", jsonOf(body), c.auth(), c.key()).fieldErrors(); !maps.Equal(got, bad.want) {
				c.Errorf("%s: got %v, want %v", name, got, bad.want)
			}
		}
		got := c.call("POST", "/v1/backups", "{}", c.auth(), c.key()).fieldErrors()
		for _, field := range []string{"title", "from", "till"} {
			if got[field] != api.FieldRequired {
				c.Errorf("missing: %v", got)
			}
		}
	}},
	{"allows 80 characters of any script, and exactly 24 months", func(c *check) {
		n := c.large()
		n.Modules = c.small().Modules
		n.Title = strings.Repeat("界", 80-len([]rune(n.Title))) + n.Title
		if b := c.made(n); b.Title != n.Title || b.From != n.From {
			c.Errorf("got %+v", b)
		}
	}},
	{"needs the permission backup.create: 403 permission-denied", func(c *check) {
		c.call("POST", "/v1/backups", c.small(), c.as(c.reader), c.key()).problem(403, api.CodePermissionDenied)
	}},
	{"can be estimated: the counts are those of the backup", func(c *check) {
		b := c.completed()
		keys := []string{}
		for _, m := range b.Modules {
			keys = append(keys, m.Key)
		}
		e := into[api.Estimate](c.call("POST", "/v1/backups/estimate", api.EstimateRequest{From: b.From, Till: b.Till.AddDays(-1), Modules: keys}, c.auth()).want(200))
		var most int64
		for _, m := range b.Modules {
			most += m.Records
		}
		if e.Records > most || e.Bytes <= 0 || len(e.Modules) != len(keys) {
			c.Errorf("got %+v of %+v", e, b.Modules)
		}
		i := slices.IndexFunc(e.Overlaps, func(o api.Overlap) bool { return o.BackupID == b.ID })
		if i >= 0 && !e.Overlaps[i].Covers || i < 0 && len(e.Overlaps) < 20 {
			c.Errorf("overlaps %+v", e.Overlaps)
		}
		for field, change := range map[string]api.EstimateRequest{"till": {From: b.Till, Till: b.From}, "modules": {From: b.From, Till: b.Till, Modules: []string{"x"}}} {
			if got := c.call("POST", "/v1/backups/estimate", change, c.auth()).fieldErrors(); got[field] == "" {
				c.Errorf("%s: %v", field, got)
			}
		}
	}},
}

// atOnce asks for a backup six times, not one after the other.
func (c *check) atOnce(n api.NewBackup, key string) []reply {
	c.Helper()
	auth, replies := c.auth(), make([]reply, 6)
	var all sync.WaitGroup
	for i := range replies {
		all.Go(func() { replies[i] = c.call("POST", "/v1/backups", n, auth, key) })
	}
	all.Wait()
	return replies
}

func limited(r reply) bool { return r.status == http.StatusTooManyRequests }

// onlyOne fails the test unless one backup has this title.
func (c *check) onlyOne(title string) {
	c.Helper()
	words := strings.Fields(title)
	page := into[api.BackupPage](c.call("GET", "/v1/backups?limit=100&q="+strings.Join(words, "+"), nil, c.auth()).want(200))
	n := 0
	for _, b := range page.Items {
		if b.Title == title {
			n++
		}
	}
	if n != 1 {
		c.Errorf("%d backups of this title", n)
	}
}

var backupRules = []rule{
	{"turns from pending to completed, with its file and expiry", func(c *check) {
		b := c.completed()
		zone, err := time.LoadLocation(b.Timezone)
		if err != nil {
			c.Fatal(err)
		}
		if b.Archive.Size <= 0 || len(b.Archive.SHA256) != 64 || b.Archive.FileName == "" || b.CompletedAt == nil || b.DataAsOf == nil || b.ExpiresAt == nil ||
			b.Completeness != api.Complete || b.Progress != nil || b.DeletedAt != nil || b.Error != nil {
			c.Fatalf("got %+v", b)
		}
		if want := calendar.AddMonths(*b.CompletedAt, 24, zone); !b.ExpiresAt.Equal(want) {
			c.Errorf("expires at %v, want %v", b.ExpiresAt, want)
		}
	}},
	{"that is unknown is 404 not-found", func(c *check) {
		for _, id := range []string{"x", "bkp_00000000000000000000000000", "..%2f..%2fetc"} {
			c.call("GET", "/v1/backups/"+id, nil, c.auth()).problem(404, api.CodeNotFound)
		}
	}},
	{"that has not changed is 304", func(c *check) { c.revalidates("/v1/backups/" + c.completed().ID) }},
	{"that is pending is held by Prefer: wait until it changes, or the time is nearly up", func(c *check) {
		path := "/v1/backups/" + into[api.Backup](c.create(c.large()).want(202)).ID
		held := 0
		for ; held < 10; held++ {
			known := c.call("GET", path, nil, c.auth()).want(200)
			if into[api.Backup](known).Status != api.StatusPending {
				break
			}
			tag, headers := known.header.Get("ETag"), []string{c.auth(), "Prefer: wait=5"}
			if held%2 == 0 { // the other half knows nothing, and waits for a change of what is found
				headers = append(headers, "If-None-Match: "+tag)
			}
			begun := time.Now()
			r := c.call("GET", path, nil, headers...)
			same := r.status == http.StatusNotModified || r.want(200).header.Get("ETag") == tag
			if took := time.Since(begun); same && took < 4*time.Second {
				c.Errorf("nothing had changed after %v", took)
				break
			}
			if got := r.header.Get("Preference-Applied"); !same && !strings.HasPrefix(got, "wait") {
				c.Errorf("Preference-Applied %q", got)
			}
		}
		c.call("POST", path+"/cancel", nil, c.auth()) // all has been seen
		if held == 0 && !c.Failed() {
			c.Skip("the server is too fast for this to be seen")
		}
	}},
	{"gets another title with If-Match alone: 428 without, 412 with another tag", func(c *check) {
		b := c.made(c.small())
		path := "/v1/backups/" + b.ID
		tag := c.call("GET", path, nil, c.auth()).want(200).header.Get("ETag")
		to := api.TitleChange{Title: c.title() + " Ärger"}
		c.call("PATCH", path, to, c.auth()).problem(428, api.CodePreconditionRequired)
		c.call("PATCH", path, to, c.auth(), `If-Match: "other"`).problem(412, api.CodePreconditionFailed)
		c.call("PATCH", path, to, c.auth(), "If-Match: W/"+tag).problem(412, api.CodePreconditionFailed)
		r := c.call("PATCH", path, to, c.auth(), "If-Match: "+tag).want(200)
		after := into[api.Backup](r)
		if after.Title != to.Title || after.Archive.FileName != b.Archive.FileName || r.header.Get("ETag") == tag {
			c.Errorf("%v %s", r.header, r.body)
		}
		c.call("PATCH", path, to, c.auth(), "If-Match: "+tag).problem(412, api.CodePreconditionFailed)
		if got := c.call("PATCH", path, api.TitleChange{Title: " "}, c.auth(), "If-Match: *").fieldErrors(); got["title"] != api.FieldRequired {
			c.Errorf("got %v", got)
		}
		c.onlyOne(to.Title)
	}},
	{"that is pending can be cancelled, twice; one that has ended is 409 not-cancellable", func(c *check) {
		for range 3 {
			b := into[api.Backup](c.create(c.large()).want(202))
			c.call("DELETE", "/v1/backups/"+b.ID, nil, c.auth())
			r := c.call("POST", "/v1/backups/"+b.ID+"/cancel", nil, c.auth())
			if r.status == http.StatusConflict {
				r.problem(409, api.CodeNotCancellable)
				continue // it was faster
			}
			if got := into[api.Backup](r.want(200)); got.Status != api.StatusCancelled {
				c.Errorf("got %s", got.Status)
			}
			c.call("POST", "/v1/backups/"+b.ID+"/cancel", nil, c.auth()).want(200)
			if got := c.get(b.ID); got.Status != api.StatusCancelled || got.Archive != nil {
				c.Errorf("got %+v", got)
			}
			c.call("GET", "/v1/backups/"+b.ID+"/archive", nil, c.auth()).problem(404, api.CodeNotFound)
			break
		}
		c.call("POST", "/v1/backups/"+c.completed().ID+"/cancel", nil, c.auth()).problem(409, api.CodeNotCancellable)
	}},
	{"that is pending has no file to give, rename or delete: 409 backup-not-ready with Retry-After", func(c *check) {
		for range 3 {
			b := into[api.Backup](c.create(c.large()).want(202))
			path := "/v1/backups/" + b.ID
			replies := []reply{
				c.call("GET", path+"/archive", nil, c.auth()), c.call("GET", path+"/manifest", nil, c.auth()),
				c.call("PATCH", path, api.TitleChange{Title: c.title()}, c.auth(), "If-Match: *"), c.call("DELETE", path, nil, c.auth()),
			}
			if c.get(b.ID).Status != api.StatusPending {
				continue // it was faster
			}
			for _, r := range replies {
				if r.problem(409, api.CodeBackupNotReady); r.header.Get("Retry-After") == "" {
					c.Error("no Retry-After")
				}
			}
			c.call("POST", path+"/cancel", nil, c.auth())
			return
		}
		c.Skip("the server is too fast for this to be seen")
	}},
	{"that is deleted loses its file and keeps its row and manifest: 410 archive-deleted with deleted_at", func(c *check) {
		b := c.made(c.small())
		path := "/v1/backups/" + b.ID
		c.call("DELETE", path, nil, c.auth(), `If-Match: "other"`).problem(412, api.CodePreconditionFailed)
		for range 2 { // once more, after a lost reply, is no error
			c.call("DELETE", path, nil, c.auth()).want(204)
		}
		after := c.get(b.ID)
		if after.Status != api.StatusDeleted || after.Archive != nil || after.DeletedAt == nil || after.Title != b.Title {
			c.Errorf("got %+v", after)
		}
		if p := c.call("GET", path+"/archive", nil, c.auth()).problem(410, api.CodeArchiveDeleted); p.DeletedAt == nil || !p.DeletedAt.Equal(*after.DeletedAt) {
			c.Errorf("deleted_at %v", p.DeletedAt)
		}
		if m := into[manifest.Manifest](c.call("GET", path+"/manifest", nil, c.auth()).want(200)); m.ArchiveSHA256 != b.Archive.SHA256 {
			c.Errorf("manifest of %s", m.ArchiveSHA256)
		}
	}},
	{"is cancelled, renamed and deleted with its permission only", func(c *check) {
		reader, path := c.as(c.reader), "/v1/backups/"+c.completed().ID
		c.call("POST", path+"/cancel", nil, reader).problem(403, api.CodePermissionDenied)
		c.call("PATCH", path, api.TitleChange{Title: "x"}, reader, "If-Match: *").problem(403, api.CodePermissionDenied)
		c.call("DELETE", path, nil, reader).problem(403, api.CodePermissionDenied)
		c.call("GET", path, nil, reader).want(200)
	}},
}

// listed are all backups of a query, over its pages.
func (c *check) listed(query string) (all []api.Backup) {
	c.Helper()
	next := ""
	for range 1000 {
		page := into[api.BackupPage](c.call("GET", "/v1/backups?"+query+"&cursor="+next, nil, c.auth()).want(200))
		all = append(all, page.Items...)
		if next = page.NextCursor; next == "" {
			return all
		}
	}
	c.Fatal("the list does not end")
	return nil
}

var listRules = []rule{
	{"has the newest first", func(c *check) {
		c.completed()
		all := slices.DeleteFunc(c.listed("limit=100"), func(b api.Backup) bool { return b.Status == api.StatusPending })
		if !slices.IsSortedFunc(all, func(a, b api.Backup) int { return b.PerformedAt.Compare(a.PerformedAt) }) {
			c.Error("it is not in order")
		}
	}},
	{"has pending backups before all others", func(c *check) {
		for range 3 {
			pending := into[api.Backup](c.create(c.large()).want(202))
			if c.embedded {
				c.wait(time.Second) // its clock stands still
			}
			newer := c.made(c.small())
			all := c.listed("limit=100")
			i := slices.IndexFunc(all, func(b api.Backup) bool { return b.ID == pending.ID })
			j := slices.IndexFunc(all, func(b api.Backup) bool { return b.ID == newer.ID })
			if i < 0 || j < 0 || (all[i].Status == api.StatusPending) != (i < j) {
				c.Errorf("the older, %s one is at %d, the newer at %d", all[i].Status, i, j)
			}
			if all[i].Status == api.StatusPending {
				c.until(pending.ID)
				return
			}
		}
		c.Skip("the server is too fast for this to be seen")
	}},
	{"comes in pages that neither repeat nor skip", func(c *check) {
		c.completed()
		whole, pages := c.listed("limit=100"), c.listed("limit=3")
		ids := func(list []api.Backup) (all []string) {
			for _, b := range list {
				all = append(all, b.ID)
			}
			return all
		}
		if !slices.Equal(ids(whole), ids(pages)) {
			c.Errorf("got %q, want %q", ids(pages), ids(whole))
		}
	}},
	{"refuses a cursor, limit, status or day that cannot be", func(c *check) {
		for _, query := range []string{"cursor=x", "limit=0", "limit=101", "limit=x", "status=green", "covers=2026-02-30", "q=" + strings.Repeat("x", 201)} {
			field, _, _ := strings.Cut(query, "=")
			if got := c.call("GET", "/v1/backups?"+query, nil, c.auth()).fieldErrors(); len(got) != 1 || got[field] == "" {
				c.Errorf("%s: %v", query, got)
			}
		}
	}},
	{"is searched by every word of q, without case and accents, in title, modules, file name and days", func(c *check) {
		n := c.small()
		n.Title += " Ünïque Straße"
		b := c.made(n)
		performed := c.modules().Today
		for _, q := range []string{
			"unique", "STRASSE+uniq", c.run + "+UNIQUE", strings.ReplaceAll(b.Modules[0].Name, " ", "+") + "+unique", b.Archive.FileName[:12] + "+unique",
			b.From.String() + "+unique", b.Till.String() + "+unique", performed.String() + "+unique",
			strings.ReplaceAll(time.Date(b.From.Year, b.From.Month, b.From.Date, 0, 0, 0, 0, time.UTC).Format("2 January 2006"), " ", "+") + "+unique",
		} {
			if !slices.ContainsFunc(c.listed("q="+q), func(x api.Backup) bool { return x.ID == b.ID }) {
				c.Errorf("not found by %q", q)
			}
		}
		for _, q := range []string{"unique+nowhere" + c.run, "uniqueX" + c.run, "%25" + c.run, "_nique+" + c.run} {
			if got := c.listed("q=" + q); len(got) > 0 {
				c.Errorf("%q finds %q", q, got[0].Title)
			}
		}
	}},
	{"can be narrowed by status, module and a day that the range holds", func(c *check) {
		b := c.completed()
		for query, narrow := range map[string]func(api.Backup) bool{
			"status=completed":               func(x api.Backup) bool { return x.Status == api.StatusCompleted },
			"module=" + b.Modules[0].Key:     func(x api.Backup) bool { return slices.ContainsFunc(x.Modules, sameModule(b.Modules[0].Key)) },
			"covers=" + b.From.String():      func(x api.Backup) bool { return !b.From.Before(x.From) && !b.From.After(x.Till) },
			"covers=" + b.Till.String():      func(x api.Backup) bool { return !b.Till.Before(x.From) && !b.Till.After(x.Till) },
			"status=completed&q=" + c.run:    func(x api.Backup) bool { return x.Status == api.StatusCompleted && strings.Contains(x.Title, c.run) },
			"module=no_such_module&limit=10": func(api.Backup) bool { return false },
		} {
			var want, got []string
			for _, x := range c.listed("limit=100") {
				if narrow(x) {
					want = append(want, x.ID)
				}
			}
			for _, x := range c.listed(query) {
				got = append(got, x.ID)
			}
			if !slices.Equal(got, want) {
				c.Errorf("%s: %d found, want %d", query, len(got), len(want))
			}
		}
	}},
	{"that has not changed is 304", func(c *check) { c.revalidates("/v1/backups?status=completed") }},
}

func sameModule(key string) func(api.BackupModule) bool {
	return func(m api.BackupModule) bool { return m.Key == key }
}

var archiveRules = []rule{
	{"is the file that the backup names: size, SHA-256, ETag, Repr-Digest, Content-Disposition", func(c *check) {
		b := c.completed()
		r := c.call("GET", "/v1/backups/"+b.ID+"/archive", nil, c.auth(), "Accept-Encoding: gzip, br, zstd").want(200)
		sum := sha256.Sum256(r.body)
		if hex.EncodeToString(sum[:]) != b.Archive.SHA256 || int64(len(r.body)) != b.Archive.Size {
			c.Errorf("%d bytes of %x, want %+v", len(r.body), sum, b.Archive)
		}
		for name, want := range map[string]string{
			"ETag": `"sha256-` + b.Archive.SHA256 + `"`, "Repr-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":",
			"Accept-Ranges": "bytes", "Content-Type": "application/zip", "Content-Encoding": "", "Cache-Control": "private, no-transform",
			"Content-Disposition": `attachment; filename="` + b.Archive.FileName + `"`, "Content-Length": strconv.FormatInt(b.Archive.Size, 10),
		} {
			if got := r.header.Get(name); got != want {
				c.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}},
	{"is a zip of the files that the manifest names, each with its SHA-256 and size", func(c *check) {
		b := c.completed()
		m := into[manifest.Manifest](c.call("GET", "/v1/backups/"+b.ID+"/manifest", nil, c.auth()).want(200))
		if err := m.Validate(); err != nil || m.BackupID != b.ID || m.ArchiveSHA256 != b.Archive.SHA256 || m.ArchiveSize != b.Archive.Size {
			c.Errorf("%v %+v", err, m)
		}
		held := c.unzipped(b)
		for _, f := range m.Files {
			if got := fmt.Sprintf("%x", sha256.Sum256(held[f.Name])); got != f.SHA256 || int64(len(held[f.Name])) != f.Bytes {
				c.Errorf("%s: %d bytes of %s, want %+v", f.Name, len(held[f.Name]), got, f)
			}
			if line := f.SHA256 + "  " + f.Name + "\n"; !bytes.Contains(held["checksums.sha256"], []byte(line)) {
				c.Errorf("checksums.sha256 lacks %s", f.Name)
			}
		}
		if held["manifest.json"] == nil || held["README.txt"] == nil {
			c.Errorf("it holds %q", slices.Sorted(maps.Keys(held)))
		}
	}},
	{"is given by HEAD without its bytes, as often as one likes", func(c *check) {
		b := c.completed()
		for range 3 {
			r := c.call("HEAD", "/v1/backups/"+b.ID+"/archive", nil, c.auth()).want(200)
			if len(r.body) > 0 || r.header.Get("ETag") != b.Archive.ETag() || r.header.Get("Content-Length") != strconv.FormatInt(b.Archive.Size, 10) {
				c.Errorf("%v", r.header)
			}
		}
	}},
	{"is given in ranges: 206 with Content-Range, from, to and suffix", func(c *check) {
		b := c.completed()
		path := "/v1/backups/" + b.ID + "/archive"
		whole := c.call("GET", path, nil, c.auth()).want(200).body
		n := len(whole)
		for header, span := range map[string][2]int{
			"bytes=0-9": {0, 10}, "bytes=100-": {100, n}, "bytes=-7": {n - 7, n}, "bytes=10-99999999999": {10, n}, fmt.Sprintf("bytes=%d-", n-1): {n - 1, n},
		} {
			r := c.call("GET", path, nil, c.auth(), "Range: "+header).want(206)
			if want := fmt.Sprintf("bytes %d-%d/%d", span[0], span[1]-1, n); r.header.Get("Content-Range") != want || !bytes.Equal(r.body, whole[span[0]:span[1]]) || r.header.Get("ETag") != b.Archive.ETag() {
				c.Errorf("%s: %v, want %s", header, r.header, want)
			}
		}
	}},
	{"that is not the one of If-Range comes whole", func(c *check) {
		b := c.completed()
		path := "/v1/backups/" + b.ID + "/archive"
		c.call("GET", path, nil, c.auth(), "Range: bytes=5-", "If-Range: "+b.Archive.ETag()).want(206)
		for _, other := range []string{`"sha256-00"`, "W/" + b.Archive.ETag()} {
			if r := c.call("GET", path, nil, c.auth(), "Range: bytes=5-", "If-Range: "+other).want(200); int64(len(r.body)) != b.Archive.Size {
				c.Errorf("%s: %d bytes", other, len(r.body))
			}
		}
	}},
	{"has no bytes past its end: 416 range-not-satisfiable with Content-Range", func(c *check) {
		b := c.completed()
		r := c.call("GET", "/v1/backups/"+b.ID+"/archive", nil, c.auth(), fmt.Sprintf("Range: bytes=%d-", b.Archive.Size))
		r.problem(416, api.CodeRangeNotSatisfiable)
		if got := r.header.Get("Content-Range"); got != fmt.Sprintf("bytes */%d", b.Archive.Size) {
			c.Errorf("Content-Range %q", got)
		}
	}},
	{"comes whole when the unit of a range is not known", func(c *check) {
		c.call("GET", "/v1/backups/"+c.completed().ID+"/archive", nil, c.auth(), "Range: lines=1-2").want(200)
	}},
	{"is 304 to If-None-Match with its tag, and 412 to If-Match with another", func(c *check) {
		b := c.completed()
		path := "/v1/backups/" + b.ID + "/archive"
		for _, list := range []string{b.Archive.ETag(), "*", `"x", ` + b.Archive.ETag()} {
			c.call("GET", path, nil, c.auth(), "If-None-Match: "+list).want(304)
		}
		c.call("GET", path, nil, c.auth(), `If-Match: "x"`).problem(412, api.CodePreconditionFailed)
		c.call("GET", path, nil, c.auth(), "If-Match: "+b.Archive.ETag()).want(200)
	}},
	{"of a backup that expired is 410 archive-expired with deleted_at, and its manifest stays", func(c *check) {
		expired := c.listed("status=expired")
		if len(expired) == 0 {
			c.Skip("no backup has expired yet")
		}
		if p := c.call("GET", "/v1/backups/"+expired[0].ID+"/archive", nil, c.auth()).problem(410, api.CodeArchiveExpired); p.DeletedAt == nil {
			c.Error("no deleted_at")
		}
		if m := into[manifest.Manifest](c.call("GET", "/v1/backups/"+expired[0].ID+"/manifest", nil, c.auth()).want(200)); m.ArchiveSHA256 == "" {
			c.Errorf("got %+v", m)
		}
	}},
	{"of a backup that failed is 404 not-found, and the backup says why", func(c *check) {
		failed := c.listed("status=failed")
		if len(failed) == 0 {
			c.Skip("no backup has failed yet")
		}
		c.call("GET", "/v1/backups/"+failed[0].ID+"/archive", nil, c.auth()).problem(404, api.CodeNotFound)
		if e := failed[0].Error; e == nil || e.Code == "" || e.Detail == "" {
			c.Errorf("got %+v", e)
		}
	}},
}

// report reports a download.
func (c *check) report(auth string, b api.Backup, n api.NewDownload) reply {
	c.Helper()
	return c.patiently(func() reply { return c.call("POST", "/v1/backups/"+b.ID+"/downloads", n, auth) })
}

var downloadRules = []rule{
	{"is recorded with device and person, once for the same event and instant, and counted", func(c *check) {
		b := c.made(c.small())
		n := api.NewDownload{Event: api.DownloadCompleted, FileName: "a.zip", Bytes: b.Archive.Size, SHA256: b.Archive.SHA256, At: b.CompletedAt.Add(time.Second).Truncate(time.Millisecond)}
		first := into[api.DownloadRecord](c.report(c.auth(), b, n).want(201))
		if first.BackupID != b.ID || first.Device.ID != "shared_"+c.run || first.User.ID == "" || !first.At.Equal(n.At) || first.FileName != "a.zip" {
			c.Errorf("got %+v", first)
		}
		if again := into[api.DownloadRecord](c.report(c.auth(), b, n).want(201)); again.ID != first.ID {
			c.Error("it was recorded twice")
		}
		other := bearer(c.signIn(c.full, "desk").AccessToken)
		n.At = n.At.Add(time.Minute)
		c.report(other, b, n).want(201)
		c.report(c.auth(), b, api.NewDownload{Event: api.DownloadRemoved, At: n.At}).want(201)
		if d := c.get(b.ID).Downloads; d.Count != 2 || d.ThisDevice != 1 || d.LastAt == nil || !d.LastAt.Equal(n.At) {
			c.Errorf("counted %+v", d)
		}
		list := into[api.DownloadList](c.call("GET", "/v1/backups/"+b.ID+"/downloads", nil, c.auth()).want(200)).Items
		if len(list) != 3 || list[0].Event != api.DownloadRemoved || list[2].ID != first.ID {
			c.Errorf("listed %+v", list)
		}
	}},
	{"that cannot be true is refused: another SHA-256, a path as name, somebody else's device", func(c *check) {
		b := c.completed()
		good := api.NewDownload{Event: api.DownloadVerified, SHA256: b.Archive.SHA256, At: *b.CompletedAt}
		for field, change := range map[string]func(*api.NewDownload){
			"sha256": func(n *api.NewDownload) { n.SHA256 = strings.Repeat("0", 64) }, "file_name": func(n *api.NewDownload) { n.FileName = "../a" },
			"device_id": func(n *api.NewDownload) { n.DeviceID = "nobodys_" + c.run }, "event": func(n *api.NewDownload) { n.Event = "eaten" },
		} {
			n := good
			change(&n)
			if got := c.report(c.auth(), b, n).fieldErrors(); len(got) != 1 || got[field] == "" {
				c.Errorf("%s: %v", field, got)
			}
		}
		if n := c.get(b.ID).Downloads.Count; n != 0 {
			c.Errorf("%d were counted", n)
		}
	}},
	{"can still be reported when the server's file is gone", func(c *check) {
		b := c.made(c.small())
		c.call("DELETE", "/v1/backups/"+b.ID, nil, c.auth()).want(204)
		c.report(c.auth(), b, api.NewDownload{Event: api.DownloadVerified, SHA256: b.Archive.SHA256, At: *b.CompletedAt}).want(201)
	}},
}

// stream opens a stream of events.
func (c *check) stream(auth, last string) *listener {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Minute)
	headers := []string{auth}
	if last != "" {
		headers = append(headers, "Last-Event-ID: "+last)
	}
	resp := c.open(ctx, "GET", "/v1/events", nil, headers...) //nolint:bodyclose // end closes it
	l := &listener{c.T, resp, bufio.NewScanner(resp.Body), "", cancel}
	c.Cleanup(l.end)
	if media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";"); resp.StatusCode != http.StatusOK || media != "text/event-stream" {
		c.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	return l
}

// about is the next counted event of a backup; ids increase.
func (l *listener) about(id string) api.Event {
	l.Helper()
	for {
		before := l.lastID
		e := l.counted()
		if was, err := strconv.ParseInt(before, 10, 64); err == nil {
			if now, err := strconv.ParseInt(e.ID, 10, 64); err != nil || now <= was {
				l.Fatalf("id %q after %q", e.ID, before)
			}
		}
		if e.BackupID == id {
			return e
		}
	}
}

var eventRules = []rule{
	{"stream begins with an id to go on from, and tells a backup's life with increasing ids", func(c *check) {
		auth := c.auth()
		l := c.stream(auth, "")
		if _, _, ok := l.block(); !ok || l.lastID == "" {
			c.Fatal("there is no place to go on from")
		}
		start := l.lastID
		b := c.made(c.small())
		want := []api.EventType{api.EventCreated, api.EventReady, api.EventDeleted}
		c.call("DELETE", "/v1/backups/"+b.ID, nil, auth).want(204)
		for i, kind := range want {
			e := l.about(b.ID)
			if e.Type != kind || e.Backup == nil || e.Backup.ID != b.ID {
				c.Errorf("event %d: %+v, want %s", i, e, kind)
			}
		}
		// Who was away hears the same again.
		again := c.stream(auth, start)
		for i, kind := range want {
			if e := again.about(b.ID); e.Type != kind {
				c.Errorf("replayed event %d: %s, want %s", i, e.Type, kind)
			}
		}
	}},
	{"stream tells progress without an id of its own", func(c *check) {
		l := c.stream(c.auth(), "")
		for range 3 {
			b := into[api.Backup](c.create(c.large()).want(202))
			for {
				before := l.lastID
				e := l.next()
				if e.BackupID == b.ID && e.Type == api.EventProgress {
					if e.Backup == nil || e.Backup.Progress == nil || e.ID != before {
						c.Errorf("got %+v after %s", e, before)
					}
					return
				}
				if e.BackupID == b.ID && e.Type == api.EventReady {
					break
				}
			}
		}
		c.Skip("the server is too fast for this to be seen")
	}},
	{"stream tells who names an unknown id to read everything anew", func(c *check) {
		for _, last := range []string{"999999999", "no-number"} {
			l := c.stream(c.auth(), last)
			if e := l.next(); e.Type != api.EventReset || e.ID == last || e.ID == "" {
				c.Errorf("%s: got %+v", last, e)
			}
			l.end()
		}
	}},
	{"stream tells renaming and downloads", func(c *check) {
		b := c.made(c.small())
		l := c.stream(c.auth(), "")
		if _, _, ok := l.block(); !ok {
			c.Fatal("no stream")
		}
		c.call("PATCH", "/v1/backups/"+b.ID, api.TitleChange{Title: c.title()}, c.auth(), "If-Match: *").want(200)
		if e := l.about(b.ID); e.Type != api.EventRenamed || e.Backup.Title == b.Title {
			c.Errorf("got %+v", e)
		}
		c.report(c.auth(), b, api.NewDownload{Event: api.DownloadVerified, SHA256: b.Archive.SHA256, At: *b.CompletedAt}).want(201)
		if e := l.about(b.ID); e.Type != api.EventDownload || e.Download == nil || e.Download.Event != api.DownloadVerified {
			c.Errorf("got %+v", e)
		}
	}},
	{"stream ends with its session", func(c *check) {
		s := c.signIn(c.full, "ears")
		l := c.stream(bearer(s.AccessToken), "")
		c.call("DELETE", "/v1/session", nil, bearer(s.AccessToken)).want(204)
		c.create(c.small()).want(202)
		for {
			if _, _, ok := l.block(); !ok {
				break
			}
		}
		if err := l.lines.Err(); err != nil && strings.Contains(err.Error(), "deadline") {
			c.Error("it goes on")
		}
	}},
	{"stream says something every 20 seconds", func(c *check) {
		if c.embedded {
			c.Skip("TestAQuietStreamBeats holds the embedded server to it, in virtual time")
		}
		l := c.stream(c.auth(), "")
		if _, _, ok := l.block(); !ok {
			c.Fatal("no stream")
		}
		begun := time.Now()
		if _, _, ok := l.block(); !ok || time.Since(begun) > 25*time.Second {
			c.Errorf("nothing for %v", time.Since(begun))
		}
	}},
}

var retentionRules = []rule{
	{"report suggests a backup that can be made, and is silent about it then", func(c *check) {
		g := into[api.RetentionReport](c.call("GET", "/v1/retention", nil, c.auth()).want(200)).Suggestion
		if g == nil {
			c.Skip("all that is about to go is held")
		}
		c.made(api.NewBackup{Title: c.title(), From: g.From, Till: g.Till, Modules: g.Modules})
		if again := into[api.RetentionReport](c.call("GET", "/v1/retention", nil, c.auth()).want(200)).Suggestion; again != nil {
			c.Errorf("still %+v", again)
		}
	}},
	{"report names what goes within the longest reminder, by day, and who holds it", func(c *check) {
		r := into[api.RetentionReport](c.call("GET", "/v1/retention", nil, c.auth()).want(200))
		info := into[api.Info](c.call("GET", "/v1/info", nil).want(200))
		horizon := r.Today.AddDays(slices.Max(info.Retention.ReminderDays))
		for _, d := range r.Upcoming {
			if !d.On.After(r.Today) || d.On.After(horizon) || d.From.After(d.Till) || d.From.Month != d.Till.Month || d.Records < 1 {
				c.Errorf("today is %s: %+v", r.Today, d)
			}
			if kept := calendar.Window(d.On, 24).From; !kept.After(d.From) || calendar.Window(d.On.AddDays(-1), 24).From.After(d.From) {
				c.Errorf("on %s the window begins %s: %+v", d.On, kept, d)
			}
			for _, id := range d.CoveredBy {
				if b := c.get(id); b.Archive == nil || b.From.After(d.From) || b.Till.Before(d.Till) || !slices.ContainsFunc(b.Modules, sameModule(d.Module)) {
					c.Errorf("%+v does not hold %+v", b, d)
				}
			}
		}
		if !slices.IsSortedFunc(r.Upcoming, func(a, b api.Deletion) int { return a.On.Compare(b.On) }) {
			c.Error("it is not in order")
		}
	}},
	{"report names no backup as a holder of days that were not over when it was made", func(c *check) {
		zone, err := time.LoadLocation(into[api.Session](c.call("GET", "/v1/session", nil, c.auth()).want(200)).Organisation.Timezone)
		if err != nil {
			c.Fatal(err)
		}
		for _, d := range into[api.RetentionReport](c.call("GET", "/v1/retention", nil, c.auth()).want(200)).Upcoming {
			for _, id := range d.CoveredBy {
				if b := c.get(id); b.DataAsOf == nil || b.DataAsOf.Before(d.Till.AddDays(1).Start(zone)) {
					c.Errorf("%s has the data of %v: what was made after that is not in it, of %+v", id, b.DataAsOf, d)
				}
			}
		}
	}},
	{"report that has not changed is 304", func(c *check) { c.revalidates("/v1/retention") }},
}
