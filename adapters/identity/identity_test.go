package identity_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/identity"
	"github.com/saldo-ledger/saldo/adapters/identity/identitytest"
)

const (
	back     = "http://127.0.0.1:1/accesso/ritorno"
	left     = "http://127.0.0.1:1/accesso"
	mario    = "RSSMRA80A01F205X"
	spid2    = "https://www.spid.gov.it/SpidL2"
	fromSPID = "https://attributes.eid.gov.it/fiscal_number"
)

// both is a provider and the portal's side of it.
type both struct {
	*testing.T
	provider *identitytest.Provider
	*portalSide
	log *bytes.Buffer
}

// portalSide is the adapter, by a name that hides testing's Run.
type portalSide struct{ *identity.Provider }

func start(t *testing.T, change ...func(*identity.Settings)) both {
	t.Helper()
	provider := identitytest.Start(t, back, left)
	provider.Person = identitytest.Person{Subject: "soggetto-1", ACR: spid2, Claims: map[string]any{
		fromSPID: "TINIT-" + mario, "given_name": "Mario", "family_name": "Rossi", "email": "mario.rossi@example.it",
	}}
	settings := identity.Settings{Issuer: provider.URL, ClientID: identitytest.ClientID, ClientSecret: identitytest.ClientSecret, RedirectURL: back}
	for _, c := range change {
		c(&settings)
	}
	var log bytes.Buffer
	ours, err := identity.New(settings, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return both{t, provider, &portalSide{ours}, &log}
}

// leave begins a log-in and goes through the provider's pages, as a browser does.
func (b both) leave() (identity.Departure, url.Values) {
	b.Helper()
	address, departure, err := b.Depart(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	return departure, b.walk(address)
}

func (b both) walk(address string) url.Values {
	b.Helper()
	browser := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), back) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	response, err := browser.Get(address)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	to, err := response.Location()
	if err != nil {
		b.Fatalf("%s: %v", response.Status, err)
	}
	return to.Query()
}

// arrive takes what leave returns.
func (b both) arrive(d identity.Departure, answer url.Values) (identity.Person, error) {
	return b.Arrive(b.Context(), d, answer)
}

// fails checks that nobody arrives, and that neither error nor log name anybody.
func (b both) fails(d identity.Departure, answer url.Values, want error) {
	b.Helper()
	person, err := b.Arrive(b.Context(), d, answer)
	if !errors.Is(err, want) || !reflect.DeepEqual(person, identity.Person{}) {
		b.Fatalf("%+v, %v; want %v", person, err, want)
	}
	for _, secret := range []string{"Mario", "Rossi", mario, d.State, d.Nonce, d.Verifier, "soggetto-1", "<script>"} {
		if secret != "" && strings.Contains(err.Error()+b.log.String(), secret) {
			b.Errorf("%q is in %v or in the log", secret, err)
		}
	}
}

func TestSomebodyComesBackFromSPID(t *testing.T) {
	b := start(t)
	person, err := b.arrive(b.leave())
	if err != nil {
		t.Fatal(err)
	}
	want := identity.Person{Subject: "soggetto-1", FiscalCode: mario, GivenName: "Mario", FamilyName: "Rossi", Email: "mario.rossi@example.it", Level: identity.SpidL2}
	if !reflect.DeepEqual(person, want) || person.WithFiscalCode() != nil {
		t.Errorf("%+v, want %+v", person, want)
	}
}

func TestTheProviderIsAskedForTheLevelWithPKCE(t *testing.T) {
	b := start(t)
	address, d, err := b.Depart(t.Context(), map[string]string{"kc_idp_hint": "cie", "state": "mine", "code_challenge_method": "plain"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"response_type": "code", "client_id": identitytest.ClientID, "redirect_uri": back, "scope": "openid profile email",
		"state": d.State, "nonce": d.Nonce, "code_challenge_method": "S256", "acr_values": spid2, "kc_idp_hint": "cie",
	} {
		if got := u.Query()[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	_, other, err := b.Depart(t.Context(), nil)
	if err != nil || other.State == d.State || other.Nonce == d.Nonce || other.Verifier == d.Verifier {
		t.Errorf("two departures have something in common: %v", err)
	}
}

func TestTheFiscalCodeIsFoundWhereProxiesPutIt(t *testing.T) {
	for name, claims := range map[string]map[string]any{
		"SPID":            {fromSPID: "TINIT-" + mario},
		"fiscal_number":   {"fiscal_number": "tinit-" + strings.ToLower(mario)},
		"fiscalNumber":    {"fiscalNumber": mario},
		"a list of one":   {"fiscal_number": []any{"TINIT-" + mario}},
		"the first valid": {fromSPID: "", "fiscalNumber": mario},
	} {
		for _, inUserinfo := range []bool{false, true} {
			b := start(t)
			b.provider.Person.Claims, b.provider.InUserinfo = claims, inUserinfo
			if person, err := b.arrive(b.leave()); err != nil || person.FiscalCode != mario {
				t.Errorf("%s, in the userinfo %t: %q, %v", name, inUserinfo, person.FiscalCode, err)
			}
		}
	}
	for name, claims := range map[string]map[string]any{
		"none": {}, "another country's": {"fiscal_number": "TINDE-12345"}, "a wrong check character": {"fiscal_number": "TINIT-RSSMRA80A01F205Y"},
		"a number": {"fiscal_number": 12}, "two": {"fiscal_number": []any{mario, mario}},
	} {
		b := start(t)
		b.provider.Person.Claims = claims
		person, err := b.arrive(b.leave())
		if err != nil || !errors.Is(person.WithFiscalCode(), identity.ErrNoFiscalCode) || person.FiscalCode != "" {
			t.Errorf("%s: %+v, %v", name, person, err)
		}
	}
}

func TestClaimsCanHaveOtherNames(t *testing.T) {
	b := start(t, func(s *identity.Settings) {
		s.Claims = identity.Claims{FiscalCode: []string{"cf"}, Groups: []string{"gruppi"}}
	})
	b.provider.Person.Claims = map[string]any{"cf": mario, fromSPID: "TINIT-XXX", "given_name": "Mario", "gruppi": []any{"scuola", 3, "ragioneria"}}
	person, err := b.arrive(b.leave())
	if err != nil || person.FiscalCode != mario || person.GivenName != "Mario" || !reflect.DeepEqual(person.Groups, []string{"scuola", "ragioneria"}) {
		t.Errorf("%+v, %v", person, err)
	}
}

func TestALevelTooLowDoesNotEnter(t *testing.T) {
	for acr, enters := range map[string]bool{
		"https://www.spid.gov.it/SpidL1": false, spid2: true, "https://www.spid.gov.it/SpidL3": true, "SpidL2": true,
		"": false, "SpidL9": false, "https://elsewhere.example/SpidL2": false, "urn:dominio:forte": true, "urn:dominio:debole": false,
	} {
		b := start(t, func(s *identity.Settings) {
			s.Levels = map[string]identity.Level{"urn:dominio:forte": identity.SpidL2, "urn:dominio:debole": identity.SpidL1}
		})
		b.provider.Person.ACR = acr
		d, answer := b.leave()
		if !enters {
			b.fails(d, answer, identity.ErrLevel)
		} else if _, err := b.arrive(d, answer); err != nil {
			t.Errorf("acr %q: %v", acr, err)
		}
	}
	b := start(t, func(s *identity.Settings) { s.Minimum = identity.SpidL3 })
	d, answer := b.leave()
	b.fails(d, answer, identity.ErrLevel)
}

func TestAnAnswerToAnotherDepartureIsNotBelieved(t *testing.T) {
	b := start(t)
	first, answer := b.leave()
	second, _ := b.leave()
	b.fails(second, answer, identity.ErrNotBelieved) // another state
	b.fails(identity.Departure{}, url.Values{"state": {""}, "code": {"x"}}, identity.ErrNotBelieved)
	b.fails(first, url.Values{"state": {first.State, first.State}, "code": answer["code"]}, identity.ErrNotBelieved)
	b.fails(first, url.Values{"state": {first.State}}, identity.ErrNotBelieved)
	b.fails(first, url.Values{"state": {first.State}, "code": answer["code"], "iss": {"https://elsewhere.example"}}, identity.ErrNotBelieved)
	b.fails(identity.Departure{State: first.State, Nonce: first.Nonce, Verifier: second.Verifier}, answer, identity.ErrRefused) // PKCE
}

func TestATokenThatIsNotOursIsNotBelieved(t *testing.T) {
	for name, change := range map[string]func(*identitytest.Provider){
		"another nonce":    func(p *identitytest.Provider) { p.Nonce = "altro" },
		"another audience": func(p *identitytest.Provider) { p.Audience = "altro-portale" },
		"expired":          func(p *identitytest.Provider) { p.Lifetime = -time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			change(b.provider)
			d, answer := b.leave()
			_, err := b.arrive(d, answer)
			if !errors.Is(err, identity.ErrNotBelieved) && !errors.Is(err, identity.ErrRefused) {
				t.Errorf("%v", err)
			}
			if name != "another audience" && !errors.Is(err, identity.ErrNotBelieved) {
				t.Errorf("it was the token that was wrong: %v", err)
			}
		})
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	b := start(t)
	d, answer := b.leave()
	if _, err := b.arrive(d, answer); err != nil {
		t.Fatal(err)
	}
	b.fails(d, answer, identity.ErrRefused)
}

func TestWhatTheProviderSaysNoWithIsOurs(t *testing.T) {
	for said, want := range map[string]error{
		"access_denied": identity.ErrCancelled, "server_error": identity.ErrUnavailable, "temporarily_unavailable": identity.ErrUnavailable,
		"invalid_scope": identity.ErrRefused, "<script>": identity.ErrRefused,
	} {
		b := start(t)
		b.provider.Fails = said
		d, answer := b.leave()
		b.fails(d, answer, want)
	}
}

func TestAProviderThatRotatesItsKeysIsStillBelieved(t *testing.T) {
	b := start(t)
	if _, err := b.arrive(b.leave()); err != nil {
		t.Fatal(err)
	}
	b.provider.Rotate()
	if _, err := b.arrive(b.leave()); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
}

func TestAProviderThatIsDownIsNotWaitedFor(t *testing.T) {
	b := start(t)
	up := b.provider.Down()
	for range 2 { // the second is not even asked
		if _, _, err := b.Depart(t.Context(), nil); !errors.Is(err, identity.ErrUnavailable) {
			t.Errorf("%v", err)
		}
	}
	up()
	// What started while the provider was down goes on as soon as it answers.
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.portalSide.Run(ctx) }()
	for {
		if _, _, err := b.Depart(t.Context(), nil); err == nil {
			break
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	d, answer := b.leave()
	b.provider.Down()
	b.fails(d, answer, identity.ErrUnavailable)
}

func TestLeavingGoesThroughTheProvider(t *testing.T) {
	b := start(t)
	if got := b.Farewell(left); got != "" {
		t.Errorf("a provider that never answered is at %q", got)
	}
	b.leave()
	response, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(b.Farewell(left))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if to := response.Header.Get("Location"); to != left || b.provider.Left != 1 {
		t.Errorf("%s to %q; %d left", response.Status, to, b.provider.Left)
	}
}

func TestSettingsSayWhatIsWrong(t *testing.T) {
	_, err := identity.New(identity.Settings{Issuer: "http://proxy.example", Scopes: []string{"profile"}}, nil)
	if err == nil {
		t.Fatal("they were accepted")
	}
	for _, want := range []string{"issuer", "https", "redirect URL", "clientId is missing", "clientSecret is missing", "openid is missing"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	for _, wrong := range []string{"SpidL4", "", "L2", "https://www.spid.gov.it/"} {
		if level, err := identity.ParseLevel(wrong); err == nil {
			t.Errorf("%q is %s", wrong, level)
		}
	}
}
