//go:build android || jvm

package phone

import "fmt"

const (
	keystore       = "AndroidKeyStore"
	transformation = "AES/GCM/NoPadding"
	tagBits        = 128
	nonceMax       = 255
)

// Seal encrypts a secret with the key of that name in the Android Keystore,
// which is made if it is missing and never leaves it. bound is not encrypted,
// but must be the same to open it.
func (p *Phone) Seal(key string, secret, bound []byte) (sealed []byte, err error) {
	err = p.do(func(e *env) error {
		k, err := e.key(key, true)
		if err != nil {
			return err
		}
		cipher, err := e.object(cipherOf, 0, transformation)
		if err != nil {
			return err
		}
		if err := e.do(cipherInit, cipher, encryptMode, k); err != nil {
			return err
		}
		content, err := e.finish(cipher, secret, bound)
		if err != nil {
			return err
		}
		nonce, err := e.object(cipherNonce, cipher)
		if err != nil {
			return err
		}
		n := e.goBytes(nonce)
		if len(n) == 0 || len(n) > nonceMax {
			return fmt.Errorf("the Keystore made a nonce of %d bytes", len(n))
		}
		sealed = append(append([]byte{byte(len(n))}, n...), content...)
		return nil
	})
	return sealed, err
}

// Unseal decrypts what Seal made: ErrSealed when that can never be again.
func (p *Phone) Unseal(key string, sealed, bound []byte) (secret []byte, err error) {
	if len(sealed) == 0 || len(sealed) <= 1+int(sealed[0]) {
		return nil, fmt.Errorf("%w: it is cut off", ErrSealed)
	}
	nonce, content := sealed[1:1+sealed[0]], sealed[1+sealed[0]:]
	err = p.do(func(e *env) error {
		k, err := e.key(key, false)
		if err != nil {
			return err
		}
		n, err := e.bytes(nonce)
		if err != nil {
			return err
		}
		parameters, err := e.object(newGCM, 0, int32(tagBits), n)
		if err != nil {
			return err
		}
		cipher, err := e.object(cipherOf, 0, transformation)
		if err != nil {
			return err
		}
		if err := e.do(cipherInitWith, cipher, decryptMode, k, parameters); err != nil {
			return err
		}
		secret, err = e.finish(cipher, content, bound)
		return err
	})
	return secret, err
}

func (e *env) finish(cipher object, content, bound []byte) ([]byte, error) {
	b, err := e.bytes(bound)
	if err != nil {
		return nil, err
	}
	if err := e.do(cipherBind, cipher, b); err != nil {
		return nil, err
	}
	c, err := e.bytes(content)
	if err != nil {
		return nil, err
	}
	result, err := e.object(cipherFinish, cipher, c)
	if err != nil {
		return nil, err
	}
	return e.goBytes(result), nil
}

// key is the key of that name; one that is missing is made, or ErrSealed.
func (e *env) key(name string, make bool) (object, error) {
	keys, err := e.object(keysOf, 0, keystore)
	if err != nil {
		return 0, err
	}
	if err := e.do(keysLoad, keys, object(0)); err != nil {
		return 0, err
	}
	key, err := e.nullable(keysGet, keys, name, object(0))
	switch {
	case err != nil || key != 0:
		return key, err
	case !make:
		return 0, fmt.Errorf("%w: its key is gone", ErrSealed)
	}
	return e.newKey(name)
}

func (e *env) newKey(name string) (object, error) {
	spec, err := e.object(newKeySpec, 0, name, purposeEncode|purposeDecode)
	if err != nil {
		return 0, err
	}
	for setter, value := range map[*Member]string{setBlockModes: modeGCM, setPaddings: noPadding} {
		values, err := e.texts(value)
		if err != nil {
			return 0, err
		}
		if err := e.do(setter, spec, values); err != nil {
			return 0, err
		}
	}
	parameters, err := e.object(buildKeySpec, spec)
	if err != nil {
		return 0, err
	}
	generator, err := e.object(generatorOf, 0, keyAES, keystore)
	if err != nil {
		return 0, err
	}
	if err := e.do(generatorInit, generator, parameters); err != nil {
		return 0, err
	}
	return e.object(generateKey, generator)
}
