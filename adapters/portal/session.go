package portal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// visit is who asks: a session and its token, or nobody.
type visit struct {
	token   string
	session Session
}

func (v visit) in() bool { return v.token != "" }

func (v visit) parent() domain.ParentID { return domain.ParentID{UUID: v.session.Account.Subject} }

// handler answers one request. An error is shown by site.fail.
type handler func(w http.ResponseWriter, r *http.Request, who visit) error

// public serves a page to anybody, and knows who they are when they are in.
func (s *site) public(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := s.visitor(w, r)
		if err == nil || errors.Is(err, ErrNoSession) {
			err = h(w, r, who)
		}
		if err != nil {
			s.fail(w, r, who, err)
		}
	}
}

// parents serves a page to parents alone. Others are sent to log in; accounts
// with another role find nothing here. The page waits for what the parent did
// last, so that everybody reads their own writes.
func (s *site) parents(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := s.visitor(w, r)
		switch {
		case errors.Is(err, ErrNoSession):
			s.toLogin(w, r)
			return
		case err == nil && who.session.Account.Role != Parent:
			err = ErrNotFound
		case err == nil:
			err = s.await(r)
		}
		if err == nil {
			err = h(w, r, who)
		}
		if err != nil {
			s.fail(w, r, who, err)
		}
	}
}

// leftHeader tells scripts how many seconds the session lasts from now.
const leftHeader = "Saldo-Sessione"

// visitor returns who asks, or ErrNoSession.
func (s *site) visitor(w http.ResponseWriter, r *http.Request) (visit, error) {
	cookie, err := r.Cookie(s.cookie("saldo"))
	if err != nil {
		return visit{}, ErrNoSession
	}
	session, err := s.Accounts.Session(r.Context(), cookie.Value)
	if err != nil {
		return visit{}, err
	}
	w.Header().Set(leftHeader, strconv.Itoa(s.left(session)))
	return visit{cookie.Value, session}, nil
}

// left returns how many seconds a session lasts from now.
func (s *site) left(session Session) int {
	return max(0, int(session.Ends.Sub(s.now()).Seconds()))
}

// toLogin sends to Accesso and, from there, back. A cookie without a session is
// one that expired.
func (s *site) toLogin(w http.ResponseWriter, r *http.Request) {
	query := url.Values{"torna": {returnPath(r)}}
	if _, err := r.Cookie(s.cookie("saldo")); err == nil {
		query.Set("scaduta", "1")
	}
	target := loginPath + "?" + query.Encode()
	if isFragment(r) { // a redirect would put the login page inside another
		w.Header().Set("HX-Redirect", target)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// isFragment reports whether a script asks for a part of a page.
func isFragment(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// returnPath is the page to come back to: this one, or the one whose form or
// script asks.
func returnPath(r *http.Request) string {
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !isFragment(r) {
		return r.URL.RequestURI()
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host {
		return homePath
	}
	return from.RequestURI()
}

// localPath returns p when it is a path of this site, and "" otherwise: an
// address from outside must not lead a parent elsewhere after logging in.
func localPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") ||
		strings.Contains(p, `\`) || u.Path == loginPath || u.Path == "/esci" {
		return ""
	}
	return u.RequestURI()
}

// cookie names a cookie. The prefix makes browsers refuse it from anybody else.
func (s *site) cookie(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

// keep sets a cookie: for lasting, for the session (0), or no more (negative).
func (s *site) keep(w http.ResponseWriter, name, value string, lasting time.Duration) {
	age := int(lasting.Seconds())
	if lasting < 0 {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie(name), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// The position of a parent's last command travels in a cookie of its own. It
// lasts as long as views may reasonably be behind: if one day they are not at a
// position they once had (a backup put back), nobody is kept waiting for ever.
const (
	positionCookie = "saldo-posizione"
	positionKept   = time.Minute
	positionWait   = 3 * time.Second
)

// errBehind says that the views do not hold the parent's last command yet.
var errBehind = errors.New("portal: the views are behind")

// wrote remembers the position of what a parent just did.
func (s *site) wrote(w http.ResponseWriter, at eventstore.Position) {
	s.keep(w, positionCookie, strconv.FormatUint(uint64(at), 10), positionKept)
}

// await waits until the views hold what the parent did last.
func (s *site) await(r *http.Request) error {
	cookie, err := r.Cookie(s.cookie(positionCookie))
	if err != nil {
		return nil
	}
	at, err := strconv.ParseUint(cookie.Value, 10, 64)
	if err != nil {
		return nil // not a cookie of ours
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

// tell leaves a sentence for the next page.
func (s *site) tell(w http.ResponseWriter, sentence string) {
	s.keep(w, messageCookie, base64.RawURLEncoding.EncodeToString([]byte(sentence)), time.Minute)
}

// told returns the sentence left for this page, once.
func (s *site) told(w http.ResponseWriter, r *http.Request) string {
	cookie, err := r.Cookie(s.cookie(messageCookie))
	if err != nil {
		return ""
	}
	s.keep(w, messageCookie, "", -1)
	sentence, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return ""
	}
	return string(sentence)
}
