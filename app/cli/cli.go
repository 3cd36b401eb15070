package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/device/download"
	"connectbackup/device/extract"
)

// Exit codes.
const (
	exitDone = iota
	exitFailed
	exitUsage
	exitNotFound
	exitSignedOut
	exitDamaged
)

// Streams are where a command writes.
type Streams struct {
	Out, Err io.Writer
	// Terminal: Err is one, and progress can be drawn over itself.
	Terminal bool
	// Say translates what is shown outside the program; nil: English.
	Say func(text string, count int, data map[string]any) string
	// Table: Out is one, and a list is laid out for eyes.
	Table bool
	// In is where a password is read from when nobody can be asked.
	In io.Reader
	// Ask puts a question to the person, who may answer unseen; nil: nobody is there.
	Ask func(ctx context.Context, question string, hidden bool) (string, error)
}

// commands is the command line, as kong reads it.
type commands struct {
	JSON bool `help:"Print one JSON object per line instead of text." name:"json"`

	Window  windowCommand  `cmd:"" default:"withargs" hidden:""`
	Serve   serveCommand   `cmd:"" help:"Run a Connect server of its own."`
	Journey journeyCommand `cmd:"" help:"Do the main job once, whole, with a demo server: create, download, verify, extract."`

	Login    loginCommand    `cmd:"" help:"Sign in to a Connect server. The session is the app's own."`
	Logout   logoutCommand   `cmd:"" help:"Sign out. Downloaded files stay."`
	List     listCommand     `cmd:"" help:"List the backups."`
	Show     showCommand     `cmd:"" help:"Show one backup."`
	Create   createCommand   `cmd:"" help:"Start a backup, or say with --dry-run what it would hold."`
	Download downloadCommand `cmd:"" help:"Download the file of a backup: resumable, and verified."`
	Cancel   cancelCommand   `cmd:"" help:"Stop a backup that is being prepared."`
	Delete   deleteCommand   `cmd:"" help:"Delete the file of a backup from the server. Copies on devices stay."`
	Token    tokenCommands   `cmd:"" help:"Tokens with which scheduled jobs sign in."`
	Devices  deviceCommands  `cmd:"" help:"The devices on which you are signed in."`

	Fetch   fetchCommand   `cmd:"" help:"Download any address with the app's engine: resumable, and verified."`
	Extract extractCommand `cmd:"" help:"Extract an archive into a folder."`
	Verify  verifyCommand  `cmd:"" help:"Check an archive: its SHA-256, and every file in it."`
	Remind  remindCommand  `cmd:"" help:"Remind of what the server is about to delete, if the time has come. For a timer: the app does it by itself while it runs."`

	Version kong.VersionFlag `help:"Print the version."`
}

// run is what every command gets.
type run struct {
	ctx    context.Context
	out    *output
	window Window
	say    func(text string, count int, data map[string]any) string
	in     io.Reader
	ask    func(ctx context.Context, question string, hidden bool) (string, error) // nil: nobody is there
}

// Window opens the app's window, with that backup in it unless backup is
// empty, and returns when it was closed. nil: this program has none.
type Window func(backup string) error

type windowCommand struct {
	Backup string `help:"Open the window with the backup of this ID; in the app that runs already, if one does." placeholder:"ID"`
}

// Run opens the window.
func (c windowCommand) Run(r *run) error {
	if r.window == nil {
		return fmt.Errorf("%w: this program has no window", errUsage)
	}
	return r.window(c.Backup)
}

// Main runs one command line (without the program's name) and returns the exit
// code.
func Main(args []string, s Streams, window Window) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who presses Ctrl-C again does not want to wait
	// Whoever reads may have seen enough: what is printed then fails, and the
	// command ends in order. Not ignored, which programs that are started inherit.
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)
	defer signal.Stop(pipe)
	return runIn(ctx, args, s, window)
}

func runIn(ctx context.Context, args []string, s Streams, window Window) int {
	if len(args) == 0 && window == nil { // nothing to open: say what there is
		args = []string{"--help"}
	}
	var c commands
	exited, code := false, exitDone
	parser, err := kong.New(&c,
		kong.Name("connect-backup"),
		kong.Description("Back up your organisation's Connect data, verified and resumable."),
		kong.Writers(s.Out, s.Err),
		kong.Vars{"version": core.Version},
		kong.UsageOnError(),
		kong.Exit(func(n int) { exited, code = true, n }),
	)
	if err != nil {
		return fail(s, err)
	}
	parsed, err := parser.Parse(args)
	if exited { // --help or --version
		return code
	}
	if err != nil {
		if slices.Contains(args, "--json") {
			(&output{out: s.Out, err: s.Err, json: true}).failure(fmt.Errorf("%w: %w", errUsage, err))
			return exitUsage
		}
		_, _ = fmt.Fprintf(s.Err, "connect-backup: %v\nRun \"connect-backup --help\" for the commands.\n", err)
		return exitUsage
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	out := &output{out: s.Out, err: s.Err, json: c.JSON, terminal: s.Terminal && !c.JSON, table: s.Table, stop: stop}
	err = parsed.Run(&run{ctx: ctx, out: out, window: window, say: s.Say, in: s.In, ask: s.Ask})
	out.endProgress()
	switch {
	case errors.Is(out.broken, syscall.EPIPE): // whoever read has ended, and needs no words
		return exitFailed
	case out.broken != nil: // nobody reads what was printed: a script must not take that for done
		return fail(s, out.broken)
	case err != nil:
		out.failure(err)
		return exitCode(err)
	}
	return exitDone
}

func fail(s Streams, err error) int {
	_, _ = fmt.Fprintln(s.Err, "connect-backup:", err)
	return exitFailed
}

// errUsage says that the arguments make no sense together.
var errUsage = errors.New("wrong usage")

// exitCode sorts an error into the exit codes of the package.
func exitCode(err error) int {
	var problem *api.Problem
	var archive *extract.Error
	var damaged *download.DamagedError
	var exists *download.ExistsError
	var id *api.IDError
	var address *api.AddressError
	switch {
	case errors.Is(err, errUsage), errors.As(err, &id), errors.As(err, &address), api.IsCode(err, api.CodeValidation):
		return exitUsage
	case errors.Is(err, download.ErrAuthExpired), errors.Is(err, api.ErrSignedOut),
		api.IsCode(err, api.CodeInvalidCredentials):
		return exitSignedOut
	case errors.Is(err, download.ErrGone), errors.Is(err, download.ErrNotFound),
		errors.Is(err, core.ErrFileGone), errors.Is(err, fs.ErrNotExist):
		return exitNotFound
	case errors.As(err, &archive), errors.As(err, &damaged), errors.As(err, &exists),
		errors.Is(err, errDamaged), errors.Is(err, download.ErrDenied), errors.Is(err, download.ErrNotTheFile),
		errors.Is(err, download.ErrUntrusted), api.IsCode(err, api.CodePermissionDenied):
		return exitDamaged
	case errors.As(err, &problem) && (problem.Status == 404 || problem.Status == 410):
		return exitNotFound
	}
	return exitFailed
}
