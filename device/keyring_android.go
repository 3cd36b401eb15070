package device

import (
	"errors"
	"fmt"
	"path/filepath"

	"connectbackup/device/phone"
)

// errSecretTooBig is never met here.
var errSecretTooBig = errors.New("too big for the store")

// sealKey is the name of the key in the Android Keystore.
const sealKey = "connect-backup"

// systemStore keeps secrets under a key of the Android Keystore.
func systemStore() store {
	return &sealedStore{
		name: "Android Keystore",
		dir: func() string {
			storage := getNative().Storage
			if storage == "" {
				return ""
			}
			return filepath.Join(storage, "sealed")
		},
		seal: func(secret, bound []byte) ([]byte, error) { return android.Seal(sealKey, secret, bound) },
		open: func(sealed, bound []byte) ([]byte, error) {
			secret, err := android.Unseal(sealKey, sealed, bound)
			if errors.Is(err, phone.ErrSealed) {
				err = fmt.Errorf("%w: %w", errSealedAway, err)
			}
			return secret, err
		},
		ready: func() bool { return getNative().Java != nil },
	}
}
