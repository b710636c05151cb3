package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"

	"github.com/saldo-ledger/saldo/domain"
)

// clockSkew is how far the provider's clock may be ahead of ours.
const clockSkew = 30 * time.Second

// Person is who the provider says came back. What it did not say is empty.
type Person struct {
	Subject    string // the provider's name for the person, the same every time
	FiscalCode domain.FiscalCode
	GivenName  string
	FamilyName string
	Email      string
	Level      Level
	Groups     []string
}

// Arrive ends a log-in: answer is the query with which the browser came back, and d
// what was remembered of its departure, which must not be used again. A person without
// a codice fiscale arrives too (see Person.WithFiscalCode): staff need none.
func (p *Provider) Arrive(ctx context.Context, d Departure, answer url.Values) (Person, error) {
	code, err := p.code(d, answer)
	if err != nil {
		return Person{}, err
	}
	party, err := p.known(ctx)
	if err != nil {
		return Person{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	tokens, err := rp.CodeExchange[*oidc.IDTokenClaims](context.WithValue(ctx, nonceKey{}, d.Nonce), code, party, rp.WithCodeVerifier(d.Verifier))
	if err != nil {
		return Person{}, exchangeError(err)
	}
	level := p.level(tokens.IDTokenClaims.AuthenticationContextClassReference)
	if level < p.settings.Minimum {
		return Person{}, fmt.Errorf("%s where %s is asked for: %w", level, p.settings.Minimum, ErrLevel)
	}
	claims := facts(tokens.IDTokenClaims.Claims)
	if claims.text(p.settings.Claims.FiscalCode) == "" && party.UserinfoEndpoint() != "" {
		more, err := rp.Userinfo[*oidc.UserInfo](ctx, tokens.AccessToken, tokens.Type(), tokens.IDTokenClaims.Subject, party)
		if err != nil {
			return Person{}, exchangeError(err)
		}
		claims = claims.and(more.Claims)
	}
	return p.person(tokens.IDTokenClaims.Subject, level, claims), nil
}

// code returns the code of an answer to d, or why there is none. The state is looked
// at first: before it fits, nothing else in the answer means anything.
func (p *Provider) code(d Departure, answer url.Values) (string, error) {
	state, single := answer["state"], len(answer["state"]) == 1
	if !single || d.State == "" || subtle.ConstantTimeCompare([]byte(state[0]), []byte(d.State)) != 1 {
		return "", fmt.Errorf("another log-in's state: %w", ErrNotBelieved)
	}
	if issuers := answer["iss"]; len(issuers) > 0 && (len(issuers) > 1 || issuers[0] != p.settings.Issuer) {
		return "", fmt.Errorf("another issuer (RFC 9207): %w", ErrNotBelieved)
	}
	switch answer.Get("error") {
	case "":
	case "access_denied":
		return "", ErrCancelled
	case "server_error", "temporarily_unavailable":
		return "", ErrUnavailable
	default:
		return "", ErrRefused
	}
	if codes := answer["code"]; len(codes) != 1 || codes[0] == "" {
		return "", fmt.Errorf("no code: %w", ErrNotBelieved)
	}
	return answer.Get("code"), nil
}

type nonceKey struct{}

// expectedNonce is the nonce of the departure that is being ended. Without one nothing
// fits: an empty nonce would equal that of a token without any.
func expectedNonce(ctx context.Context) string {
	if nonce, _ := ctx.Value(nonceKey{}).(string); nonce != "" {
		return nonce
	}
	return oauth2.GenerateVerifier()
}

// believed are the checks of a token by name: the only words about them that go on.
var believed = []struct {
	err  error
	name string
}{
	{oidc.ErrNonceInvalid, "nonce"}, {oidc.ErrIssuerInvalid, "iss"}, {oidc.ErrAudience, "aud"}, {oidc.ErrExpired, "exp"},
	{oidc.ErrIatInFuture, "iat"}, {oidc.ErrSignatureInvalid, "signature"}, {oidc.ErrSignatureMissing, "signature"},
	{oidc.ErrSignatureUnsupportedAlg, "alg"}, {oidc.ErrAzpInvalid, "azp"}, {oidc.ErrAzpMissing, "azp"}, {oidc.ErrAtHash, "at_hash"},
	{rp.ErrMissingIDToken, "id_token"}, {rp.ErrUserInfoSubNotMatching, "sub of the userinfo"},
}

// exchangeError says why a code was not good. The provider's own words, which may
// hold tokens or personal data, are left behind.
func exchangeError(err error) error {
	if answered, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		if answered.Response != nil && answered.Response.StatusCode >= http.StatusInternalServerError {
			return ErrUnavailable
		}
		return fmt.Errorf("the code or our own credentials (%s): %w", known(answered.ErrorCode), ErrRefused)
	}
	for _, check := range believed {
		if errors.Is(err, check.err) {
			return fmt.Errorf("%s: %w", check.name, ErrNotBelieved)
		}
	}
	if _, ok := errors.AsType[*url.Error](err); ok || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return ErrUnavailable
	}
	return fmt.Errorf("token or userinfo (%T): %w", err, ErrNotBelieved)
}

// known returns an error code of RFC 6749 as it is, and no other word.
func known(code string) string {
	switch code {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		return code
	}
	return "other"
}

func (p *Provider) level(acr string) Level {
	if level, ok := p.settings.Levels[acr]; ok {
		return level
	}
	level, _ := ParseLevel(acr) // what is no level is below all
	return level
}

func (p *Provider) person(subject string, level Level, claims facts) Person {
	names := p.settings.Claims
	code, _ := domain.ParsePersonCode(withoutPrefix(claims.text(names.FiscalCode))) // see WithFiscalCode
	return Person{
		Subject: subject, FiscalCode: code, GivenName: claims.text(names.GivenName), FamilyName: claims.text(names.FamilyName),
		Email: claims.text(names.Email), Level: level, Groups: claims.list(names.Groups),
	}
}

// withoutPrefix takes SPID's prefix of Italian codes away.
func withoutPrefix(code string) string {
	if len(code) > 6 && strings.EqualFold(code[:6], "TINIT-") {
		return code[6:]
	}
	return code
}

// WithFiscalCode returns ErrNoFiscalCode when the provider told no codice fiscale, or
// one that cannot be.
func (p Person) WithFiscalCode() error {
	if p.FiscalCode == "" {
		return ErrNoFiscalCode
	}
	return nil
}
