package screens

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"connectbackup/assets"
)

// The help tells how to open, extract and read the file on each system (S13),
// what the tags mean, what is deleted when (S3, S16, S17), and what a backup
// is not (I14).
func TestHelpTopics(t *testing.T) {
	own := map[string]string{
		"linux": "LibreOffice Calc", "windows": "File Explorer", "darwin": "Finder",
		"android": "appear in a folder beside the zip file, in /home/ada/Downloads", "ios": "the app's own storage", "plan9": "LibreOffice Calc",
	}
	for platform, words := range own {
		var all []string
		for _, topic := range helpTopics(platform, "/home/ada/Downloads", "/home/ada/app.log") {
			if topic.Title == "" || len(topic.Steps)+len(topic.Texts)+len(topic.Tags) == 0 {
				t.Errorf("%s: an empty topic %+v", platform, topic)
			}
			all = append(append(append(all, topic.Title), topic.Steps...), topic.Texts...)
			for _, tag := range topic.Tags {
				if tag.Mark.Text == "" || tag.Mark.Icon == "" || tag.Text == "" {
					t.Errorf("%s: tag %+v", platform, tag)
				}
				all = append(all, tag.Mark.Text)
			}
		}
		text := strings.Join(all, "\n")
		for _, want := range []string{
			words, "Extract", "Excel", "CSV", "Pending", "Completed", "Partial", "Failed", "Cancelled", "Expired", "Deleted", "Verified",
			"two years after the day it was created", "two years after it was made", "cannot be put back", "/home/ada/app.log",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in the help", platform, want)
			}
		}
	}
}

func TestHelp(t *testing.T) {
	s := newStage(t)
	s.show(NewHelp(s.world.needs(), s.nav))
	s.mustSee("Help", "1. Open a completed backup", "Read it in Excel", "The server is preparing the file.", "connect-backup.log")
	s.tap("Back")
	if s.nav.last() != "back" {
		t.Errorf("went %v", s.nav.went)
	}
}

// scroller is what scrolls in front.
func (s *stage) scroller() (found *container.Scroll) {
	s.t.Helper()
	walk(s.front(), nil, func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
		if x, ok := o.(*container.Scroll); ok && found == nil {
			found = x
		}
	})
	if found == nil {
		s.t.Fatal("nothing scrolls")
	}
	return found
}

func TestLicences(t *testing.T) {
	s := newStage(t)
	s.show(NewLicences(s.world.needs(), s.nav))
	s.mustSee("fyne.io/fyne/v2", "BSD", "MIT")
	s.tap("fyne.io/fyne/v2")
	s.mustSee("Redistribution and use in source and binary forms")
	scroll := s.scroller()
	s.press(fyne.KeyEnd)
	if end := scroll.Content.Size().Height - scroll.Size().Height; end < 100 || scroll.Offset.Y != end {
		t.Errorf("End shows the licence from %v on; its end is at %v", scroll.Offset.Y, end)
	}
	s.tap("Close")
	all, err := licenceNotices(assets.Notices)
	if err != nil || len(all) < 20 {
		t.Fatalf("%d notices, %v", len(all), err)
	}
	for _, n := range all {
		if n.Licence == "" || len(n.Modules) == 0 || n.Text == "" {
			t.Errorf("%v: licence %q", n.Modules, n.Licence)
		}
	}
}
