package app.connect.backup;

import android.content.ContentProvider;
import android.content.ContentUris;
import android.content.ContentValues;
import android.database.Cursor;
import android.database.MatrixCursor;
import android.net.Uri;
import android.os.ParcelFileDescriptor;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A provider of our own under MediaStore's name, with real files behind it. It knows the few
 * columns and conditions that the app uses and refuses all else. It is not MediaStore: what that
 * does with a name, a right or a file is proven nowhere here.
 */
public final class OwnDownloads extends ContentProvider {
  static final Uri COLLECTION = Uri.parse("content://media/external_primary/downloads");
  static final Uri FILES = Uri.parse("content://media/external/file");

  final Map<Long, ContentValues> rows = new TreeMap<>();
  File folder;
  int openCursors;
  private long next = 7;

  @Override
  public boolean onCreate() {
    try {
      folder = Files.createTempDirectory("own-downloads").toFile();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }

  File file(long id) {
    return new File(folder, Long.toString(id));
  }

  @Override
  public Uri insert(Uri uri, ContentValues values) {
    if (uri.equals(COLLECTION)) {
      if (!Integer.valueOf(1).equals(values.getAsInteger("is_pending"))) {
        throw new IllegalArgumentException("a file is shown before it is whole");
      }
      if (!values.getAsString("relative_path").startsWith("Download/")) {
        throw new IllegalArgumentException("not in Downloads: " + values);
      }
    } else if (!uri.equals(FILES)) {
      throw new IllegalArgumentException("no such collection: " + uri);
    }
    long id = next++;
    rows.put(id, new ContentValues(values));
    return ContentUris.withAppendedId(uri, id);
  }

  @Override
  public int update(Uri uri, ContentValues values, String where, String[] args) {
    ContentValues row = rows.get(ContentUris.parseId(uri));
    if (row == null) {
      return 0;
    }
    row.putAll(values);
    return 1;
  }

  @Override
  public int delete(Uri uri, String where, String[] args) {
    long id = ContentUris.parseId(uri);
    if (id == 13) {
      throw new SecurityException("the file of another app");
    }
    return rows.remove(id) != null ? 1 : 0;
  }

  @Override
  public Cursor query(Uri uri, String[] columns, String where, String[] args, String order) {
    openCursors++;
    MatrixCursor cursor =
        new MatrixCursor(columns) {
          @Override
          public void close() {
            openCursors--;
            super.close();
          }
        };
    Predicate<ContentValues> wanted = condition(where, args);
    boolean all = uri.equals(COLLECTION) || uri.equals(FILES);
    for (Map.Entry<Long, ContentValues> e : rows.entrySet()) {
      if ((all || ContentUris.parseId(uri) == e.getKey()) && wanted.test(e.getValue())) {
        MatrixCursor.RowBuilder row = cursor.newRow();
        for (String column : columns) {
          row.add(column, cell(e.getKey(), e.getValue(), column));
        }
      }
    }
    return cursor;
  }

  private Object cell(long id, ContentValues row, String column) {
    switch (column) {
      case "_id":
        return id;
      case "_size":
        return file(id).length();
      case "_display_name":
      case "relative_path":
        return row.getAsString(column);
      default:
        throw new IllegalArgumentException("no such column: " + column);
    }
  }

  private Predicate<ContentValues> condition(String where, String[] args) {
    if (where == null) {
      return r -> true;
    }
    switch (where) {
      case "relative_path = ? AND _display_name = ?":
        return r ->
            args[0].equals(r.getAsString("relative_path"))
                && args[1].equals(r.getAsString("_display_name"));
      case "relative_path LIKE ?":
        String start = args[0].substring(0, args[0].length() - 1).replace('_', '.');
        return r -> r.getAsString("relative_path").matches(start.replace("%", ".*") + ".*");
      case "_size = ?":
        return r ->
            rows.entrySet().stream()
                .anyMatch(
                    e -> e.getValue() == r && file(e.getKey()).length() == Long.parseLong(args[0]));
      case "_data = ?":
        return r -> args[0].equals(r.getAsString("_data"));
      default:
        throw new IllegalArgumentException("no such condition: " + where);
    }
  }

  @Override
  public ParcelFileDescriptor openFile(Uri uri, String mode) throws FileNotFoundException {
    long id = ContentUris.parseId(uri);
    if (!rows.containsKey(id)) {
      throw new FileNotFoundException("no row " + id);
    }
    int how =
        mode.equals("w")
            ? ParcelFileDescriptor.MODE_WRITE_ONLY | ParcelFileDescriptor.MODE_CREATE
            : ParcelFileDescriptor.MODE_READ_ONLY;
    return ParcelFileDescriptor.open(file(id), how);
  }

  @Override
  public String getType(Uri uri) {
    return null;
  }
}
