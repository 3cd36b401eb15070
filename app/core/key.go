package core

import "crypto/rand"

// NewKey makes an idempotency key: a random text that no other attempt has.
func NewKey() string { return rand.Text() }
