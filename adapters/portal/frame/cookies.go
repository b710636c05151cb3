package frame

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

// sessionCookie carries the token of a session.
const sessionCookie = "saldo"

// cookie names a cookie. The prefix makes browsers refuse it from anybody else.
func (s *Site) cookie(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

// Keep sets a cookie: for lasting, for the session (0), or no more (negative).
func (s *Site) Keep(w http.ResponseWriter, name, value string, lasting time.Duration) {
	age := int(lasting.Seconds())
	if lasting < 0 {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie(name), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// Carried returns the value of a cookie that Keep set, or "".
func (s *Site) Carried(r *http.Request, name string) string {
	cookie, err := r.Cookie(s.cookie(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// The position of somebody's last command travels in a cookie of its own. It
// lasts as long as views may reasonably be behind: if one day they are not at a
// position they once had (a backup put back), nobody is kept waiting for ever.
const (
	positionCookie = "saldo-posizione"
	positionKept   = time.Minute
	positionWait   = 3 * time.Second
)

// errBehind says that the views do not hold the reader's last command yet.
var errBehind = errors.New("frame: the views are behind")

// Wrote remembers the position of what somebody just did: the next page waits for it.
func (s *Site) Wrote(w http.ResponseWriter, at eventstore.Position) {
	s.Keep(w, positionCookie, strconv.FormatUint(uint64(at), 10), positionKept)
}

// await waits until the views hold what the reader did last.
func (s *Site) await(r *http.Request) error {
	at, err := strconv.ParseUint(s.Carried(r, positionCookie), 10, 64)
	if err != nil {
		return nil // none, or not a cookie of ours
	}
	ctx, cancel := context.WithTimeout(r.Context(), positionWait)
	defer cancel()
	err = s.Views.Await(ctx, eventstore.Position(at))
	if ctx.Err() != nil && r.Context().Err() == nil {
		return fmt.Errorf("position %d: %w", at, errBehind)
	}
	return err
}

// messageCookie carries one sentence to the page after a redirect.
const messageCookie = "saldo-messaggio"

// Tell leaves a sentence for the next page.
func (s *Site) Tell(w http.ResponseWriter, sentence string) {
	s.Keep(w, messageCookie, base64.RawURLEncoding.EncodeToString([]byte(sentence)), time.Minute)
}

// Done ends a command that was carried out at a position: it leads to a page that waits
// for the views to hold it, and says a sentence there.
func (s *Site) Done(w http.ResponseWriter, r *http.Request, at eventstore.Position, sentence, to string) error {
	s.Wrote(w, at)
	s.Tell(w, sentence)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// told returns the sentence left for this page, once.
func (s *Site) told(w http.ResponseWriter, r *http.Request) string {
	carried := s.Carried(r, messageCookie)
	if carried == "" {
		return ""
	}
	s.Keep(w, messageCookie, "", -1)
	sentence, err := base64.RawURLEncoding.DecodeString(carried)
	if err != nil {
		return ""
	}
	return string(sentence)
}
