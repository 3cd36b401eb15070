package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"connectbackup/api/server"
	"connectbackup/app/core"
)

// closeWait is how long running replies may take after Ctrl-C.
const closeWait = 5 * time.Second

type serveCommand struct {
	Data   string `help:"Folder for the server's data; otherwise the one of the app's embedded server." type:"path"`
	Listen string `help:"Address and port to listen on." default:"127.0.0.1:8480"`
	Demo   bool   `help:"Fill a demo organisation, and print how to sign in to it."`

	importFlags
}

// Run serves until it is stopped.
func (c *serveCommand) Run(r *run) (err error) {
	files, err := c.files()
	if err = errors.Join(err, listenAddress(c.Listen)); err != nil {
		return err
	}
	dir := c.Data
	if dir == "" {
		if dir, err = ownServer(); err != nil {
			return err
		}
	}
	log := slog.New(slog.NewTextHandler(r.out.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	e, err := core.OpenEmbedded(r.ctx, core.EmbeddedOptions{Dir: dir, Log: log, Version: core.Version})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if c.Data == "" {
		if err := c.apart(r.ctx, e, len(files) > 0); err != nil {
			return err
		}
	}
	if len(files) > 0 && !c.Yes {
		return c.load(r, e, files, c.Demo) // only looks at them
	}
	l, err := listen(r.ctx, c.Listen) // before anything is stored
	if err != nil {
		return err
	}
	if err = c.load(r, e, files, c.Demo); err == nil {
		err = c.announce(r, e, l.Addr())
	}
	if err != nil {
		return errors.Join(err, l.Close())
	}
	return serve(r.ctx, core.NewHTTPServer(e.Handler(), log), l)
}

// ownServer is the data folder of the app's embedded server.
func ownServer() (string, error) {
	paths, err := core.SystemPaths()
	return filepath.Join(paths.Data, "server"), err
}

// apart keeps the demo and an organisation of one's own out of one server
// where nobody asked for that: it would be treated as a demo, without
// reminders and with other names of files.
func (c *serveCommand) apart(ctx context.Context, e *core.Embedded, imports bool) error {
	names, demo, err := e.Organisations(ctx)
	if err != nil {
		return err
	}
	toDemo := c.Organisation == server.DemoOrganisation || c.Organisation == "" && c.Demo
	switch {
	case imports && !toDemo && (demo || c.Demo):
		return say(errUsage, "The app's own folder is that of the demo, and what is imported there would be treated as a demo. "+
			"Name another folder with --data DIR.")
	case c.Demo && len(names) > 0:
		return say(errUsage, "The app's own folder holds %s, which would be treated as a demo. Name another folder for the demo with --data DIR.",
			strings.Join(names, ", "))
	}
	return nil
}

// listenAddress checks the flag --listen.
func listenAddress(text string) error {
	_, port, err := net.SplitHostPort(text)
	if _, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil {
		return fmt.Errorf("%w: --listen wants an address and a port up to 65535, such as 127.0.0.1:8480, not %q", errUsage, text)
	}
	return nil
}

// errAddrInUse is EADDRINUSE as Windows calls it (WSAEADDRINUSE).
const errAddrInUse = syscall.Errno(10048)

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, errAddrInUse):
		return nil, say(err, "Another program already listens on %s. Name another port with --listen.", address)
	}
	var why *net.OpError
	if errors.As(err, &why) {
		err = why.Err
	}
	return nil, say(err, "The server cannot listen on %s: %v. Name another address with --listen.", address, err)
}

// announce prints where the server is and how to get in.
func (c *serveCommand) announce(r *run, e *core.Embedded, at net.Addr) error {
	address := "http://" + at.String()
	if !c.Demo {
		r.out.step("listening", fields{"address": address},
			"Connect server at %s\nStop it with Ctrl-C.", address)
		return nil
	}
	demo, err := e.SeedDemo(r.ctx)
	if err != nil {
		return err
	}
	r.out.step("listening", fields{
		"address": address, "organisation": demo.Organisation, "email": demo.Email, "password": demo.Password,
	}, "Connect server at %s\nOrganisation %s\nE-mail       %s\nPassword     %s\nStop it with Ctrl-C.",
		address, demo.Organisation, demo.Email, demo.Password)
	return nil
}

// serve answers on l until ctx ends; running replies get a moment.
func serve(ctx context.Context, s *http.Server, l net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWait)
	defer cancel()
	err := s.Shutdown(ending)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.Close()
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
