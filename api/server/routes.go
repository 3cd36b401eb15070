package server

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"connectbackup/api"
	"connectbackup/api/calendar"
	"connectbackup/api/manifest"
)

// routes makes the handler of all endpoints.
func (s *Server) routes() http.Handler {
	useProblems()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { writeProblem(w, missing(mux, r)) })
	s.operations(humago.New(mux, contract()))
	return s.around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.downs.of(r.Context()) // an HTTP server tells only who asked before it shuts down
		if p := r.URL.Path; strings.Contains(p, "//") || strings.Contains(p, "/.") {
			writeProblem(w, notFound()) // the mux would redirect with a page in HTML
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

// missing says why nothing answers: there is no such path, or it has other
// methods (RFC 9110, 15.5.6).
func missing(mux *http.ServeMux, r *http.Request) *fault {
	var allowed []string
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPost, http.MethodPut} {
		if _, pattern := mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if allowed == nil {
		return notFound()
	}
	f := problem(http.StatusMethodNotAllowed, api.CodeMethodNotAllowed, "This address does not know the method "+method(r)+".")
	f.header.Set("Allow", strings.Join(allowed, ", "))
	return f
}

// method is the request's method, if it is one that is known: nothing that was
// sent is echoed.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "of this request"
}

// contract is how huma speaks ours: unknown fields are ignored, replies hold
// nothing of huma's own, days are strings.
func contract() huma.Config {
	c := huma.DefaultConfig("Connect Backup", contractVersion)
	c.Info.Description = contractText
	c.Info.License = &huma.License{Name: "MIT", Identifier: "MIT"}
	c.AllowAdditionalPropertiesByDefault = true
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"session": {
		Type: "http", Scheme: "bearer", Description: "The access token of a session, or a token for the command line.",
	}}
	c.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[calendar.Day](), reflect.TypeFor[daySchema]())
	c.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[fault](), reflect.TypeFor[api.Problem]())
	return c
}

// schemaName keeps the types of the manifest apart from those of the contract,
// some of which have the same name.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == reflect.TypeFor[manifest.Manifest]().PkgPath() && t != reflect.TypeFor[manifest.Manifest]() {
		return "Manifest" + name
	}
	return name
}

// daySchema describes a calendar.Day.
type daySchema struct{}

// Schema implements huma.SchemaProvider.
func (daySchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Description: "YYYY-MM-DD"}
}

// operations are the endpoints, in the order of the contract; what is said of
// them stands in contract.go.
func (s *Server) operations(a huma.API) {
	public := operator{a, nil, nil}
	signedIn := operator{
		a,
		huma.Middlewares{s.requireSession(a)},
		[]map[string][]string{{"session": {}}},
	}
	op(public, "info", s.info)
	op(public, "sign-in", s.signIn)
	op(public, "refresh-session", s.refresh)
	op(signedIn, "session", s.session)
	op(signedIn, "sign-out", s.signOut)
	op(signedIn, "list-devices", s.listDevices)
	op(signedIn, "rename-device", s.renameDevice)
	op(signedIn, "remove-device", s.removeDevice)
	op(signedIn, "list-tokens", s.listCommandTokens)
	op(signedIn, "create-token", s.createCommandToken)
	op(signedIn, "revoke-token", s.revokeCommandToken)
	op(signedIn, "list-modules", s.listModules)
	op(signedIn, "estimate-backup", s.estimate)
	op(signedIn, "create-backup", s.createBackup)
	op(signedIn, "list-backups", s.listBackups)
	op(signedIn, "get-backup", s.getBackup)
	op(signedIn, "rename-backup", s.renameBackup)
	op(signedIn, "cancel-backup", s.cancelBackup)
	op(signedIn, "delete-backup", s.deleteBackup)
	op(signedIn, "download-archive", s.archive)
	op(signedIn, "get-manifest", s.manifest)
	op(signedIn, "record-download", s.recordDownload)
	op(signedIn, "list-downloads", s.listDownloads)
	op(signedIn, "listen-to-events", s.events)
	op(signedIn, "get-retention", s.retention)
	describe(a.OpenAPI())
}

// operator registers operations that want the same of a caller.
type operator struct {
	api         huma.API
	middlewares huma.Middlewares
	security    []map[string][]string
}

func op[I, O any](o operator, id string, f func(context.Context, *I) (*O, error)) {
	r := routeOf(id)
	huma.Register(o.api, huma.Operation{
		OperationID: id, Method: r.method, Path: r.path, DefaultStatus: r.status, MaxBodyBytes: bodyMax,
		Middlewares: o.middlewares, Security: o.security,
		Tags: []string{r.tag}, Summary: r.summary, Description: r.about,
		Responses: r.responses(o.api.OpenAPI().Components.Schemas, o.security != nil),
	}, f)
}

type infoOutput struct{ Body api.Info }

func (s *Server) info(ctx context.Context, _ *struct{}) (*infoOutput, error) {
	var demo bool
	err := s.c.Read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM organisations WHERE demo = 1)").Scan(&demo)
	if err != nil {
		return nil, err
	}
	version := s.c.Version
	if version == "" {
		version = "dev"
	}
	return &infoOutput{api.Info{
		API: api.Version, Server: "connect-backup " + version, Auth: []string{"password"},
		Capabilities: []string{"wait", "ranges", "manifest", "estimate", "events", "retention", "downloads", "devices", "tokens"},
		Limits: api.Limits{
			TitleMax: api.TitleMax, RangeMaxMonths: dataMonths, ActiveMax: s.c.Workers, PageMax: pageMax,
		},
		Retention: api.Retention{
			DataMonths: dataMonths, ArchiveMonths: archiveMonths, ReminderDays: reminderDays,
		},
		Demo: demo,
	}}, nil
}
