package screens

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/reminder"
	"connectbackup/device"
	"connectbackup/device/download"
	"connectbackup/device/extract"
	"connectbackup/screens/lang"
	"connectbackup/screens/widgets"
)

// shot is one picture of the gallery: a screen in one state.
type shot struct {
	name  string
	make  func(s *stage) Screen
	after func(s *stage) // what the person does before the picture is taken
}

// gallery is every screen in its main states, by screen.
var gallery = map[string][]shot{
	"signin": {
		{name: "first start", make: signInScreen},
		{name: "session ended", make: func(s *stage) Screen {
			s.world.endErr = api.ErrSignedOut
			return NewSignIn(s.world.needs(), s.nav)
		}},
		{name: "store locked", make: func(s *stage) Screen {
			s.world.endErr = device.ErrStore
			return signInScreen(s)
		}},
		{name: "nothing filled in", make: signInScreen, after: func(s *stage) { s.tap("Sign in") }},
		{name: "unknown server", make: func(s *stage) Screen {
			s.world.signErr = &api.UnreachableError{Host: "connect.exmaple.com", Reason: api.ReasonUnknownHost}
			return signInScreen(s)
		}, after: signInAs("https://connect.exmaple.com", "wrong")},
		{name: "wrong password", make: func(s *stage) Screen {
			s.world.signErr = problem(api.CodeInvalidCredentials, 401)
			return signInScreen(s)
		}, after: signInAs("https://connect.example.com", "wrong")},
		{name: "no TLS", make: func(s *stage) Screen {
			s.world.insecure = true
			return signInScreen(s)
		}, after: signInAs("http://connect.example.com", "secret")},
	},
	"home": {
		{name: "first time", make: func(s *stage) Screen {
			s.world.told, s.world.items = map[string]bool{}, sampleList()
			return NewHome(s.world.needs(), s.nav)
		}},
		{name: "later", make: func(s *stage) Screen {
			s.world.items = []api.Backup{sample()}
			return NewHome(s.world.needs(), s.nav)
		}},
		{name: "no connection", make: homeOf(func(w *world) {
			w.listErr, w.remindErr = errOffline, errOffline
		})},
		{name: "loading", make: homeOf(func(w *world) { w.hold = make(chan struct{}) })},
		{name: "nothing yet", make: homeOf(func(w *world) { w.items, w.copies, w.verified = nil, nil, time.Time{} })},
		{name: "stale", make: homeOf(func(w *world) { w.verified = testNow.Add(-47 * 24 * time.Hour) })},
		{name: "reminder", make: homeOf(func(w *world) { w.outlook = dueSoon() })},
		{name: "reminder of a file", make: homeOf(func(w *world) {
			w.outlook = dueSoon()
			w.outlook.Due = w.outlook.Due[3:4]
		})},
		{name: "reminder offline", make: homeOf(func(w *world) {
			w.outlook, w.listErr, w.remindErr = dueSoon(), errOffline, errOffline
			w.outlook.At = testNow.Add(-2 * time.Hour)
			w.age = &api.Snapshot[api.BackupPage]{Value: api.BackupPage{Items: sampleList()}, At: testNow.Add(-2 * time.Hour)}
		})},
		{name: "reminder in the demo", make: homeOf(func(w *world) { w.outlook, w.account.Demo = dueSoon(), true })},
		{name: "reminder not allowed", make: homeOf(func(w *world) { w.outlook, w.account.User.Permissions = dueSoon(), nil })},
		{name: "later?", make: homeOf(func(w *world) { w.outlook = dueSoon() }), after: func(s *stage) { s.tap("Later") }},
	},
	"backups": {
		{name: "list", make: listOf(func(s *stage) {})},
		{name: "transfers", make: listOf(func(s *stage) {
			for id, phase := range map[string]download.Phase{
				"year-end": download.Queued, "partial": download.Running, "m0": download.Paused,
				"m1": download.Waiting, "m2": download.Verifying, "m3": download.Failed,
			} {
				s.world.states[id] = download.State{ID: id, Phase: phase, Done: 7_100_000, Total: 18_400_000}
			}
		})},
		{name: "copies", make: listOf(func(s *stage) {
			s.world.copies["partial"] = copyOf(partialSample(), download.CopyChanged)
			s.world.copies["m0"] = copyOf(sample(), download.CopyGone)
			s.world.copies["expired"] = copyOf(sample(), download.CopyPresent)
		})},
		{name: "on this device", make: listOf(func(*stage) {}), after: func(s *stage) { s.tap("On this device") }},
		{name: "nothing on this device", make: listOf(func(s *stage) { s.world.copies = nil }), after: func(s *stage) { s.tap("On this device") }},
		{name: "nothing pending", make: listOf(func(s *stage) { s.world.items = s.world.items[2:] }), after: func(s *stage) { s.tap("Pending") }},
		{name: "no match", make: listOf(func(s *stage) {}), after: func(s *stage) {
			s.fill(0, "zebra")
			s.press(fyne.KeyReturn)
		}},
		{name: "empty", make: listOf(func(s *stage) { s.world.items = nil })},
		{name: "offline", make: listOf(func(s *stage) {
			s.world.listErr = errOffline
			s.world.age = &api.Snapshot[api.BackupPage]{
				Value: api.BackupPage{Items: sampleList()}, At: testNow.Add(-2 * time.Hour),
			}
		})},
		{name: "error", make: listOf(func(s *stage) { s.world.listErr = errOffline })},
		{name: "loading", make: listOf(func(s *stage) { s.world.hold = make(chan struct{}) })},
		{name: "not allowed", make: listOf(func(s *stage) { s.world.account.User.Permissions = nil })},
	},
	"details": {
		{name: "not here", make: detailsOf(sample(), held(onTwoDevices()...))},
		{name: "on this device", make: detailsOf(sample(), both(here(download.CopyPresent), held(onTwoDevices()...)))},
		{name: "verified long ago", make: detailsOf(sample(), both(here(download.CopyPresent), func(s *stage) {
			c := s.world.copies["year-end"]
			c.VerifiedAt = testNow.AddDate(0, -8, 0)
			s.world.copies["year-end"] = c
		}))},
		{name: "file gone", make: detailsOf(sample(), here(download.CopyGone))},
		{name: "file changed", make: detailsOf(sample(), here(download.CopyChanged))},
		{
			name: "file unknown to us", make: detailsOf(sample(), func(s *stage) {
				s.world.startErr = &download.ExistsError{Name: sample().Archive.FileName}
			}),
			after: func(s *stage) { s.tap("Download Backup") },
		},
		{name: "queued", make: detailsOf(sample(), transferring(download.Queued))},
		{name: "downloading", make: detailsOf(sample(), transferring(download.Running))},
		{name: "paused", make: detailsOf(sample(), transferring(download.Paused))},
		{name: "waiting", make: detailsOf(sample(), transferring(download.Waiting))},
		{name: "stopped", make: detailsOf(sample(), transferring(download.Failed))},
		{name: "checking", make: detailsOf(sample(), transferring(download.Verifying))},
		{name: "done", make: detailsOf(sample(), both(here(download.CopyPresent), transferring(download.Done)))},
		{name: "exists", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) { s.tap("Download again") }},
		{name: "pending", make: detailsOf(pendingSample(), func(*stage) {})},
		{name: "pending, queued", make: detailsOf(queuedSample(), func(*stage) {})},
		{name: "failed", make: detailsOf(failedSample(), func(*stage) {})},
		{name: "cancelled", make: detailsOf(withStatus("cancelled", "Wrong range", api.StatusCancelled, 30*time.Hour), func(*stage) {})},
		{name: "partial", make: detailsOf(partialSample(), held())},
		{name: "expired", make: detailsOf(expiredSample(), held(onTwoDevices()...))},
		{name: "expired, nowhere", make: detailsOf(expiredSample(), held())},
		{name: "deleted, here", make: detailsOf(deletedSample(), func(s *stage) {
			s.world.copies["deleted"] = copyOf(deletedSample(), download.CopyPresent)
		})},
		{name: "not allowed", make: detailsOf(sample(), func(s *stage) { s.world.account.User.Permissions = nil })},
		{
			name: "first download", make: detailsOf(sample(), func(s *stage) { s.world.told = map[string]bool{} }),
			after: func(s *stage) { s.tap("Download Backup") },
		},
		{name: "metered network", make: detailsOf(large(), func(s *stage) { s.world.metered = true }), after: func(s *stage) {
			s.tap("Download Backup")
			s.waitToSee(lang.L("Download over this network?"))
		}},
		{name: "not found", make: func(s *stage) Screen { return NewDetails(s.world.needs(), s.nav, "other") }},
		{name: "loading", make: detailsOf(sample(), func(s *stage) { s.world.holdGet = make(chan struct{}) })},
		{name: "error", make: detailsOf(sample(), func(s *stage) { s.world.getErr = errOffline })},
		{name: "offline", make: detailsOf(sample(), both(here(download.CopyPresent), func(s *stage) {
			s.world.kept = &api.Snapshot[api.Backup]{Value: sample(), At: testNow.Add(-2 * time.Hour), Err: errOffline}
		}))},
		{
			name: "menu", make: detailsOf(sample(), both(here(download.CopyPresent), mayDelete, func(s *stage) { s.world.can[CanShare] = true })),
			after: func(s *stage) { s.tap("More") },
		},
		{name: "menu, not allowed", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) { s.tap("More") }},
		{name: "rename", make: detailsOf(sample(), func(*stage) {}), after: func(s *stage) {
			s.world.change(func() { s.world.items[0].Title = "Year end 2026, for the auditor" })
			s.choose("Rename")
			s.fill(0, "Year end")
			s.tap("Save")
		}},
		{
			name: "delete here", make: detailsOf(expiredSample(), both(held(), func(s *stage) {
				s.world.copies["expired"] = copyOf(expiredSample(), download.CopyPresent)
			})),
			after: func(s *stage) { s.choose("Delete from this device") },
		},
		{
			name: "delete on server", make: detailsOf(sample(), both(mayDelete, here(download.CopyPresent), held(onTwoDevices()...))),
			after: func(s *stage) { s.choose("Delete from server") },
		},
	},
	"verify": {
		{name: "under way", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) {
			s.world.verify = func(ctx context.Context, report func(done, total int64)) (download.Copy, error) {
				report(7_100_000, 18_400_000)
				<-ctx.Done()
				return download.Copy{}, ctx.Err()
			}
			s.tap("Verify this file")
			s.waitToSee(transferAmount(download.State{Done: 7_100_000, Total: 18_400_000}))
		}},
		{name: "damaged", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) {
			s.world.verify = func(context.Context, func(done, total int64)) (download.Copy, error) {
				return copyOf(sample(), download.CopyChanged), &extract.Error{Kind: extract.Damaged, Entry: "invoices.csv"}
			}
			s.tap("Verify this file")
		}},
		{name: "another file", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) {
			s.world.verify = func(context.Context, func(done, total int64)) (download.Copy, error) {
				return copyOf(sample(), download.CopyChanged), download.ErrNotTheFile
			}
			s.tap("Verify this file")
		}},
		{name: "not found", make: detailsOf(sample(), here(download.CopyGone)), after: func(s *stage) { s.tap("Look for it") }},
		{name: "locate", make: detailsOf(sample(), here(download.CopyGone)), after: func(s *stage) { s.tap("Locate file…") }},
	},
	"extract": {
		{name: "under way", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) {
			s.world.unpack = func(ctx context.Context, _ download.Clash, report func(int64, int64, string)) (download.Location, int, error) {
				report(61_000_000, 142_300_000, "attendance.csv")
				<-ctx.Done()
				return "", 0, ctx.Err()
			}
			s.tap("Extract")
			s.waitToSee("attendance.csv")
		}},
		{name: "folder exists", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) {
			s.world.unpack = func(context.Context, download.Clash, func(int64, int64, string)) (download.Location, int, error) {
				return "", 0, &download.ExistsError{Name: "acme_year-end-2026_2024-11-23_2026-11-23_7k2m"}
			}
			s.tap("Extract")
		}},
		{name: "done", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) {
			s.world.unpack = func(context.Context, download.Clash, func(int64, int64, string)) (download.Location, int, error) {
				return "/home/ada/Downloads/acme_year-end-2026_2024-11-23_2026-11-23_7k2m", 14, nil
			}
			s.world.documents = someDocuments()
			s.tap("Extract")
		}},
		{name: "many files", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) {
			s.world.unpack = func(context.Context, download.Clash, func(int64, int64, string)) (download.Location, int, error) {
				return "/home/ada/Downloads/acme_year-end-2026_2024-11-23_2026-11-23_7k2m", 1234, nil
			}
			s.world.documents = someDocuments()[:2]
			s.tap("Extract")
		}},
		{name: "damaged", make: detailsOf(sample(), here(download.CopyPresent)), after: func(s *stage) {
			s.world.unpack = func(context.Context, download.Clash, func(int64, int64, string)) (download.Location, int, error) {
				return "", 0, &extract.Error{Kind: extract.Damaged, Entry: "invoices.csv"}
			}
			s.tap("Extract")
		}},
	},
	"create": {
		{name: "usual", make: formOf(nil)},
		{name: "overlap", make: overlapping(api.Overlap{BackupID: "year-end", Title: "Year end 2025", Status: api.StatusCompleted})},
		{name: "held already", make: overlapping(api.Overlap{BackupID: "year-end", Title: "Year end 2026", Status: api.StatusCompleted, Covers: true})},
		{name: "counting", make: func(s *stage) Screen {
			s.world.after = func(time.Duration) <-chan time.Time { return nil }
			return formOf(nil)(s)
		}},
		{name: "from a reminder", make: formOf(&api.NewBackup{
			From: calendar.NewDay(2024, 11, 23), Till: calendar.NewDay(2024, 12, 31), Modules: []string{"invoices", "notices"},
		})},
		{name: "plain", make: formOf(nil), after: func(s *stage) { s.tap("Plain CSV") }},
		{name: "date window", make: formOf(nil), after: func(s *stage) { s.tap("23 Nov 2024") }},
		{name: "mistakes", make: formOf(nil), after: func(s *stage) {
			s.fill(-1, " ")
			s.tap("None")
			s.tap("Create backup")
		}},
		{name: "server refuses", make: func(s *stage) Screen {
			s.world.makeErr = []error{errOffline}
			return formOf(nil)(s)
		}, after: func(s *stage) { s.tap("Create backup") }},
		{name: "no modules", make: func(s *stage) Screen {
			s.world.modErr = errOffline
			return formOf(nil)(s)
		}},
		{name: "not allowed", make: func(s *stage) Screen {
			s.world.account.User.Permissions = nil
			return formOf(nil)(s)
		}},
	},
	"settings": {
		{name: "usual", make: settingsScreen},
		{name: "no keyring", make: func(s *stage) Screen {
			s.world.protected = false
			return settingsScreen(s)
		}},
		{name: "phone", make: func(s *stage) Screen {
			s.world.can[CanKeepScreenOn], s.world.awake = true, true
			return settingsScreen(s)
		}, after: scrolledTo("This device")},
		{name: "sign out", make: settingsScreen, after: func(s *stage) { s.tap("Sign out") }},
		{name: "sign out of another", make: settingsScreen, after: func(s *stage) { s.tap("Sign out of Pixel 8") }},
		{name: "loading", make: func(s *stage) Screen {
			s.world.holdThem = make(chan struct{})
			return settingsScreen(s)
		}},
		{name: "devices unknown", make: func(s *stage) Screen {
			s.world.deviceErr = errOffline
			return settingsScreen(s)
		}, after: scrolledTo("Where you are signed in")},
		{name: "devices", make: settingsScreen, after: scrolledTo("Where you are signed in")},
		{name: "reminders", make: settingsScreen, after: scrolledTo("Reminders")},
		{name: "timer and put off", make: func(s *stage) Screen {
			s.world.background, s.world.outlook = reminder.TimerOn, dueSoon()
			s.world.outlook.SnoozedTill = s.world.outlook.Today.AddDays(5)
			s.world.options = reminder.Options{}
			return settingsScreen(s)
		}, after: scrolledTo("Reminders")},
		{name: "language", make: settingsScreen, after: scrolledTo("Language")},
	},
	"help": {
		{name: "linux", make: helpOn("linux")},
		{name: "windows", make: helpOn("windows")},
		{name: "android", make: helpOn("android")},
		{name: "tags", make: helpOn("linux"), after: scrolledTo("What the tags mean")},
		{name: "more", make: helpOn("linux"), after: scrolledTo("What a backup is not")},
		{name: "licences", make: func(s *stage) Screen { return NewLicences(s.world.needs(), s.nav) }},
		{name: "a licence", make: func(s *stage) Screen { return NewLicences(s.world.needs(), s.nav) }, after: func(s *stage) {
			s.tap("fyne.io/fyne/v2")
		}},
	},
}

func homeOf(prepare func(*world)) func(*stage) Screen {
	return func(s *stage) Screen {
		s.world.items = sampleList()
		s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent)
		prepare(s.world)
		return NewHome(s.world.needs(), s.nav)
	}
}

func helpOn(platform string) func(*stage) Screen {
	return func(s *stage) Screen {
		s.world.platform = platform
		return NewHelp(s.world.needs(), s.nav)
	}
}

// scrolledTo brings a heading to the upper part of the window.
func scrolledTo(heading string) func(*stage) {
	return func(s *stage) {
		walk(s.front(), nil, func(o fyne.CanvasObject, _ []fyne.CanvasObject) {
			if text, ok := o.(*widgets.Text); ok && text.Text == heading && text.Bold {
				s.scrollTo(o)
			}
		})
	}
}

func signInScreen(s *stage) Screen {
	s.world.in = false
	return NewSignIn(s.world.needs(), s.nav)
}

func settingsScreen(s *stage) Screen { return NewSettings(s.world.needs(), s.nav) }

func signInAs(server, password string) func(*stage) {
	return func(s *stage) {
		s.fill(0, server)
		s.fill(1, "ada@acme.example")
		s.fill(2, password)
		s.press(fyne.KeyReturn)
	}
}

func listOf(prepare func(*stage)) func(*stage) Screen {
	return func(s *stage) Screen {
		s.world.items = sampleList()
		s.world.copies["year-end"] = copyOf(sample(), download.CopyPresent)
		s.world.copies["m1"] = copyOf(sample(), download.CopyPresent)
		prepare(s)
		return NewBackups(s.world.needs(), s.nav)
	}
}

func detailsOf(b api.Backup, prepare func(*stage)) func(*stage) Screen {
	return func(s *stage) Screen {
		s.world.items = []api.Backup{b}
		for _, other := range sampleList() {
			if other.ID != b.ID {
				s.world.items = append(s.world.items, other)
			}
		}
		prepare(s)
		return NewDetails(s.world.needs(), s.nav, b.ID)
	}
}

func formOf(like *api.NewBackup) func(*stage) Screen {
	return func(s *stage) Screen {
		s.world.items = sampleList()
		return NewCreate(s.world.needs(), s.nav, like)
	}
}

// overlapping is the form while another backup has some of what is chosen.
func overlapping(o api.Overlap) func(*stage) Screen {
	return func(s *stage) Screen {
		s.world.estimate = func(_ context.Context, e api.EstimateRequest) (api.Estimate, error) {
			got := someRecords(s.world.modules, e)
			got.Overlaps = []api.Overlap{o}
			return got, nil
		}
		return formOf(nil)(s)
	}
}

func here(state download.CopyState) func(*stage) {
	return func(s *stage) { s.world.copies["year-end"] = copyOf(sample(), state) }
}

func transferring(phase download.Phase) func(*stage) {
	return func(s *stage) {
		st := download.State{
			ID: "year-end", Name: sample().Archive.FileName, Phase: phase,
			Done: 7_100_000, Total: 18_400_000, Rate: 6_200_000, Left: 1500 * time.Millisecond,
		}
		if phase == download.Waiting {
			st.Err = &download.StalledError{After: 30 * time.Second}
		}
		if phase == download.Failed {
			st.Err = &download.SpaceError{Need: 11_300_000, Free: 4_700_000}
		}
		s.world.states["year-end"] = st
	}
}

// TestGallery draws every screen in its main states at phone and desktop size,
// light and dark, into the folder that GALLERY_DIR names, with one contact
// sheet a screen and a page that shows all: `make gallery`. It is there to be
// looked at.
func TestGallery(t *testing.T) {
	dir := os.Getenv("GALLERY_DIR")
	if dir == "" {
		t.Skip("set GALLERY_DIR to a folder to get pictures")
	}
	for name, shots := range gallery {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(dir, name)
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			var sheet []image.Image
			for _, shot := range shots {
				sheet = append(sheet, shoot(t, folder, name, shot))
			}
			savePNG(t, filepath.Join(dir, name+".png"), stackImages(sheet, false))
		})
	}
	writeGalleryIndex(t, dir)
}

// play does what a person does in a state, and waits until nothing moves.
func (s *stage) play(shot shot) {
	s.t.Helper()
	rests := !slices.Contains([]string{"loading", "counting", "under way"}, shot.name)
	if rests || shot.name == "under way" {
		s.Settle()
	}
	if shot.name == "counting" {
		s.waitToSee(lang.L("Counting what this will hold"))
	}
	if shot.after != nil {
		shot.after(s)
	}
	if rests {
		s.Settle()
	}
}

// shoot takes the pictures of one state and returns them side by side.
func shoot(t *testing.T, folder, sheet string, shot shot) image.Image {
	var row []image.Image
	for _, look := range []struct {
		name    string
		variant fyne.ThemeVariant
		w, h    float32
	}{
		{"phone-light", theme.VariantLight, phoneWidth, phoneHeight},
		{"phone-dark", theme.VariantDark, phoneWidth, phoneHeight},
		{"desktop-light", theme.VariantLight, desktopWidth, desktopHeight},
		{"desktop-dark", theme.VariantDark, desktopWidth, desktopHeight},
	} {
		// A state that waits for something ends with its own test.
		t.Run(shot.name+" "+look.name, func(t *testing.T) {
			s := newStageIn(t, widgets.NewFixedTheme(look.variant))
			s.nav.wide = look.w == desktopWidth
			screen := shot.make(s)
			if s.nav.wide {
				screen = beside(s, sheet, screen)
			}
			s.put(screen, look.w, look.h)
			s.play(shot)
			picture := s.window.Canvas().Capture()
			savePNG(t, filepath.Join(folder, fmt.Sprintf("%s %s.png", shot.name, look.name)), picture)
			row = append(row, picture)
		})
	}
	return stackImages(row, true)
}

// pair is two screens side by side, as the app shows them in a wide window.
type pair struct {
	Screen // the one that the picture is of
	other  Screen
	object fyne.CanvasObject
}

func (p pair) Object() fyne.CanvasObject { return p.object }

func (p pair) Shown() {
	if p.other != nil {
		p.other.Shown()
	}
	p.Screen.Shown()
}

func (p pair) Hidden() {
	if p.other != nil {
		p.other.Hidden()
	}
	p.Screen.Hidden()
}

// beside puts the list on the left of what belongs to it.
func beside(s *stage, sheet string, screen Screen) Screen {
	split := func(left, right fyne.CanvasObject) fyne.CanvasObject {
		return container.New(splitLayout{}, left, widget.NewSeparator(), right)
	}
	switch sheet {
	case "backups":
		empty := widgets.NewPlaceholder(widgets.IconBackup, widgets.Neutral, "No backup selected", "Select one on the left, or make a new one.")
		return pair{Screen: screen, object: split(screen.Object(), empty)}
	case "details", "extract", "verify", "create":
		list := NewBackups(s.world.needs(), s.nav).(*backups)
		if d, ok := screen.(*details); ok {
			list.chosen, list.choosing = d.id, true
		}
		return pair{Screen: screen, other: list, object: split(list.Object(), screen.Object())}
	}
	return screen
}

type splitLayout struct{}

func (splitLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const left = 400
	objects[0].Resize(fyne.NewSize(left, size.Height))
	objects[1].Move(fyne.NewPos(left, 0))
	objects[1].Resize(fyne.NewSize(1, size.Height))
	objects[2].Move(fyne.NewPos(left+1, 0))
	objects[2].Resize(fyne.NewSize(size.Width-left-1, size.Height))
}

func (splitLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// stackImages puts pictures beside or below each other with a gap.
func stackImages(pictures []image.Image, beside bool) image.Image {
	const gap = 16
	w, h := gap, gap
	for _, p := range pictures {
		size := p.Bounds().Size()
		if beside {
			w, h = w+size.X+gap, max(h, size.Y+2*gap)
		} else {
			w, h = max(w, size.X+2*gap), h+size.Y+gap
		}
	}
	sheet := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.Gray{Y: 128}), image.Point{}, draw.Src)
	at := image.Pt(gap, gap)
	for _, p := range pictures {
		size := p.Bounds().Size()
		draw.Draw(sheet, image.Rectangle{Min: at, Max: at.Add(size)}, p, p.Bounds().Min, draw.Src)
		if beside {
			at.X += size.X + gap
		} else {
			at.Y += size.Y + gap
		}
	}
	return sheet
}

func savePNG(t testing.TB, name string, picture image.Image) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
