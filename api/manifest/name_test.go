package manifest

import (
	"regexp"
	"strings"
	"testing"
)

func TestArchiveName(t *testing.T) {
	for _, c := range []struct{ name, org, title, from, till, id, want string }{
		{"plain", "Acme Ltd", "Yearly backup", "2021-07-01", "2023-07-01", "01HZX", "acme-ltd_yearly-backup_2021-07-01_2023-07-01_01hzx.zip"},
		{"accents", "Müller & Söhne", "Sauvegarde été", "2021-07-01", "2021-07-02", "a", "muller-sohne_sauvegarde-ete_2021-07-01_2021-07-02_a.zip"},
		{"decomposed accents", "Mu\u0308ller", "e\u0301te\u0301", "2021-07-01", "2021-07-02", "a", "muller_ete_2021-07-01_2021-07-02_a.zip"},
		{"letters without a decomposition", "Łódź Ørsted", "Straße Ægir", "2021-07-01", "2021-07-02", "a", "lodz-orsted_strasse-aegir_2021-07-01_2021-07-02_a.zip"},
		{"Turkish and Vietnamese", "İstanbul ısı", "Đà Nẵng", "2021-07-01", "2021-07-02", "a", "istanbul-isi_da-nang_2021-07-01_2021-07-02_a.zip"},
		{"apostrophe joins", "O'Brien’s", "it's", "2021-07-01", "2021-07-02", "a", "obriens_its_2021-07-01_2021-07-02_a.zip"},
		{"other scripts", "北京公司", "Отчёт 2024", "2021-07-01", "2021-07-02", "a", "organisation_2024_2021-07-01_2021-07-02_a.zip"},
		{"nothing at all", "", " ", "", "", "", "organisation_backup_undated_undated_0.zip"},
		{"hostile", "../../etc", "CON: a_b\x00\u202Egnp.exe", "..", "/", "..\\x", "etc_con-a-b-gnp-exe_undated_undated_x.zip"},
		{"option", "-rf", "--help", "2021-07-01", "2021-07-02", "a", "rf_help_2021-07-01_2021-07-02_a.zip"},
		{"demo", "demo-Brightwater", "x", "2021-07-01", "2021-07-02", "a", "demo-brightwater_x_2021-07-01_2021-07-02_a.zip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ArchiveName(c.org, c.title, c.from, c.till, c.id); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestArchiveNameIsNeverLongerThan120Bytes(t *testing.T) {
	long := strings.Repeat("Straßenbahn ", 40)
	got := ArchiveName(long, long, "2021-07-01", "2023-07-01", strings.Repeat("Z", 40))
	if len(got) > NameMax || len(got) < NameMax-8 {
		t.Errorf("%d bytes: %s", len(got), got)
	}
	if !strings.HasSuffix(got, "_2021-07-01_2023-07-01_"+strings.Repeat("z", 26)+".zip") {
		t.Errorf("range or ID cut off: %s", got)
	}
	short := ArchiveName("A", long, "2021-07-01", "2023-07-01", "id")
	if len(short) < 100 {
		t.Errorf("a short organisation leaves its room to the title, got %s", short)
	}
}

func FuzzArchiveName(f *testing.F) {
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*(_[a-z0-9]+(-[a-z0-9]+)*){4}\.zip$`)
	f.Add("Acme", "Title", "2021-07-01", "2021-07-01", "id")
	f.Add("İ\xff", "ŉ-_-", "", "x", "\u0301")
	f.Fuzz(func(t *testing.T, org, title, from, till, id string) {
		got := ArchiveName(org, title, from, till, id)
		if !form.MatchString(got) || len(got) > NameMax || !safeName(got) {
			t.Errorf("%q", got)
		}
	})
}
