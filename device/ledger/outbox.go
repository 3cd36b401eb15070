package ledger

import (
	"database/sql"
	"errors"
	"fmt"
)

// Owner is whose messages they are: nobody else may send them.
type Owner struct{ Server, Organisation, User string }

// Message is something that a server has still to be told. What Kind, Subject
// and Body mean is a matter of whoever writes and sends them; nothing secret
// stands in them.
type Message struct {
	ID int64 // set by the ledger
	Owner
	Kind    string
	Subject string // what it is about, such as the ID of a backup
	Body    string
}

// outboxMax is how many messages wait at most, of everybody together: a server
// that never takes one must not make the file grow for ever. The oldest go.
const outboxMax = 2000

// Post puts a message at the end of the outbox.
func (l *Ledger) Post(m Message) error {
	err := l.transact(func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO ledger_outbox (server, organisation, user, kind, subject, body) VALUES (?, ?, ?, ?, ?, ?)`,
			m.Server, m.Organisation, m.User, m.Kind, m.Subject, m.Body)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM ledger_outbox WHERE id NOT IN (SELECT id FROM ledger_outbox ORDER BY id DESC LIMIT ?)`, outboxMax)
		return err
	})
	if err != nil {
		return fmt.Errorf("note what the server has to be told: %w", err)
	}
	return nil
}

// Next is the owner's oldest message, or ErrNotFound.
func (l *Ledger) Next(o Owner) (Message, error) {
	m := Message{Owner: o}
	err := l.db.QueryRow(`SELECT id, kind, subject, body FROM ledger_outbox
		WHERE server = ? AND organisation = ? AND user = ? ORDER BY id LIMIT 1`, o.Server, o.Organisation, o.User).
		Scan(&m.ID, &m.Kind, &m.Subject, &m.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return Message{}, ErrNotFound
	}
	if err != nil {
		return Message{}, fmt.Errorf("read what the server has to be told: %w", err)
	}
	return m, nil
}

// Done removes a message; one that is no longer there is no error.
func (l *Ledger) Done(id int64) error {
	return l.forget(`DELETE FROM ledger_outbox WHERE id = ?`, id)
}

// DropMessages removes all messages of an owner.
func (l *Ledger) DropMessages(o Owner) error {
	return l.forget(`DELETE FROM ledger_outbox WHERE server = ? AND organisation = ? AND user = ?`, o.Server, o.Organisation, o.User)
}

func (l *Ledger) forget(statement string, args ...any) error {
	if _, err := l.db.Exec(statement, args...); err != nil {
		return fmt.Errorf("forget what the server has to be told: %w", err)
	}
	return nil
}

// transact runs f in a transaction.
func (l *Ledger) transact(f func(*sql.Tx) error) error {
	tx, err := l.db.Begin()
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
