//go:build ios

package device

import "errors"

// errSecretTooBig is never met here.
var errSecretTooBig = errors.New("too big for the store")

// systemStore is nil: the app's own storage, which no other app can read,
// keeps the secrets here.
func systemStore() store { return nil }
