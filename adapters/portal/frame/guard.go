package frame

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

// patience bounds what one page may wait for, the platform's answer included.
const patience = 15 * time.Second

// guard is what holds for every answer: headers, no requests forged by other
// sites, a limit in time, and a page with a reference even when code is wrong.
func (s *Site) guard(next http.Handler) http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(s.own.Public(func(http.ResponseWriter, *http.Request, Visit) error { return errForged }))
	checked := csrf.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", s.policy())
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

// policy is the content security policy: nothing inline, and forms that end here or
// where a family says.
func (s *Site) policy() string {
	policy := "default-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; " +
		"frame-ancestors 'none'; form-action 'self'"
	for _, f := range s.families {
		if f.family.FormTargets == nil {
			continue
		}
		for _, origin := range f.family.FormTargets() {
			policy += " " + origin
		}
	}
	return policy
}

func (s *Site) recover(w http.ResponseWriter, r *http.Request) {
	switch v := recover(); v {
	case nil:
	case http.ErrAbortHandler:
		panic(v)
	default:
		s.own.fail(w, r, Visit{}, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
	}
}
