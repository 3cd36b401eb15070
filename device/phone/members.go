package phone

// The classes, as the virtual machine names them.
const (
	activityClass    = "android/app/Activity"
	bitmapsClass     = "android/graphics/BitmapFactory"
	builderClass     = "android/app/Notification$Builder"
	channelClass     = "android/app/NotificationChannel"
	cipherClass      = "javax/crypto/Cipher"
	connectionsClass = "android/net/ConnectivityManager"
	contextClass     = "android/content/Context"
	cursorClass      = "android/database/Cursor"
	iconClass        = "android/graphics/drawable/Icon"
	intentClass      = "android/content/Intent"
	keySpecClass     = "android/security/keystore/KeyGenParameterSpec$Builder"
	keysClass        = "java/security/KeyStore"
	lockClass        = "android/os/PowerManager$WakeLock"
	managerClass     = "android/app/NotificationManager"
	mediaClass       = "android/provider/MediaStore"
	columnsClass     = "android/provider/MediaStore$MediaColumns"
	noticeClass      = "android/app/Notification"
	packagesClass    = "android/content/pm/PackageManager"
	pendingClass     = "android/app/PendingIntent"
	permissionsClass = "android/Manifest$permission"
	powerClass       = "android/os/PowerManager"
	purposesClass    = "android/security/keystore/KeyProperties"
	resolverClass    = "android/content/ContentResolver"
	uriClass         = "android/net/Uri"
	valuesClass      = "android/content/ContentValues"
)

// What every call needs.
var (
	sdkInt              = field(24, "android/os/Build$VERSION", "SDK_INT", "I")
	classLoaderOf       = method(24, "java/lang/Class", "getClassLoader", "()Ljava/lang/ClassLoader;")
	classGetName        = method(24, "java/lang/Class", "getName", "()Ljava/lang/String;")
	loadClass           = method(24, "java/lang/ClassLoader", "loadClass", "(Ljava/lang/String;)Ljava/lang/Class;")
	throwableGetMessage = method(24, "java/lang/Throwable", "getMessage", "()Ljava/lang/String;")
	objectToString      = method(24, "java/lang/Object", "toString", "()Ljava/lang/String;")
	stringClass         = class(24, "java/lang/String")
	integerOf           = function(24, "java/lang/Integer", "valueOf", "(I)Ljava/lang/Integer;")
)

// The app and its surroundings.
var (
	getSystemService    = method(24, contextClass, "getSystemService", "(Ljava/lang/String;)Ljava/lang/Object;")
	getContentResolver  = method(24, contextClass, "getContentResolver", "()Landroid/content/ContentResolver;")
	getPackageManager   = method(24, contextClass, "getPackageManager", "()Landroid/content/pm/PackageManager;")
	getPackageName      = method(24, contextClass, "getPackageName", "()Ljava/lang/String;")
	startActivity       = method(24, contextClass, "startActivity", "(Landroid/content/Intent;)V")
	checkSelfPermission = method(24, contextClass, "checkSelfPermission", "(Ljava/lang/String;)I")
	requestPermissions  = method(24, activityClass, "requestPermissions", "([Ljava/lang/String;I)V")
	getLaunchIntent     = method(24, packagesClass, "getLaunchIntentForPackage", "(Ljava/lang/String;)Landroid/content/Intent;")

	granted       = number(24, packagesClass, "PERMISSION_GRANTED", 0)
	mayWriteFiles = text(24, permissionsClass, "WRITE_EXTERNAL_STORAGE", "android.permission.WRITE_EXTERNAL_STORAGE")
	mayNotify     = text(33, permissionsClass, "POST_NOTIFICATIONS", "android.permission.POST_NOTIFICATIONS")
)

// Files: MediaStore, content URIs, and the public folder of older versions.
var (
	uriParse         = function(24, uriClass, "parse", "(Ljava/lang/String;)Landroid/net/Uri;")
	withAppendedID   = function(24, "android/content/ContentUris", "withAppendedId", "(Landroid/net/Uri;J)Landroid/net/Uri;")
	downloadsURI     = function(29, "android/provider/MediaStore$Downloads", "getContentUri", "(Ljava/lang/String;)Landroid/net/Uri;")
	filesURI         = function(24, "android/provider/MediaStore$Files", "getContentUri", "(Ljava/lang/String;)Landroid/net/Uri;")
	resolverInsert   = method(24, resolverClass, "insert", "(Landroid/net/Uri;Landroid/content/ContentValues;)Landroid/net/Uri;")
	resolverUpdate   = method(24, resolverClass, "update", "(Landroid/net/Uri;Landroid/content/ContentValues;Ljava/lang/String;[Ljava/lang/String;)I")
	resolverDelete   = method(24, resolverClass, "delete", "(Landroid/net/Uri;Ljava/lang/String;[Ljava/lang/String;)I")
	resolverQuery    = method(24, resolverClass, "query", "(Landroid/net/Uri;[Ljava/lang/String;Ljava/lang/String;[Ljava/lang/String;Ljava/lang/String;)Landroid/database/Cursor;")
	resolverOpen     = method(24, resolverClass, "openFileDescriptor", "(Landroid/net/Uri;Ljava/lang/String;)Landroid/os/ParcelFileDescriptor;")
	resolverKeep     = method(24, resolverClass, "takePersistableUriPermission", "(Landroid/net/Uri;I)V")
	descriptorFd     = method(24, "android/os/ParcelFileDescriptor", "getFd", "()I")
	descriptorClose  = method(24, "android/os/ParcelFileDescriptor", "close", "()V")
	newValues        = constructor(24, valuesClass, "()V")
	putText          = method(24, valuesClass, "put", "(Ljava/lang/String;Ljava/lang/String;)V")
	putInteger       = method(24, valuesClass, "put", "(Ljava/lang/String;Ljava/lang/Integer;)V")
	cursorNext       = method(24, cursorClass, "moveToNext", "()Z")
	cursorText       = method(24, cursorClass, "getString", "(I)Ljava/lang/String;")
	cursorNumber     = method(24, cursorClass, "getLong", "(I)J")
	cursorClose      = method(24, cursorClass, "close", "()V")
	publicFolder     = function(24, "android/os/Environment", "getExternalStoragePublicDirectory", "(Ljava/lang/String;)Ljava/io/File;")
	downloadsFolder  = field(24, "android/os/Environment", "DIRECTORY_DOWNLOADS", "Ljava/lang/String;")
	fileAbsolutePath = method(24, "java/io/File", "getAbsolutePath", "()Ljava/lang/String;")

	primaryVolume = text(29, mediaClass, "VOLUME_EXTERNAL_PRIMARY", "external_primary")
	columnID      = text(24, "android/provider/BaseColumns", "_ID", "_id")
	columnName    = text(24, columnsClass, "DISPLAY_NAME", "_display_name")
	columnMime    = text(24, columnsClass, "MIME_TYPE", "mime_type")
	columnSize    = text(24, columnsClass, "SIZE", "_size")
	columnData    = text(24, columnsClass, "DATA", "_data")
	columnFolder  = text(29, columnsClass, "RELATIVE_PATH", "relative_path")
	columnPending = text(29, columnsClass, "IS_PENDING", "is_pending")
	columnShown   = text(24, "android/provider/OpenableColumns", "DISPLAY_NAME", "_display_name")
)

// Other apps: opening and sending.
var (
	newIntent       = constructor(24, intentClass, "(Ljava/lang/String;)V")
	setDataAndType  = method(24, intentClass, "setDataAndType", "(Landroid/net/Uri;Ljava/lang/String;)Landroid/content/Intent;")
	setType         = method(24, intentClass, "setType", "(Ljava/lang/String;)Landroid/content/Intent;")
	addFlags        = method(24, intentClass, "addFlags", "(I)Landroid/content/Intent;")
	setPackage      = method(24, intentClass, "setPackage", "(Ljava/lang/String;)Landroid/content/Intent;")
	putParcelable   = method(24, intentClass, "putExtra", "(Ljava/lang/String;Landroid/os/Parcelable;)Landroid/content/Intent;")
	setClipData     = method(24, intentClass, "setClipData", "(Landroid/content/ClipData;)V")
	newRawURI       = function(24, "android/content/ClipData", "newRawUri", "(Ljava/lang/CharSequence;Landroid/net/Uri;)Landroid/content/ClipData;")
	createChooser   = function(24, intentClass, "createChooser", "(Landroid/content/Intent;Ljava/lang/CharSequence;)Landroid/content/Intent;")
	resolveActivity = method(24, intentClass, "resolveActivity", "(Landroid/content/pm/PackageManager;)Landroid/content/ComponentName;")

	actionView      = text(24, intentClass, "ACTION_VIEW", "android.intent.action.VIEW")
	actionSend      = text(24, intentClass, "ACTION_SEND", "android.intent.action.SEND")
	extraStream     = text(24, intentClass, "EXTRA_STREAM", "android.intent.extra.STREAM")
	actionDownloads = text(24, "android/app/DownloadManager", "ACTION_VIEW_DOWNLOADS", "android.intent.action.VIEW_DOWNLOADS")
	folderMime      = text(24, "android/provider/DocumentsContract$Document", "MIME_TYPE_DIR", "vnd.android.document/directory")
	flagRead        = number(24, intentClass, "FLAG_GRANT_READ_URI_PERMISSION", 0x1)
	flagNewTask     = number(24, intentClass, "FLAG_ACTIVITY_NEW_TASK", 0x10000000)
)

// Notifications.
var (
	newChannel       = constructor(26, channelClass, "(Ljava/lang/String;Ljava/lang/CharSequence;I)V")
	createChannel    = method(26, managerClass, "createNotificationChannel", "(Landroid/app/NotificationChannel;)V")
	noticesEnabled   = method(24, managerClass, "areNotificationsEnabled", "()Z")
	notifyTagged     = method(24, managerClass, "notify", "(Ljava/lang/String;ILandroid/app/Notification;)V")
	cancelTagged     = method(24, managerClass, "cancel", "(Ljava/lang/String;I)V")
	newBuilderOld    = constructor(24, builderClass, "(Landroid/content/Context;)V")
	newBuilder       = constructor(26, builderClass, "(Landroid/content/Context;Ljava/lang/String;)V")
	setContentTitle  = builderMethod("setContentTitle", "Ljava/lang/CharSequence;")
	setContentText   = builderMethod("setContentText", "Ljava/lang/CharSequence;")
	setStyle         = builderMethod("setStyle", "Landroid/app/Notification$Style;")
	setSmallIcon     = builderMethod("setSmallIcon", "Landroid/graphics/drawable/Icon;")
	setColor         = builderMethod("setColor", "I")
	setContentIntent = builderMethod("setContentIntent", "Landroid/app/PendingIntent;")
	setAutoCancel    = builderMethod("setAutoCancel", "Z")
	setOngoing       = builderMethod("setOngoing", "Z")
	setAlertOnce     = builderMethod("setOnlyAlertOnce", "Z")
	setProgress      = builderMethod("setProgress", "IIZ")
	setTimeout       = method(26, builderClass, "setTimeoutAfter", "(J)Landroid/app/Notification$Builder;")
	buildNotice      = method(24, builderClass, "build", "()Landroid/app/Notification;")
	newBigText       = constructor(24, "android/app/Notification$BigTextStyle", "()V")
	bigText          = method(24, "android/app/Notification$BigTextStyle", "bigText", "(Ljava/lang/CharSequence;)Landroid/app/Notification$BigTextStyle;")
	decodeBitmap     = function(24, bitmapsClass, "decodeByteArray", "([BII)Landroid/graphics/Bitmap;")
	iconOfBitmap     = function(24, iconClass, "createWithBitmap", "(Landroid/graphics/Bitmap;)Landroid/graphics/drawable/Icon;")
	pendingActivity  = function(24, pendingClass, "getActivity", "(Landroid/content/Context;ILandroid/content/Intent;I)Landroid/app/PendingIntent;")

	noticeService     = text(24, contextClass, "NOTIFICATION_SERVICE", "notification")
	importanceDefault = number(26, managerClass, "IMPORTANCE_DEFAULT", 3)
	flagImmutable     = number(24, pendingClass, "FLAG_IMMUTABLE", 0x4000000)
	flagUpdate        = number(24, pendingClass, "FLAG_UPDATE_CURRENT", 0x8000000)
)

func builderMethod(name, argument string) *Member {
	return method(24, builderClass, name, "("+argument+")Landroid/app/Notification$Builder;")
}

// The network, and the screen.
var (
	isMetered   = method(24, connectionsClass, "isActiveNetworkMetered", "()Z")
	newWakeLock = method(24, powerClass, "newWakeLock", "(ILjava/lang/String;)Landroid/os/PowerManager$WakeLock;")
	lockAcquire = method(24, lockClass, "acquire", "(J)V")
	lockHeld    = method(24, lockClass, "isHeld", "()Z")
	lockRelease = method(24, lockClass, "release", "()V")

	connectionService = text(24, contextClass, "CONNECTIVITY_SERVICE", "connectivity")
	powerService      = text(24, contextClass, "POWER_SERVICE", "power")
	dimLock           = number(24, powerClass, "SCREEN_DIM_WAKE_LOCK", 6)
)

// Secrets: a key of the Android Keystore that never leaves it.
var (
	keysOf         = function(24, keysClass, "getInstance", "(Ljava/lang/String;)Ljava/security/KeyStore;")
	keysLoad       = method(24, keysClass, "load", "(Ljava/security/KeyStore$LoadStoreParameter;)V")
	keysGet        = method(24, keysClass, "getKey", "(Ljava/lang/String;[C)Ljava/security/Key;")
	generatorOf    = function(24, "javax/crypto/KeyGenerator", "getInstance", "(Ljava/lang/String;Ljava/lang/String;)Ljavax/crypto/KeyGenerator;")
	generatorInit  = method(24, "javax/crypto/KeyGenerator", "init", "(Ljava/security/spec/AlgorithmParameterSpec;)V")
	generateKey    = method(24, "javax/crypto/KeyGenerator", "generateKey", "()Ljavax/crypto/SecretKey;")
	newKeySpec     = constructor(24, keySpecClass, "(Ljava/lang/String;I)V")
	setBlockModes  = method(24, keySpecClass, "setBlockModes", "([Ljava/lang/String;)Landroid/security/keystore/KeyGenParameterSpec$Builder;")
	setPaddings    = method(24, keySpecClass, "setEncryptionPaddings", "([Ljava/lang/String;)Landroid/security/keystore/KeyGenParameterSpec$Builder;")
	buildKeySpec   = method(24, keySpecClass, "build", "()Landroid/security/keystore/KeyGenParameterSpec;")
	cipherOf       = function(24, cipherClass, "getInstance", "(Ljava/lang/String;)Ljavax/crypto/Cipher;")
	cipherInit     = method(24, cipherClass, "init", "(ILjava/security/Key;)V")
	cipherInitWith = method(24, cipherClass, "init", "(ILjava/security/Key;Ljava/security/spec/AlgorithmParameterSpec;)V")
	cipherNonce    = method(24, cipherClass, "getIV", "()[B")
	cipherBind     = method(24, cipherClass, "updateAAD", "([B)V")
	cipherFinish   = method(24, cipherClass, "doFinal", "([B)[B")
	newGCM         = constructor(24, "javax/crypto/spec/GCMParameterSpec", "(I[B)V")

	keyAES        = text(24, purposesClass, "KEY_ALGORITHM_AES", "AES")
	modeGCM       = text(24, purposesClass, "BLOCK_MODE_GCM", "GCM")
	noPadding     = text(24, purposesClass, "ENCRYPTION_PADDING_NONE", "NoPadding")
	purposeEncode = number(24, purposesClass, "PURPOSE_ENCRYPT", 1)
	purposeDecode = number(24, purposesClass, "PURPOSE_DECRYPT", 2)
	encryptMode   = number(24, cipherClass, "ENCRYPT_MODE", 1)
	decryptMode   = number(24, cipherClass, "DECRYPT_MODE", 2)
)
