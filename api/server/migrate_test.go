package server

import (
	"context"
	"testing"

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
