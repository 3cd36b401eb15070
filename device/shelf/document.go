package shelf

import (
	"net/url"
	"strings"
)

// documents is Android's own provider of what lies on the phone.
const documents = "content://com.android.externalstorage.documents/document/"

// DocumentURI is the address of a folder of the phone, such as Download/acme,
// under which Android's own Files shows it.
func DocumentURI(folder string) string {
	return documents + strings.ReplaceAll(url.PathEscape("primary:"+folder), ":", "%3A")
}
