package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon is the cost of a password: OWASP's choice for argon2id. The memory is
// in KiB. Each hash names its own cost, so that this can be raised later.
var argon = struct {
	memory, time uint32
	threads      uint8
}{memory: 19 << 10, time: 2, threads: 1}

var errPasswordHash = errors.New("a stored password hash cannot be read")

// hashPassword writes the usual $argon2id$ form.
func hashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argon.time, argon.memory, argon.threads, 32)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argon.memory, argon.time, argon.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// hashTurn waits for one of the few turns that bound the memory which checking
// passwords takes; done gives it back.
func (s *Server) hashTurn(ctx context.Context) (done func(), err error) {
	select {
	case s.hashing <- struct{}{}:
		return func() { <-s.hashing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// checkPassword compares in constant time. With no hash, for an e-mail that
// nobody has, it works just as long and says no.
func checkPassword(password, hash string) (bool, error) {
	if hash == "" {
		argon2.IDKey([]byte(password), make([]byte, 16), argon.time, argon.memory, argon.threads, 32)
		return false, nil
	}
	var version int
	var memory, time uint32
	var threads uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errPasswordHash
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &time, &threads); err != nil {
		return false, errors.Join(errPasswordHash, err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errors.Join(errPasswordHash, err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || version != argon2.Version || time < 1 || threads < 1 || len(want) < 16 {
		return false, errors.Join(errPasswordHash, err)
	}
	got := argon2.IDKey([]byte(password), salt, time, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// newToken makes a secret of 256 bits.
func newToken(prefix string) string {
	b := make([]byte, 32)
	rand.Read(b)
	return prefix + base64.RawURLEncoding.EncodeToString(b)
}

// tokenHash is what is stored of a token. Tokens are random, so that a plain
// hash is enough.
func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
