package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSignInKeepsTheTokens(t *testing.T) {
	var sent SignIn
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		sendJSON(w, 201, sessionReply)
	})
	tokens := &store{}
	c, _ := client(t, s, tokens)
	want := SignIn{Email: "a@x", Password: password, Device: Device{ID: "d", Name: "Laptop", Platform: "linux", AppVersion: "1"}}
	session, err := c.SignIn(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if sent != want || session.Organisation.Name != "Acme" || !session.User.Can(PermissionCreate) {
		t.Errorf("sent %#v, got %v", sent.Device, session)
	}
	held, err := tokens.Load()
	if err != nil || held.Access != newToken || held.Refresh != "refresh-2-SECRET" || !held.ExpiresAt.Equal(session.ExpiresAt) {
		t.Errorf("held other tokens than those of the reply, %v", err)
	}
	if got := s.header(0, "Authorization"); got != "" {
		t.Errorf("signing in with Authorization %q", got)
	}
}

func TestSignInFailures(t *testing.T) {
	echo := `{"title":"` + password + `","code":"validation","detail":"no user with ` + password + `","errors":[{"field":"password","code":"invalid","detail":"` + password + `"}]}`
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		check  func(t *testing.T, err error)
	}{
		{"wrong password", func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 401, CodeInvalidCredentials) }, func(t *testing.T, err error) {
			if p := as[*Problem](t, err); p.Code != CodeInvalidCredentials || p.Status != 401 || p.Detail != "D" || p.RequestID != "req-7" {
				t.Errorf("%+v", p)
			}
		}},
		{"server repeats the password", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(422)
			_, _ = io.WriteString(w, echo)
		}, func(t *testing.T, err error) {
			if p := as[*Problem](t, err); p.Errors[0].Field != "password" {
				t.Errorf("%+v", p)
			}
		}},
		{"too many attempts", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "20")
			sendProblem(w, 429, CodeRateLimited)
		}, func(t *testing.T, err error) {
			if p := as[*Problem](t, err); p.RetryAfter.Seconds() != 20 {
				t.Errorf("%+v", p)
			}
		}},
		{"HTML", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>"+password)
		}, func(t *testing.T, err error) {
			if n := as[*NotConnectError](t, err); n.Status != 200 || n.ContentType != "text/html" || !strings.HasSuffix(n.URL, "/v1/session") {
				t.Errorf("%+v", n)
			}
		}},
		{"no tokens in it", func(w http.ResponseWriter, _ *http.Request) {
			sendJSON(w, 201, `{"user":{"id":"u"},"organisation":{"id":"o"}}`)
		}, func(t *testing.T, err error) {
			isA[*NotConnectError](t, err)
		}},
		{"connection cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, func(t *testing.T, err error) {
			if u := as[*UnreachableError](t, err); u.Reason != ReasonCut {
				t.Errorf("%+v", u)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.answer)
			tokens := &store{}
			client, _ := client(t, s, tokens)
			_, err := client.SignIn(t.Context(), SignIn{Email: "a@x", Password: password})
			c.check(t, err)
			silentAbout(t, err)
			if len(s.requests()) != 1 || tokens.saves != 0 {
				t.Errorf("asked %v, saved %d times", s.requests(), tokens.saves)
			}
		})
	}
}

// expiring answers 401 to the old token, and renews when asked.
func expiring(t *testing.T, answer http.HandlerFunc) (*site, *int) {
	var mu sync.Mutex
	renewals := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v1/session/refresh":
			var body Refresh
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.RefreshToken != "refresh-1-SECRET" {
				sendProblem(w, 401, CodeSessionExpired)
				return
			}
			mu.Lock()
			renewals++
			mu.Unlock()
			sendJSON(w, 200, sessionReply)
		case r.Header.Get("Authorization") == "Bearer "+newToken:
			answer(w, r)
		default:
			sendProblem(w, 401, CodeSessionExpired)
		}
	})
	return s, &renewals
}

func TestAnEndedTokenIsRenewedOnceForAll(t *testing.T) {
	const callers = 20
	var arrived sync.WaitGroup
	arrived.Add(callers)
	var once sync.Map
	s, renewals := expiring(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/archive") {
			http.ServeContent(w, r, "a.zip", time.Time{}, strings.NewReader("0123456789"))
			return
		}
		sendJSON(w, 200, completedBackup)
	})
	// All have been refused before the first asks for a renewal.
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+oldToken {
			if _, again := once.LoadOrStore(r.URL.RequestURI(), true); !again {
				arrived.Done()
				arrived.Wait()
			}
		}
		inner.ServeHTTP(w, r)
	})
	tokens := signedIn()
	c, _ := client(t, s, tokens)
	var wg sync.WaitGroup
	for n := range callers {
		wg.Go(func() {
			id := fmt.Sprintf("bkp_%d", n)
			if n%2 == 0 {
				body, err := c.OpenArchive(t.Context(), id, 7, -1, "")
				if err != nil {
					t.Error(err)
					return
				}
				b, err := io.ReadAll(body)
				if err = errors.Join(err, body.Close()); err != nil || string(b) != "789" || body.From != 7 {
					t.Errorf("%q from %d, %v", b, body.From, err)
				}
				return
			}
			if _, err := c.Backup(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if *renewals != 1 || tokens.saves != 1 || tokens.clears != 0 {
		t.Errorf("%d renewals, %d saves, %d clears", *renewals, tokens.saves, tokens.clears)
	}
	if got := len(s.requests()); got != 2*callers+1 {
		t.Errorf("%d requests for %d calls", got, callers)
	}
}

func TestARefusedRenewalSignsOut(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 401, CodeSessionExpired) })
	tokens := signedIn()
	c, _ := client(t, s, tokens)
	_, err := c.ListBackups(t.Context(), ListQuery{})
	if !errors.Is(err, ErrSignedOut) || tokens.clears != 1 {
		t.Errorf("%v, cleared %d times", err, tokens.clears)
	}
	silentAbout(t, err)
	asked := len(s.requests())
	if _, err := c.OpenArchive(t.Context(), "bkp_1", 0, -1, ""); !errors.Is(err, ErrSignedOut) || len(s.requests()) != asked {
		t.Errorf("signed out: %v, asked %v", err, s.requests()[asked:])
	}
}

func TestARenewalThatFailsOtherwiseKeepsTheSession(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"maintenance": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "600")
			sendProblem(w, 503, CodeMaintenance)
		},
		"cut": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"login page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(403)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v1/session/refresh" {
					answer(w, r)
					return
				}
				sendProblem(w, 401, CodeSessionExpired)
			})
			tokens := signedIn()
			c, _ := client(t, s, tokens)
			_, err := c.Backup(t.Context(), "bkp_1")
			if err == nil || errors.Is(err, ErrSignedOut) || tokens.clears != 0 {
				t.Errorf("%v, cleared %d times", err, tokens.clears)
			}
			// A refresh token that the server may have used up is not sent twice.
			if got := len(s.requests()); got != 2 {
				t.Errorf("asked %v", s.requests())
			}
		})
	}
}

func TestATokenRefusedAfterItsRenewalIsAProblem(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/session/refresh" {
			sendJSON(w, 200, sessionReply)
			return
		}
		sendProblem(w, 401, CodeSessionExpired)
	})
	c, _ := client(t, s, signedIn())
	_, err := c.Backup(t.Context(), "bkp_1")
	isA[*Problem](t, err)
	if got := len(s.requests()); got != 3 {
		t.Errorf("asked %v", s.requests())
	}
}

func TestTokensRenewedByAnotherProcessAreUsed(t *testing.T) {
	tokens := signedIn()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+newToken {
			sendJSON(w, 200, completedBackup)
			return
		}
		// Meanwhile the command line has renewed the session.
		if err := tokens.memoryTokens.Save(Tokens{Access: newToken, Refresh: "refresh-2-SECRET"}); err != nil {
			t.Error(err)
		}
		sendProblem(w, 401, CodeSessionExpired)
	})
	c, _ := client(t, s, tokens)
	if _, err := c.Backup(t.Context(), "bkp_1"); err != nil {
		t.Error(err)
	}
	if got := s.requests(); len(got) != 2 {
		t.Errorf("asked %v", got)
	}
}

func TestARenewalThatComesTooLateDoesNotSignInAgain(t *testing.T) {
	tokens := signedIn()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/session/refresh" {
			if err := tokens.memoryTokens.Clear(); err != nil { // signed out in the meantime
				t.Error(err)
			}
			sendJSON(w, 200, sessionReply)
			return
		}
		sendProblem(w, 401, CodeSessionExpired)
	})
	c, _ := client(t, s, tokens)
	if _, err := c.Backup(t.Context(), "bkp_1"); !errors.Is(err, ErrSignedOut) || tokens.saves != 0 {
		t.Errorf("%v, saved %d times", err, tokens.saves)
	}
}

func TestACallerThatGivesUpDoesNotLoseTheNewTokens(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan struct{})
	saved := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/session/refresh" {
			cancel()
			<-gaveUp
			sendJSON(w, 200, sessionReply)
			return
		}
		sendProblem(w, 401, CodeSessionExpired)
	})
	tokens := &notifying{store: signedIn(), saved: saved}
	c, _ := client(t, s, tokens)
	if _, err := c.Backup(ctx, "bkp_1"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(gaveUp)
	<-saved
	if held, err := tokens.Load(); err != nil || held.Access != newToken {
		t.Errorf("the new tokens are lost, %v", err)
	}
}

type notifying struct {
	*store
	saved chan struct{}
}

func (n *notifying) Save(t Tokens) error {
	err := n.store.Save(t)
	close(n.saved)
	return err
}

func TestSignOut(t *testing.T) {
	for _, c := range []struct {
		name   string
		tokens *store
		answer http.HandlerFunc
		asked  string
		failed bool
	}{
		{"all is well", signedIn(), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "DELETE /v1/session", false},
		{"nobody was signed in", &store{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "", false},
		{"offline", signedIn(), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "DELETE /v1/session", true},
		{"server in trouble", signedIn(), func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 500, CodeInternal) }, "DELETE /v1/session", true},
		{"session is over", signedIn(), func(w http.ResponseWriter, _ *http.Request) { sendProblem(w, 401, CodeSessionExpired) }, "DELETE /v1/session,POST /v1/session/refresh", false},
		{"access token is over", signedIn(), func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				sendJSON(w, 200, sessionReply)
			case r.Header.Get("Authorization") == "Bearer "+newToken:
				w.WriteHeader(204)
			default:
				sendProblem(w, 401, CodeSessionExpired)
			}
		}, "DELETE /v1/session,POST /v1/session/refresh,DELETE /v1/session", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, c.answer)
			client, _ := client(t, s, c.tokens)
			err := client.SignOut(t.Context())
			if (err != nil) != c.failed {
				t.Errorf("got %v", err)
			}
			silentAbout(t, err)
			if _, err := c.tokens.Load(); !errors.Is(err, ErrSignedOut) {
				t.Errorf("the tokens are still there, %v", err)
			}
			if got := strings.Join(s.requests(), ","); got != c.asked {
				t.Errorf("asked %q", got)
			}
		})
	}
}

func TestSignOutClearsEvenWhenNobodyWaits(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	tokens := signedIn()
	c, _ := client(t, s, tokens)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.SignOut(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if tokens.clears != 1 {
		t.Error("the tokens are still there")
	}
}

func TestAnotherSessionNeverSeesRepliesOfTheOneBefore(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			sendJSON(w, 201, sessionReply)
		case http.MethodDelete:
			w.WriteHeader(204)
		default:
			w.Header().Set("ETag", `"1"`)
			sendJSON(w, 200, completedBackup)
		}
	})
	c, _ := client(t, s, signedIn())
	see := func() {
		if _, err := c.Backup(t.Context(), "bkp_1"); err != nil {
			t.Fatal(err)
		}
	}
	see()
	see()
	if err := c.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SignIn(t.Context(), SignIn{Email: "b@y", Password: password}); err != nil {
		t.Fatal(err)
	}
	see()
	if got := s.header(1, "If-None-Match"); got != `"1"` {
		t.Errorf("second request: If-None-Match %q", got)
	}
	if got := s.header(4, "If-None-Match"); got != "" {
		t.Errorf("another session asks with If-None-Match %q", got)
	}
}

func TestAFailingTokenStore(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 201, sessionReply) })
	locked := errors.New("the keyring is locked")
	c, _ := client(t, s, &store{failed: locked})
	_, err := c.Modules(t.Context())
	if e := as[*TokenStoreError](t, err); e.Op != "load" || !errors.Is(err, locked) || errors.Is(err, ErrSignedOut) {
		t.Errorf("%v", err)
	}
	c, _ = client(t, s, &store{failSave: locked})
	_, err = c.SignIn(t.Context(), SignIn{Email: "a", Password: password})
	if e := as[*TokenStoreError](t, err); e.Op != "save" || !errors.Is(err, locked) {
		t.Errorf("%v", err)
	}
	if c, _ = client(t, s, &store{failed: locked}); !errors.Is(c.SignOut(t.Context()), locked) {
		t.Error("signing out hides that the store failed")
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	for _, v := range []any{
		SignIn{Email: "a@x", Password: password},
		&SignIn{Email: "a@x", Password: password},
		Refresh{RefreshToken: "SECRET"},
		Session{AccessToken: "SECRET", RefreshToken: "SECRET"},
		Tokens{Access: "SECRET", Refresh: "SECRET"},
		[]Tokens{{Access: "SECRET"}},
		struct{ S Session }{Session{AccessToken: "SECRET"}},
	} {
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", fmt.Sprint(v))
		text := fmt.Sprintf("%v %+v %#v %s", v, v, v, v) + log.String()
		if strings.Contains(text, "SECRET") || strings.Contains(text, password) {
			t.Errorf("%T is printed as %s", v, text)
		}
	}
}

// Who gives up does not take the session along: before the process ends, the
// renewal that nobody waits for any more is waited for.
func TestARenewalIsSettledBeforeTheEnd(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	s, _ := expiring(t, func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, 200, completedBackup) })
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/session/refresh" {
			close(asked)
			<-answer
		}
		inner.ServeHTTP(w, r)
	})
	tokens := signedIn()
	c, _ := client(t, s, tokens)
	if err := c.Settle(t.Context()); err != nil {
		t.Errorf("nothing is on its way: %v", err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := c.Backup(ctx, "bkp_1")
		gone <- err
	}()
	<-asked
	giveUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	if err := c.Settle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("still on its way: %v", err)
	}
	close(answer)
	if err := c.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	if got, err := tokens.Load(); err != nil || got.Access == oldToken {
		t.Errorf("the session was not renewed: %v, %v", got, err)
	}
}
