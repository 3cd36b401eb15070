package screens

import (
	"fmt"
	"time"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/device/download"
)

// testModules are the modules of the demo organisation.
func testModules() []api.Module {
	names := []struct {
		key, name string
		records   int64
	}{
		{"staff", "Staff", 41},
		{"customers", "Customers", 1204},
		{"departments", "Departments", 9},
		{"attendance", "Attendance", 21480},
		{"leave", "Leave", 612},
		{"tasks", "Tasks", 3871},
		{"appointments", "Appointments", 2950},
		{"notices", "Notices", 118},
		{"messages", "Messages", 24105},
		{"events", "Events", 86},
		{"complaints", "Complaints", 0},
		{"invoices", "Invoices", 18233},
		{"visitors", "Visitors", 0},
	}
	all := make([]api.Module, len(names))
	for i, n := range names {
		all[i] = api.Module{Key: n.key, Name: n.name, Records: n.records, Subscribed: n.key != "visitors"}
	}
	return all
}

func moduleOf(key, name, status string, records int64) api.BackupModule {
	return api.BackupModule{Key: key, Name: name, Status: status, Records: records, Bytes: records * 120}
}

func sampleModules() []api.BackupModule {
	var all []api.BackupModule
	for _, m := range testModules() {
		status := api.ModuleOK
		switch {
		case !m.Subscribed:
			status = api.ModuleNotSubscribed
		case m.Records == 0:
			status = api.ModuleEmpty
		}
		all = append(all, moduleOf(m.Key, m.Name, status, m.Records))
	}
	return all
}

// sample is a completed backup of everything, performed two hours ago.
func sample() api.Backup {
	performed := testNow.Add(-2 * time.Hour)
	completed := performed.Add(90 * time.Second)
	expires := time.Date(2028, 11, 23, 10, 43, 30, 0, time.UTC)
	return api.Backup{
		ID: "year-end", Title: "Year end 2026", Status: api.StatusCompleted,
		From: calendar.NewDay(2024, 11, 23), Till: calendar.NewDay(2026, 11, 23), Timezone: "Europe/Berlin",
		Modules: sampleModules(), Completeness: api.Complete, CSVProfile: api.ProfileExcel,
		PerformedAt: performed, CompletedAt: &completed, ExpiresAt: &expires,
		CreatedBy: api.UserRef{Name: "Ada Example"},
		CreatedOn: api.DeviceRef{ID: "dev_1", Name: "Office PC", Platform: "linux"},
		Archive: &api.Archive{
			FileName: "acme_year-end-2026_2024-11-23_2026-11-23_7k2m.zip", Size: 18_400_000,
			SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", MediaType: "application/zip",
		},
	}
}

// with is a sample that something was done to.
func with(change func(*api.Backup)) api.Backup {
	b := sample()
	change(&b)
	return b
}

func withStatus(id, title string, status api.Status, age time.Duration) api.Backup {
	return with(func(b *api.Backup) {
		b.ID, b.Title, b.Status, b.PerformedAt = id, title, status, testNow.Add(-age)
		if status != api.StatusCompleted {
			b.Archive, b.CompletedAt, b.ExpiresAt, b.Completeness = nil, nil, nil, ""
		}
	})
}

func pendingSample() api.Backup {
	b := withStatus("invoices", "Invoices only", api.StatusPending, 40*time.Second)
	b.Modules = []api.BackupModule{moduleOf("invoices", "Invoices", api.ModuleWaiting, 0)}
	b.Stage = api.StageCollecting
	b.Progress = &api.Progress{Percent: 42, Module: "invoices", ModulesTotal: 1, Records: 7650}
	return b
}

func queuedSample() api.Backup {
	b := withStatus("queued", "Staff and leave, for the auditor", api.StatusPending, 10*time.Second)
	b.Stage = api.StageQueued
	b.Modules = b.Modules[:2]
	return b
}

func failedSample() api.Backup {
	b := withStatus("failed", "Messages of the summer", api.StatusFailed, 26*time.Hour)
	b.Error = &api.BackupError{Code: string(api.CodeInsufficientStorage), Detail: "no space left"}
	b.From, b.Till = calendar.NewDay(2026, 6, 1), calendar.NewDay(2026, 8, 31)
	b.Modules = []api.BackupModule{moduleOf("messages", "Messages", api.ModuleWaiting, 0)}
	return b
}

func partialSample() api.Backup {
	return with(func(b *api.Backup) {
		b.ID, b.Title, b.Completeness = "partial", "October 2026", api.Partial
		b.PerformedAt = testNow.Add(-20 * 24 * time.Hour)
		b.CreatedOn = api.DeviceRef{ID: "dev_2", Name: "Pixel 8", Platform: "android"}
		b.Modules[9].Status, b.Modules[11].Status = api.ModuleFailed, api.ModuleFailed
		b.From, b.Till = calendar.NewDay(2026, 10, 1), calendar.NewDay(2026, 10, 31)
	})
}

func expiredSample() api.Backup {
	b := withStatus("expired", "Year end 2023", api.StatusExpired, 3*365*24*time.Hour)
	gone := time.Date(2025, 12, 30, 3, 0, 0, 0, time.UTC)
	b.DeletedAt = &gone
	b.From, b.Till = calendar.NewDay(2022, 1, 1), calendar.NewDay(2023, 12, 31)
	return b
}

func deletedSample() api.Backup {
	b := withStatus("deleted", "Test of the new server", api.StatusDeleted, 300*24*time.Hour)
	gone := testNow.Add(-20 * 24 * time.Hour)
	b.DeletedAt = &gone
	return b
}

func copyOf(b api.Backup, state download.CopyState) download.Copy {
	name := "acme_" + b.ID + ".zip"
	if b.Archive != nil {
		name = b.Archive.FileName
	}
	return download.Copy{
		ID: b.ID, State: state, Name: name, Location: download.Location("/home/ada/Downloads/" + name),
		Size: 18_400_000, At: testNow.Add(-time.Hour), VerifiedAt: testNow.Add(-time.Hour),
	}
}

// sampleList is a list with every status in it.
func sampleList() []api.Backup {
	list := []api.Backup{pendingSample(), queuedSample(), sample(), failedSample(), partialSample(), expiredSample()}
	list = append(list,
		withStatus("cancelled", "Wrong range", api.StatusCancelled, 30*time.Hour),
		withStatus("deleted", "Test of the new server", api.StatusDeleted, 300*24*time.Hour))
	for i := range 6 {
		b := withStatus(fmt.Sprintf("m%d", i), fmt.Sprintf("Monthly backup %d", 6-i), api.StatusCompleted,
			time.Duration(i+2)*30*24*time.Hour)
		list = append(list, b)
	}
	return list
}

// someDocuments are the files of an extracted archive, as a device lists them.
func someDocuments() []download.Info {
	const folder = "/home/ada/Downloads/acme/"
	var files []download.Info
	for i, name := range []string{
		"README.txt", "attendance.csv", "checksums.sha256", "expenses.csv", "invoices.csv", "manifest.json", "staff.csv",
	} {
		files = append(files, download.Info{Name: name, Size: int64(i*i) * 1_200_300, Location: download.Location(folder + name)})
	}
	return files
}
