//go:build !android && !ios

package device

import (
	"fmt"
	"strings"
	"sync"

	"github.com/gen2brain/beeep"
)

// beeepOnce guards beeep's name of the app, which is one for all.
var beeepOnce sync.Once

// beeepNotify shows a notification that cannot be selected. On Linux title and
// body have been made safe for markup before.
func beeepNotify(appName, title, body string, icon []byte) error {
	if Platform() != "linux" {
		appName, title, body = scriptText(appName), scriptText(title), scriptText(body)
	}
	beeepOnce.Do(func() { beeep.AppName = appName })
	var picture any = ""
	if len(icon) > 0 {
		picture = icon
	}
	// On Linux a program is asked when the bus fails: a text must not look
	// like an option of it.
	if strings.HasPrefix(title, "-") {
		title = " " + title
	}
	if strings.HasPrefix(body, "-") {
		body = " " + body
	}
	if err := beeep.Notify(title, body, picture); err != nil {
		return fmt.Errorf("%w: %w", ErrNoNotifications, err)
	}
	return nil
}

// scriptText makes a text safe for the ways of beeep on Windows and macOS: a
// CDATA section, which may stand in a PowerShell string that evaluates $(…),
// and a quoted AppleScript string. Lookalikes replace what has a meaning there.
func scriptText(s string) string {
	return strings.NewReplacer("$", "＄", "`", "'", "]]>", "]] >", `\`, "⧵", `"`, "”").Replace(plainText(s))
}
