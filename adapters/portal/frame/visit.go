package frame

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// Sessions knows who is in.
type Sessions interface {
	// StartSession opens a session and returns its token, a secret of cookie
	// characters.
	StartSession(ctx context.Context, account Account) (token string, err error)
	// Session returns the session of token and moves its idle end forward. A token
	// that is unknown, ended or expired is ErrNoSession.
	Session(ctx context.Context, token string) (Session, error)
	// Peek is Session for what a page asks by itself, with nobody touching it: the
	// session's end stays where it is.
	Peek(ctx context.Context, token string) (Session, error)
	// EndSession ends the session of token; one that is over already is no error.
	EndSession(ctx context.Context, token string) error
}

// ErrNoSession says that a token opens nothing.
var ErrNoSession = errors.New("frame: no such session, or it ended")

// Account is somebody who can enter.
type Account struct {
	Subject  uuid.UUID // for a parent, the uuid of the domain.ParentID
	Username string
	Name     string // as shown: name and surname
	Roles    []domain.Role
	// ByProvider says that the account is in by the identity provider and not by a
	// password.
	ByProvider bool
}

// Has reports whether the account has one of roles.
func (a Account) Has(roles ...domain.Role) bool {
	return slices.ContainsFunc(roles, func(r domain.Role) bool { return slices.Contains(a.Roles, r) })
}

// Session is an account that is in.
type Session struct {
	Account Account
	Ends    time.Time // when it ends if nothing more is asked
}

// Visit is who asks: a session, or nobody.
type Visit struct {
	Session
	token string
}

// In reports whether somebody is in.
func (v Visit) In() bool { return v.token != "" }

// Handler answers one request. An error is shown as a page.
type Handler func(w http.ResponseWriter, r *http.Request, who Visit) error

// Public gates a page for anybody; it knows who they are when they are in.
func (p *Pages) Public(h Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := p.visitor(w, r, p.Sessions.Session)
		if err == nil || errors.Is(err, ErrNoSession) {
			err = h(w, r, who)
		}
		if err != nil {
			p.fail(w, r, who, err)
		}
	}
}

// Only gates a page for those who have one of roles, or for everybody who is in
// when none is named. Others are sent to log in; accounts with other roles find
// nothing here. The page waits for what its reader did last, so that everybody
// reads their own writes.
func (p *Pages) Only(h Handler, roles ...domain.Role) http.HandlerFunc {
	return p.gate(h, p.Sessions.Session, roles)
}

// Watching gates as Only does what a page asks by itself: that does not keep a session
// alive.
func (p *Pages) Watching(h Handler, roles ...domain.Role) http.HandlerFunc {
	return p.gate(h, p.Sessions.Peek, roles)
}

// sessionOf returns the session of a token: Sessions.Session, or Peek.
type sessionOf func(ctx context.Context, token string) (Session, error)

func (p *Pages) gate(h Handler, session sessionOf, roles []domain.Role) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := p.visitor(w, r, session)
		switch {
		case errors.Is(err, ErrNoSession):
			p.toLogin(w, r)
			return
		case err == nil && len(roles) > 0 && !who.Account.Has(roles...):
			err = ErrNotFound
		case err == nil:
			err = p.await(r)
		}
		if err == nil {
			err = h(w, r, who)
		}
		if err != nil {
			p.fail(w, r, who, err)
		}
	}
}

// leftHeader tells scripts how many seconds the session lasts from now.
const leftHeader = "Saldo-Sessione"

// visitor returns who asks, or ErrNoSession.
func (s *Site) visitor(w http.ResponseWriter, r *http.Request, of sessionOf) (Visit, error) {
	token := s.Carried(r, sessionCookie)
	if token == "" {
		return Visit{}, ErrNoSession
	}
	session, err := of(r.Context(), token)
	if err != nil {
		return Visit{}, err
	}
	w.Header().Set(leftHeader, strconv.Itoa(s.left(session)))
	return Visit{session, token}, nil
}

// left returns how many seconds a session lasts from now.
func (s *Site) left(session Session) int {
	return max(0, int(session.Ends.Sub(s.Now()).Seconds()))
}

// Admit opens a session for an account, in place of the one of who asks.
func (s *Site) Admit(w http.ResponseWriter, r *http.Request, who Visit, account Account) error {
	if who.In() {
		if err := s.Sessions.EndSession(r.Context(), who.token); err != nil {
			return err
		}
	}
	token, err := s.Sessions.StartSession(r.Context(), account)
	if err != nil {
		return err
	}
	s.Keep(w, sessionCookie, token, 0)
	return nil
}

// Dismiss ends the session of who asks, if any, and forgets its cookies.
func (s *Site) Dismiss(w http.ResponseWriter, r *http.Request, who Visit) error {
	if who.In() {
		if err := s.Sessions.EndSession(r.Context(), who.token); err != nil {
			return err
		}
	}
	s.Keep(w, sessionCookie, "", -1)
	s.Keep(w, positionCookie, "", -1)
	return nil
}

// HasHome reports whether there are pages for an account.
func (s *Site) HasHome(account Account) bool { return s.home(account) != "" }

// Enter leads an account to where it wanted to go, or to its home.
func (s *Site) Enter(w http.ResponseWriter, r *http.Request, account Account, wanted string) error {
	target := LocalPath(wanted)
	if target == "" {
		target = s.home(account)
	}
	if target == "" {
		return fmt.Errorf("roles %q have no home: %w", account.Roles, ErrNotFound)
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// toLogin sends to Accesso and, from there, back. A cookie without a session is
// one that expired.
func (s *Site) toLogin(w http.ResponseWriter, r *http.Request) {
	query := url.Values{"torna": {returnPath(r)}}
	if s.Carried(r, sessionCookie) != "" {
		query.Set("scaduta", "1")
	}
	target := LoginPath + "?" + query.Encode()
	if IsFragment(r) { // a redirect would put the login page inside another
		w.Header().Set("HX-Redirect", target)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// IsFragment reports whether a script asks for a part of a page.
func IsFragment(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// returnPath is the page to come back to: this one, or the one whose form or
// script asks.
func returnPath(r *http.Request) string {
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !IsFragment(r) {
		return r.URL.RequestURI()
	}
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host {
		return "/"
	}
	return from.RequestURI()
}

// LocalPath returns p when it is a path of this site, and "" otherwise: an
// address from outside must not lead people elsewhere after logging in.
func LocalPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") ||
		strings.Contains(p, `\`) || u.Path == LoginPath || u.Path == LeavePath {
		return ""
	}
	return u.RequestURI()
}

// Address returns the caller's IP address. Behind a proxy the server in front of
// the site sets RemoteAddr.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
