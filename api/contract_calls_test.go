package api

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"connectbackup/api/calendar"
)

// TestTheOtherCalls: each call asks for what the contract says and reads the
// reply; a reply that is something else is refused.
func TestTheOtherCalls(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123_456_789, time.FixedZone("", 3600))
	day := calendar.NewDay(2026, 1, 1)
	const token = `{"id":"tok_1","name":"N","scopes":[],"token":"cbt_x"}`
	for name, c := range map[string]struct {
		reply, request, body string
		call                 func(*Client) error
	}{
		"devices": {`{"items":[{"id":"d1","later":1}]}`, "GET /v1/devices", "", func(c *Client) error { _, err := c.Devices(t.Context()); return err }},
		"rename device": {`{"id":"d-1"}`, "PATCH /v1/devices/d-1", `{"name":"N"}`, func(c *Client) error {
			_, err := c.RenameDevice(t.Context(), "d-1", "N")
			return err
		}},
		"tokens": {`{"items":[` + token + `]}`, "GET /v1/tokens", "", func(c *Client) error { _, err := c.CommandTokens(t.Context()); return err }},
		"create token": {token, "POST /v1/tokens", `{"name":"N","scopes":[]}`, func(c *Client) error {
			_, err := c.CreateCommandToken(t.Context(), NewCommandToken{Name: "N"})
			return err
		}},
		"estimate": {`{"records":1,"modules":[]}`, "POST /v1/backups/estimate", `{"from":"2026-01-01","till":"2026-01-01","modules":["a"]}`, func(c *Client) error {
			_, err := c.Estimate(t.Context(), EstimateRequest{From: day, Till: day, Modules: []string{"a"}})
			return err
		}},
		"retention": {`{"today":"2026-01-01","upcoming":[]}`, "GET /v1/retention", "", func(c *Client) error { _, err := c.Retention(t.Context()); return err }},
		"record": {`{"id":"dwn_1","event":"completed"}`, "POST /v1/backups/bkp_1/downloads", `{"event":"completed","sha256":"ab","at":"2026-03-01T11:00:00.123Z"}`, func(c *Client) error {
			_, err := c.RecordDownload(t.Context(), "bkp_1", NewDownload{Event: DownloadCompleted, SHA256: "ab", At: at})
			return err
		}},
		"downloads": {`{"items":[{"id":"dwn_1","event":"eaten"}]}`, "GET /v1/backups/bkp_1/downloads", "", func(c *Client) error {
			_, err := c.Downloads(t.Context(), "bkp_1")
			return err
		}},
		"list": {`{"items":[]}`, "GET /v1/backups?covers=2026-01-01&module=staff", "", func(c *Client) error {
			_, err := c.ListBackups(t.Context(), ListQuery{Module: "staff", Covers: day})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			answer, body := c.reply, ""
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				b, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				body = string(b)
				sendJSON(w, 200, answer)
			})
			client, _ := client(t, s, signedIn())
			if err := c.call(client); err != nil || s.requests()[0] != c.request || body != c.body {
				t.Errorf("%v, asked %q with %s", err, s.requests(), body)
			}
			for _, answer = range []string{`{}`, `[]`, `{"items":[{}]}`} {
				if name == "list" && answer != `[]` {
					continue
				}
				isA[*NotConnectError](t, c.call(client))
			}
		})
	}
}

func TestCallsThatAreAnsweredByNothing(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	c, _ := client(t, s, signedIn())
	for request, err := range map[string]error{
		"DELETE /v1/devices/d1":    c.RemoveDevice(t.Context(), "d1"),
		"DELETE /v1/tokens/tok_1":  c.RevokeCommandToken(t.Context(), "tok_1"),
		"DELETE /v1/backups/bkp_1": c.DeleteBackup(t.Context(), "bkp_1"),
	} {
		if err != nil || !slices.Contains(s.requests(), request) {
			t.Errorf("%s: %v", request, err)
		}
	}
	asked := len(s.requests())
	for _, id := range []string{"", ".", "..", "a/b", "a?b", "ä", strings.Repeat("x", 129)} {
		for _, err := range []error{
			c.RemoveDevice(t.Context(), id), c.RevokeCommandToken(t.Context(), id), c.DeleteBackup(t.Context(), id),
			second(c.RenameDevice(t.Context(), id, "x")), second(c.RecordDownload(t.Context(), id, NewDownload{})),
			second(c.Downloads(t.Context(), id)), second(c.SetTitle(t.Context(), Backup{ID: id}, "x")),
		} {
			isA[*IDError](t, err)
		}
	}
	if len(s.requests()) != asked {
		t.Errorf("asked %v", s.requests()[asked:])
	}
}

// A gateway that answers everything, and has done nothing.
func TestWhatIsAnsweredByAPageWasNotDone(t *testing.T) {
	for _, answer := range []struct {
		name   string
		answer http.HandlerFunc
		done   bool
	}{
		{"login page", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html><form>Please sign in</form></html>")
		}, false},
		{"JSON", func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 200, `{}`) }, false},
		{"202 without a body", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) }, true},
		{"200 without a body", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") }, true},
	} {
		for name, f := range map[string]func(*Client) error{
			"RemoveDevice":       func(c *Client) error { return c.RemoveDevice(t.Context(), "d1") },
			"RevokeCommandToken": func(c *Client) error { return c.RevokeCommandToken(t.Context(), "tok_1") },
			"DeleteBackup":       func(c *Client) error { return c.DeleteBackup(t.Context(), "bkp_1") },
			"SignOut":            func(c *Client) error { return c.SignOut(t.Context()) },
		} {
			t.Run(answer.name+" "+name, func(t *testing.T) {
				c, _ := client(t, serve(t, answer.answer), signedIn())
				err := f(c)
				if answer.done && err != nil {
					t.Errorf("got %v", err)
				}
				if !answer.done {
					if n := as[*NotConnectError](t, err); n.Status != 200 || strings.Contains(err.Error(), "form") {
						t.Errorf("%+v", n)
					}
				}
			})
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestATitleIsSetOnWhatWasSeen(t *testing.T) {
	title, tag := "Old", `"1"`
	var matched []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		if r.Method == http.MethodPatch {
			matched = append(matched, r.Header.Get("If-Match"))
			if r.Header.Get("If-Match") != tag {
				sendProblem(w, 412, CodePreconditionFailed)
				return
			}
			var change TitleChange
			if err := json.NewDecoder(r.Body).Decode(&change); err != nil {
				t.Error(err)
			}
			title, tag = change.Title, `"2"`
		} else if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(304)
			return
		}
		sendJSON(w, 200, `{"id":"bkp_1","title":"`+title+`","status":"completed","modules":[]}`)
	})
	c, _ := client(t, s, signedIn())
	known, err := c.Backup(t.Context(), "bkp_1")
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.SetTitle(t.Context(), known, "New") // the reply to its question is a 304, and knows the tag all the same
	if err != nil || b.Title != "New" || !slices.Equal(matched, []string{`"1"`}) {
		t.Fatalf("%+v, %v after %q", b, err, matched)
	}
	if _, err := c.SetTitle(t.Context(), known, "Newer"); !IsCode(err, CodePreconditionFailed) || title != "New" || len(matched) != 1 {
		t.Errorf("%v: somebody else's title was overwritten: %s", err, title)
	}
}
