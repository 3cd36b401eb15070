package server

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/oklog/ulid/v2"

	"connectbackup/api"
)

// How long tokens live. A refresh gives both anew.
const (
	accessLife  = time.Hour
	refreshLife = 90 * 24 * time.Hour
)

// identity is who makes a request, known from the token alone.
type identity struct {
	session, userID, orgID int64 // session is 0 for a command token

	user         api.User // with a command token: no more permissions than its scopes
	organisation api.Organisation
	loc          *time.Location
	device       api.DeviceRef
	expiresAt    time.Time // of the access token
}

func (i *identity) need(permission string) error {
	if !i.user.Can(permission) {
		return denied(permission)
	}
	return nil
}

// needPerson keeps command tokens from what only somebody who is signed in may
// do.
func (i *identity) needPerson() error {
	if i.session == 0 {
		return problem(http.StatusForbidden, api.CodePermissionDenied, "This needs a session. A token for the command line is not enough.")
	}
	return nil
}

type identityKey struct{}

func whoIs(ctx context.Context) *identity { return ctx.Value(identityKey{}).(*identity) }

// requireSession lets nobody in without a valid access token.
func (s *Server) requireSession(a huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		who, err := s.identify(ctx.Context(), ctx.Header("Authorization"))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			f := sessionExpired()
			ctx.SetHeader("WWW-Authenticate", f.header.Get("WWW-Authenticate"))
			_ = huma.WriteErr(a, ctx, f.Status, f.Detail) // fails only when the client has gone
		case err != nil:
			_ = huma.WriteErr(a, ctx, http.StatusInternalServerError, "", err) // fails only when the client has gone
		default:
			next(huma.WithValue(ctx, identityKey{}, who))
		}
	}
}

const selectIdentity = `SELECT s.id, u.id, o.id, u.public_id, u.name, u.email, u.permissions,
	o.public_id, o.name, o.timezone, o.locale, d.device_id, d.name, d.platform, t.expires_at
	FROM tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
	JOIN organisations o ON o.id = u.org_id JOIN devices d ON d.user_id = s.user_id AND d.device_id = s.device_id
	WHERE t.hash = ? AND t.kind = 'access' AND t.expires_at > ? AND s.revoked_at IS NULL AND u.status = 'active'`

// identify finds who an Authorization header stands for: sql.ErrNoRows when
// for nobody (any more).
func (s *Server) identify(ctx context.Context, authorization string) (*identity, error) {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, sql.ErrNoRows
	}
	if token = strings.TrimSpace(token); strings.HasPrefix(token, commandTokenPrefix) {
		return s.identifyCommand(ctx, token)
	}
	return scanIdentity(s.c.Read.QueryRowContext(ctx, selectIdentity, tokenHash(token), millis(s.clock())))
}

func scanIdentity(row *sql.Row) (*identity, error) {
	var i identity
	var permissions string
	var expires int64
	err := row.Scan(&i.session, &i.userID, &i.orgID, &i.user.ID, &i.user.Name, &i.user.Email, &permissions,
		&i.organisation.ID, &i.organisation.Name, &i.organisation.Timezone, &i.organisation.Locale,
		&i.device.ID, &i.device.Name, &i.device.Platform, &expires)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(permissions), &i.user.Permissions); err != nil {
		return nil, err
	}
	i.expiresAt = instant(expires)
	i.loc, err = time.LoadLocation(i.organisation.Timezone)
	return &i, err
}

type sessionOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         api.Session
}

func (i *identity) reply(access, refresh string) *sessionOutput {
	return &sessionOutput{CacheControl: "no-store", Body: api.Session{
		AccessToken: access, RefreshToken: refresh, ExpiresAt: i.expiresAt, User: i.user, Organisation: i.organisation,
	}}
}

func (s *Server) signIn(ctx context.Context, in *struct {
	Body api.SignIn
	remote
},
) (*sessionOutput, error) {
	user, err := s.authenticate(ctx, in.address, in.Body)
	if err != nil {
		return nil, err
	}
	var out *sessionOutput
	err = s.write(ctx, func(tx *sql.Tx) error {
		d := in.Body.Device
		if err := s.meetDevice(ctx, tx, user, d); err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, `INSERT INTO sessions (user_id, device_id, device_name, device_platform, app_version, created_at)
			VALUES (?, ?, ?, ?, ?, ?)`, user, d.ID, d.Name, d.Platform, d.AppVersion, millis(s.clock()))
		if err != nil {
			return err
		}
		session, err := r.LastInsertId()
		if err != nil {
			return err
		}
		out, err = s.issue(ctx, tx, session)
		return err
	})
	return out, err
}

// authenticate is the user that an e-mail and password stand for. Failures are
// limited by address.
func (s *Server) authenticate(ctx context.Context, address string, in api.SignIn) (user int64, err error) {
	refused := func(wait time.Duration) error {
		f := problem(http.StatusTooManyRequests, api.CodeRateLimited, "Too many failed sign-ins. Wait a little.")
		return f.retryAfter(wait)
	}
	if wait := s.logins.wait(address); wait > 0 {
		return 0, refused(wait) // at once, without a turn
	}
	var hash, status string
	err = s.c.Read.QueryRowContext(ctx, "SELECT id, password, status FROM users WHERE email = ?",
		normalEmail(in.Email)).Scan(&user, &hash, &status)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	// Counted in turn: those who are checked at the same time, few as they are,
	// count as failed until they are known not to have.
	done, err := s.hashTurn(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	if wait := s.logins.take(address); wait > 0 {
		return 0, refused(wait)
	}
	right, err := checkPassword(in.Password, hash)
	if err != nil {
		return 0, err
	}
	if !right {
		return 0, problem(http.StatusUnauthorized, api.CodeInvalidCredentials, "E-mail or password is wrong.")
	}
	s.logins.giveBack(address) // only failures count
	if status != "active" {
		return 0, accountPending()
	}
	return user, nil
}

func accountPending() *fault {
	return problem(http.StatusForbidden, api.CodeAccountPending, "This account has not been released yet.")
}

func normalEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// issue gives a session two new tokens. Earlier access tokens stay good until
// they end, so that requests under way are not cut off.
func (s *Server) issue(ctx context.Context, tx *sql.Tx, session int64) (*sessionOutput, error) {
	now := s.clock()
	access, refresh := newToken("cba_"), newToken("cbr_")
	for _, t := range []struct {
		token, kind string
		life        time.Duration
	}{{access, "access", accessLife}, {refresh, "refresh", refreshLife}} {
		_, err := tx.ExecContext(ctx, "INSERT INTO tokens (hash, session_id, kind, expires_at) VALUES (?, ?, ?, ?)",
			tokenHash(t.token), session, t.kind, millis(now.Add(t.life)))
		if err != nil {
			return nil, err
		}
	}
	who, err := scanIdentity(tx.QueryRowContext(ctx, selectIdentity, tokenHash(access), millis(now)))
	if err != nil {
		return nil, err
	}
	return who.reply(access, refresh), nil
}

// refresh exchanges a refresh token for new tokens. One that was used before
// has leaked, or its reply was lost: nobody can tell, so the session ends.
func (s *Server) refresh(ctx context.Context, in *struct{ Body api.Refresh }) (*sessionOutput, error) {
	var out *sessionOutput
	refused := false
	err := s.write(ctx, func(tx *sql.Tx) error {
		var session, expires int64
		var used, revoked sql.NullInt64
		var status string
		hash, now := tokenHash(in.Body.RefreshToken), millis(s.clock())
		err := tx.QueryRowContext(ctx, `SELECT t.session_id, t.expires_at, t.used_at, s.revoked_at, u.status FROM tokens t
			JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
			WHERE t.hash = ? AND t.kind = 'refresh'`, hash).Scan(&session, &expires, &used, &revoked, &status)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return sessionExpired()
		case err != nil:
			return err
		case used.Valid:
			refused = true
			_, err := tx.ExecContext(ctx, "UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", now, session)
			return err
		case revoked.Valid || expires <= now:
			return sessionExpired()
		case status != "active":
			return accountPending()
		}
		if _, err := tx.ExecContext(ctx, "UPDATE tokens SET used_at = ? WHERE hash = ?", now, hash); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE devices SET seen_at = ? WHERE (user_id, device_id) =
			(SELECT user_id, device_id FROM sessions WHERE id = ?)`, now, session)
		if err != nil {
			return err
		}
		out, err = s.issue(ctx, tx, session)
		return err
	})
	if err == nil && refused {
		return nil, sessionExpired()
	}
	return out, err
}

func (s *Server) session(ctx context.Context, _ *struct{}) (*sessionOutput, error) {
	return whoIs(ctx).reply("", ""), nil
}

func (s *Server) signOut(ctx context.Context, _ *struct{}) (*struct{}, error) {
	if err := whoIs(ctx).needPerson(); err != nil {
		return nil, err
	}
	_, err := s.exec(ctx, "UPDATE sessions SET revoked_at = ? WHERE id = ?", millis(s.clock()), whoIs(ctx).session)
	return nil, err
}

// remote is the address of a request, as a part of an operation's input.
type remote struct{ address string }

// Resolve implements huma.Resolver.
func (r *remote) Resolve(ctx huma.Context) []error {
	r.address = addressOf(ctx)
	return nil
}

// newID makes an ID that sorts by age.
func newID(prefix string, at time.Time) string {
	return prefix + ulid.MustNew(ulid.Timestamp(at), rand.Reader).String()
}
