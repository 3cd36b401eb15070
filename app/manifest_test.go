package app_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"connectbackup/app"
	"connectbackup/app/core"
	"connectbackup/device/phone"
)

// androidManifest is what is looked at of AndroidManifest.xml.
type androidManifest struct {
	Package     string `xml:"package,attr"`
	VersionCode string `xml:"http://schemas.android.com/apk/res/android versionCode,attr"`
	VersionName string `xml:"http://schemas.android.com/apk/res/android versionName,attr"`
	Permissions []struct {
		Name string `xml:"http://schemas.android.com/apk/res/android name,attr"`
		Most string `xml:"http://schemas.android.com/apk/res/android maxSdkVersion,attr"`
	} `xml:"uses-permission"`
	Queries []struct {
		Action androidNamed `xml:"action"`
		Data   struct {
			Mime string `xml:"http://schemas.android.com/apk/res/android mimeType,attr"`
		} `xml:"data"`
	} `xml:"queries>intent"`
	Application struct {
		Label      string             `xml:"http://schemas.android.com/apk/res/android label,attr"`
		Backup     string             `xml:"http://schemas.android.com/apk/res/android allowBackup,attr"`
		Debuggable string             `xml:"http://schemas.android.com/apk/res/android debuggable,attr"`
		Activities []androidComponent `xml:"activity"`
		Receivers  []androidComponent `xml:"receiver"`
	} `xml:"application"`
}

type androidNamed struct {
	Name string `xml:"http://schemas.android.com/apk/res/android name,attr"`
}

type androidComponent struct {
	androidNamed

	Exported string `xml:"http://schemas.android.com/apk/res/android exported,attr"`
	Changes  string `xml:"http://schemas.android.com/apk/res/android configChanges,attr"`
	Data     []struct {
		androidNamed

		Value string `xml:"http://schemas.android.com/apk/res/android value,attr"`
	} `xml:"meta-data"`
	Actions    []androidNamed `xml:"intent-filter>action"`
	Categories []androidNamed `xml:"intent-filter>category"`
}

func readProject(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(projectRoot(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readManifest(t *testing.T) (m androidManifest) {
	t.Helper()
	if err := xml.Unmarshal([]byte(readProject(t, "AndroidManifest.xml")), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// permissionsOf says which permission Android wants for what the native layer
// uses, as its documentation says.
var permissionsOf = map[string]string{
	"android/os/PowerManager.newWakeLock":                     "android.permission.WAKE_LOCK",
	"android/net/ConnectivityManager.isActiveNetworkMetered":  "android.permission.ACCESS_NETWORK_STATE",
	"android/net/ConnectivityManager.getActiveNetwork":        "android.permission.ACCESS_NETWORK_STATE",
	"android/net/ConnectivityManager.getNetworkCapabilities":  "android.permission.ACCESS_NETWORK_STATE",
	"android/net/ConnectivityManager.registerNetworkCallback": "android.permission.ACCESS_NETWORK_STATE",
}

// TestAndroidGrantsWhatTheAppUses holds the permissions against the table of
// all that the native layer uses: none is missing, and none is asked for in
// vain.
func TestAndroidGrantsWhatTheAppUses(t *testing.T) {
	wanted := map[string]bool{"android.permission.INTERNET": true} // of Go itself
	for _, m := range phone.Members() {
		if value, ok := m.Value.(string); ok && m.Class == "android/Manifest$permission" {
			wanted[value] = true
		}
		if permission := permissionsOf[m.String()]; permission != "" {
			wanted[permission] = true
		}
	}
	if len(wanted) < 5 {
		t.Errorf("only these permissions were found in the native layer's table: %v", wanted)
	}
	for _, p := range readManifest(t).Permissions {
		if !wanted[p.Name] {
			t.Errorf("nothing of the app uses %s", p.Name)
		}
		delete(wanted, p.Name)
		most := ""
		if p.Name == "android.permission.WRITE_EXTERNAL_STORAGE" {
			most = "28" // MediaStore takes files without it, and people need not be asked
		}
		if p.Most != most {
			t.Errorf("%s is wanted up to API level %q, and not %q", p.Name, p.Most, most)
		}
	}
	for name := range wanted {
		t.Errorf("AndroidManifest.xml does not ask for %s", name)
	}
}

// TestAndroidRunsFyne holds what the toolkit's own packager would write, which
// reads our manifest in its place.
func TestAndroidRunsFyne(t *testing.T) {
	m := readManifest(t)
	a := m.Application
	if len(a.Activities) != 1 || a.Activities[0].Name != "org.golang.app.GoNativeActivity" || a.Activities[0].Exported != "true" {
		t.Fatalf("the activity is not Fyne's: %+v", a.Activities)
	}
	activity := a.Activities[0]
	library := regexp.MustCompile(`/lib(\w+)\.so"`).FindStringSubmatch(readProject(t, ".ci/package-android"))
	if library == nil || len(activity.Data) != 1 || activity.Data[0].Name != "android.app.lib_name" || activity.Data[0].Value != library[1] {
		t.Errorf("the library is called %+v here and %q in the package", activity.Data, library)
	}
	if !slices.Contains(activity.Actions, androidNamed{"android.intent.action.MAIN"}) ||
		!slices.Contains(activity.Categories, androidNamed{"android.intent.category.LAUNCHER"}) {
		t.Errorf("the app cannot be started: %+v, %+v", activity.Actions, activity.Categories)
	}
	// Without these Android ends the window when the phone is turned, which Fyne draws anew by itself.
	changes := strings.Split(activity.Changes, "|")
	for _, change := range []string{"orientation", "screenSize", "keyboardHidden", "uiMode"} {
		if !slices.Contains(changes, change) {
			t.Errorf("the window ends when its %s changes", change)
		}
	}
	// It shows reminders while the app is closed; without it Fyne keeps them to itself.
	receiver := androidComponent{androidNamed: androidNamed{"org.golang.app.FyneNotificationReceiver"}, Exported: "false"}
	if len(a.Receivers) != 1 || a.Receivers[0].Name != receiver.Name || a.Receivers[0].Exported != receiver.Exported {
		t.Errorf("the receivers are %+v; Fyne needs %+v", a.Receivers, receiver)
	}
}

func TestAndroidPackageIsThisApp(t *testing.T) {
	m := readManifest(t)
	build := regexp.MustCompile(`(?m)^Build = (\d+)$`).FindStringSubmatch(readProject(t, "FyneApp.toml"))
	if build == nil || m.VersionCode != build[1] || m.VersionName != core.Version {
		t.Errorf("it is build %s of %s; FyneApp.toml says %v, the program %s", m.VersionCode, m.VersionName, build, core.Version)
	}
	if m.Package != app.ID || m.Application.Label != app.Name {
		t.Errorf("it is %s, %q", m.Package, m.Application.Label)
	}
	if m.Application.Backup != "false" {
		t.Errorf("Android may copy what the app keeps to itself: allowBackup is %q", m.Application.Backup)
	}
	if m.Application.Debuggable != "" {
		t.Error("whether it can be debugged is for the package to say")
	}
	// Which app opens a zip is told by Android only to whoever says that he will ask.
	for _, action := range []string{"android.intent.action.VIEW", "android.intent.action.SEND"} {
		found := false
		for _, q := range m.Queries {
			found = found || q.Action.Name == action && q.Data.Mime == phone.MimeOf("a.zip")
		}
		if !found {
			t.Errorf("from API level 30 nothing is known of who takes a zip for %s", action)
		}
	}
}

// TestAndroidTargetIsChecked holds the package's API levels against those that
// the native layer is resolved for.
func TestAndroidTargetIsChecked(t *testing.T) {
	levels := regexp.MustCompile(`(?m)^least=(\d+) target=(\d+)$`).FindStringSubmatch(readProject(t, ".ci/package-android"))
	if levels == nil {
		t.Fatal(".ci/package-android names no API levels")
	}
	checked := regexp.MustCompile(`\b(\d\d)=[\d._r]+-robolectric`).FindAllStringSubmatch(readProject(t, ".ci/check-jni"), -1)
	if len(checked) < 4 {
		t.Fatalf("only %v are checked", checked)
	}
	first, last := checked[0][1], checked[len(checked)-1][1]
	if levels[1] != first || levels[2] != last || last < "35" {
		t.Errorf("the package is for API levels %s to %s; %s to %s are checked", levels[1], levels[2], first, last)
	}
}
