package app.connect.backup;

import android.content.Context;

/** The native layer, as .ci/android/bridge offers it to tests. */
final class Native {
  static {
    System.load(System.getProperty("bridge"));
  }

  private Native() {}

  /** Does it on a goroutine of its own, whose thread has to be attached. */
  static native String call(Context context, String... args);

  /** Does it on the thread that calls, which is attached. */
  static native String callHere(Context context, String... args);
}
