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
	c := huma.DefaultConfig("Connect Backup", api.Version)
	c.AllowAdditionalPropertiesByDefault = true
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"session": {Type: "http", Scheme: "bearer"}}
	c.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[calendar.Day](), reflect.TypeFor[daySchema]())
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

// operations are the endpoints, in the order of the contract.
func (s *Server) operations(a huma.API) {
	public := operator{a, nil, nil}
	signedIn := operator{
		a,
		huma.Middlewares{s.requireSession(a)},
		[]map[string][]string{{"session": {}}},
	}
	op(public, "info", http.MethodGet, "/v1/info", http.StatusOK, s.info)
	op(public, "sign-in", http.MethodPost, "/v1/session", http.StatusCreated, s.signIn)
	op(public, "refresh-session", http.MethodPost, "/v1/session/refresh", http.StatusOK, s.refresh)
	op(signedIn, "session", http.MethodGet, "/v1/session", http.StatusOK, s.session)
	op(signedIn, "sign-out", http.MethodDelete, "/v1/session", http.StatusNoContent, s.signOut)
	op(signedIn, "modules", http.MethodGet, "/v1/modules", http.StatusOK, s.listModules)
	op(signedIn, "create-backup", http.MethodPost, "/v1/backups", http.StatusAccepted, s.createBackup)
	op(signedIn, "list-backups", http.MethodGet, "/v1/backups", http.StatusOK, s.listBackups)
	op(signedIn, "backup", http.MethodGet, "/v1/backups/{id}", http.StatusOK, s.getBackup)
	op(signedIn, "cancel-backup", http.MethodPost, "/v1/backups/{id}/cancel", http.StatusOK, s.cancelBackup)
	op(signedIn, "archive", http.MethodGet, "/v1/backups/{id}/archive", http.StatusOK, s.archive)
	op(signedIn, "devices", http.MethodGet, "/v1/devices", http.StatusOK, s.listDevices)
	op(signedIn, "rename-device", http.MethodPatch, "/v1/devices/{id}", http.StatusOK, s.renameDevice)
	op(signedIn, "remove-device", http.MethodDelete, "/v1/devices/{id}", http.StatusNoContent, s.removeDevice)
	op(signedIn, "tokens", http.MethodGet, "/v1/tokens", http.StatusOK, s.listCommandTokens)
	op(signedIn, "create-token", http.MethodPost, "/v1/tokens", http.StatusCreated, s.createCommandToken)
	op(signedIn, "revoke-token", http.MethodDelete, "/v1/tokens/{id}", http.StatusNoContent, s.revokeCommandToken)
	op(signedIn, "estimate", http.MethodPost, "/v1/backups/estimate", http.StatusOK, s.estimate)
	op(signedIn, "rename-backup", http.MethodPatch, "/v1/backups/{id}", http.StatusOK, s.renameBackup)
	op(signedIn, "delete-backup", http.MethodDelete, "/v1/backups/{id}", http.StatusNoContent, s.deleteBackup)
	op(signedIn, "record-download", http.MethodPost, "/v1/backups/{id}/downloads", http.StatusCreated, s.recordDownload)
	op(signedIn, "downloads", http.MethodGet, "/v1/backups/{id}/downloads", http.StatusOK, s.listDownloads)
	op(signedIn, "events", http.MethodGet, "/v1/events", http.StatusOK, s.events)
	op(signedIn, "retention", http.MethodGet, "/v1/retention", http.StatusOK, s.retention)
	op(signedIn, "manifest", http.MethodGet, "/v1/backups/{id}/manifest", http.StatusOK, s.manifest)
}

// operator registers operations that want the same of a caller.
type operator struct {
	api         huma.API
	middlewares huma.Middlewares
	security    []map[string][]string
}

func op[I, O any](o operator, id, method, path string, status int, f func(context.Context, *I) (*O, error)) {
	huma.Register(o.api, huma.Operation{
		OperationID: id, Method: method, Path: path, DefaultStatus: status, MaxBodyBytes: bodyMax,
		Middlewares: o.middlewares, Security: o.security,
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
