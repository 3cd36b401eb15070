package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestServeImportChecksFirstAndWantsYes(t *testing.T) {
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "d.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const header = "department_id;name;manager_id;manager_name;member_count;created_at\r\n"
	args := slices.Clip([]string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--import", "departments=" + file})
	nowhere := slices.Clip(append(args, "--organisation", "Müller KG", "--email", "ann@example.com", "--locale", "de-DE"))
	fresh := slices.Clip(append(nowhere, "--timezone", "Europe/Berlin"))

	write(header + "1;a;2;b;many;2001-01-01 00:00:00\r\n2;100%s\r\n")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{args, exitUsage, "--organisation"},
		{append(fresh, "--import", "departments="+dir), exitUsage, dir + " is a folder"},
		{append(fresh, "--listen", "nonsense"), exitUsage, `--listen wants an address and a port up to 65535, such as 127.0.0.1:8480, not "nonsense"`},
		{append(fresh, "--listen", "8480"), exitUsage, "--listen wants"},
		{append(fresh, "--listen", "127.0.0.1:80000"), exitUsage, "--listen wants"},
		{append(fresh, "--listen", "127.0.0.1:"), exitUsage, "--listen wants"},
		{[]string{"serve", "--data", data, "--yes"}, exitUsage, "belong to --import"},
		{[]string{"serve", "--data", data, "--import", "departments"}, exitUsage, "MODULE=FILE.csv"},
		{append(nowhere, "--yes"), exitUsage, "needs --timezone, such as Europe/Berlin"},
		{append(nowhere, "--yes", "--timezone", "Local"), exitUsage, `"Local" is not known`},
		{append(fresh, "--yes"), exitDamaged, "line 2, member_count: \"many\" is no number"},
		{append(fresh, "--yes"), exitDamaged, "line 3: there are 2 fields"},
		{append(fresh, "--import", "departments="+file+".not"), exitNotFound, "not there"},
		{append(fresh, "--import", "unicorns="+file), exitUsage, "there is no module"},
	} {
		if got := command(t, c.args...); got.code != c.code || !strings.Contains(got.out+got.err, c.says) {
			t.Errorf("%v: %d, want %d with %q\n%s%s", c.args[1:], got.code, c.code, c.says, got.out, got.err)
		}
	}

	write(header + "1;\"a; b\";2;b;3,5;2001-01-01 00:00:00\r\n2;c;2;b;3;2025-12-31 09:00:00\r\n")
	got := command(t, fresh...)
	for _, says := range []string{"2 records for departments", "Older than 24 months, and left out since the server would delete it: 1 record of 2001-01-01 to 2001-01-01.", "Nothing was stored", "dry run", "--yes"} {
		if got.code != exitDone || got.err != "" || !strings.Contains(got.out+got.err, says) {
			t.Errorf("%d, wanted %q:\n%s%s", got.code, says, got.out, got.err)
		}
	}
	if last := lastJSON(t, command(t, append(fresh, "--json")...).out); last["event"] != "checked" {
		t.Errorf("it ends with %v", last)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	at := taken.Addr().String()
	got = command(t, append(fresh, "--yes", "--listen", at)...)
	if want := "connect-backup: Another program already listens on " + at + ". Name another port with --listen.\n"; got.code != exitFailed || got.out != "" || got.err != want {
		t.Errorf("on a port that is taken: %d\n%s%s", got.code, got.out, got.err)
	}
	got = command(t, append(fresh, "--yes", "--listen", "192.0.2.1:8480")...) // nobody's, RFC 5737
	if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, "cannot listen on 192.0.2.1:8480: ") {
		t.Errorf("on an address of another machine: %d\n%s%s", got.code, got.out, got.err)
	}
	signIn(t, append(fresh, "--yes", "--json")) // nothing was stored so far, so it is made now
}

// signIn runs the command until it listens, and signs in as it says.
func signIn(t *testing.T, args []string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- runIn(ctx, args, Streams{Out: write, Err: io.Discard}, nil)
		_ = write.Close() // a pipe's Close has nothing to say
	}()
	said := map[string]string{}
	lines := bufio.NewScanner(read)
	for said["address"] == "" && lines.Scan() {
		var line map[string]any
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"email", "password", "address", "organisation"} {
			if text, found := line[name].(string); found {
				said[name] = text
			}
		}
	}
	body := `{"email":"` + said["email"] + `","password":"` + said["password"] + `","device":{"id":"d","name":"n","platform":"linux","app_version":"1"}}`
	reply, err := http.Post(said["address"]+"/v1/session", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	if text, err := io.ReadAll(reply.Body); err != nil || reply.StatusCode != http.StatusCreated || !strings.Contains(string(text), "Müller KG") {
		t.Errorf("%d %s %v, after %v", reply.StatusCode, text, err, said)
	}
	stop()
	if code := <-ended; code != exitDone {
		t.Errorf("it ended with %d", code)
	}
}
