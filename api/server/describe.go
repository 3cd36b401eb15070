package server

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"connectbackup/api"
)

// codesOf are all problem codes that a route can answer with.
func (r route) codesOf(signedIn bool) []api.Code {
	codes := slices.Clone(r.codes)
	if signedIn {
		codes = append(codes, api.CodeSessionExpired)
	}
	if r.method == http.MethodPost || r.method == http.MethodPatch || strings.Contains(r.path, "{") || r.id == "list-backups" || r.id == "listen-to-events" {
		codes = append(codes, api.CodeValidation)
	}
	return append(codes, api.CodeInternal, api.CodeMaintenance)
}

// responses are those of a route that do not follow from its Go types.
func (r route) responses(schemas huma.Registry, signedIn bool) map[string]*huma.Response {
	all := map[string]*huma.Response{}
	body := map[string]*huma.MediaType{"application/problem+json": {
		Schema: schemas.Schema(reflect.TypeFor[api.Problem](), true, "Problem"),
	}}
	codes := r.codesOf(signedIn)
	for _, kind := range problemKinds {
		if !slices.Contains(codes, kind.code) {
			continue
		}
		for _, status := range kind.statuses {
			if kind.code == api.CodeValidation && status != http.StatusUnprocessableEntity && !r.hasBody() {
				continue
			}
			name := strconv.Itoa(status)
			if all[name] == nil {
				all[name] = &huma.Response{Content: body}
			} else {
				all[name].Description += "; "
			}
			about := kind.about
			if kind.code == api.CodeValidation {
				about = invalidBy[status]
			}
			all[name].Description += string(kind.code) + ": " + about
		}
	}
	if r.conditional {
		all["304"] = &huma.Response{Description: "It has not changed since the reply that If-None-Match names"}
	}
	switch r.id {
	case "download-archive":
		archiveResponses(all)
	case "listen-to-events":
		all["200"] = &huma.Response{Description: "A stream that does not end", Content: map[string]*huma.MediaType{
			"text/event-stream": {Schema: schemas.Schema(reflect.TypeFor[api.Event](), true, "Event")},
		}}
	}
	return all
}

// invalidBy says what validation means with each of its statuses.
var invalidBy = map[int]string{
	http.StatusBadRequest:            "the body is no JSON",
	http.StatusRequestEntityTooLarge: "the body is longer than 64 KiB",
	http.StatusUnsupportedMediaType:  "the Content-Type is not application/json",
	http.StatusUnprocessableEntity:   "fields or parameters are invalid: errors",
}

// hasBody reports whether requests have a body.
func (r route) hasBody() bool {
	return r.method == http.MethodPatch || r.method == http.MethodPost && r.id != "cancel-backup"
}

func archiveResponses(all map[string]*huma.Response) {
	header := func(about, example string) *huma.Header {
		return &huma.Header{Description: about, Schema: &huma.Schema{Type: huma.TypeString}, Example: example}
	}
	headers := map[string]*huma.Header{
		"ETag":                header("strong", `"sha256-7922e33c6cf0e07c700fab64d552de4709385e1806cd4f423e454e8fcfd67e9b"`),
		"Repr-Digest":         header("RFC 9530, of the whole file", "sha-256=:eSLjPGzw4HxwD6tk1VLeRwk4XhgGzU9CPkVOj8/Wfps=:"),
		"Accept-Ranges":       header("", "bytes"),
		"Content-Disposition": header("RFC 6266", `attachment; filename="acme_closing_2026-01-01_2026-03-31_vxpy7t.zip"`),
		"Cache-Control":       header("", "private, no-transform"),
		"Last-Modified":       header("when it was completed", "Tue, 24 Nov 2026 17:41:46 GMT"),
	}
	file := map[string]*huma.MediaType{archiveType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	all["200"] = &huma.Response{Description: "The whole file", Headers: headers, Content: file}
	all["206"] = &huma.Response{Description: "The bytes that were asked for: Content-Range", Headers: headers, Content: file}
	all["304"] = &huma.Response{Description: "If-None-Match names this file"}
}

// describe completes what huma makes of the Go types.
func describe(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas
	var codes strings.Builder
	for _, kind := range problemKinds {
		codes.WriteString("\n- " + string(kind.code) + ": " + kind.about)
	}
	schemas.Map()["Problem"].Properties["code"].Description = "stable, for programs to decide by:" + codes.String()
	for name, schema := range schemas.Map() {
		nullableObjects(schema, schemas.TypeFromRef("#/components/schemas/"+name))
	}
	for _, o := range []*huma.Operation{doc.Paths["/v1/backups"].Post, doc.Paths["/v1/backups/{id}"].Patch} {
		for _, p := range o.Parameters {
			// Not for huma, whose refusal would be a validation problem.
			p.Required = p.Required || p.Name == "Idempotency-Key" || p.Name == "If-Match"
		}
	}
	path := doc.Paths["/v1/backups/{id}/archive"]
	for _, p := range [][2]string{
		{"Range", "bytes=from-to, both included"},
		{"If-Range", "the strong ETag that the range is meant of"},
		{"If-None-Match", "tags of what is known"},
		{"If-Match", "tags of what is wanted"},
	} {
		path.Get.Parameters = append(path.Get.Parameters, &huma.Param{
			Name: p[0], In: "header", Description: p[1], Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	head := *path.Get
	head.OperationID, head.Summary, head.Method = "describe-archive", "The headers of the zip file alone", http.MethodHead
	head.Description = "As GET, without the file."
	path.Head = &head
}

// nullableObjects says of a struct's pointers to structs, which are always
// sent, that they may be null; huma knows that only of plain values.
func nullableObjects(schema *huma.Schema, t reflect.Type) {
	if t == nil || t.Kind() != reflect.Struct {
		return
	}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := schema.Properties[name]
		if p == nil || p.Ref == "" || f.Type.Kind() != reflect.Pointer || strings.Contains(options, "omitempty") {
			continue
		}
		schema.Properties[name] = &huma.Schema{
			Description: f.Tag.Get("doc"),
			AnyOf:       []*huma.Schema{{Ref: p.Ref}, {Type: "null"}},
		}
	}
}
