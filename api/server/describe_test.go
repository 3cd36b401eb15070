package server

import (
	"bytes"
	"flag"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"connectbackup/api"
)

var update = flag.Bool("update", false, "write api/openapi.yaml anew")

const descriptionFile = "../openapi.yaml"

// description is the contract as OpenAPI 3.1.
func description() *huma.OpenAPI {
	useProblems()
	a := humago.New(http.NewServeMux(), contract())
	(&Server{}).operations(a)
	return a.OpenAPI()
}

// readable puts the parts of the file, which come in the order of the alphabet,
// into the order in which they are read.
func readable(text string) (ordered []byte) {
	parts := map[string]string{}
	name := ""
	for line := range strings.Lines(text) {
		if key, _, found := strings.Cut(line, ":"); found && !strings.ContainsAny(line[:1], " -") {
			name = key
		}
		parts[name] += line
	}
	for _, name := range []string{"openapi", "info", "paths", "components"} {
		ordered = append(ordered, parts[name]...)
		delete(parts, name)
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		ordered = append(ordered, parts[name]...)
	}
	return ordered
}

func TestTheDescriptionIsUpToDate(t *testing.T) {
	text, err := description().YAML()
	if err != nil {
		t.Fatal(err)
	}
	want := readable(string(text))
	want = append([]byte("# Made from the Go types of api and the texts in api/server/contract.go by \"go generate ./api/server\".\n"), want...)
	if *update {
		if err := os.WriteFile(descriptionFile, want, 0o644); err != nil { //nolint:gosec // a source file
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(descriptionFile)
	if err != nil || !bytes.Equal(have, want) {
		t.Errorf("api/openapi.yaml is stale (%v): run go generate ./api/server", err)
	}
}

func TestTheDescriptionIsWhole(t *testing.T) {
	var told []api.Code
	for _, k := range problemKinds {
		told = append(told, k.code)
		if k.about == "" || len(k.statuses) == 0 {
			t.Errorf("%s is not explained", k.code)
		}
	}
	if slices.Sort(told); !slices.Equal(told, slices.Sorted(slices.Values(api.Codes()))) {
		t.Errorf("problem codes: told of %q", told)
	}
	doc := description()
	var ids []string
	for path, item := range doc.Paths {
		for _, o := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Delete, item.Put} {
			if o == nil {
				continue
			}
			ids = append(ids, o.OperationID)
			if o.Summary == "" || o.Description == "" || len(o.Tags) != 1 {
				t.Errorf("%s %s is not described", o.Method, path)
			}
			for status, r := range o.Responses {
				if r.Description == "" {
					t.Errorf("%s %s: %s is not described", o.Method, path, status)
				}
			}
		}
	}
	var known []string
	for _, r := range routes {
		known = append(known, r.id)
	}
	if slices.Sort(ids); !slices.Equal(ids, slices.Sorted(slices.Values(known))) {
		t.Errorf("operations %q, described %q", ids, known)
	}
	for name, s := range doc.Components.Schemas.Map() {
		if strings.Contains(name, "Output") || strings.Contains(name, "Fault") {
			t.Errorf("%s is no type of the contract", name)
		}
		if name == "Backup" && (s.Properties["archive"].AnyOf == nil || s.Properties["data_as_of"].Nullable != true) {
			t.Errorf("null is not allowed for: %+v", s.Properties["archive"])
		}
	}
}
