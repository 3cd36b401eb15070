package phone

import (
	"path"
	"strings"
)

// mimes are the kinds of files that the app writes or finds in archives. What
// is not among them keeps its name as it is: Android would append an ending
// that it holds for right.
var mimes = map[string]string{
	".zip": "application/zip", ".csv": "text/csv", ".txt": "text/plain", ".json": "application/json",
	".ics": "text/calendar", ".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".ods":  "application/vnd.oasis.opendocument.spreadsheet",
}

// MimeOf is the kind of a file, by the ending of its name.
func MimeOf(name string) string {
	if kind, ok := mimes[strings.ToLower(path.Ext(name))]; ok {
		return kind
	}
	return "application/octet-stream"
}
