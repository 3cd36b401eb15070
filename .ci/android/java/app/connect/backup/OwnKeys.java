package app.connect.backup;

import java.io.InputStream;
import java.io.OutputStream;
import java.security.Key;
import java.security.KeyStoreSpi;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.KeyGenerator;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;

/**
 * A store for keys of our own under the name of Android's, which no desktop has. Its keys lie in
 * memory, and nothing guards them: only the order of calls is proven with it.
 */
public final class OwnKeys extends Provider {
  static final Map<String, SecretKey> KEYS = new HashMap<>();

  public OwnKeys() {
    super("AndroidKeyStore", "1", "keys in memory, for tests");
    put("KeyStore.AndroidKeyStore", Store.class.getName());
    put("KeyGenerator.AES", Generator.class.getName());
  }

  /** Makes keys as a KeyGenParameterSpec wants them. */
  public static final class Generator extends KeyGeneratorSpi {
    private String alias;

    @Override
    protected void engineInit(AlgorithmParameterSpec wanted, SecureRandom random) {
      android.security.keystore.KeyGenParameterSpec spec =
          (android.security.keystore.KeyGenParameterSpec) wanted;
      if (spec.getPurposes() != 3
          || !"GCM".equals(spec.getBlockModes()[0])
          || !"NoPadding".equals(spec.getEncryptionPaddings()[0])) {
        throw new IllegalArgumentException("this key is for something else");
      }
      alias = spec.getKeystoreAlias();
    }

    @Override
    protected SecretKey engineGenerateKey() {
      try {
        KeyGenerator real = KeyGenerator.getInstance("AES", "SunJCE");
        real.init(256);
        SecretKey key = real.generateKey();
        KEYS.put(alias, key);
        return key;
      } catch (java.security.GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    protected void engineInit(SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected void engineInit(int size, SecureRandom random) {
      throw new UnsupportedOperationException();
    }
  }

  /** Gives out the keys. */
  public static final class Store extends KeyStoreSpi {
    @Override
    public void engineLoad(InputStream in, char[] password) {}

    @Override
    public void engineLoad(java.security.KeyStore.LoadStoreParameter parameter) {}

    @Override
    public Key engineGetKey(String alias, char[] password) {
      return KEYS.get(alias);
    }

    @Override
    public Certificate[] engineGetCertificateChain(String alias) {
      return null;
    }

    @Override
    public Certificate engineGetCertificate(String alias) {
      return null;
    }

    @Override
    public Date engineGetCreationDate(String alias) {
      return null;
    }

    @Override
    public void engineSetKeyEntry(String alias, Key key, char[] password, Certificate[] chain) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineSetKeyEntry(String alias, byte[] key, Certificate[] chain) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineSetCertificateEntry(String alias, Certificate certificate) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineDeleteEntry(String alias) {
      KEYS.remove(alias);
    }

    @Override
    public Enumeration<String> engineAliases() {
      return Collections.enumeration(KEYS.keySet());
    }

    @Override
    public boolean engineContainsAlias(String alias) {
      return KEYS.containsKey(alias);
    }

    @Override
    public int engineSize() {
      return KEYS.size();
    }

    @Override
    public boolean engineIsKeyEntry(String alias) {
      return engineContainsAlias(alias);
    }

    @Override
    public boolean engineIsCertificateEntry(String alias) {
      return false;
    }

    @Override
    public String engineGetCertificateAlias(Certificate certificate) {
      return null;
    }

    @Override
    public void engineStore(OutputStream out, char[] password) {}
  }
}
