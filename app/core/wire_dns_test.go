package core

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"connectbackup/device/download"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a name server for one name, over UDP.
type names struct {
	conn net.PacketConn

	mu    sync.Mutex
	asked int
	fail  func(asked int) dnsmessage.RCode // of the n-th question, from 1
	v4    [][4]byte                        // the name's addresses
	v6    [][16]byte
}

func newNames(t *testing.T, n *names) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n.conn = conn
	if n.fail == nil {
		n.fail = func(int) dnsmessage.RCode { return dnsmessage.RCodeSuccess }
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		b := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if reply := n.answer(b[:size]); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	})
	t.Cleanup(func() { _ = conn.Close(); wait.Wait() })
	return n
}

func (n *names) answer(question []byte) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	n.asked++
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.RCode, m.Additionals = true, true, n.fail(n.asked), nil
	header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0}
	switch {
	case m.RCode != dnsmessage.RCodeSuccess:
	case q.Type == dnsmessage.TypeA:
		for _, a := range n.v4 {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a}})
		}
	case q.Type == dnsmessage.TypeAAAA:
		for _, a := range n.v6 {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a}})
		}
	}
	b, err := m.Pack()
	if err != nil {
		return nil
	}
	return b
}

// dialer looks names up there. It is otherwise that of the shipped transport.
func (n *names) dialer() *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second, Resolver: &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "udp", n.conn.LocalAddr().String())
		},
	}}
}

// named is the site's address with another host.
func (s *site) named(host string) {
	_, port, err := net.SplitHostPort(s.url[len("http://"):])
	if err != nil {
		s.Fatal(err)
	}
	s.url = "http://" + net.JoinHostPort(host, port)
}

// A name that cannot be looked up may be there again in a moment: neither the
// beginning nor the middle of a download ends by it.
func TestD14_NamesFailThenWork(t *testing.T) {
	f := newContent(wireSize)
	for name, code := range map[string]dnsmessage.RCode{
		"SERVFAIL": dnsmessage.RCodeServerFailure, "NXDOMAIN": dnsmessage.RCodeNameError, "REFUSED": dnsmessage.RCodeRefused,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dns := newNames(t, &names{v4: [][4]byte{{127, 0, 0, 1}}, fail: func(asked int) dnsmessage.RCode {
				if asked <= 4 || asked > 6 && asked <= 10 { // at the start, and after the cut
					return code
				}
				return dnsmessage.RCodeSuccess
			}})
			s := newSite(t, f, cut(5000, fin))
			s.named("connect.test.")
			s.transport = &http.Transport{DialContext: dns.dialer().DialContext, DisableKeepAlives: true}
			if res := s.saves(); res.NewFetched != wireSize {
				t.Errorf("fetched %d", res.NewFetched)
			}
			s.asks("0-", "5000-")
			dns.mu.Lock()
			defer dns.mu.Unlock()
			if dns.asked < 11 {
				t.Errorf("looked up only %d times", dns.asked)
			}
		})
	}
}

// The name has an address that swallows everything, of IPv6 or of IPv4: the
// other one is tried in time. Only a machine that has IPv6 tries the first.
func TestD17_IPv6BlackHole(t *testing.T) {
	hole, here := [4]byte{127, 0, 0, 2}, [4]byte{127, 0, 0, 1}
	for name, row := range map[string]struct {
		names  *names
		hole   string
		faults []fault
		limit  time.Duration // of the download
	}{
		"IPv6": {&names{v4: [][4]byte{here}, v6: [][16]byte{{15: 1}}}, "[::1]", []fault{cut(5000, fin), cut(9000, rst)}, 5 * time.Second},
		"IPv4": {&names{v4: [][4]byte{hole, here}}, "127.0.0.2", nil, 9 * time.Second}, // half of the time-out
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dialer := newNames(t, row.names).dialer()
			swallowed := make(chan string, 100)
			dialer.ControlContext = func(ctx context.Context, _, address string, _ syscall.RawConn) error {
				if !strings.HasPrefix(address, row.hole) {
					return nil
				}
				swallowed <- address
				<-ctx.Done() // no answer ever comes
				return ctx.Err()
			}
			s := newSite(t, newContent(wireSize), row.faults...)
			s.named("connect.test.")
			s.transport = &http.Transport{DialContext: dialer.DialContext}
			began := time.Now()
			if res := s.saves(); res.NewFetched != wireSize {
				t.Errorf("fetched %d", res.NewFetched)
			}
			if d := time.Since(began); d > row.limit {
				t.Errorf("took %v", d)
			}
			if len(swallowed) == 0 && (name == "IPv4" || hasIPv6()) {
				t.Error("the black hole was not tried")
			}
		})
	}
}

// hasIPv6 reports whether this machine has IPv6, if only for itself.
func hasIPv6() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	return err == nil && l.Close() == nil
}

// Where only IPv6 is there and swallowed, it is a passing fault and no hang.
func TestD17_NothingButABlackHole(t *testing.T) {
	s := newSite(t, newContent(wireSize))
	dialer := net.Dialer{ControlContext: func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
		<-ctx.Done()
		return ctx.Err()
	}, Timeout: 100 * time.Millisecond}
	s.transport = &http.Transport{DialContext: dialer.DialContext}
	c := s.config()
	c.GiveUp = time.Second
	_, err := download.Fetch(t.Context(), c, s.file.request(), nil)
	var stalled *download.StalledError
	if !errors.As(err, &stalled) {
		t.Errorf("%v", err)
	}
}
