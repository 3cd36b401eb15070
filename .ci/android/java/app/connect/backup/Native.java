package app.connect.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import android.content.Context;

/** The native layer, as .ci/android/bridge offers it to tests. */
final class Native {
  static {
    System.load(System.getProperty("bridge"));
  }

  private Native() {}

  /** Does it on a goroutine of its own, whose thread has to be attached. */
  static String call(Context context, String... args) {
    return new String(run(context, true, bytes(args)), UTF_8);
  }

  /** Does it on the thread that calls, which is attached. */
  static String callHere(Context context, String... args) {
    return new String(run(context, false, bytes(args)), UTF_8);
  }

  // Bytes, so that no text is turned into another by the bridge itself.
  private static byte[][] bytes(String[] args) {
    byte[][] all = new byte[args.length][];
    for (int i = 0; i < args.length; i++) {
      all[i] = args[i].getBytes(UTF_8);
    }
    return all;
  }

  private static native byte[] run(Context context, boolean apart, byte[][] args);
}
