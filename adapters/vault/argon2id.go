package vault

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Argon2id is the cost of one password hash (RFC 9106).
type Argon2id struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// DefaultHashing is the least that OWASP advises: 19 MiB, two passes.
var DefaultHashing = Argon2id{Memory: 19 * 1024, Passes: 2, Threads: 1}

const (
	saltSize = 16
	sumSize  = 32
)

// Bounds of a cost, so that a stored hash cannot ask for all the memory there is.
const (
	maxMemory = 1 << 20 // KiB: 1 GiB
	maxPasses = 64
)

var errBadHash = errors.New("not an argon2id hash of this kind")

func (c Argon2id) check() error {
	if c.Threads < 1 || c.Passes < 1 || c.Passes > maxPasses ||
		c.Memory < 8*uint32(c.Threads) || c.Memory > maxMemory {
		return fmt.Errorf("memory %d KiB, %d passes, %d threads: out of bounds", c.Memory, c.Passes, c.Threads)
	}
	return nil
}

// passwordHash is a password's hash with its salt and cost. As a text it is a
// PHC string: $argon2id$v=19$m=19456,t=2,p=1$salt$sum.
type passwordHash struct {
	cost Argon2id
	salt []byte
	sum  []byte
}

// hashPassword hashes the NFC form of password, so that an accent counts the same
// whichever keyboard typed it.
func hashPassword(password string, cost Argon2id) passwordHash {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	h := passwordHash{cost: cost, salt: salt}
	h.sum = h.of(password, sumSize)
	return h
}

// decoyHash has the cost of a true hash, and no password: verifying against it
// takes as long as for a name that exists.
func decoyHash(cost Argon2id) passwordHash {
	h := passwordHash{cost: cost, salt: make([]byte, saltSize), sum: make([]byte, sumSize)}
	rand.Read(h.salt)
	rand.Read(h.sum)
	return h
}

func (h passwordHash) of(password string, size int) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), h.salt, h.cost.Passes, h.cost.Memory, h.cost.Threads, uint32(size))
}

// matches computes the hash of password and compares in constant time.
func (h passwordHash) matches(password string) bool {
	return subtle.ConstantTimeCompare(h.of(password, len(h.sum)), h.sum) == 1
}

// String returns the PHC string.
func (h passwordHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.Memory, h.cost.Passes, h.cost.Threads, b64.EncodeToString(h.salt), b64.EncodeToString(h.sum))
}

// parseHash reads a PHC string. Anything but argon2id of version 19, written as
// String writes it, is errBadHash.
func parseHash(phc string) (passwordHash, error) {
	var h passwordHash
	fields := strings.Split(phc, "$")
	if len(fields) != 6 {
		return h, errBadHash
	}
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &h.cost.Memory, &h.cost.Passes, &h.cost.Threads); err != nil {
		return h, errBadHash
	}
	var errSalt, errSum error
	h.salt, errSalt = base64.RawStdEncoding.Strict().DecodeString(fields[4])
	h.sum, errSum = base64.RawStdEncoding.Strict().DecodeString(fields[5])
	if errSalt != nil || errSum != nil || h.cost.check() != nil ||
		len(h.salt) < 8 || len(h.sum) < 16 || h.String() != phc {
		return h, errBadHash
	}
	return h, nil
}
