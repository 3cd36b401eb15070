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

type fetchCommand struct {
	URL     string   `arg:"" help:"Address of the file."`
	Dir     string   `help:"Folder to put it in." default:"." type:"path"`
	Name    string   `help:"File name; otherwise the last part of the address."`
	Size    int64    `help:"Size in bytes, if known." default:"-1"`
	SHA256  string   `help:"SHA-256 in hexadecimal, if known: a file that differs is not kept." name:"sha256"`
	ETag    string   `help:"Entity tag, if known." name:"etag"`
	OnClash string   `help:"If a file of that name is there: ask, replace, keep-both or skip." enum:"ask,replace,keep-both,skip" default:"ask"`
	Header  []string `help:"Further header, as 'Name: value'. May be given again." short:"H" sep:"none"`
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
	}
	started := time.Now()
	result, err := download.Fetch(r.ctx, config, request, func(s download.State) {
		r.out.progress(time.Now(), "Downloading", s.Done, s.Total, s.Rate)
	})
	var exists *download.ExistsError
	if errors.As(err, &exists) && request.Clash == download.Skip {
		r.out.step("skipped", fields{"file": exists.Name}, "%s is already there: skipped", exists.Name)
		return nil
	}
	if err != nil {
		return err
	}
	r.out.step("done", fields{
		"file": string(result.Location), "size": result.Bytes, "sha256": result.SHA256,
		"resumed": result.Resumed, "fetched": result.NewFetched, "seconds": time.Since(started).Seconds(),
		"verified": c.SHA256 != "",
	}, "%s\n%s, SHA-256 %s%s", result.Location, core.FormatBytes(result.Bytes), result.SHA256, c.said(result))
	return nil
}

// said tells how far the result was checked, and what was already here.
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
	sha := strings.ToLower(c.SHA256)
	if sha != "" && (len(sha) != 64 || strings.Trim(sha, "0123456789abcdef") != "") {
		return download.Request{}, fmt.Errorf("%w: --sha256 wants 64 hexadecimal digits", errUsage)
	}
	name := c.Name
	if name == "" {
		name = path.Base(u.Path)
	}
	return download.Request{
		ID: c.URL, Name: download.SafeName(name), Size: max(c.Size, -1), SHA256: sha, ETag: c.ETag, Clash: clashOf(c.OnClash),
	}, nil
}

// headers reads "Name: value" lines.
func headers(lines []string) (http.Header, error) {
	h := http.Header{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fmt.Errorf("%w: --header wants 'Name: value', not %q", errUsage, name)
		}
		h.Add(name, strings.TrimSpace(value))
	}
	return h, nil
}
