//go:build !android && !ios

package device

import (
	"errors"

	"github.com/zalando/go-keyring"
)

// errSecretTooBig says that the store is there but does not take so much:
// 2,560 bytes on Windows, about 3,000 on macOS.
var errSecretTooBig = keyring.ErrSetDataTooBig

// systemKeyring is the Secret Service, the Keychain, or the Credential Manager.
type systemKeyring struct{}

func systemStore() store { return systemKeyring{} }

func (systemKeyring) Name() string {
	return map[string]string{
		"darwin": "Keychain", "windows": "Windows Credential Manager", "linux": "Secret Service",
	}[Platform()]
}

func (systemKeyring) Ready() bool { return keyringReady() }

func (systemKeyring) Get(service, key string) (string, error) {
	v, err := keyring.Get(service, key)
	return v, noSecret(err)
}

func (systemKeyring) Set(service, key, value string) error { return keyring.Set(service, key, value) }

func (systemKeyring) Delete(service, key string) error {
	return noSecret(keyring.Delete(service, key))
}

func noSecret(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNoSecret
	}
	return err
}
