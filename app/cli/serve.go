package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

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
	if err != nil {
		return err
	}
	dir := c.Data
	if dir == "" {
		paths, err := core.SystemPaths()
		if err != nil {
			return err
		}
		dir = filepath.Join(paths.Data, "server")
	}
	log := slog.New(slog.NewTextHandler(r.out.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	e, err := core.OpenEmbedded(r.ctx, core.EmbeddedOptions{Dir: dir, Log: log, Version: core.Version})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if err := c.load(r, e, files, c.Demo); err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(r.ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	if err := c.announce(r, e, l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	return serve(r.ctx, core.NewHTTPServer(e.Handler(), log), l)
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
