package server

import (
	"context"
	"slices"
	"testing"
	"time"

	"connectbackup/api"
)

// TestDataOfTheFirstVersionLivesOn: a folder that the first version wrote is
// brought up to date with its sessions, devices and backups.
func TestDataOfTheFirstVersionLivesOn(t *testing.T) {
	dir := t.TempDir()
	db, readers, err := openFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		migrations[0], "PRAGMA user_version = 1",
		`INSERT INTO organisations (id, public_id, name, timezone, locale) VALUES (1, 'org_1', 'Old', 'UTC', 'en-GB')`,
		`INSERT INTO users (id, public_id, org_id, email, name, password, permissions) VALUES (1, 'usr_1', 1, 'old@old.example', 'Old', 'x', '["backup.create"]')`,
		`INSERT INTO sessions (id, user_id, device_id, device_name, device_platform, app_version, created_at) VALUES
			(1, 1, 'phone', 'Before', 'android', '1', 1000), (2, 1, 'phone', 'After', 'android', '2', 2000), (3, 1, 'desk', 'Desk', 'linux', '1', 1500)`,
		`INSERT INTO backups (public_id, org_id, title, status, from_day, till_day, timezone, locale, csv_profile, modules, request_hash, search,
			performed_at, created_by, device_id, device_name, device_platform)
			VALUES ('bkp_old', 1, 'Old one', 'failed', '2026-01-01', '2026-01-31', 'UTC', 'en-GB', 'excel', '[{"key":"staff"},{"key":"staff_old"}]', x'00', 'old one', 1000, 1, 'desk', 'Desk', 'linux')`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	for id, session := range map[string]int{"cba_phone": 2, "cba_desk": 3} {
		if _, err := db.Exec("INSERT INTO tokens (hash, session_id, kind, expires_at) VALUES (?, ?, 'access', ?)",
			tokenHash(id), session, millis(noon)+1000); err != nil {
			t.Fatal(err)
		}
	}
	if err := readers.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	w := openWorld(t, dir)
	phone := "Authorization: Bearer cba_phone"
	list := into[api.DeviceList](w.call("GET", "/v1/devices", nil, phone).want(200)).Items
	if len(list) != 2 || list[0].ID != "phone" || list[0].Name != "After" || list[0].AppVersion != "2" || list[0].CreatedAt.UnixMilli() != 1000 ||
		list[0].SeenAt.UnixMilli() != 2000 || !list[0].Current || list[1].ID != "desk" {
		t.Errorf("got %+v", list)
	}
	if got := w.get(phone, "bkp_old"); got.Title != "Old one" || got.CreatedOn.Name != "Desk" || got.Downloads.Count != 0 {
		t.Errorf("got %+v", got)
	}
	for module, want := range map[string]int{"staff": 1, "staff_old": 1, "old": 0, "staf": 0, "": 1} {
		if list := into[api.BackupPage](w.call("GET", "/v1/backups?module="+module, nil, phone).want(200)); len(list.Items) != want {
			t.Errorf("module %q: %d", module, len(list.Items))
		}
	}
	b := w.make(phone, api.NewBackup{Title: "New", From: request("").From, Till: request("").Till, Modules: withModules(t, w)})
	if b.CreatedOn.Name != "After" {
		t.Errorf("got %+v", b.CreatedOn)
	}
	// Opening once more changes nothing.
	w.close()
	w.open()
	if n := w.count("PRAGMA user_version"); n != len(migrations) {
		t.Errorf("version %d", n)
	}
	w.get(phone, "bkp_old")
}

// unnoted takes away when records came, as with data of before version 4, and
// brings it up to date again.
func (w *world) unnoted() {
	w.Helper()
	if _, err := w.w.Exec("DROP TABLE arrivals; DROP TABLE reckoning; PRAGMA user_version = 3"); err != nil {
		w.Fatal(err)
	}
	w.close()
	w.open()
}

// TestEarlierBackupsAreWorthWhatTheyHold: of records that came before anybody
// noted when, a backup has all, unless the data itself shows that it has not.
func TestEarlierBackupsAreWorthWhatTheyHold(t *testing.T) {
	w := emptyWorld(t)
	_, email := w.organisation("Earlier", "Europe/Berlin", "de-DE")
	w.late("Sales")
	w.clock.add(time.Hour)
	first := w.make(w.signedIn(email), w.everything("First"))
	w.unnoted()
	if stored := w.covered(w.signedIn(email), first); stored != nil {
		t.Errorf("they came at %v, says who?", stored)
	}
	// There are more in its days than it has.
	w.clock.add(time.Hour)
	w.late("Stock")
	w.unnoted()
	if stored := w.covered(w.signedIn(email)); stored == nil || !stored.Equal(first.DataAsOf.Add(time.Millisecond)) {
		t.Errorf("they came at %v, the first is as of %v", stored, first.DataAsOf)
	}
	w.clock.add(time.Hour)
	second := w.make(w.signedIn(email), w.everything("Second"))
	w.covered(w.signedIn(email), second)
	w.unnoted()
	w.covered(w.signedIn(email), second)
	// As many as it has, since others were swept; but their numbers are above
	// that of one that was made later.
	w.clock.add(time.Hour)
	w.imported("departments", departmentsHeader+"new,new,2,Ann,3,2026-06-17T13:30:00Z,\nold,old,2,Ann,3,2024-06-26T12:00:00Z,\n")
	if _, err := w.w.Exec("DELETE FROM records WHERE cells LIKE '%Sales\",\"Sales%'"); err != nil {
		t.Fatal(err)
	}
	w.unnoted()
	r := w.retention(w.signedIn(email))
	if len(r.Upcoming) != 2 || len(r.Upcoming[0].CoveredBy) != 0 || !slices.Equal(r.Upcoming[1].CoveredBy, []string{second.ID}) || r.Suggestion == nil {
		t.Errorf("got %+v", r)
	}
	// What comes from now on is noted, whatever was known of before.
	w.clock.add(time.Hour)
	third := w.make(w.signedIn(email), w.everything("Third"))
	w.clock.add(time.Hour)
	w.late("Staff")
	if stored := w.covered(w.signedIn(email)); stored == nil || !stored.Equal(w.clock.now()) {
		t.Errorf("they came at %v, the third is as of %v", stored, third.DataAsOf)
	}
}

// withModules gives the old organisation its modules, and names one.
func withModules(t *testing.T, w *world) []string {
	t.Helper()
	tx, err := w.w.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := addModules(t.Context(), tx, 1, demoModules()); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return []string{"staff"}
}
