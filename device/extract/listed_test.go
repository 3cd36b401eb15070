package extract_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mholt/archiver/v4"

	"connectbackup/api/manifest"
	"connectbackup/device/extract"
)

// listOf is a manifest of these files, as the archive of a backup holds it.
func listOf(t *testing.T, files map[string]string) raw {
	t.Helper()
	m := manifest.Manifest{Schema: manifest.Schema, BackupID: "bkp_1", From: "2024-01-01", Till: "2024-12-31"}
	for name, data := range files {
		m.Files = append(m.Files, manifest.File{Name: name, Module: "m", Status: "ok", Bytes: int64(len(data)), SHA256: sha([]byte(data))})
	}
	b, err := json.Marshal(m)
	must(t, err)
	return file(manifest.FileName, string(b))
}

func sumsOf(files map[string]string) raw {
	var b strings.Builder
	for name, data := range files {
		fmt.Fprintf(&b, "%s  %s\n", sha([]byte(data)), name)
	}
	return file(manifest.Checksums, b.String())
}

func TestVerifyComparesWithTheListsInside(t *testing.T) {
	files := map[string]string{"a.csv": "1;2", "b.csv": "3;4"}
	other := map[string]string{"a.csv": "1;2", "b.csv": "3;5"} // the same length
	longer := map[string]string{"a.csv": "1;2", "b.csv": "3;4", "c.csv": "5;6"}
	a, b := file("a.csv", files["a.csv"]), file("b.csv", files["b.csv"])
	for what, row := range map[string]struct {
		archive []byte
		listed  int
		damaged []string
	}{
		"no list":               {zipOf(t, a, b), 0, nil},
		"manifest":              {zipOf(t, a, b, listOf(t, files)), 2, nil},
		"sums":                  {zipOf(t, a, b, sumsOf(files)), 2, nil},
		"both":                  {zipOf(t, listOf(t, files), sumsOf(files), a, b), 2, nil},
		"manifest of another":   {zipOf(t, a, b, listOf(t, other)), 1, []string{"b.csv: it is not what manifest.json says"}},
		"sums of another":       {zipOf(t, a, b, sumsOf(other)), 1, []string{"b.csv: it is not what checksums.sha256 says"}},
		"lists that disagree":   {zipOf(t, a, b, listOf(t, files), sumsOf(other)), 1, []string{"b.csv: it is not what checksums.sha256 says"}},
		"a file is missing":     {zipOf(t, a, b, listOf(t, longer)), 2, []string{"c.csv: it is missing, yet manifest.json names it"}},
		"every file is missing": {zipOf(t, file("README.txt", "read me"), sumsOf(files)), 0, []string{"a.csv: it is missing, yet checksums.sha256 names it", "b.csv: it is missing, yet checksums.sha256 names it"}},
		"one of the sums is":    {zipOf(t, a, sumsOf(files)), 1, []string{"b.csv: it is missing, yet checksums.sha256 names it"}},
		"the folder, packed":    {zipOf(t, in("sub", a), in("sub", listOf(t, longer)), in("sub", sumsOf(files))), 1, []string{"sub/b.csv: it is missing, yet sub/manifest.json names it", "sub/c.csv: it is missing, yet sub/manifest.json names it"}},
		"a manifest of others":  {zipOf(t, a, b, file(manifest.FileName, `{"name":"a browser's extension","version":"1"}`)), 0, nil},
		"no list but its name":  {zipOf(t, a, b, file(manifest.Checksums, "see the web page")), 0, nil},
		"a list in a subfolder": {zipOf(t, a, b, file("sub/"+manifest.Checksums, sumsText(other))), 0, nil},
	} {
		t.Run(what, func(t *testing.T) {
			res, err := extract.Verify(t.Context(), bytes.NewReader(row.archive), int64(len(row.archive)), nil)
			must(t, err)
			var damaged []string
			for _, e := range res.Damaged {
				damaged = append(damaged, e.Entry+": "+e.Detail)
			}
			if res.Listed != row.listed || !slices.Equal(damaged, row.damaged) {
				t.Errorf("%d listed, damaged %q; want %d, %q", res.Listed, damaged, row.listed, row.damaged)
			}
		})
	}
	// A list that is damaged itself is named, and promises nothing.
	bad := sumsOf(other)
	bad.crc = ptr(uint32(1))
	archive := zipOf(t, a, b, bad)
	res, err := extract.Verify(t.Context(), bytes.NewReader(archive), int64(len(archive)), nil)
	must(t, err)
	if len(res.Damaged) != 1 || res.Damaged[0].Entry != manifest.Checksums || res.Listed != 0 {
		t.Errorf("got %+v", res)
	}
}

// in puts a file into a folder.
func in(folder string, r raw) raw {
	r.name = folder + "/" + r.name
	return r
}

// TestVerifyComparesStreamsToo: a folder that somebody packed in another way
// has its lists all the same.
func TestVerifyComparesStreamsToo(t *testing.T) {
	files := map[string]string{"a.csv": "1;2", "b.csv": "3;4"}
	a, b, other := file("a.csv", files["a.csv"]), file("b.csv", files["b.csv"]), file("b.csv", "3;5")
	for what, row := range map[string]struct {
		archive []byte
		entries int
		listed  int
		damaged []string
	}{
		"whole":              {tarWith(t, sumsOf(files), a, b, listOf(t, files)), 4, 2, nil},
		"whole, in a folder": {tarWith(t, in(".", a), in(".", b), in(".", sumsOf(files))), 3, 2, nil},
		"no list":            {tarWith(t, a, b), 2, 0, nil},
		"one is missing":     {tarWith(t, a, sumsOf(files)), 2, 1, []string{"b.csv: it is missing, yet checksums.sha256 names it"}},
		"one is another":     {tarWith(t, in("x", other), in("x", listOf(t, files)), in("x", a)), 2, 1, []string{"x/b.csv: it is not what x/manifest.json says"}},
	} {
		for name, archive := range map[string][]byte{"tar": row.archive, "tar.gz": packed(t, archiver.Gz{}, row.archive)} {
			t.Run(what+", "+name, func(t *testing.T) {
				res, err := extract.Verify(t.Context(), bytes.NewReader(archive), int64(len(archive)), nil)
				must(t, err)
				var damaged []string
				for _, e := range res.Damaged {
					damaged = append(damaged, e.Entry+": "+e.Detail)
				}
				if res.Entries != row.entries || res.Listed != row.listed || !slices.Equal(damaged, row.damaged) {
					t.Errorf("%d entries, %d listed, damaged %q; want %d, %d, %q", res.Entries, res.Listed, damaged, row.entries, row.listed, row.damaged)
				}
			})
		}
	}
}

// tarWith is a tar of these files.
func tarWith(t *testing.T, files ...raw) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		must(t, w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.data)), Mode: 0o644}))
		_, err := w.Write(f.data)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

func sumsText(files map[string]string) string { return string(sumsOf(files).data) }
