package portal

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

// patience bounds what one page may wait for, the platform's answer included.
const patience = 15 * time.Second

// guarded is what holds for every answer: headers, no requests forged by other
// sites, a limit in time, and a page with a reference even when code is wrong.
func (s *site) guarded(next http.Handler) http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(s.public(func(http.ResponseWriter, *http.Request, visit) error { return errForged }))
	checked := csrf.Handler(next)
	policy := "default-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; " +
		"frame-ancestors 'none'; form-action 'self' "
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy+s.formTargets())
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // the assets say otherwise
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		r = r.WithContext(ctx)
		defer s.recover(w, r)
		checked.ServeHTTP(w, r)
	})
}

func (s *site) recover(w http.ResponseWriter, r *http.Request) {
	switch v := recover(); v {
	case nil:
	case http.ErrAbortHandler:
		panic(v)
	default:
		s.fail(w, r, visit{}, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
	}
}
