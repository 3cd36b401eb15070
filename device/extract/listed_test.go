package extract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

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
		"sums of other things":  {zipOf(t, a, b, sumsOf(map[string]string{"x": "y"})), 0, nil},
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

func sumsText(files map[string]string) string { return string(sumsOf(files).data) }
