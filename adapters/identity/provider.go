// Package identity lets people in who log in elsewhere: at an OpenID Connect provider,
// which for a public body is the proxy in front of SPID and CIE. It speaks the
// authorization code flow with PKCE, state and nonce, and says who came back; whether
// they are a parent, and what they may do, is decided by others.
package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"golang.org/x/oauth2"
)

// Why nobody came back. Their text, and that of the errors that wrap them, has no
// personal data and nothing that the provider wrote.
var (
	ErrUnavailable  = errors.New("identity: the provider does not answer")
	ErrCancelled    = errors.New("identity: the person gave up")
	ErrRefused      = errors.New("identity: the provider refused")
	ErrNotBelieved  = errors.New("identity: an answer that cannot be believed")
	ErrLevel        = errors.New("identity: the log-in's level is too low")
	ErrNoFiscalCode = errors.New("identity: no valid codice fiscale")
)

// Provider is the body's provider. Its methods can be called from many goroutines.
type Provider struct {
	settings Settings
	logger   *slog.Logger

	updating sync.Mutex // held while the metadata are asked for

	mu     sync.Mutex
	party  rp.RelyingParty // nil until the provider has answered once
	failed time.Time       // when it last did not
}

// New returns the provider of settings. It asks nothing yet, so that a service starts
// also while the provider is down; see Run.
func New(settings Settings, logger *slog.Logger) (*Provider, error) {
	if err := settings.Check(); err != nil {
		return nil, err
	}
	if logger == nil {
		logger = slog.Default()
	}
	return &Provider{settings: settings.filled(), logger: logger}, nil
}

// How often the provider's metadata are asked for.
const (
	firstRetry = time.Second
	lastRetry  = time.Minute
	refreshed  = time.Hour
)

// Run asks for the provider's metadata until it answers, and again every hour, until
// ctx is done. While it does not answer, what it said last holds.
func (p *Provider) Run(ctx context.Context) error {
	retry := firstRetry
	for {
		wait := refreshed
		if err := p.refresh(ctx); err != nil {
			wait, retry = retry, min(2*retry, lastRetry)
		} else {
			retry = firstRetry
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

func (p *Provider) refresh(ctx context.Context) error {
	p.updating.Lock()
	defer p.updating.Unlock()
	_, err := p.discover(ctx)
	return err
}

// discover asks for the metadata. Its caller holds updating.
func (p *Provider) discover(ctx context.Context) (rp.RelyingParty, error) {
	s := p.settings
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	party, err := rp.NewRelyingPartyOIDC(ctx, s.Issuer, s.ClientID, s.ClientSecret, s.RedirectURL, s.Scopes,
		rp.WithHTTPClient(s.Client), rp.WithAuthStyle(s.authStyle()),
		rp.WithVerifierOpts(
			rp.WithNonce(expectedNonce), rp.WithIssuedAtOffset(clockSkew),
			rp.WithSupportedSigningAlgorithms("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"),
		))
	if err == nil {
		err = checkEndpoints(party)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.failed = time.Now()
		p.logger.WarnContext(ctx, "the identity provider's metadata could not be read", "issuer", s.Issuer, "error", err)
		return nil, ErrUnavailable
	}
	if p.party == nil {
		p.logger.InfoContext(ctx, "the identity provider answers", "issuer", s.Issuer)
	}
	p.party, p.failed = party, time.Time{}
	return party, nil
}

// checkEndpoints refuses metadata that would send people or secrets where they can be
// read on the way.
func checkEndpoints(party rp.RelyingParty) error {
	endpoint := party.OAuthConfig().Endpoint
	for name, address := range map[string]string{"authorization_endpoint": endpoint.AuthURL, "token_endpoint": endpoint.TokenURL} {
		if u, err := url.Parse(address); err != nil || !trusted(u.Scheme+"://"+u.Host) {
			return fmt.Errorf("%s is not an https address", name)
		}
	}
	return nil
}

// known returns the provider as it last described itself. One that never answered is
// asked again, by one log-in for all that wait, and at most once a second. Whoever
// asks for the others does not stop when their own browser goes away.
func (p *Provider) known(ctx context.Context) (rp.RelyingParty, error) {
	if party, err := p.remembered(); party != nil || err != nil {
		return party, err
	}
	p.updating.Lock()
	defer p.updating.Unlock()
	if party, err := p.remembered(); party != nil || err != nil {
		return party, err
	}
	return p.discover(context.WithoutCancel(ctx))
}

// remembered returns what is known without asking: the provider, or that it did not
// answer a moment ago; neither when it is time to ask.
func (p *Provider) remembered() (rp.RelyingParty, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.party == nil && time.Since(p.failed) < firstRetry {
		return nil, ErrUnavailable
	}
	return p.party, nil
}

// Departure is what a log-in has to remember while the person is at the provider. It
// is a secret of theirs.
type Departure struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// Depart begins a log-in and returns where to send the browser. Further parameters
// (a proxy's own, such as which of its doors) are added to the address as they are.
func (p *Provider) Depart(ctx context.Context, parameters map[string]string) (string, Departure, error) {
	party, err := p.known(ctx)
	if err != nil {
		return "", Departure{}, err
	}
	d := Departure{State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier()}
	options := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(d.Verifier), oauth2.SetAuthURLParam("nonce", d.Nonce),
		oauth2.SetAuthURLParam("acr_values", p.settings.Minimum.acr()),
	}
	for name, value := range parameters {
		if !reserved(name) {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	return party.OAuthConfig().AuthCodeURL(d.State, options...), d, nil
}

// reserved reports whether a parameter is the protocol's: configuration may not turn
// its checks off.
func reserved(name string) bool {
	switch name {
	case "state", "nonce", "code_challenge", "code_challenge_method", "client_id", "redirect_uri", "response_type", "response_mode", "scope", "request", "request_uri":
		return true
	}
	return false
}

// Farewell returns where to send a browser so that its person leaves the provider too,
// and comes back to returnTo; "" when the provider has no such place. The person is
// not named: an id_token_hint would carry the codice fiscale through the address bar.
func (p *Provider) Farewell(returnTo string) string {
	p.mu.Lock()
	party := p.party
	p.mu.Unlock()
	if party == nil {
		return ""
	}
	u, err := url.Parse(party.GetEndSessionEndpoint())
	if err != nil || !trusted(u.Scheme+"://"+u.Host) {
		return ""
	}
	query := u.Query()
	query.Set("client_id", p.settings.ClientID)
	query.Set("post_logout_redirect_uri", returnTo)
	u.RawQuery = query.Encode()
	return u.String()
}
