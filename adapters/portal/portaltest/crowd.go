package portaltest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// Nobody asks without a session.
const Nobody = ""

// Crowd is sessions that never end, of people who each have one role. The token of a
// session is the role itself, so that a test is whom it likes.
type Crowd struct{ Now func() time.Time }

// As is the account of somebody with a role.
func As(role domain.Role) frame.Account {
	return frame.Account{
		Subject: uuid.NewSHA1(uuid.Nil, []byte(role)), Username: "utente." + string(role), Name: "Caia Mevia", Roles: []domain.Role{role},
	}
}

// StartSession returns the token of an account's first role.
func (Crowd) StartSession(_ context.Context, a frame.Account) (string, error) {
	return url.QueryEscape(string(a.Roles[0])), nil
}

// Session returns the session of a role.
func (c Crowd) Session(_ context.Context, token string) (frame.Session, error) {
	role, err := url.QueryUnescape(token)
	if err != nil || role == Nobody {
		return frame.Session{}, frame.ErrNoSession
	}
	return frame.Session{Account: As(domain.Role(role)), Ends: c.Now().Add(15 * time.Minute)}, nil
}

// Peek returns the session of a role.
func (c Crowd) Peek(ctx context.Context, token string) (frame.Session, error) {
	return c.Session(ctx, token)
}

// EndSession does nothing.
func (Crowd) EndSession(context.Context, string) error { return nil }

// Origin is where sites under test are, over https.
const Origin = "https://scuola.example.it"

// Ask sends a request to a site that is served over https, as somebody of a Crowd; with
// a form unless it is nil. Headers are names, each with its value.
func Ask(t *testing.T, site http.Handler, who, method, path string, form url.Values, headers ...string) Answer {
	t.Helper()
	r := httptest.NewRequest(method, Origin+"/", strings.NewReader(form.Encode()))
	to, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	r.URL, r.RequestURI, r.Host = to, path, strings.TrimPrefix(Origin, "https://")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != Nobody {
		r.AddCookie(&http.Cookie{Name: "__Host-saldo", Value: url.QueryEscape(who)})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	return Answer{t, method + " " + path + " as " + who, w.Code, w.Header(), w.Body.String(), w.Body.Len()}
}
