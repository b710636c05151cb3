package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// office is a program of the school office in front of the API.
type office struct{ url, token string }

func (d *demo) office() office { return office{d.portal, d.officeToken} }

// answer is what the API said.
type answer struct {
	status   int
	position eventstore.Position // written, or shown; 0 with a problem
	body     []byte
}

// fields are a JSON object.
type fields map[string]any

// post sends a command. An error means that nothing is known of it: sent again
// with the same key it is the same command.
func (o office) post(ctx context.Context, path, key string, body fields) (answer, error) {
	sent, err := json.Marshal(body)
	if err != nil {
		return answer{}, err
	}
	return o.ask(ctx, http.MethodPost, path, http.Header{"Idempotency-Key": {key}}, bytes.NewReader(sent))
}

// get reads what the views hold at a position at least.
func (o office) get(ctx context.Context, path string, at eventstore.Position) (answer, error) {
	return o.ask(ctx, http.MethodGet, path, http.Header{"Saldo-Min-Position": {fmt.Sprint(at)}}, nil)
}

func (o office) ask(ctx context.Context, method, path string, header http.Header, body io.Reader) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, o.url+"/api/v1"+path, body)
	if err != nil {
		return answer{}, err
	}
	r.Header = header
	r.Header.Set("Authorization", "Bearer "+o.token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		return a, err
	}
	if at := res.Header.Get("Saldo-Position"); at != "" {
		n, err := strconv.ParseUint(at, 10, 64)
		a.position = eventstore.Position(n)
		return a, err
	}
	return a, nil
}

// order carries out a command that is to succeed, reads its answer into out, and
// waits until the views hold it.
func (d *demo) order(t *testing.T, path string, body fields, out any) {
	t.Helper()
	a, err := d.office().post(t.Context(), path, uuid.NewString(), body)
	if err != nil {
		t.Fatal(err)
	}
	a.read(t, path, out)
	d.upToDate(t)
}

// upToDate waits until the views hold everything that is in the log.
func (d *demo) upToDate(t *testing.T) {
	t.Helper()
	eventually(t, "the service to be ready", func() bool {
		res, err := http.Get(d.portal + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// look reads into out what the views hold now.
func (d *demo) look(t *testing.T, path string, out any) {
	t.Helper()
	a, err := d.office().get(t.Context(), path, d.end(t))
	if err != nil {
		t.Fatal(err)
	}
	a.read(t, path, out)
}

func (a answer) read(t *testing.T, path string, out any) {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("%s: status %d: %s", path, a.status, a.body)
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		t.Fatalf("%s: %v: %s", path, err, a.body)
	}
}

// refuses fails the test unless the API says no to a command with this status and
// rule.
func (o office) refuses(t *testing.T, path string, body fields, status int, rule string) {
	t.Helper()
	a, err := o.post(t.Context(), path, uuid.NewString(), body)
	if err != nil {
		t.Fatal(err)
	}
	var problem struct{ Rule string }
	if err := json.Unmarshal(a.body, &problem); err != nil || a.status != status || problem.Rule != rule {
		t.Errorf("%s: %d %s, want %d %q", path, a.status, a.body, status, rule)
	}
}

// The demonstration's body, as the API names it.
const town = "/creditors/" + string(demoCreditor)

// family is a parent with a child.
type family struct {
	Parent             domain.ParentID   `json:"parent"`
	Consumer           domain.ConsumerID `json:"consumer"`
	username, password string
}

var sempronio = family{demoParent, demoConsumer, demoUsername, demoPassword}

// mevia registers a second family, invented like the first.
func (d *demo) mevia(t *testing.T) family {
	t.Helper()
	f := family{username: "MEVIA85", password: "Mensa-2021!"}
	d.order(t, "/parents", fields{
		"fiscalCode": "MVECAI85M41H501V", "givenName": "Caia", "familyName": "Mevia",
		"email": "caia.mevia@posta.example", "mobile": "331 0000000", "username": f.username, "password": f.password,
	}, &f)
	d.order(t, town+"/consumers", fields{"givenName": "UTENTE", "familyName": "SECONDO", "school": "PRIM. ESEMPIO"}, &f)
	d.order(t, "/consumers/"+f.Consumer.String()+"/parents", fields{"parent": f.Parent}, &f)
	return f
}

// bill is the command that raises a bulletin and makes it payable at once.
func (f family) bill(amount domain.Money) fields {
	return fields{
		"parent": f.Parent, "category": demoCategory, "due": "2020-03-20", "send": true,
		"lines":  []domain.Line{{Consumer: f.Consumer, Service: demoMensa, Amount: amount}},
		"period": domain.Period{From: "2020-02-01", To: "2020-02-29"}, "causale": "Servizio mensa, febbraio 2020",
	}
}

// issue raises a bulletin and returns its notice number.
func (d *demo) issue(t *testing.T, f family, amount domain.Money) domain.NoticeNumber {
	t.Helper()
	var issued struct{ Notice domain.NoticeNumber }
	d.order(t, town+"/bulletins", f.bill(amount), &issued)
	return issued.Notice
}

// statusOf is what became of a bulletin.
func (d *demo) statusOf(t *testing.T, notice domain.NoticeNumber) string {
	t.Helper()
	var b struct{ Status string }
	d.look(t, town+"/bulletins/"+string(notice), &b)
	return b.Status
}
