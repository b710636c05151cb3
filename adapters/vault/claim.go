package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// ClaimID names the stream that reserves a value of a kind (a username, an
// e-mail, a fiscal code): the same for the same value, always, and nobody without
// the vault can tell which value it was, not even by trying all of them. The
// value is taken as it is; the caller brings it to its one form first.
func (v *Vault) ClaimID(kind, value string) string {
	mac := hmac.New(sha256.New, v.claimsKey)
	// The zero byte parts kind from value: no kind has one.
	mac.Write([]byte(kind + "\x00" + value))
	return hex.EncodeToString(mac.Sum(nil))
}
