package device

import (
	"errors"
	"fmt"

	"connectbackup/device/iphone"
)

// errSecretTooBig is never met here.
var errSecretTooBig = errors.New("too big for the store")

// phoneKeychain keeps secrets in the Keychain of this device alone.
type phoneKeychain struct{}

func systemStore() store { return phoneKeychain{} }

func (phoneKeychain) Name() string { return "Keychain" }

func (phoneKeychain) Ready() bool { return true }

func (phoneKeychain) Get(service, key string) (string, error) {
	secret, err := iphone.Secret(service, key)
	return string(secret), noPhoneSecret(err)
}

func (phoneKeychain) Set(service, key, value string) error {
	return iphone.KeepSecret(service, key, []byte(value))
}

func (phoneKeychain) Delete(service, key string) error {
	return noPhoneSecret(iphone.DropSecret(service, key))
}

func noPhoneSecret(err error) error {
	if errors.Is(err, iphone.ErrNoSecret) {
		return fmt.Errorf("%w: %w", ErrNoSecret, err)
	}
	return err
}
