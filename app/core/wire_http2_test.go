//go:build linux

package core

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"connectbackup/device/download"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// newHTTP2Site speaks HTTP/2, frame by frame; ends says how the n-th stream of
// all ends after so many bytes.
func newHTTP2Site(t *testing.T, f content, ends func(n int) (after int, end func(*http2.Framer, uint32, net.Conn))) *site {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := prepared(t, f)
	s.url = "https://" + l.Addr().String()
	config := with(certificate(t, nil, false))()
	config.NextProtos = []string{"h2"}
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[c] = true
			s.dials++
			s.mu.Unlock()
			wait.Go(func() {
				defer func() { _ = c.Close() }()
				if err := s.frames(tls.Server(c, config), ends); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
					s.Logf("connection: %v", err)
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.mu.Lock()
		for c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		wait.Wait()
	})
	return s
}

// frames serves one connection.
func (s *site) frames(c net.Conn, ends func(int) (int, func(*http2.Framer, uint32, net.Conn))) error {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(c, preface); err != nil {
		return err
	}
	framer := http2.NewFramer(c, c)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := framer.WriteSettings(); err != nil {
		return err
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return err
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				err = framer.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			err = s.stream(framer, frame, c, ends)
		}
		if err != nil {
			return err
		}
	}
}

func (s *site) stream(framer *http2.Framer, h *http2.MetaHeadersFrame, c net.Conn, ends func(int) (int, func(*http2.Framer, uint32, net.Conn))) error {
	r := &http.Request{Header: http.Header{}, ProtoMajor: 2}
	for _, field := range h.RegularFields() {
		r.Header.Add(field.Name, field.Value)
	}
	n := len(s.ranges())
	rep := s.next(r)
	var head bytes.Buffer
	enc := hpack.NewEncoder(&head)
	fields := []hpack.HeaderField{{Name: ":status", Value: rep.status[:3]}}
	for _, line := range rep.header {
		name, value, _ := strings.Cut(line, ": ")
		fields = append(fields, hpack.HeaderField{Name: strings.ToLower(name), Value: value})
	}
	for _, field := range fields {
		if err := enc.WriteField(field); err != nil {
			return err
		}
	}
	if err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: h.StreamID, BlockFragment: head.Bytes(), EndHeaders: true}); err != nil {
		return err
	}
	after, end := ends(n)
	body := rep.body
	if end != nil {
		body = body[:min(after, len(body))]
	}
	for len(body) > 0 {
		part := body[:min(len(body), 16<<10)]
		body = body[len(part):]
		if err := framer.WriteData(h.StreamID, len(body) == 0 && end == nil, part); err != nil {
			return err
		}
	}
	if end != nil {
		end(framer, h.StreamID, c)
	}
	return nil
}

// Over HTTP/2 a server can end a stream or a connection in ways of its own. All
// of them pass.
func TestD19_HTTP2(t *testing.T) {
	f := newContent(wireSize)
	reset := func(code http2.ErrCode) func(*http2.Framer, uint32, net.Conn) {
		return func(framer *http2.Framer, id uint32, _ net.Conn) { _ = framer.WriteRSTStream(id, code) }
	}
	away := func(last func(id uint32) uint32, code http2.ErrCode) func(*http2.Framer, uint32, net.Conn) {
		return func(framer *http2.Framer, id uint32, c net.Conn) {
			_ = framer.WriteGoAway(last(id), code, nil)
			_ = c.Close()
		}
	}
	this := func(id uint32) uint32 { return id }
	none := func(uint32) uint32 { return 0 }
	for name, end := range map[string]func(*http2.Framer, uint32, net.Conn){
		"RST_STREAM, internal error":       reset(http2.ErrCodeInternal),
		"RST_STREAM, refused":              reset(http2.ErrCodeRefusedStream),
		"RST_STREAM, cancelled":            reset(http2.ErrCodeCancel),
		"RST_STREAM, no error":             reset(http2.ErrCodeNo),
		"RST_STREAM, enhance your calm":    reset(http2.ErrCodeEnhanceYourCalm),
		"GOAWAY":                           away(this, http2.ErrCodeNo),
		"GOAWAY, this stream not included": away(none, http2.ErrCodeNo),
		"GOAWAY, protocol error":           away(this, http2.ErrCodeProtocol),
		"closed without a word":            func(_ *http2.Framer, _ uint32, c net.Conn) { _ = c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newHTTP2Site(t, f, func(n int) (int, func(*http2.Framer, uint32, net.Conn)) {
				return []int{70_000, 0, 200_000}[n%3], []func(*http2.Framer, uint32, net.Conn){end, end, nil}[min(n, 2)]
			})
			s.transport = &http.Transport{ForceAttemptHTTP2: true}
			if res := s.saves(); res.NewFetched != wireSize {
				t.Errorf("fetched %d, asked %v", res.NewFetched, s.ranges())
			}
			if got := s.ranges(); got[0] != "0-" || len(got) != 3 {
				t.Errorf("asked %v", got)
			}
		})
	}
	// The shipped transport asks for archives over HTTP/1.1, where every stream
	// has a connection of its own, also from a server that offers both.
	t.Run("offered, not taken", func(t *testing.T) {
		var mu sync.Mutex
		var spoken []string
		s := newTLSSite(t, func() *tls.Config {
			config := with(certificate(t, nil, false))()
			config.NextProtos = []string{"h2", "http/1.1"}
			config.VerifyConnection = func(state tls.ConnectionState) error {
				mu.Lock()
				defer mu.Unlock()
				spoken = append(spoken, strconv.Quote(state.NegotiatedProtocol))
				return nil
			}
			return config
		}, f, cut(5000, fin))
		s.saves()
		mu.Lock()
		defer mu.Unlock()
		if text := fmt.Sprint(spoken); strings.Contains(text, "h2") || len(spoken) != 2 {
			t.Errorf("spoken: %s", text)
		}
	})
	t.Run("spoken for good", func(t *testing.T) {
		s := newHTTP2Site(t, f, func(int) (int, func(*http2.Framer, uint32, net.Conn)) {
			return 1000, reset(http2.ErrCodeInadequateSecurity)
		})
		s.transport = &http.Transport{ForceAttemptHTTP2: true}
		c := s.config()
		c.GiveUp = 1
		if _, err := download.Fetch(t.Context(), c, f.request(), nil); err == nil {
			t.Error("saved")
		}
	})
}
