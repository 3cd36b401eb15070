//go:build built

package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectbackup/device"
)

// TestWindowReminder lets the command remind find that a real server is about
// to delete records, as the timer does while the app is closed, and looks at
// what the desktop's notification daemon was given (S4).
func TestWindowReminder(t *testing.T) {
	d := newDesk(t)
	made := time.Now().UTC().AddDate(-2, 0, 5)
	records := filepath.Join(d.home, "departments.csv")
	csv := "department_id;name;manager_id;manager_name;member_count;created_at\r\n1;Sales;2;Ann;3;" + made.Format("2006-01-02") + " 12:00:00\r\n"
	if err := os.WriteFile(records, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := exec.Command(headless(t), "serve", "--json", "--data", filepath.Join(d.home, "server"), "--listen", "127.0.0.1:0",
		"--import", "departments="+records, "--organisation", "Müller KG", "--email", "ann@example.com",
		"--timezone", "UTC", "--locale", "de-DE", "--yes")
	var s server
	stop := background(t, serve, func(event string, line []byte) bool {
		into(t, line, &s) // each line adds to it
		return event != "listening"
	})
	defer stop()
	d.signedInTo(t, s)

	var told struct {
		Told bool
		Due  int
		Days int
	}
	remind := func() {
		cmd := d.command(headless(t), "remind", "--json")
		events(t, cmd, func(_ string, line []byte) bool {
			into(t, line, &told)
			return true
		})
	}
	if remind(); !told.Told || told.Due != 1 || told.Days < 4 || told.Days > 6 {
		t.Errorf("the first time: %+v", told)
	}
	d.window("dunst", "")
	d.picture("reminder")
	d.run("dunstctl", "close-all")
	history := d.run("dunstctl", "history")
	for _, words := range []string{fmt.Sprintf("Records are deleted in %d days", told.Days), "The records of Departments of ", "are in no backup"} {
		if !strings.Contains(history, words) {
			t.Errorf("the daemon was not given %q:\n%s", words, history)
		}
	}
	if remind(); told.Told {
		t.Errorf("an hour later it was told again: %+v", told)
	}
	if again := d.run("dunstctl", "history"); again != history {
		t.Errorf("the daemon was given\n%s", again)
	}
}

// signedInTo makes the desk's person one who is signed in to that server, and
// has no quiet hours.
func (d *desk) signedInTo(t *testing.T, s server) {
	t.Helper()
	sign, err := json.Marshal(map[string]any{
		"email": s.Email, "password": s.Password,
		"device": map[string]string{"id": "dev_outside", "name": "curl", "platform": "linux", "app_version": "0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var session struct {
		Access       string          `json:"access_token"`
		Refresh      string          `json:"refresh_token"`
		ExpiresAt    time.Time       `json:"expires_at"`
		User         json.RawMessage `json:"user"`
		Organisation json.RawMessage `json:"organisation"`
	}
	into(t, s.curl(t, "", "-H", "Content-Type: application/json", "-d", string(sign), s.Address+"/v1/session"), &session)
	var user, organisation struct{ ID string }
	into(t, session.User, &user)
	into(t, session.Organisation, &organisation)
	config := filepath.Join(d.home, ".config", "connect-backup")
	d.env = append(d.env, device.SecretsEnv+"=file")
	for name, value := range map[string]any{
		"settings.json": map[string]any{"account": map[string]any{
			"Server": s.Address, "User": session.User, "Organisation": session.Organisation,
		}},
		"reminders.json": map[string]any{
			"whose":   map[string]string{"Server": s.Address, "Organisation": organisation.ID, "User": user.ID},
			"options": map[string]any{"days": []int{90, 60, 30, 14, 7, 3, 1}, "quiet_from": 0, "quiet_till": 0},
		},
	} {
		b, err := json.Marshal(value)
		if err == nil {
			err = os.MkdirAll(config, 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(config, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	tokens, err := json.Marshal(map[string]any{"Access": session.Access, "Refresh": session.Refresh, "ExpiresAt": session.ExpiresAt})
	if err == nil {
		err = device.OpenFileSecrets(config).Set("session", string(tokens))
	}
	if err != nil {
		t.Fatal(err)
	}
}
