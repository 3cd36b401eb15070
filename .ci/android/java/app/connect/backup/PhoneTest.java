package app.connect.backup;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;
import static org.robolectric.Shadows.shadowOf;

import android.Manifest;
import android.app.Activity;
import android.app.Application;
import android.app.Notification;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.net.ConnectivityManager;
import android.net.Uri;
import android.os.Build;
import android.os.PowerManager;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.Security;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Config;
import org.robolectric.shadows.ShadowPowerManager;

/** Runs the native layer against Android's own classes, as Robolectric brings them to life. */
@RunWith(RobolectricTestRunner.class)
@Config(manifest = Config.NONE, sdk = {24, 29, 34})
public final class PhoneTest {
  private static final String ICON = System.getProperty("icon");
  private static final String ZIP = "application/zip";

  private Application app;
  private OwnDownloads store;

  @Before
  public void setUp() {
    app = RuntimeEnvironment.getApplication();
    store = Robolectric.buildContentProvider(OwnDownloads.class).create("media").get();
    shadowOf(app).checkActivities(true);
  }

  @After
  public void nothingIsLeftOpen() {
    assertEquals("cursors left open", 0, store.openCursors);
  }

  private String ok(String... args) {
    String answer = Native.call(app, args);
    assertTrue(args[0] + ": " + answer, answer.startsWith("ok"));
    return answer.length() > 3 ? answer.substring(3) : "";
  }

  private void fails(String kind, String... args) {
    String answer = Native.call(app, args);
    assertTrue(args[0] + ": " + answer, answer.startsWith("error: " + kind + ": "));
  }

  private static boolean from(int level) {
    return Build.VERSION.SDK_INT >= level;
  }

  private NotificationManager notices() {
    return (NotificationManager) app.getSystemService(Context.NOTIFICATION_SERVICE);
  }

  // Threads, exceptions, references.

  @Test
  public void aThreadOfGoIsAttachedAndOneOfJavaStaysAttached() {
    assertEquals(Integer.toString(Build.VERSION.SDK_INT), ok("level"));
    int threads = Thread.activeCount();
    for (int i = 0; i < 200; i++) {
      ok("level");
      assertEquals("ok " + Build.VERSION.SDK_INT, Native.callHere(app, "level"));
    }
    assertTrue("threads stay attached", Thread.activeCount() <= threads + 2);
  }

  @Test
  public void withoutAWindowNothingIsTried() {
    fails("not-ready", "nobody");
  }

  @Test
  public void anExceptionBecomesAnErrorAndIsGone() {
    assumeTrue(from(29));
    String answer = Native.callHere(app, "insert", "Elsewhere/", "a.zip", ZIP);
    assertTrue(answer, answer.contains("java.lang.IllegalArgumentException: not in Downloads"));
    assertTrue(answer, answer.contains("android/content/ContentResolver.insert"));
    // Had it stayed, the next call would fail, or Java would throw it here.
    assertEquals("ok " + Build.VERSION.SDK_INT, Native.callHere(app, "level"));
  }

  @Test
  public void manyThreadsMakeManyReferences() {
    assumeTrue(from(29));
    for (int i = 0; i < 100; i++) {
      ok("insert", "Download/many/", "file " + i + ".csv", "text/csv");
    }
    assertEquals(100, ok("under", "Download/many/").split("\n").length);
    ok("storm", "Download/many/");
  }

  @Test
  public void whatCameLaterIsNotTriedBefore() {
    assumeTrue(!from(29));
    fails("too-old", "insert", "Download/", "a.zip", ZIP);
  }

  // Files.

  @Test
  public void aFileIsInsertedWrittenPublishedFoundAndDeleted() throws Exception {
    assumeTrue(from(29));
    assertEquals("Download/", ok("folder"));
    String name = "Müller & Söhne 🗄.zip";
    String uri = ok("insert", "Download/", name, ZIP);
    long id = Long.parseLong(Uri.parse(uri).getLastPathSegment());
    assertEquals(ZIP, store.rows.get(id).getAsString("mime_type"));
    assertEquals(1, (int) store.rows.get(id).getAsInteger("is_pending"));

    ok("write", uri, "the bytes");
    assertEquals("the bytes", text(id));
    ok("publish", uri, name);
    assertEquals(0, (int) store.rows.get(id).getAsInteger("is_pending"));

    String row = uri + "|Download/|" + name + "|9";
    assertEquals(row, ok("named", "Download/", name));
    assertEquals(row, ok("ofsize", "9"));
    assertEquals("", ok("named", "Download/", "other.zip"));
    assertEquals("the bytes", ok("read", uri));
    assertEquals(name, ok("name", uri));

    ok("delete", uri);
    fails("missing", "delete", uri);
    fails("missing", "read", uri);
    fails("missing", "name", uri);
    fails("missing", "publish", uri, name);
  }

  private String text(long id) throws Exception {
    return new String(Files.readAllBytes(store.file(id).toPath()), StandardCharsets.UTF_8);
  }

  @Test
  public void theFileOfAnotherAppIsForbidden() {
    fails("forbidden", "delete", OwnDownloads.COLLECTION + "/13");
  }

  @Test
  public void onlyWhatLiesInAFolderIsUnderIt() {
    assumeTrue(from(29));
    String one = ok("insert", "Download/a_b/", "x.csv", "text/csv");
    ok("insert", "Download/axb/", "y.csv", "text/csv");
    assertEquals(one + "|Download/a_b/|x.csv|0", ok("under", "Download/a_b/"));
  }

  @Test
  public void aFileOfThePublicFolderGetsAnAddressOnce() {
    assertTrue(ok("public"), ok("public").endsWith("Download"));
    String uri = ok("share", "/storage/Download/a.zip", "a.zip", ZIP);
    assertTrue(uri, uri.startsWith(OwnDownloads.FILES.toString()));
    assertEquals(uri, ok("share", "/storage/Download/a.zip", "a.zip", ZIP));
    assertEquals(1, store.rows.size());
  }

  @Test
  public void theRightToReadAPickedFileIsKept() {
    Uri picked = Uri.parse("content://org.example.files/document/7");
    ok("keep", picked.toString());
    assertEquals(picked, app.getContentResolver().getPersistedUriPermissions().get(0).getUri());
  }

  // Other apps.

  private void install(String action, String type) throws Exception {
    ComponentName extractor = new ComponentName("org.example.extractor", "Main");
    shadowOf(app.getPackageManager()).addActivityIfNotPresent(extractor);
    IntentFilter filter = new IntentFilter(action);
    filter.addCategory(Intent.CATEGORY_DEFAULT);
    if (type != null) {
      filter.addDataType(type);
    }
    shadowOf(app.getPackageManager()).addIntentFilterForActivity(extractor, filter);
  }

  @Test
  public void aZipIsOpenedByItsApp() throws Exception {
    install(Intent.ACTION_VIEW, ZIP);
    ok("view", "content://media/1", ZIP);
    isView(shadowOf(app).getNextStartedActivity(), ZIP);
  }

  private static void isView(Intent view, String type) {
    assertNotNull("nothing was started", view);
    assertEquals(Intent.ACTION_VIEW, view.getAction());
    assertEquals("content://media/1", view.getDataString());
    assertEquals(type, view.getType());
    int flags = Intent.FLAG_GRANT_READ_URI_PERMISSION | Intent.FLAG_ACTIVITY_NEW_TASK;
    assertEquals(flags, view.getFlags() & flags);
  }

  private static Intent chosen(Intent chooser) {
    assertNotNull("nothing was started", chooser);
    assertEquals(Intent.ACTION_CHOOSER, chooser.getAction());
    return chooser.getParcelableExtra(Intent.EXTRA_INTENT);
  }

  @Test
  public void withoutAnAppForZipPeopleChoose() throws Exception {
    install(Intent.ACTION_CHOOSER, null);
    ok("view", "content://media/1", ZIP);
    isView(chosen(shadowOf(app).getNextStartedActivity()), "*/*");
  }

  @Test
  public void whereNothingOpensItThatIsSaid() {
    fails("no-app", "view", "content://media/1", ZIP);
    fails("no-app", "viewdir", "content://folder");
  }

  @Test
  public void aFolderIsShownOrElseAllDownloads() throws Exception {
    install(android.app.DownloadManager.ACTION_VIEW_DOWNLOADS, null);
    ok("viewdir", "content://folder");
    assertEquals(
        android.app.DownloadManager.ACTION_VIEW_DOWNLOADS,
        shadowOf(app).getNextStartedActivity().getAction());
    ok("viewall");
  }

  @Test
  public void aFileIsSharedWithTheRightToReadIt() throws Exception {
    install(Intent.ACTION_CHOOSER, null);
    ok("send", "content://media/1", ZIP);
    Intent chooser = shadowOf(app).getNextStartedActivity();
    Intent send = chosen(chooser);
    assertEquals(Intent.ACTION_SEND, send.getAction());
    assertEquals(ZIP, send.getType());
    Uri uri = send.getParcelableExtra(Intent.EXTRA_STREAM);
    assertEquals("content://media/1", uri.toString());
    assertEquals(uri, send.getClipData().getItemAt(0).getUri());
    assertTrue((chooser.getFlags() & Intent.FLAG_GRANT_READ_URI_PERMISSION) != 0);
  }

  // Notifications.

  private Notification shown(String tag) {
    return shadowOf(notices()).getNotification(tag, 1);
  }

  @Test
  public void aTapOpensTheFile() throws Exception {
    install(Intent.ACTION_VIEW, ZIP);
    String text = "acme_year-end.zip\n18.4 MB";
    ok("show", "b1", "Backup downloaded", text, ICON, "content://media/1", ZIP);
    Notification n = shown("b1");
    assertEquals("Backup downloaded", n.extras.getCharSequence(Notification.EXTRA_TITLE).toString());
    assertEquals(text, n.extras.getCharSequence(Notification.EXTRA_BIG_TEXT).toString());
    assertNotNull(n.getSmallIcon());
    assertEquals(0x0b6560, n.color & 0xffffff);
    assertTrue((n.flags & Notification.FLAG_AUTO_CANCEL) != 0);
    assertTrue(shadowOf(n.contentIntent).isActivityIntent());
    assertTrue((shadowOf(n.contentIntent).getFlags() & PendingIntent.FLAG_IMMUTABLE) != 0);
    isView(shadowOf(n.contentIntent).getSavedIntent(), ZIP);
    if (from(26)) {
      assertEquals("downloads", n.getChannelId());
      assertEquals(
          "Backups & reminders", notices().getNotificationChannel("downloads").getName().toString());
    }
  }

  @Test
  public void aTapOffersAListWhereNothingOpensZip() {
    ok("show", "b1", "Backup downloaded", "x", ICON, "content://media/1", ZIP);
    isView(chosen(shadowOf(shown("b1").contentIntent).getSavedIntent()), "*/*");
  }

  @Test
  public void eachNotificationKeepsItsOwnFile() throws Exception {
    install(Intent.ACTION_VIEW, ZIP);
    ok("show", "b1", "one", "x", ICON, "content://media/1", ZIP);
    ok("show", "b2", "two", "x", ICON, "content://media/2", ZIP);
    assertEquals(
        "content://media/1", shadowOf(shown("b1").contentIntent).getSavedIntent().getDataString());
    assertEquals(
        "content://media/2", shadowOf(shown("b2").contentIntent).getSavedIntent().getDataString());
  }

  @Test
  public void withoutAFileATapLeadsToTheApp() throws Exception {
    ComponentName main = new ComponentName(app.getPackageName(), "Main");
    shadowOf(app.getPackageManager()).addActivityIfNotPresent(main);
    IntentFilter filter = new IntentFilter(Intent.ACTION_MAIN);
    filter.addCategory(Intent.CATEGORY_LAUNCHER);
    shadowOf(app.getPackageManager()).addIntentFilterForActivity(main, filter);
    ok("show", "b1", "Backup is ready", "x", ICON, "", "");
    Intent launch = shadowOf(shown("b1").contentIntent).getSavedIntent();
    assertEquals(main, launch.getComponent());
    assertNull(launch.getPackage());
  }

  @Test
  public void progressIsShownAndTakenAway() throws Exception {
    withoutAFileATapLeadsToTheApp();
    ok("progress", "p", ICON);
    Notification n = shown("p");
    assertEquals(25, n.extras.getInt(Notification.EXTRA_PROGRESS));
    assertEquals(100, n.extras.getInt(Notification.EXTRA_PROGRESS_MAX));
    assertTrue((n.flags & Notification.FLAG_ONGOING_EVENT) != 0);
    assertTrue((n.flags & Notification.FLAG_ONLY_ALERT_ONCE) != 0);
    if (from(26)) {
      assertEquals(60_000, n.getTimeoutAfter());
    }
    ok("withdraw", "p");
    assertNull(shown("p"));
    ok("withdraw", "p");
  }

  @Test
  public void refusedNotificationsAreNoticed() {
    shadowOf(notices()).setNotificationsEnabled(true);
    assertEquals("true", ok("allowed"));
    shadowOf(notices()).setNotificationsEnabled(false);
    assertEquals("false", ok("allowed"));
  }

  // Permissions, network, screen.

  @Test
  public void permissionsAreAskedForWhereTheyAreNeeded() {
    String notify = "android.permission.POST_NOTIFICATIONS";
    String files = Manifest.permission.WRITE_EXTERNAL_STORAGE;
    assertEquals(Boolean.toString(from(29)), ok("maywrite"));
    assertEquals(Boolean.toString(!from(33)), ok("maytell"));
    shadowOf(app).grantPermissions(files, notify);
    assertEquals("true", ok("maywrite"));
    assertEquals("true", ok("maytell"));

    shadowOf(app).checkActivities(false); // the dialog is an app's, which is not here
    Activity activity = Robolectric.buildActivity(Activity.class).create().get();
    for (String[] ask : new String[][] {{"askwrite", files}, {"asktell", notify}}) {
      assertEquals("ok", Native.callHere(activity, ask[0]));
      assertEquals(
          ask[1], shadowOf(activity).getLastRequestedPermission().requestedPermissions[0]);
      activity = Robolectric.buildActivity(Activity.class).create().get();
    }
  }

  @Test
  public void aMeteredNetworkIsNoticed() {
    ConnectivityManager connections =
        (ConnectivityManager) app.getSystemService(Context.CONNECTIVITY_SERVICE);
    shadowOf(connections).setDefaultNetworkActive(true);
    assertEquals(Boolean.toString(connections.isActiveNetworkMetered()), ok("metered"));
  }

  @Test
  public void theScreenIsKeptOnAndLetGo() {
    ok("screen", "1m");
    PowerManager.WakeLock lock = ShadowPowerManager.getLatestWakeLock();
    assertTrue(lock.isHeld());
    ok("screen", "1m", "0s");
    assertFalse(ShadowPowerManager.getLatestWakeLock().isHeld());
  }

  // Secrets.

  @Test
  public void aSecretIsSealedAndOpenedAndNothingElseOpensIt() {
    OwnKeys keys = new OwnKeys();
    Security.addProvider(keys);
    try {
      OwnKeys.KEYS.clear();
      fails("sealed", "unseal", "k", "0c000000000000000000000000aabb", "session");
      String sealed = ok("seal", "k", "tökens", "session");
      assertFalse(sealed.contains("74"  + "c3b6"));
      assertEquals("tökens", ok("unseal", "k", sealed, "session"));
      fails("sealed", "unseal", "k", sealed, "other");
      fails("sealed", "unseal", "k", sealed.substring(0, sealed.length() - 2) + "00", "session");
      fails("sealed", "unseal", "k", "", "session");
      assertFalse(sealed.equals(ok("seal", "k", "tökens", "session")));
      OwnKeys.KEYS.clear();
      fails("sealed", "unseal", "k", sealed, "session");
    } finally {
      Security.removeProvider(keys.getName());
    }
  }
}
