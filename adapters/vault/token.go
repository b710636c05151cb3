package vault

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// tokenHash is the SHA-256 of a session's or a program's token: all that the
// vault holds of it. A token is too random to be guessed from its hash, so the
// hash needs no salt and can be looked up.
type tokenHash [sha256.Size]byte

func hashToken(token string) tokenHash { return sha256.Sum256([]byte(token)) }

// newToken returns 256 random bits, fit for a cookie, a header or a URL.
func newToken() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
