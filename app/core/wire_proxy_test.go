package core

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"connectbackup/api"
	"connectbackup/device"
	"connectbackup/device/download"
)

// The environment's proxies are read once in a process, so each of these tests
// has a child that downloads with the shipped client.

// told by the environment: what a child is to fetch, as JSON of an order.
const orderEnv = "CORE_TEST_ORDER"

type order struct {
	URL, Dir string
	Request  download.Request
	GiveUp   time.Duration
}

// outcome is what the child says of it.
type outcome struct {
	Error, Words            string
	Proxy, Untrusted, Tired bool
	Fetched                 int64
}

// fetchedAsTold is the child.
func fetchedAsTold() bool {
	text := os.Getenv(orderEnv)
	if text == "" {
		return false
	}
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	tokens := &tokenStore{secrets: device.OpenFileSecrets(o.Dir + "-secrets"), lock: o.Dir + "-lock", none: func(error) {}}
	if err := tokens.Save(api.Tokens{Access: "access-SECRET"}); err != nil {
		panic(err)
	}
	c, err := api.New(api.Options{BaseURL: o.URL, Tokens: tokens, AllowInsecure: true})
	if err != nil {
		panic(err)
	}
	res, err := download.Fetch(context.Background(), download.Config{
		Source: archiveSource{func() (*api.Client, error) { return c, nil }},
		Folder: device.OpenFolder(o.Dir), GiveUp: o.GiveUp,
	}, o.Request, nil)
	out := outcome{Fetched: res.NewFetched}
	if err != nil {
		var stalled *download.StalledError
		out = outcome{
			Error: err.Error(), Words: Sentence(err), Proxy: errors.Is(err, download.ErrProxy),
			Untrusted: errors.Is(err, download.ErrUntrusted), Tired: errors.As(err, &stalled),
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
	return true
}

// child fetches from that address with that environment.
func (s *site) child(address string, giveUp time.Duration, env ...string) outcome {
	s.Helper()
	text, err := json.Marshal(order{address, s.dir, s.file.request(), giveUp})
	if err != nil {
		s.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self)
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(strings.ToUpper(v), "="); !strings.HasSuffix(name, "_PROXY") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(append(cmd.Env, env...), orderEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	b, err := cmd.Output()
	if err != nil {
		s.Fatalf("%v: %s", err, b)
	}
	var out outcome
	if err := json.Unmarshal(b, &out); err != nil {
		s.Fatalf("%v: %s", err, b)
	}
	if strings.Contains(out.Error+out.Words, "SECRET") {
		s.Errorf("it tells a secret: %+v", out)
	}
	return out
}

// tunnel is a proxy that opens connections to one server, whatever name is
// asked for; the first is cut after so many bytes. One with refusals opens
// none: it gives them in turn, the last of them for ever.
type tunnel struct {
	address  string
	refusals []string
	mu       sync.Mutex
	asked    []string
	leaked   string
}

func newTunnel(t *testing.T, to string, cutAfter int64, refusals ...string) *tunnel {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tunnel{address: l.Addr().String(), refusals: refusals}
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wait.Go(func() { p.serve(c, to, cutAfter) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wait.Wait()
	})
	return p
}

func (p *tunnel) serve(c net.Conn, to string, cutAfter int64) {
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	r, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+r.Host)
	n := len(p.asked)
	p.leaked += r.Header.Get("Authorization")
	p.mu.Unlock()
	if last := len(p.refusals) - 1; last >= 0 {
		_, _ = io.WriteString(c, "HTTP/1.1 "+p.refusals[min(n-1, last)]+"\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
		return
	}
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(server, in)
		_ = server.Close()
	}()
	if n == 1 {
		_, _ = io.CopyN(c, server, cutAfter)
		return
	}
	_, _ = io.Copy(c, server)
}

func (p *tunnel) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// The system's proxies are used, also when they cut; what they must not be told
// they are not told; one that wants a password is an error with words; and none
// is gone round.
func TestD16_Proxies(t *testing.T) {
	f := newContent(wireSize)
	t.Run("http", func(t *testing.T) {
		t.Parallel()
		proxy := newSite(t, f, cut(70_000, fin))
		out := proxy.child("http://connect.test", 0, "HTTP_PROXY="+strings.Replace(proxy.url, "//", "//anna:p@", 1))
		if out.Error != "" || out.Fetched != wireSize {
			t.Fatalf("%+v", out)
		}
		proxy.holds(f.data)
		proxy.asks("0-", "70000-")
		for _, r := range proxy.requests() {
			if r.URL.Host != "connect.test" || r.Header.Get("Proxy-Authorization") == "" {
				t.Errorf("asked for %s as %q", r.URL, r.Header.Get("Proxy-Authorization"))
			}
		}
	})
	t.Run("http, wants a password", func(t *testing.T) {
		t.Parallel()
		proxy := newSite(t, f, refuse("407 Proxy Authentication Required"))
		out := proxy.child("http://connect.test", 0, "HTTP_PROXY="+proxy.url)
		if !out.Proxy || !strings.Contains(out.Words, "proxy") || len(proxy.ranges()) != 1 {
			t.Errorf("%+v, asked %v", out, proxy.ranges())
		}
	})
	for _, status := range []string{"407 Proxy Authentication Required", "403 Forbidden"} {
		t.Run("https, "+status[:3], func(t *testing.T) {
			t.Parallel()
			s := newSite(t, f)
			proxy := newTunnel(t, "", 0, status)
			out := s.child("https://connect.test", 0, "HTTPS_PROXY=http://anna:SECRET@"+proxy.address)
			if !out.Proxy || !strings.Contains(out.Words, "proxy") || len(proxy.all()) != 1 {
				t.Errorf("%+v, asked %v", out, proxy.all())
			}
		})
	}
	t.Run("gateway fails, then nobody listens", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, f)
		// It is asked again, however long that takes on a busy machine.
		proxy := newTunnel(t, "", 0, "502 Bad Gateway", "407 Proxy Authentication Required")
		if out := s.child("https://connect.test", 0, "HTTPS_PROXY=http://"+proxy.address); !out.Proxy || len(proxy.all()) != 2 {
			t.Errorf("%+v, asked %v", out, proxy.all())
		}
		proxy = newTunnel(t, "", 0, "502 Bad Gateway")
		if out := s.child("https://connect.test", time.Second, "HTTPS_PROXY=http://"+proxy.address); !out.Tired {
			t.Errorf("%+v, asked %v", out, proxy.all())
		}
		if out := s.child("http://connect.test", time.Second, "HTTP_PROXY=http://127.0.0.1:1"); !out.Tired {
			t.Errorf("%+v", out)
		}
	})
	t.Run("NO_PROXY", func(t *testing.T) {
		t.Parallel()
		proxy := newSite(t, f)
		// Asked for without the proxy: nobody of that name is there.
		out := proxy.child("http://connect.invalid", time.Second, "HTTP_PROXY="+proxy.url, "NO_PROXY=.example,connect.invalid")
		if !out.Tired || len(proxy.requests()) != 0 {
			t.Errorf("%+v, asked %v", out, proxy.ranges())
		}
		// This machine is never asked through a proxy.
		out = proxy.child(proxy.url, 0, "HTTP_PROXY=http://127.0.0.1:1")
		if out.Error != "" || out.Fetched != wireSize {
			t.Errorf("%+v", out)
		}
	})
	t.Run("an address that is none", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, f)
		if out := s.child("http://connect.test", time.Second, "HTTP_PROXY=http://anna:SECRET@[::1"); out.Error == "" {
			t.Errorf("%+v", out)
		}
	})
}
