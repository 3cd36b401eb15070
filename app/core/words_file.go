package core

import (
	"errors"
	"strings"
)

// damagedNamed is how many damaged files people are told by name.
const damagedNamed = 3

// explainFile tells what became of a file that was downloaded.
func explainFile(err error) (words, bool) {
	var changed *FileChangedError
	var kept *FileKeptError
	var other *OtherFileError
	var damaged *DamagedFileError
	switch {
	case errors.As(err, &changed):
		return words{
			what: "{{.Name}} is no longer the file that was downloaded, so it was not deleted.",
			next: "Look at it in your file manager, and delete it there if you do not need it.",
			data: map[string]any{"Name": changed.Name},
		}, true
	case errors.As(err, &kept):
		return words{
			what: "{{.Name}} could not be deleted: {{.Detail}}.",
			next: "Close the programs that have it open, then try again.",
			data: map[string]any{"Name": kept.Name, "Detail": innermost(kept.Err)},
		}, true
	case errors.As(err, &other):
		return words{
			what: "{{.Name}} is not the file of this backup.",
			next: "Choose another file, or download the backup again.",
			data: map[string]any{"Name": other.Name},
		}, true
	case errors.As(err, &damaged):
		return explainDamage(damaged), true
	}
	return words{}, false
}

// explainDamage names what is damaged in a file.
func explainDamage(e *DamagedFileError) words {
	w := words{
		what: "{{.Name}} is damaged: it is not what was downloaded.",
		next: "Download the backup again while the server has its file.",
		data: map[string]any{"Name": e.Name},
	}
	switch n := len(e.Entries); {
	case n > damagedNamed:
		w.what = "{{.Name}} is damaged. Files in it are not whole, among them {{.Entries}}."
	case n > 0:
		w.what = "{{.Name}} is damaged. Not whole in it: {{.Entries}}."
	}
	w.data["Entries"] = strings.Join(e.Entries[:min(len(e.Entries), damagedNamed)], ", ")
	return w
}
