package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// version1 is how the first version of the app made its tables.
var version1 = []string{
	`CREATE TABLE IF NOT EXISTS ledger_meta (version INTEGER NOT NULL)`,
	`INSERT INTO ledger_meta (version) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ledger_meta)`,
	`CREATE TABLE IF NOT EXISTS ledger_files (
		server TEXT NOT NULL, organisation TEXT NOT NULL, backup TEXT NOT NULL,
		title TEXT NOT NULL, file_name TEXT NOT NULL, location TEXT NOT NULL,
		size INTEGER NOT NULL, sha256 TEXT NOT NULL,
		modified INTEGER NOT NULL, at INTEGER NOT NULL, verified INTEGER NOT NULL, -- microseconds since 1970; 0: never
		PRIMARY KEY (server, organisation, backup)) WITHOUT ROWID`,
}

// A file of the first version is brought along, with everything that stands in
// it, and opened again it stays as it is.
func TestAnOlderFileIsBroughtAlong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range version1 {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	want := record("1")
	if err := (&Ledger{db}).Put(want); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	o := Owner{"https://connect.example", "org-1", "u1"}
	for range 2 {
		l, db := open(t, path)
		if got, err := l.Get(want.Server, want.Organisation, "1"); err != nil || got != want {
			t.Errorf("%+v, %v\nwant %+v", got, err, want)
		}
		var version int
		if err := db.QueryRow(`SELECT version FROM ledger_meta`).Scan(&version); err != nil || version != schema {
			t.Errorf("version %d, %v", version, err)
		}
		if err := l.Post(Message{Owner: o, Kind: "k"}); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAVersionThatNeverWas(t *testing.T) {
	_, db := open(t, filepath.Join(t.TempDir(), "data.db"))
	if _, err := db.Exec(`UPDATE ledger_meta SET version = 0`); err != nil {
		t.Fatal(err)
	}
	var other *VersionError
	if _, err := Open(db); !errors.As(err, &other) {
		t.Errorf("%v", err)
	}
}

// Messages leave in the order in which they came, also over a restart, and
// nobody gets another's.
func TestMessagesWaitInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	l, db := open(t, path)
	mine, theirs := Owner{"", "org-1", "u1"}, Owner{"", "org-1", "u2"}
	for i, o := range []Owner{mine, theirs, mine, mine} {
		if err := l.Post(Message{Owner: o, Kind: "k", Subject: fmt.Sprint(i), Body: `{"é":"'"}`}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	l, _ = open(t, path)
	for _, want := range []string{"0", "2"} {
		got, err := l.Next(mine)
		if err != nil || got.Subject != want || got.Kind != "k" || got.Body != `{"é":"'"}` || got.Owner != mine {
			t.Fatalf("got %+v, %v; want %s", got, err, want)
		}
		if err := errors.Join(l.Done(got.ID), l.Done(got.ID)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.DropMessages(mine); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Next(mine); !errors.Is(err, ErrNotFound) {
		t.Errorf("after dropping: %+v, %v", got, err)
	}
	if got, err := l.Next(theirs); err != nil || got.Subject != "1" {
		t.Errorf("theirs: %+v, %v", got, err)
	}
}

func TestTheOutboxHasAnEnd(t *testing.T) {
	l, db := open(t, filepath.Join(t.TempDir(), "data.db"))
	o := Owner{"s", "o", "u"}
	_, err := db.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO ledger_outbox (server, organisation, user, kind, subject, body) SELECT 's', 'o', 'u', 'k', i, '' FROM n`, outboxMax)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Post(Message{Owner: o, Kind: "k", Subject: "last"}); err != nil {
		t.Fatal(err)
	}
	var count int
	if err := db.QueryRow(`SELECT count(*) FROM ledger_outbox`).Scan(&count); err != nil || count != outboxMax {
		t.Errorf("%d wait, %v", count, err)
	}
	if got, err := l.Next(o); err != nil || got.Subject != "2" {
		t.Errorf("the oldest is %+v, %v", got, err)
	}
}

func TestAnOutboxThatCannotBeRead(t *testing.T) {
	l, db := open(t, filepath.Join(t.TempDir(), "data.db"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := l.Next(Owner{})
	for what, err := range map[string]error{"Post": l.Post(Message{}), "Next": err, "Done": l.Done(1), "DropMessages": l.DropMessages(Owner{})} {
		if err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
