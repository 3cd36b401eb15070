package core

import (
	"errors"
	"math"
	"net/http"
	"strings"

	"connectbackup/api"
)

// appMistake is for what a server refuses because the app asked in a way that
// it does not know.
var appMistake = words{
	what: "The server does not understand what this app asked for.",
	next: "Update the app, or ask whoever runs the server to update it.",
}

var problemWords = map[api.Code]words{
	api.CodeInvalidCredentials: {
		what: "E-mail or password is wrong.",
		next: "Check both, and the server's address.",
	},
	api.CodeSessionExpired: sessionEnded,
	api.CodeAccountPending: {
		what: "Your account still waits for approval.",
		next: "Ask an administrator of your organisation.",
	},
	api.CodePermissionDenied: {
		what: "You are not allowed to do this.",
		next: "Ask an administrator of your organisation.",
	},
	api.CodeNotFound: {
		what: "The server does not know this backup.",
		next: "Refresh the list.",
	},
	api.CodeBackupNotReady: {
		what: "The backup is not ready yet.",
		next: "Download it when its tag has turned green.",
	},
	api.CodeIdenticalInProgress: {
		what: "The same backup is already being prepared.",
		next: "It turns green in the list when it is ready.",
	},
	api.CodeNotCancellable: {
		what: "This backup can no longer be cancelled.",
		next: "Refresh the list to see what became of it.",
	},
	api.CodeArchiveExpired: {
		what: "The server kept this file for two years and has deleted it.",
		next: "Copies on devices that downloaded it stay. Create a new backup if you need one.",
	},
	api.CodeArchiveDeleted: {
		what: "The file of this backup was deleted from the server.",
		next: "Copies on devices that downloaded it stay. Create a new backup if you need one.",
	},
	api.CodePreconditionFailed: {
		what: "Somebody else changed this backup meanwhile.",
		next: "Refresh, then try again.",
	},
	api.CodeMaintenance: {
		what: "The server is being maintained.",
		next: "Try again in a few minutes.",
	},
	api.CodeInsufficientStorage: {
		what: "The server has no room for another backup.",
		next: "Tell whoever runs the server.",
	},
	api.CodeValidation: {
		what: "The server did not accept this.",
		next: "Look at the marked fields.",
	},
	api.CodeIdempotencyInProgress: {
		what: "The server still works on the same request.",
		next: "Wait a moment, then refresh the list.",
	},
	api.CodeIdempotencyKeyReused: {
		what: "The server takes this for an earlier attempt to create another backup, so nothing was started.",
		next: "Go back and create the backup anew.",
	},
	api.CodeIdempotencyKeyRequired: appMistake,
	api.CodePreconditionRequired:   appMistake,
	api.CodeMethodNotAllowed:       appMistake,
	api.CodeRangeNotSatisfiable: {
		what: "The server has no such part of the file.",
		next: "Refresh the list, then download it again.",
	},
	api.CodeInternal: {
		what: "The server made a mistake.",
		next: "Try again. If it stays so, tell whoever runs the server.",
	},
}

// explainProblem tells what a server refused.
func explainProblem(err error) (words, bool) {
	var p *api.Problem
	if !errors.As(err, &p) {
		return words{}, false
	}
	if p.Code == api.CodeRateLimited {
		if p.RetryAfter <= 0 {
			return words{what: "Too many tries in a short time.", next: "Wait a minute, then try again."}, true
		}
		return words{
			what: "Too many tries in a short time.", next: "Try again in {{.Seconds}} s.",
			data: map[string]any{"Seconds": int(math.Ceil(p.RetryAfter.Seconds()))},
		}, true
	}
	if w, ok := problemWords[p.Code]; ok {
		return w, true
	}
	w := words{
		what: "The server refused, and gave no reason.",
		next: "Try again. If it stays so, tell whoever runs the server.",
	}
	if detail := problemText(p); detail != "" {
		w.what, w.data = "The server refused: {{.Detail}}.", map[string]any{"Detail": strings.TrimSuffix(detail, ".")}
	}
	return w, true
}

// problemText is what the server itself says of a problem that this version
// does not know; empty when it says nothing.
func problemText(p *api.Problem) string {
	for _, text := range []string{p.Detail, p.Title, string(p.Code)} {
		if text != "" {
			return text
		}
	}
	return ""
}

var reachWords = map[api.Reason]words{
	api.ReasonUnknownHost: {
		what: "No server of the name {{.Host}} was found.",
		next: "Check the address and your connection.",
	},
	api.ReasonRefused: {
		what: "Nothing answers at {{.Host}}.",
		next: "Check the address, or try again later.",
	},
	api.ReasonTimeout: {
		what: "{{.Host}} did not answer in time.",
		next: "Check your connection, then try again.",
	},
	api.ReasonTLS: {
		what: "The identity of {{.Host}} could not be confirmed, so nothing was sent.",
		next: "Check the address and this device's date and time. If both are right, tell whoever runs the server.",
	},
	api.ReasonCut: {
		what: "The connection to {{.Host}} broke.",
		next: "Check your connection, then try again.",
	},
	api.ReasonNetwork: {
		what: "{{.Host}} cannot be reached.",
		next: "Check your connection, then try again.",
	},
}

// explainReach tells why no server, or no Connect server, answered.
func explainReach(err error) (words, bool) {
	var unreachable *api.UnreachableError
	var foreign *api.NotConnectError
	var version *api.VersionError
	var address *api.AddressError
	var insecure *api.InsecureError
	var redirect *api.RedirectError
	var proxy *api.ProxyError
	var id *api.IDError
	switch {
	case errors.As(err, &proxy) && proxy.Status < http.StatusInternalServerError:
		return proxyWords, true
	case errors.As(err, &id):
		return problemWords[api.CodeNotFound], true
	case errors.As(err, &unreachable):
		w, ok := reachWords[unreachable.Reason]
		if !ok {
			w = reachWords[api.ReasonNetwork]
		}
		w.data = map[string]any{"Host": unreachable.Host}
		return w, true
	case errors.As(err, &foreign):
		return words{
			what: "{{.Address}} does not answer as a Connect server.",
			next: "Check the address. On a network with a sign-in page, sign in to the network first.",
			data: map[string]any{"Address": foreign.URL},
		}, true
	case errors.As(err, &version):
		return words{
			what: "The server speaks version {{.Server}} of the contract, this app version {{.Want}}.",
			next: "Update the app, or ask whoever runs the server to update it.",
			data: map[string]any{"Server": version.Server, "Want": version.Want},
		}, true
	case errors.As(err, &address):
		return words{
			what: "{{.Address}} is not an address of a server.",
			next: "Write it like https://connect.example.org.",
			data: map[string]any{"Address": address.Address},
		}, true
	case errors.As(err, &insecure):
		return words{
			what: "The connection to {{.Address}} is not encrypted: others on the way could read your password and your data.",
			next: "Use an address that begins with https.",
			data: map[string]any{"Address": insecure.Address},
		}, true
	case errors.As(err, &redirect):
		return words{
			what: "{{.Address}} leads on to another place that cannot be trusted, so nothing was sent there.",
			next: "Check the address. If it is right, tell whoever runs the server.",
			data: map[string]any{"Address": redirect.From},
		}, true
	}
	return words{}, false
}
