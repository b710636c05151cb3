package frame

import (
	"net/http"
	"net/url"
	"strconv"
)

// Paging is the links to the page before and after one of a list. The fragment "pagine"
// shows them.
type Paging struct{ Before, After string }

// PageOf reads which page of a list is asked for, counted from 0.
func PageOf(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("pagina"))
	if err != nil || n < 1 || n > 10_000 {
		return 0
	}
	return n - 1
}

// PagingOf links the pages around one.
func PagingOf(r *http.Request, page int, more bool) (p Paging) {
	to := func(n int) string {
		query := url.Values{}
		for name, values := range r.URL.Query() {
			query[name] = values
		}
		query.Set("pagina", strconv.Itoa(n+1))
		return r.URL.Path + "?" + query.Encode()
	}
	if page > 0 {
		p.Before = to(page - 1)
	}
	if more {
		p.After = to(page + 1)
	}
	return p
}
