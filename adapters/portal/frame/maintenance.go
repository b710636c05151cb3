package frame

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Maintenance closes the pages for a while. Receipts go on being taken elsewhere.
type Maintenance struct {
	Words string        // what to tell; optional
	Retry time.Duration // when to come again; optional: half an hour
}

// Sentence is what people are told.
func (m Maintenance) Sentence() string {
	if m.Words != "" {
		return m.Words
	}
	return "Stiamo lavorando sul portale. Riprova più tardi."
}

// usualRetry is how long maintenance takes when nobody says.
const usualRetry = 30 * time.Minute

// resting answers every page with that of the maintenance. The assets are served.
func (s *Site) resting(next http.Handler) http.Handler {
	if s.Maintenance == nil {
		return next
	}
	retry := s.Maintenance.Retry
	if retry <= 0 {
		retry = usualRetry
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(retry.Seconds())))
		err := s.own.Show(w, r, Visit{}, http.StatusServiceUnavailable, Page{
			Name: "manutenzione", Title: "Servizio in manutenzione", Content: *s.Maintenance,
		})
		if err != nil {
			s.own.fail(w, r, Visit{}, err)
		}
	})
}
