package api

import "log/slog"

// hidden stands for values that hold secrets wherever they are printed or
// logged.
const hidden = "(hidden)"

// String hides the password.
func (s SignIn) String() string { return "sign-in of " + s.Email + " " + hidden }

// GoString hides the password.
func (s SignIn) GoString() string { return s.String() }

// LogValue hides the password.
func (s SignIn) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String hides the token.
func (Refresh) String() string { return "refresh " + hidden }

// GoString hides the token.
func (r Refresh) GoString() string { return r.String() }

// LogValue hides the token.
func (r Refresh) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String hides the tokens.
func (s Session) String() string {
	return "session of " + s.User.ID + " in " + s.Organisation.ID + " " + hidden
}

// GoString hides the tokens.
func (s Session) GoString() string { return s.String() }

// LogValue hides the tokens.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String hides the tokens.
func (Tokens) String() string { return "tokens " + hidden }

// GoString hides the tokens.
func (t Tokens) GoString() string { return t.String() }

// LogValue hides the tokens.
func (t Tokens) LogValue() slog.Value { return slog.StringValue(t.String()) }
