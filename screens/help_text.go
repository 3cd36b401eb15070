package screens

import (
	"connectbackup/api"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// helpTopic is one part of the help: steps to take one after the other, and
// what else there is to say.
type helpTopic struct {
	Title string
	Steps []string
	Texts []string
	Tags  []helpTag
}

// helpTag is a tag as the screens show it, and what it means.
type helpTag struct {
	Mark mark
	Text string
}

// helpTopics is the help for the system the app runs on (requirement S13).
func helpTopics(platform, downloads, logFile string) []helpTopic {
	return []helpTopic{
		openTopic(platform, downloads),
		readTopic(platform),
		{Title: lang.L("What the tags mean"), Tags: helpTags(platform)},
		deletedTopic(),
		{Title: lang.L("What a backup is not"), Texts: []string{
			lang.L("A backup is for keeping and reading. It cannot be put back into the server."),
			lang.L("It holds what was there when it was performed. What is created or changed later needs a new backup."),
		}},
		{Title: lang.L("Personal data"), Texts: []string{
			lang.L("The files name people: staff, customers, messages. Keep them as safe as you keep the records themselves, share them with care, and delete them when nobody needs them."),
			lang.L("What lies in {{.Folder}} can be read by whoever uses this device with your account, and often by other apps.",
				blanks{"Folder": downloads}),
		}},
		{Title: lang.L("When something goes wrong"), Texts: []string{
			lang.L("The message on the screen says what happened and what to do next. The log tells more to whoever helps you. It holds no passwords."),
			lang.L("The log lies in {{.File}}.", blanks{"File": logFile}),
		}},
	}
}

// openTopic is how the zip file is opened and extracted.
func openTopic(platform, downloads string) helpTopic {
	t := helpTopic{Title: lang.L("Open and extract the file")}
	t.Steps = []string{lang.L("Open a completed backup from the list and press “Download Backup”. One zip file arrives, and its bytes are compared with what the server made.")}
	switch platform {
	case "windows":
		t.Steps = append(t.Steps,
			lang.L("Press “Extract”. The files appear in a folder beside the zip file, in {{.Folder}}.", blanks{"Folder": downloads}),
			lang.L("Or in File Explorer: right-click the zip file, choose “Extract All…”, then “Extract”."))
		t.Texts = []string{lang.L("Explorer also shows what is in a zip file without extracting it. Extract it all the same before you change anything: changes to a file within a zip are easily lost.")}
	case "darwin":
		t.Steps = append(t.Steps,
			lang.L("Press “Extract”. The files appear in a folder beside the zip file, in {{.Folder}}.", blanks{"Folder": downloads}),
			lang.L("Or in Finder: a double click on the zip file writes its folder beside it."))
	case "android":
		t.Steps = append(t.Steps,
			lang.L("Press “Extract”. The files appear in a folder beside the zip file, in {{.Folder}}.", blanks{"Folder": downloads}),
			lang.L("To read them on a larger screen, sign in on a computer and download the same backup there."))
	case "ios":
		t.Steps = append(t.Steps,
			lang.L("Press “Extract” on the backup's screen. The files are written into the app's own storage."),
			lang.L("To read them on a larger screen, sign in on a computer and download the same backup there."))
	default:
		t.Steps = append(t.Steps,
			lang.L("Press “Extract”. The files appear in a folder beside the zip file, in {{.Folder}}.", blanks{"Folder": downloads}),
			lang.L("Or in the file manager: right-click the zip file and choose “Extract here”. In a terminal: unzip, then the name of the file."))
	}
	return t
}

// readTopic is how the CSV files are read as sheets (requirement S24).
func readTopic(platform string) helpTopic {
	t := helpTopic{Title: lang.L("Read it in Excel")}
	each := lang.L("Each module is one CSV file. The README among them tells what is in each column.")
	zeros := lang.L("Excel drops zeros at the beginning of a number. To keep them: Data, From Text/CSV, choose the file, and load such columns as text.")
	switch platform {
	case "windows", "darwin":
		t.Steps = []string{each, lang.L("A double click opens a CSV file in Excel. Accents and dates are written so that Excel understands them.")}
		t.Texts = []string{zeros, lang.L("To keep formats and several sheets, save it as an Excel workbook.")}
	case "android", "ios":
		t.Steps = []string{each, lang.L("Open a CSV file with Excel or another app for spreadsheets, if this device has one.")}
	default:
		t.Steps = []string{
			each,
			lang.L("A double click opens a CSV file in LibreOffice Calc. In the window that appears choose Unicode (UTF-8) and the separator that makes columns in the preview."),
		}
		t.Texts = []string{lang.L("For zeros at the beginning of a number choose the type Text for that column in the same window."), lang.L("In Excel, a double click is enough: accents and dates are written so that it understands them.")}
	}
	return t
}

// helpTags are the tags as they are drawn in the list.
func helpTags(platform string) []helpTag {
	tag := func(b api.Backup, text string) helpTag { return helpTag{statusMark(b), text} }
	here := mark{lang.L("On this device"), widgets.Outline, widgets.IconComputer}
	if platform == "android" || platform == "ios" {
		here.Icon = widgets.IconPhone
	}
	return []helpTag{
		tag(api.Backup{Status: api.StatusPending}, lang.L("The server is preparing the file. It turns green by itself.")),
		tag(api.Backup{Status: api.StatusCompleted}, lang.L("The file is ready to be downloaded.")),
		tag(api.Backup{Status: api.StatusCompleted, Completeness: api.Partial},
			lang.L("Ready, but some modules are missing. The backup names them.")),
		tag(api.Backup{Status: api.StatusFailed}, lang.L("The server could not make it. The backup says why; try again.")),
		tag(api.Backup{Status: api.StatusCancelled}, lang.L("Somebody stopped it. There is no file.")),
		tag(api.Backup{Status: api.StatusExpired}, lang.L("The server kept its file for two years and deleted it. Copies on devices stay.")),
		tag(api.Backup{Status: api.StatusDeleted}, lang.L("Somebody deleted the file from the server. Copies on devices stay.")),
		{here, lang.L("A copy of the file lies here.")},
		{mark{lang.L("Verified"), widgets.Good, widgets.IconVerified}, lang.L("Every byte of the copy was compared with what the server made.")},
	}
}

// deletedTopic is both clocks (requirements S3, S16, S17).
func deletedTopic() helpTopic {
	return helpTopic{Title: lang.L("What is deleted when"), Texts: []string{
		lang.L("Records: the server deletes each record two years after the day it was created."),
		lang.L("Backup files: the server deletes the file of a backup two years after it was made. Until then it can be downloaded as often as you like."),
		lang.L("Copies: what was downloaded to a device stays there until you delete it."),
		lang.L("The app reminds you before something goes that no verified copy on this device holds. Settings has the days."),
	}}
}
