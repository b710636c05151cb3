package identitytest

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"maps"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// key signs tokens.
type key struct {
	id      string
	private *ecdsa.PrivateKey
}

func (k key) ID() string                                  { return k.id }
func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k key) Key() any                                    { return k.private }

// published is the public half of a key.
type published struct{ key }

func (k published) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k published) Use() string                        { return "sig" }
func (k published) Key() any                           { return k.private.Public() }

// begun is a log-in under way.
type begun struct {
	*oidc.AuthRequest
	id   string
	by   *Provider
	done bool
}

func (b *begun) GetID() string          { return b.id }
func (b *begun) GetACR() string         { return b.by.Person.ACR }
func (b *begun) GetAMR() []string       { return nil }
func (b *begun) GetAuthTime() time.Time { return time.Now() }
func (b *begun) GetClientID() string    { return b.by.audience() }
func (b *begun) GetAudience() []string  { return []string{b.by.audience()} }
func (b *begun) GetScopes() []string    { return b.Scopes }
func (b *begun) GetSubject() string     { return b.by.Person.Subject }
func (b *begun) Done() bool             { return b.done }
func (b *begun) GetNonce() string {
	if b.by.Nonce != "" {
		return b.by.Nonce
	}
	return b.Nonce
}

func (b *begun) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: b.CodeChallenge, Method: b.CodeChallengeMethod}
}

func (p *Provider) audience() string {
	if p.Audience != "" {
		return p.Audience
	}
	return ClientID
}

// storage is what the provider remembers. What is not here is not used in the
// authorization code flow.
type storage struct {
	op.Storage
	*Provider
}

var errUnknown = errors.New("nothing is known by that name")

// Health says that the storage is there.
func (s *storage) Health(context.Context) error { return nil }

// CreateAuthRequest notes that a log-in begins.
func (s *storage) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	b := &begun{AuthRequest: r, id: uuid.NewString(), by: s.Provider}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun[b.id] = b
	return b, nil
}

// AuthRequestByID returns a log-in under way.
func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.begun[id]; ok {
		return b, nil
	}
	return nil, errUnknown
}

// AuthRequestByCode returns the log-in that a code was given for.
func (s *storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id := s.codes[code]
	s.mu.Unlock()
	return s.AuthRequestByID(ctx, id)
}

// SaveAuthCode notes the code of a log-in.
func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

// DeleteAuthRequest forgets a log-in, so that its code is good once.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.begun, id)
	return nil
}

// CreateAccessToken names a token.
func (s *storage) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return uuid.NewString(), time.Now().Add(time.Hour), nil
}

// SigningKey returns the last key.
func (s *storage) SigningKey(context.Context) (op.SigningKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[len(s.keys)-1], nil
}

// SignatureAlgorithms returns the only one.
func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

// KeySet publishes the last key.
func (s *storage) KeySet(context.Context) ([]op.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []op.Key{published{s.keys[len(s.keys)-1]}}, nil
}

// GetClientByClientID returns the client.
func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != ClientID && id != s.Audience {
		return nil, errUnknown
	}
	return s.client, nil
}

// AuthorizeClientIDSecret checks the client's secret.
func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != ClientID || secret != ClientSecret {
		return errUnknown
	}
	return nil
}

// SetUserinfoFromScopes puts the claims into the token.
func (s *storage) SetUserinfoFromScopes(_ context.Context, info *oidc.UserInfo, subject, _ string, _ []string) error {
	if info.Subject = subject; !s.InUserinfo {
		info.Claims = maps.Clone(s.Person.Claims)
	}
	return nil
}

// SetUserinfoFromToken answers the userinfo.
func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	info.Subject, info.Claims = subject, maps.Clone(s.Person.Claims)
	return nil
}

// TerminateSession notes that somebody left.
func (s *storage) TerminateSession(context.Context, string, string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Left++
	return nil
}

// client is the portal as the provider knows it.
type client struct {
	*Provider
	redirectURL, leaveURL string
}

func (c client) GetID() string                       { return ClientID }
func (c client) RedirectURIs() []string              { return []string{c.redirectURL} }
func (c client) PostLogoutRedirectURIs() []string    { return []string{c.leaveURL} }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c client) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodBasic }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType         { return []oidc.GrantType{oidc.GrantTypeCode} }
func (c client) LoginURL(id string) string            { return "/entra?id=" + id }
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c client) IDTokenLifetime() time.Duration       { return c.Lifetime }
func (c client) DevMode() bool                        { return true } // http on this machine
func (c client) IsScopeAllowed(string) bool           { return true }
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }
func (c client) ClockSkew() time.Duration             { return 0 }
func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func(scopes []string) []string { return scopes }
}
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return c.RestrictAdditionalIdTokenScopes()
}
