package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"connectbackup/api"
	"connectbackup/app/core"
	"connectbackup/device"
	"connectbackup/device/download"
)

// connectionsMax is how many connections one download may use.
const connectionsMax = 8

type fetchCommand struct {
	URL         string        `arg:"" help:"Address of the file."`
	Dir         string        `help:"Folder to put it in." default:"." type:"path"`
	Name        string        `help:"File name; otherwise the last part of the address."`
	Size        int64         `help:"Size in bytes, if known." default:"-1"`
	SHA256      string        `help:"SHA-256 in hexadecimal, if known: a file that differs is not kept." name:"sha256"`
	ETag        string        `help:"Entity tag, if known." name:"etag"`
	OnClash     string        `help:"If a file of that name is there: ask, replace, keep-both or skip." enum:"ask,replace,keep-both,skip" default:"ask"`
	Connections int           `help:"Use at most so many connections, 1 to 8, where that is faster." default:"8"`
	GiveUp      time.Duration `help:"Give up when no byte came for so long, such as 90s or 10m. What has come is kept. 0 waits for ever." default:"10m"`
	Header      []string      `help:"Further header, as 'Name: value'. May be given again." short:"H" sep:"none"`
}

// Run downloads one address.
func (c *fetchCommand) Run(r *run) error {
	request, err := c.request()
	if err != nil {
		return err
	}
	header, err := headers(c.Header)
	if err != nil {
		return err
	}
	config := download.Config{
		Source: core.URLSource(api.FetchOptions{Header: header}),
		Folder: device.OpenFolder(c.Dir),
		GiveUp: c.GiveUp, Connections: c.Connections,
	}
	started := time.Now()
	var result download.Result
	err = r.unlessAsked(request.Clash, downloadAgain, func(clash download.Clash) (err error) {
		request.Clash = clash
		result, err = download.Fetch(r.ctx, config, request, func(s download.State) {
			r.out.note("waiting", waiting(s))
			r.out.progress(time.Now(), "Downloading", s.Done, s.Total, s.Rate)
		})
		return c.failed(err)
	})
	if err != nil {
		return err
	}
	if result.Skipped {
		r.out.step("skipped", fields{"file": string(result.Location)}, "%s is already there: skipped", result.Location)
		return nil
	}
	r.out.step("done", fields{
		"file": string(result.Location), "size": result.Bytes, "sha256": result.SHA256,
		"resumed": result.Resumed, "fetched": result.NewFetched, "seconds": time.Since(started).Seconds(),
		"verified": c.SHA256 != "",
	}, "%s\n%s, SHA-256 %s"+c.said(result), result.Location, core.FormatBytes(result.Bytes), result.SHA256)
	return nil
}

// failed gives an error its words.
func (c *fetchCommand) failed(err error) error {
	if !errors.Is(err, download.ErrChanged) || c.ETag == "" {
		return fetchError(err, c.GiveUp)
	}
	hint := ""
	if !strings.HasSuffix(c.ETag, `"`) {
		hint = " The quotation marks belong to an entity tag."
	}
	return say(err, "The file there has another entity tag than the one that --etag gives.%s", hint)
}

// said tells how far the result was checked, and what was already here. It has
// a line of its own, so it is no argument of a step, and no percent sign.
func (c *fetchCommand) said(r download.Result) string {
	var b strings.Builder
	if c.SHA256 != "" {
		b.WriteString(", verified")
	}
	if r.Resumed > 0 {
		fmt.Fprintf(&b, "\n%s were already here, %s fetched now", core.FormatBytes(r.Resumed), core.FormatBytes(r.NewFetched))
	}
	return b.String()
}

// request checks the arguments.
func (c *fetchCommand) request() (download.Request, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return download.Request{}, fmt.Errorf("%w: %q is not an address that begins with http:// or https://", errUsage, c.URL)
	}
	sha, err := sha256Of(c.SHA256)
	if err != nil {
		return download.Request{}, err
	}
	if c.GiveUp < 0 {
		return download.Request{}, fmt.Errorf("%w: --give-up wants a duration such as 90s or 10m, or 0", errUsage)
	}
	if c.Connections < 1 || c.Connections > connectionsMax {
		return download.Request{}, fmt.Errorf("%w: --connections wants a number from 1 to %d", errUsage, connectionsMax)
	}
	name := c.Name
	if name == "" {
		name = path.Base(u.Path)
	}
	return download.Request{
		ID: c.URL, Name: download.SafeName(name), Size: max(c.Size, -1), SHA256: sha, ETag: c.ETag, Clash: clashOf(c.OnClash),
	}, nil
}

// waiting says why no bytes come; nothing when they do.
func waiting(s download.State) string {
	if s.Err == nil || s.Phase != download.Running && s.Phase != download.Waiting {
		return ""
	}
	return lastTry(s.Err) + " Trying again."
}

// sha256Of checks the flag --sha256, which may be left out.
func sha256Of(flag string) (string, error) {
	sum := strings.ToLower(flag)
	if sum != "" && (len(sum) != 64 || strings.Trim(sum, "0123456789abcdef") != "") {
		return "", fmt.Errorf("%w: --sha256 wants 64 hexadecimal digits", errUsage)
	}
	return sum, nil
}

// headers reads "Name: value" lines.
func headers(lines []string) (http.Header, error) {
	h := http.Header{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fmt.Errorf("%w: --header wants 'Name: value', not %q", errUsage, name)
		}
		if strings.ContainsFunc(name, func(c rune) bool { return !strings.ContainsRune(tokenChars, c) }) {
			return nil, fmt.Errorf("%w: --header wants a name of letters, digits and hyphens, not %q", errUsage, name)
		}
		if value = strings.TrimSpace(value); strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			return nil, fmt.Errorf("%w: --header: the value of %s holds a line break or another sign that no header may hold", errUsage, name)
		}
		h.Add(name, value)
	}
	return h, nil
}

// tokenChars are what the name of a header is made of (RFC 9110, 5.6.2).
const tokenChars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
