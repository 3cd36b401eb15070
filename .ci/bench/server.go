package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
)

// serverRows is how many records the server is measured with.
const serverRows = 1_000_000

// server makes a backup of a million records of one module, which is the worst
// case: modules are packed on all cores, one module on two. Ours also hashes,
// verifies and syncs; the others only write a file.
func (b *bench) server() (err error) {
	dir := filepath.Join(b.dir, "server")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	few, err := b.serve(dir, 1000)
	if err != nil {
		return err
	}
	if _, err := few.backup(); err != nil {
		return errors.Join(err, few.stop())
	}
	if err := few.stop(); err != nil {
		return err
	}
	s, err := b.serve(dir, serverRows)
	if err != nil {
		return err
	}
	err = s.compare()
	if err = errors.Join(err, s.stop()); err != nil {
		return err
	}
	fmt.Printf("  import of %d records from CSV: %.1f s\n", serverRows, s.imported.Seconds())
	fmt.Printf("  memory of the server, import and backups: %.1f MiB with %d records, %.1f MiB with 1000\n",
		float64(s.peak)/(1<<20), serverRows, float64(few.peak)/(1<<20))
	return nil
}

// served is a server that runs, with an organisation of its own.
type served struct {
	dir, data        string
	cmd              *exec.Cmd
	address, session string
	imported         time.Duration
	peak             int64 // bytes, once it has stopped
	n                int
}

// serve imports so many messages and serves them.
func (b *bench) serve(dir string, rows int) (*served, error) {
	s := &served{dir: dir, data: filepath.Join(dir, strconv.Itoa(rows))}
	from := filepath.Join(dir, "messages.csv")
	if err := writeMessages(from, rows); err != nil {
		return nil, err
	}
	begin := time.Now()
	s.cmd = exec.Command(b.program("connect-backup-headless"), "serve", "--json", "--listen", "127.0.0.1:0", "--data", s.data,
		"--import", "messages="+from, "--yes", "--organisation", "Bench", "--email", "bench@example.com", "--timezone", "Europe/Berlin")
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	var password string
	for lines := bufio.NewScanner(out); s.address == ""; {
		if !lines.Scan() {
			return nil, errors.Join(errors.New("the server did not start"), s.cmd.Wait())
		}
		var line struct{ Event, Address, Password string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, errors.Join(err, s.stop())
		}
		switch line.Event {
		case "imported":
			s.imported, password = time.Since(begin), line.Password
		case "listening":
			s.address = line.Address
		}
	}
	var session api.Session
	err = s.call(http.MethodPost, "/v1/session", api.SignIn{
		Email: "bench@example.com", Password: password, Device: api.Device{ID: "bench", Name: "bench", Platform: "linux", AppVersion: "1"},
	}, &session)
	s.session = session.AccessToken
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *served) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	err := s.cmd.Wait()
	s.peak = peakOf(s.cmd.ProcessState)
	return err
}

// call makes a request, and waits where the server asks for it.
func (s *served) call(method, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	for {
		q, err := http.NewRequest(method, s.address+path, bytes.NewReader(text))
		if err != nil {
			return err
		}
		q.Header.Set("Authorization", "Bearer "+s.session)
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Idempotency-Key", strconv.Itoa(s.n))
		q.Header.Set("Prefer", "wait=25")
		r, err := http.DefaultClient.Do(q)
		if err != nil {
			return err
		}
		reply, err := io.ReadAll(r.Body)
		if err := errors.Join(err, r.Body.Close()); err != nil {
			return err
		}
		seconds, _ := strconv.Atoi(r.Header.Get("Retry-After")) // 0 without
		switch {
		case r.StatusCode == http.StatusTooManyRequests:
			time.Sleep(time.Duration(seconds) * time.Second) //nolint:forbidigo // the server's own words
		case r.StatusCode >= 300:
			return fmt.Errorf("%s %s: %d %s", method, path, r.StatusCode, reply)
		case into == nil:
			return nil
		default:
			return json.Unmarshal(reply, into)
		}
	}
}

// backup makes a backup of all messages, and says how long that took.
func (s *served) backup() (took time.Duration, err error) {
	s.n++
	today := calendar.DayOf(time.Now(), time.UTC)
	var b api.Backup
	err = s.call(http.MethodPost, "/v1/backups", api.NewBackup{
		Title: "Bench " + strconv.Itoa(s.n), From: today.AddMonths(-23), Till: today, Modules: []string{"messages"},
	}, &b)
	begin := b.PerformedAt // not before a limit of requests was over
	for err == nil && b.Status == api.StatusPending {
		err = s.call(http.MethodGet, "/v1/backups/"+b.ID, nil, &b)
	}
	took = time.Since(begin)
	if err == nil && b.Status != api.StatusCompleted {
		err = fmt.Errorf("the backup is %s", b.Status)
	}
	if err == nil {
		err = s.call(http.MethodDelete, "/v1/backups/"+b.ID, nil, nil)
	}
	return took, err
}

// compare makes backups in turns with what sqlite3 and gzip make of the rows.
func (s *served) compare() error {
	database, flat := filepath.Join(s.data, "server.db"), filepath.Join(s.dir, "flat.db")
	var columns []string
	for i := range 8 {
		columns = append(columns, fmt.Sprintf("json_extract(cells, '$[%d]')", i))
	}
	for _, name := range []string{"created_at", "updated_at"} {
		columns = append(columns, fmt.Sprintf("strftime('%%Y-%%m-%%d %%H:%%M:%%S', %s / 1000, 'unixepoch')", name))
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM records WHERE module = 'messages' ORDER BY created_at, seq"
	prepare := exec.Command("sqlite3", flat, "ATTACH '"+database+"' AS s; CREATE TABLE flat AS "+strings.Replace(query, "records", "s.records", 1))
	if out, err := prepare.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	pipe := func(name, from, query string) *contestant {
		return &contestant{name: name, command: func() *exec.Cmd {
			return exec.Command("sh", "-c", `sqlite3 -csv "$1" "$2" | gzip -6 >"$3"`, "sh", from, query, filepath.Join(s.dir, "out.csv.gz"))
		}}
	}
	same, plain := pipe("sqlite3 -csv | gzip -6, same rows", database, query), pipe("the same from a table of columns", flat, "SELECT * FROM flat")
	ours := &contestant{name: "connect-backup, zip, verified"}
	for range rounds {
		if err := once(same, plain); err != nil {
			return err
		}
		took, err := s.backup()
		if err != nil {
			return err
		}
		ours.took, ours.peak = append(ours.took, took), append(ours.peak, 0)
	}
	size, err := os.Stat(filepath.Join(s.dir, "messages.csv"))
	if err != nil {
		return err
	}
	tell(fmt.Sprintf("Backup of %d records of one module", serverRows), size.Size(), same, plain, ours)
	return nil
}

// writeMessages writes records for the module messages over 22 months.
func writeMessages(path string, rows int) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	defer func() { err = errors.Join(err, w.Flush()) }()
	words := strings.Fields("please send the offer again tomorrow at nine, thank you; Grüße aus Köln спасибо 明日 it was =great \"really\" ok")
	random := rand.New(rand.NewPCG(1, 2))
	if _, err := fmt.Fprintln(w, "message_id,conversation_id,conversation_name,sender_id,sender_name,sent_at,body,deleted,created_at"); err != nil {
		return err
	}
	begin := time.Now().AddDate(0, -22, 0)
	step := time.Since(begin) / time.Duration(rows)
	for i := range rows {
		var body []string
		for range 3 + random.IntN(14) {
			body = append(body, strings.ReplaceAll(words[random.IntN(len(words))], `"`, `""`))
		}
		at := begin.Add(time.Duration(i) * step).UTC().Format(time.RFC3339)
		_, err := fmt.Fprintf(w, "%09d,%04d,Room %d,%05d,Müller %d,%s,\"%s\",no,%s\n", i, random.IntN(40), random.IntN(40), random.IntN(90), random.IntN(90), at, strings.Join(body, " "), at)
		if err != nil {
			return err
		}
	}
	return nil
}
