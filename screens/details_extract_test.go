package screens

import (
	"context"
	"errors"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/extract"
)

type reportFunc = func(done, total int64, entry string)

func showHeld(t *testing.T, unpack func(ctx context.Context, clash download.Clash, report reportFunc) (download.Location, int, error)) *stage {
	t.Helper()
	s := showBackup(t, sample(), here(download.CopyPresent))
	s.world.unpack = unpack
	return s
}

func TestExtract(t *testing.T) {
	goOn := make(chan struct{})
	s := showHeld(t, func(_ context.Context, _ download.Clash, report reportFunc) (download.Location, int, error) {
		report(61_000_000, 142_300_000, "attendance.csv")
		<-goOn
		return "/home/ada/Downloads/acme", 14, nil
	})
	s.tap("Extract")
	s.waitToSee("attendance.csv")
	s.mustSee("Extracting", "61.0 MB of 142.3 MB")
	close(goOn)
	s.waitToSee("Extracted 14 files")
	s.mustSee("/home/ada/Downloads/acme")
	s.tap("Open folder")
	s.Settle()
	if !slices.Equal(s.world.did, []string{"open /home/ada/Downloads/acme"}) {
		t.Errorf("did %v", s.world.did)
	}
}

// One of the files can be opened at once, for a spreadsheet (requirement S24);
// the tables stand first.
func TestOpenOneExtractedFile(t *testing.T) {
	s := showHeld(t, func(context.Context, download.Clash, reportFunc) (download.Location, int, error) {
		return "/home/ada/Downloads/acme", 120, nil
	})
	s.world.documents = someDocuments()
	s.tap("Extract")
	s.waitToSee("Extracted 120 files")
	s.mustSee("113 more files are in the folder")
	at := func(label string) float32 {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(s.control(label)).Y
	}
	if at("staff.csv") > at("README.txt") {
		t.Errorf("the tables stand below at %v", at("staff.csv"))
	}
	s.tap("invoices.csv")
	s.Settle()
	s.mustSee("Extracted 120 files") // another one may follow
	s.world.change(func() { s.world.openErr = &device.OpenError{What: "staff.csv", Missing: "csv", Err: errDisk} })
	s.tap("staff.csv")
	s.Settle()
	if want := []string{"open /home/ada/Downloads/acme/invoices.csv", "open /home/ada/Downloads/acme/staff.csv"}; !slices.Equal(s.world.did, want) {
		t.Errorf("did %v", s.world.did)
	}
	if len(s.nav.toasts) != 1 {
		t.Errorf("toasts: %+v", s.nav.toasts)
	}
}

// The list is a help: without it the extraction is still what it is.
func TestExtractedFilesThatCannotBeListed(t *testing.T) {
	for name, set := range map[string]func(*world){
		"an error":              func(w *world) { w.filesErr = errDisk },
		"a device without apps": func(w *world) { w.documents, w.can = someDocuments(), nil },
	} {
		t.Run(name, func(t *testing.T) {
			s := showHeld(t, func(context.Context, download.Clash, reportFunc) (download.Location, int, error) {
				return "/home/ada/Downloads/acme", 14, nil
			})
			set(s.world)
			s.tap("Extract")
			s.waitToSee("Extracted 14 files")
			s.mustNotSee("invoices.csv", "more files")
			if len(s.nav.toasts) != 0 {
				t.Errorf("toasts: %+v", s.nav.toasts)
			}
		})
	}
}

func TestCancelExtraction(t *testing.T) {
	s := showHeld(t, func(ctx context.Context, _ download.Clash, report reportFunc) (download.Location, int, error) {
		report(1, 2, "staff.csv")
		<-ctx.Done()
		return "", 0, ctx.Err()
	})
	s.tap("Extract")
	s.waitToSee("staff.csv")
	s.tap("Cancel")
	s.Until("a toast", func() bool { return s.nav.toast().Text == "Extraction cancelled. Nothing was left behind." })
	s.mustSee("Extract")
	s.mustNotSee("staff.csv")
}

// Cancel in the moment in which it ended says what is true.
func TestCancelComesTooLate(t *testing.T) {
	s := showHeld(t, func(ctx context.Context, _ download.Clash, report reportFunc) (download.Location, int, error) {
		report(1, 2, "staff.csv")
		<-ctx.Done()
		return "/home/ada/Downloads/acme", 1, nil
	})
	s.tap("Extract")
	s.waitToSee("staff.csv")
	s.tap("Cancel")
	s.waitToSee("Extracted 1 file")
	if len(s.nav.toasts) != 0 {
		t.Errorf("toasts: %+v", s.nav.toasts)
	}
}

func TestExtractIntoAnExistingFolder(t *testing.T) {
	var asked []download.Clash
	s := showHeld(t, func(_ context.Context, clash download.Clash, _ reportFunc) (download.Location, int, error) {
		asked = append(asked, clash)
		if clash == download.Ask {
			return "", 0, &download.ExistsError{Name: "acme"}
		}
		return "/home/ada/Downloads/acme", 14, nil
	})
	s.tap("Extract")
	s.waitToSee("This folder is already there")
	s.press(fyne.KeyReturn) // Cancel has the focus
	s.Settle()
	s.mustNotSee("This folder is already there", "Extracted")
	s.tap("Extract")
	s.waitToSee("Keep both")
	s.tap("Keep both")
	s.waitToSee("Extracted 14 files")
	s.tap("Close")
	s.tap("Extract")
	s.waitToSee("Replace")
	s.tap("Replace")
	s.waitToSee("Extracted 14 files")
	want := []download.Clash{download.Ask, download.Ask, download.KeepBoth, download.Ask, download.Replace}
	if !slices.Equal(asked, want) {
		t.Errorf("asked for %v", asked)
	}
}

func TestExtractionFails(t *testing.T) {
	s := showHeld(t, func(context.Context, download.Clash, reportFunc) (download.Location, int, error) {
		return "", 0, &extract.Error{Kind: extract.Damaged, Entry: "invoices.csv"}
	})
	s.tap("Extract")
	s.waitToSee("The archive is damaged: invoices.csv cannot be read.")
	s.mustSee("Download the backup again.")
	s.tap("Close")
	s.mustSee("Extract")
}

func TestExtractionEndsWithItsScreen(t *testing.T) {
	ended := make(chan error, 1)
	s := showHeld(t, func(ctx context.Context, _ download.Clash, report reportFunc) (download.Location, int, error) {
		report(1, 2, "staff.csv")
		<-ctx.Done()
		ended <- ctx.Err()
		return "", 0, ctx.Err()
	})
	screen := NewDetails(s.world.needs(), s.nav, "year-end")
	s.show(screen)
	s.tap("Extract")
	s.waitToSee("staff.csv")
	screen.Hidden()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	s.Settle()
	s.mustNotSee("staff.csv")
}
