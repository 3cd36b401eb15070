package core

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"connectbackup/api"
	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/device/ledger"
)

// words is one error told to people: what happened, and what to do next.
// Both are templates, filled from data, so that they can be translated whole.
type words struct {
	what, next string
	data       map[string]any
}

// Explain turns any error into what happened and what to do next (requirement
// I5). It is the one place where that is done; the log has the error in full.
func Explain(err error) (what, next string, data map[string]any) {
	w := explain(err)
	return w.what, w.next, w.data
}

// Sentence is Explain as one English text, for the command line: it has no
// translations, and no Settings to look into.
func Sentence(err error) string {
	w := explain(err)
	if w.what == unexpected {
		return fill("It did not work: {{.Detail}}.", w.data)
	}
	return strings.TrimSpace(fill(w.what, w.data) + " " + fill(w.next, w.data))
}

// fill puts the data into a template; a template that cannot be filled, which
// a test rules out, stays as it is.
func fill(text string, data map[string]any) string {
	t, err := template.New("").Parse(text)
	if err != nil {
		return text
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return text
	}
	return b.String()
}

// unexpected is said of an error for which nobody has words.
const unexpected = "Something unexpected went wrong: {{.Detail}}."

// explain asks the explainers in turn; the more particular come first.
func explain(err error) words {
	for _, f := range []func(error) (words, bool){
		explainFile, explainDisk, explainReminders, explainArchive, explainDownload, explainProblem, explainReach, explainHere, explainPhone,
	} {
		if w, ok := f(err); ok {
			return w
		}
	}
	return words{
		what: unexpected,
		next: "Try again. If it stays so, the log file named in Settings tells more.",
		data: map[string]any{"Detail": strings.TrimSuffix(err.Error(), ".")},
	}
}

// explainDisk tells of this device's disk and folders.
func explainDisk(err error) (words, bool) {
	var space *download.SpaceError
	var folder *download.FolderError
	freeSome := "Free some space, then try again. What has already come is kept."
	if errors.Is(err, errExtraction) {
		freeSome = "Free some space, then try again. Nothing was extracted."
	}
	switch {
	case errors.Is(err, download.ErrTooBig):
		return words{
			what: "The disk cannot hold a file of that size.",
			next: "Choose a Downloads folder on another disk, such as one that is not formatted with FAT32, then download it again.",
		}, true
	case errors.As(err, &space) && space.Free >= 0:
		return words{
			what: "There is not enough space: {{.Need}} are needed, {{.Free}} are free.",
			next: freeSome,
			data: map[string]any{"Need": byteCount(space.Need), "Free": byteCount(space.Free)},
		}, true
	case errors.As(err, &space):
		return words{
			what: "The disk is full.",
			next: freeSome,
		}, true
	case errors.As(err, &folder) && errors.Is(err, extract.ErrHoldsArchive):
		return words{
			what: "The folder {{.Folder}} cannot be replaced: the archive itself lies in it.",
			next: "Keep both, or move the archive out of that folder first.",
			data: map[string]any{"Folder": shownFolder(folder.Path)},
		}, true
	case errors.As(err, &folder) && errors.Is(err, os.ErrPermission):
		return words{
			what: "The folder {{.Folder}} cannot be written to.",
			next: "Allow this user to write there, then try again.",
			data: map[string]any{"Folder": shownFolder(folder.Path)},
		}, true
	case errors.As(err, &folder):
		return words{
			what: "The folder {{.Folder}} cannot be used: {{.Detail}}.",
			next: "Check that it exists and that the disk is connected, then try again.",
			data: map[string]any{"Folder": shownFolder(folder.Path), "Detail": innermost(folder.Err)},
		}, true
	}
	return words{}, false
}

// shownFolder is the place that people know: parts and journals are hidden
// files in it.
func shownFolder(path string) string {
	if strings.HasPrefix(filepath.Base(path), "."+folderName+"-") {
		return filepath.Dir(path)
	}
	return path
}

var archiveWords = map[extract.Kind]words{
	extract.NotAnArchive: {
		what: "This file is not an archive that can be extracted.",
		next: "Download the backup again, or choose another file.",
	},
	extract.Damaged: {
		what: "The archive is damaged.",
		next: "Download the backup again.",
	},
	extract.Unsafe: {
		what: "The archive holds a file name that could harm this device. Nothing was extracted.",
		next: "Ask whoever gave you this file. Archives of Connect never hold such names.",
	},
	extract.Bomb: {
		what: "The archive claims to hold far more than its size allows. Nothing was extracted.",
		next: "Ask whoever gave you this file.",
	},
	extract.Encrypted: {
		what: "The archive is protected by a password.",
		next: "Open it with an extractor that asks for the password.",
	},
	extract.Unsupported: {
		what: "The archive is packed in a way that cannot be read here.",
		next: "Open it with another extractor.",
	},
	extract.Changed: {
		what: "The file changed while it was read.",
		next: "Wait until nothing writes to it, then try again.",
	},
}

// explainArchive tells of damaged and hostile archives.
func explainArchive(err error) (words, bool) {
	var archive *extract.Error
	if !errors.As(err, &archive) {
		return words{}, false
	}
	w, ok := archiveWords[archive.Kind]
	if !ok {
		return words{}, false
	}
	if archive.Entry != "" && archive.Kind == extract.Damaged {
		w.what = "The archive is damaged: {{.Entry}} cannot be read."
		w.data = map[string]any{"Entry": archive.Entry}
	}
	return w, true
}

var downloadWords = []struct {
	err error
	words
}{
	{download.ErrAuthExpired, sessionEnded},
	{download.ErrDenied, words{
		what: "You are not allowed to download this backup.",
		next: "Ask an administrator of your organisation.",
	}},
	{download.ErrGone, words{
		what: "The server no longer has the file of this backup.",
		next: "Copies on devices that downloaded it stay. Create a new backup if you need one.",
	}},
	{download.ErrNotFound, words{
		what: "The server does not know this backup.",
		next: "Refresh the list.",
	}},
	{download.ErrNotReady, words{
		what: "The backup is not ready yet.",
		next: "Download it when its tag has turned green.",
	}},
	{download.ErrChanged, words{
		what: "The file on the server changed during the download.",
		next: "Refresh the list, then download it again.",
	}},
	{download.ErrRange, words{
		what: "The server sent another part of the file than was asked for.",
		next: "Try again. If it stays so, tell whoever runs the server.",
	}},
	{download.ErrNotTheFile, words{
		what: "Something else than the backup was sent, perhaps the sign-in page of this network.",
		next: "Open a web page to sign in to the network, then try again.",
	}},
	{download.ErrUntrusted, words{
		what: "The connection to the server is not safe, so nothing was downloaded.",
		next: "Try another network. If it stays so, tell whoever runs the server.",
	}},
	{download.ErrProxy, proxyWords},
	{download.ErrOddAnswer, words{
		what: "The server's answer makes no sense.",
		next: "Try again. If it stays so, tell whoever runs the server.",
	}},
	{download.ErrRefused, words{
		what: "The server refuses to send this backup.",
		next: "Refresh the list, then try again. If it stays so, tell whoever runs the server.",
	}},
	{download.ErrClosed, words{
		what: "The app is closing.",
		next: "The download goes on at the next start.",
	}},
	{download.ErrUnknown, words{
		what: "This download is no longer there.",
		next: "Start it again.",
	}},
}

var proxyWords = words{
	what: "The proxy of this network lets nothing through.",
	next: "Check its address, name and password in the settings of this device, then try again.",
}

// explainDownload tells what the download engine could not do.
func explainDownload(err error) (words, bool) {
	var exists *download.ExistsError
	var damaged *download.DamagedError
	var locked *download.LockedError
	var request *download.RequestError
	switch {
	case errors.As(err, &request):
		return words{
			what: "What the server says of this file cannot be right, so nothing was downloaded.",
			next: "Refresh the list, then try again. If it stays so, tell whoever runs the server.",
		}, true
	case errors.As(err, &exists):
		return words{
			what: "{{.Name}} is already there.",
			next: "Choose whether to replace it or to keep both.",
			data: map[string]any{"Name": exists.Name},
		}, true
	case errors.As(err, &damaged):
		return words{
			what: "What the server sent is damaged: its checksum is wrong, twice. Nothing was saved.",
			next: "Try again later. If it stays so, create the backup anew.",
		}, true
	case errors.As(err, &locked):
		return words{
			what: "Another program is already downloading this backup.",
			next: "Wait for it, or close it and try again.",
		}, true
	}
	for _, w := range downloadWords {
		if errors.Is(err, w.err) {
			return w.words, true
		}
	}
	var stalled *download.StalledError
	var later *download.RetryAfterError
	switch {
	case errors.As(err, &stalled):
		return words{what: "No data comes from the server.", next: "Check the connection. The download goes on by itself."}, true
	case errors.As(err, &later):
		return words{what: "The server is busy.", next: "The download goes on by itself."}, true
	}
	return words{}, false
}

var sessionEnded = words{
	what: "Your session has ended.",
	next: "Sign in again. Downloaded files stay where they are.",
}

// explainHere tells what this device could not do.
func explainHere(err error) (words, bool) {
	var open *device.OpenError
	var tokens *api.TokenStoreError
	var newer *ledger.VersionError
	switch {
	case errors.As(err, &newer):
		return words{
			what: "A newer version of this app has changed its data on this device.",
			next: "Use the newer version.",
		}, true
	case errors.Is(err, device.ErrStore):
		return words{
			what: "This system's store for passwords is locked or does not answer, so the app could not read your sign-in.",
			next: "Unlock the store and start the app again, or sign in anew.",
		}, true
	case errors.Is(err, api.ErrSignedOut):
		return sessionEnded, true
	case errors.As(err, &tokens):
		return words{
			what: "Your sign-in could not be kept on this device: {{.Detail}}.",
			next: "Check that the disk is not full and that this user may write to it, then sign in again.",
			data: map[string]any{"Detail": innermost(tokens.Err)},
		}, true
	case errors.Is(err, ErrFileGone):
		return words{
			what: "The file is no longer there.",
			next: "It was moved or deleted. Download it again.",
		}, true
	case errors.Is(err, ErrNothingDue):
		return words{
			what: "Nothing is about to be deleted that is not safe on this device.",
			next: "There is nothing to put into a calendar.",
		}, true
	case errors.Is(err, ErrServerBusy):
		return words{
			what: "Another Connect Backup is already running with the demo data.",
			next: "Use that window, or close it and try again.",
		}, true
	case errors.Is(err, device.ErrNoAnswer):
		return words{
			what: "Connect Backup is already running, but does not answer.",
			next: "It may still be closing. Wait a moment and try again, or end it first.",
		}, true
	case errors.Is(err, device.ErrUnsafe):
		return words{what: "That is not opened, for safety.", next: "Only web pages and downloaded files are."}, true
	case errors.As(err, &open):
		return explainOpen(open), true
	case errors.Is(err, device.ErrUnsupported):
		return words{what: "This device cannot do that.", next: "Use its own file manager."}, true
	case errors.Is(err, context.Canceled):
		return words{what: "Cancelled.", next: "Nothing was left behind."}, true
	case errors.Is(err, context.DeadlineExceeded):
		return words{what: "It took too long.", next: "Try again."}, true
	}
	return words{}, false
}

// explainOpen tells why a file, folder or page was not shown.
func explainOpen(e *device.OpenError) words {
	switch {
	case e.Missing != "":
		return words{
			what: "No program on this device opens {{.Kind}} files.",
			next: "Use Extract, or install an extractor.",
			data: map[string]any{"Kind": e.Missing},
		}
	case e.Program != "":
		return words{
			what: "{{.File}} could not be opened: {{.Program}} is not installed.",
			next: "Install it, or open the file from your file manager.",
			data: map[string]any{"File": e.What, "Program": e.Program},
		}
	}
	return words{
		what: "{{.File}} could not be opened.",
		next: "Open it from your file manager.",
		data: map[string]any{"File": e.What},
	}
}

// innermost is the last error of a chain: what the system said, without the
// paths and calls around it.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return strings.TrimSuffix(err.Error(), ".")
		}
		err = next
	}
}
