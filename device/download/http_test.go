package download_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"connectbackup/device/download"
)

// httpSource fetches URL + id as plainly as can be.
type httpSource struct{ client *http.Client }

func (s httpSource) OpenRange(ctx context.Context, id string, from, to int64, ifRange string) (download.Body, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, id, nil)
	if err != nil {
		return download.Body{}, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	if from > 0 || to >= 0 {
		end := ""
		if to >= 0 {
			end = strconv.FormatInt(to-1, 10)
		}
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%s", from, end))
		if ifRange != "" {
			req.Header.Set("If-Range", ifRange)
		}
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return download.Body{}, err
	}
	b := download.Body{ReadCloser: resp.Body, To: -1, Total: -1, ETag: resp.Header.Get("ETag")}
	switch resp.StatusCode {
	case http.StatusOK:
		if resp.ContentLength >= 0 {
			b.To, b.Total = resp.ContentLength, resp.ContentLength
		}
		return b, nil
	case http.StatusPartialContent:
		if _, err := fmt.Sscanf(strings.TrimPrefix(resp.Header.Get("Content-Range"), "bytes "), "%d-%d/%d", &b.From, &b.To, &b.Total); err == nil {
			b.To++
			return b, nil
		}
	}
	_ = resp.Body.Close()
	return download.Body{}, fmt.Errorf("status %s", resp.Status)
}
