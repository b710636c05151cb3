package portal

import (
	_ "embed"
	"net"
	"net/http"
	"strings"
)

// nowhere is what a host name that is nobody's shows: it names no body and no page.
//
//go:embed pages/nessun-ente.html
var nowhere []byte

// ByHost serves the portal of each host name, written in lower case and without a
// port. Another host name has a plain page that says so, and nothing of any body.
func ByHost(sites map[string]http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if site, ok := sites[hostName(r.Host)]; ok {
			site.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusMisdirectedRequest)
		if r.Method != http.MethodHead {
			_, _ = w.Write(nowhere) // an error here is a browser that went away
		}
	})
}

// hostName is the name of a Host header: no port, no final dot, lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
}
