package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"connectbackup/api"
)

// Tokens for the command line.
const (
	commandTokenPrefix = "cbt_"
	commandTokenLife   = 90 * 24 * time.Hour // unless asked otherwise
	commandTokenMax    = 366 * 24 * time.Hour
	commandTokensMax   = 50 // of one user
	commandPlatform    = "command-line"
)

const selectCommand = `SELECT 0, u.id, o.id, u.public_id, u.name, u.email, u.permissions,
	o.public_id, o.name, o.timezone, o.locale, t.public_id, t.name, '` + commandPlatform + `', t.expires_at
	FROM command_tokens t JOIN users u ON u.id = t.user_id JOIN organisations o ON o.id = u.org_id
	WHERE t.hash = ? AND t.expires_at > ? AND u.status = 'active'`

// identifyCommand finds who a command token stands for: sql.ErrNoRows when for
// nobody. What it may do is what both its scopes and its user allow.
func (s *Server) identifyCommand(ctx context.Context, token string) (*identity, error) {
	now := millis(s.clock())
	hash := tokenHash(token)
	who, err := scanIdentity(s.c.Read.QueryRowContext(ctx, selectCommand, hash, now))
	if err != nil {
		return nil, err
	}
	var text string
	var used sql.NullInt64
	err = s.c.Read.QueryRowContext(ctx, "SELECT scopes, used_at FROM command_tokens WHERE hash = ?", hash).Scan(&text, &used)
	if err != nil {
		return nil, err
	}
	var scopes []string
	if err := json.Unmarshal([]byte(text), &scopes); err != nil {
		return nil, err
	}
	who.user.Permissions = slices.DeleteFunc(who.user.Permissions, func(p string) bool { return !slices.Contains(scopes, p) })
	if !used.Valid || now-used.Int64 >= time.Hour.Milliseconds() { // to the hour: not every request should write
		s.noteUse(ctx, hash, now)
	}
	return who, nil
}

// noteUse stores when a command token was used last. Where that cannot be
// written, as on a full disk, the token is good all the same: people must get
// at their files.
func (s *Server) noteUse(ctx context.Context, hash []byte, now int64) {
	_, err := s.exec(ctx, "UPDATE command_tokens SET used_at = ? WHERE hash = ?", now, hash)
	if err != nil && ctx.Err() == nil {
		logOf(ctx).Warn("use of a token not noted", "err", err)
	}
}

type commandTokenOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         api.CommandToken
}

func (s *Server) createCommandToken(ctx context.Context, in *struct{ Body api.NewCommandToken }) (*commandTokenOutput, error) {
	who := whoIs(ctx)
	if err := who.needPerson(); err != nil {
		return nil, err
	}
	name, err := checkName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	now := instant(millis(s.clock()))
	t := api.CommandToken{
		ID: newID("tok_", now), Name: name, Scopes: in.Body.Scopes, CreatedAt: now,
		ExpiresAt: now.Add(commandTokenLife), Token: newToken(commandTokenPrefix),
	}
	for _, scope := range t.Scopes {
		if err := who.need(scope); err != nil {
			return nil, err
		}
	}
	if in.Body.ExpiresAt != nil {
		t.ExpiresAt = instant(millis(*in.Body.ExpiresAt))
	}
	if life := t.ExpiresAt.Sub(now); life <= 0 || life > commandTokenMax {
		return nil, invalid(api.FieldError{Field: "expires_at", Code: api.FieldOutOfWindow, Detail: "from now on, within 366 days"})
	}
	if err := s.storeCommandToken(ctx, who.userID, t); err != nil {
		return nil, err
	}
	return &commandTokenOutput{"no-store", t}, nil
}

func (s *Server) storeCommandToken(ctx context.Context, user int64, t api.CommandToken) error {
	slices.Sort(t.Scopes)
	scopes, err := json.Marshal(slices.Compact(t.Scopes))
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM command_tokens WHERE expires_at <= ?", millis(t.CreatedAt)); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM command_tokens WHERE user_id = ?", user).Scan(&n); err != nil {
			return err
		}
		if n >= commandTokensMax {
			f := problem(http.StatusTooManyRequests, api.CodeRateLimited, "There are too many tokens. Revoke one first.")
			return f.retryAfter(time.Hour)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO command_tokens (public_id, user_id, hash, name, scopes, created_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, t.ID, user, tokenHash(t.Token), t.Name, string(scopes), millis(t.CreatedAt), millis(t.ExpiresAt))
		return err
	})
}

type commandTokensOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         api.CommandTokenList
}

func (s *Server) listCommandTokens(ctx context.Context, _ *struct{}) (*commandTokensOutput, error) {
	who := whoIs(ctx)
	if err := who.needPerson(); err != nil {
		return nil, err
	}
	items, err := queryAll(ctx, s.c.Read, func(r *sql.Rows) (t api.CommandToken, err error) {
		var scopes string
		var created, expires int64
		var used sql.NullInt64
		if err := r.Scan(&t.ID, &t.Name, &scopes, &created, &expires, &used); err != nil {
			return t, err
		}
		t.CreatedAt, t.ExpiresAt, t.UsedAt = instant(created), instant(expires), instantOrNil(used)
		return t, json.Unmarshal([]byte(scopes), &t.Scopes)
	}, `SELECT public_id, name, scopes, created_at, expires_at, used_at FROM command_tokens
		WHERE user_id = ? AND expires_at > ? ORDER BY id DESC`, who.userID, millis(s.clock()))
	if err != nil {
		return nil, err
	}
	if items == nil {
		items = []api.CommandToken{}
	}
	return &commandTokensOutput{"private, no-cache", api.CommandTokenList{Items: items}}, nil
}

func (s *Server) revokeCommandToken(ctx context.Context, in *idInput) (*struct{}, error) {
	who := whoIs(ctx)
	if err := who.needPerson(); err != nil {
		return nil, err
	}
	return nil, s.revoke(ctx, "DELETE FROM command_tokens WHERE user_id = ? AND public_id = ?", who.userID, in.ID)
}
