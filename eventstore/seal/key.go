package seal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Key is a public key that signs checkpoints, from a size of the tree on until the
// next key takes over.
type Key struct {
	Number int    `json:"number"` // 1 is the first
	Public string `json:"public"` // as sumdb/note writes a verifier's key
	After  uint64 `json:"after"`  // signs trees of more events than this
	Time   time.Time
}

func (k Key) text(origin string) string {
	return fmt.Sprintf("%s\nkey %d\n%s\nafter %d\ntime %s\n", origin, k.Number, k.Public, k.After, k.Time.UTC().Format(time.RFC3339Nano))
}

// Keys are the public keys of a ledger, oldest first. The first is signed by itself,
// each other by itself and by the one before it.
type Keys struct {
	Origin string // the ledger's name, which follows from its first key
	All    []Key

	verifiers []note.Verifier
}

// Errors of what was signed, or was not.
var (
	// ErrNoKeys says that a text does not list a ledger's public keys.
	ErrNoKeys = errors.New("not the public keys of a ledger")
	// ErrNoCheckpoint says that a text is no checkpoint.
	ErrNoCheckpoint = errors.New("not a checkpoint")
	// ErrForeign says that something is of another ledger.
	ErrForeign = errors.New("of another ledger")
	// ErrSignature says that a signature is not that of the key which should have signed.
	ErrSignature = errors.New("the signature is not that of the ledger's key")
)

// originOf names a ledger by its first key.
func originOf(public ed25519.PublicKey) string {
	sum := sha256.Sum256(append([]byte("saldo.origin.v1\n"), public...))
	return "saldo/" + hex.EncodeToString(sum[:8])
}

// signerOf makes a key from its seed. Without an origin it is the first key, whose
// ledger it names.
func signerOf(origin string, seed []byte) (signer note.Signer, name, public string, err error) {
	private := ed25519.NewKeyFromSeed(seed)
	open := private.Public().(ed25519.PublicKey) // as documented
	if origin == "" {
		origin = originOf(open)
	}
	if public, err = note.NewEd25519VerifierKey(origin, open); err != nil {
		return nil, "", "", err
	}
	hash := strings.Split(public, "+")[1]
	const ed25519Algorithm = 1
	secret := base64.StdEncoding.EncodeToString(append([]byte{ed25519Algorithm}, seed...))
	signer, err = note.NewSigner("PRIVATE+KEY+" + origin + "+" + hash + "+" + secret)
	return signer, origin, public, err
}

// signKey returns the note that publishes a key.
func signKey(origin string, k Key, signers ...note.Signer) ([]byte, error) {
	return note.Sign(&note.Note{Text: k.text(origin)}, signers...)
}

// ParseKeys reads public keys and checks that each is signed by the one before it.
func ParseKeys(text []byte) (Keys, error) {
	var k Keys
	for signed, err := range notesOf(text) {
		if err == nil {
			err = k.add(signed)
		}
		if err != nil {
			return k, fmt.Errorf("key %d: %w", len(k.All)+1, err)
		}
	}
	if len(k.All) == 0 {
		return k, ErrNoKeys
	}
	return k, nil
}

func (k *Keys) add(signed []byte) error {
	text, _, _ := strings.Cut(string(signed), "\n\n")
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return ErrNoKeys
	}
	verifier, err := note.NewVerifier(lines[2])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoKeys, err)
	}
	next, err := parseKey(lines)
	if err != nil {
		return err
	}
	signers := []note.Verifier{verifier}
	if len(k.All) > 0 {
		signers = append(signers, k.verifiers[len(k.verifiers)-1])
	}
	switch {
	case next.text(lines[0]) != text+"\n":
		return fmt.Errorf("%w: it is written in another way than ours", ErrNoKeys)
	case len(k.All) == 0 && lines[0] != firstOrigin(lines[2]), len(k.All) > 0 && lines[0] != k.Origin:
		return fmt.Errorf("%q: %w", lines[0], ErrForeign)
	case next.Number != len(k.All)+1 || len(k.All) > 0 && next.After < k.All[len(k.All)-1].After:
		return fmt.Errorf("%w: keys are out of order", ErrNoKeys)
	}
	if err := checkNote(signed, signers); err != nil {
		return err
	}
	k.Origin = lines[0]
	k.All, k.verifiers = append(k.All, next), append(k.verifiers, verifier)
	return nil
}

func parseKey(lines []string) (k Key, err error) {
	k.Public = lines[2]
	if k.Number, err = strconv.Atoi(strings.TrimPrefix(lines[1], "key ")); err != nil {
		return k, fmt.Errorf("%w: %q is no number of a key", ErrNoKeys, lines[1])
	}
	if k.After, err = strconv.ParseUint(strings.TrimPrefix(lines[3], "after "), 10, 64); err != nil {
		return k, fmt.Errorf("%w: %q is no size", ErrNoKeys, lines[3])
	}
	if k.Time, err = time.Parse(time.RFC3339Nano, strings.TrimPrefix(lines[4], "time ")); err != nil {
		return k, fmt.Errorf("%w: %q is no time", ErrNoKeys, lines[4])
	}
	return k, nil
}

// firstOrigin is what a ledger is called whose first key this is.
func firstOrigin(public string) string {
	fields := strings.SplitN(public, "+", 3)
	key, err := base64.StdEncoding.DecodeString(fields[len(fields)-1])
	if err != nil || len(key) != 1+ed25519.PublicKeySize {
		return ""
	}
	return originOf(key[1:])
}

// checkNote checks that a note is signed by all of these and by nobody else.
func checkNote(signed []byte, by []note.Verifier) error {
	n, err := note.Open(signed, note.VerifierList(by...))
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrSignature, err)
	}
	if len(n.Sigs) != len(by) || len(n.UnverifiedSigs) > 0 {
		return ErrSignature
	}
	// A signature can be written in several ways, of which one is ours.
	for i := range n.Sigs {
		raw, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[i].Base64)
		if err != nil || base64.StdEncoding.EncodeToString(raw) != n.Sigs[i].Base64 {
			return fmt.Errorf("%w: it is written in another way than ours", ErrSignature)
		}
	}
	return nil
}

// Check tells whether a checkpoint is of this ledger and was signed by the key whose
// turn it was.
func (k Keys) Check(c Checkpoint) error {
	if c.Origin != k.Origin {
		return fmt.Errorf("%w: it is of %s, and this is %s", ErrForeign, c.Origin, k.Origin)
	}
	turn := len(k.All) - 1
	for turn > 0 && c.Size <= k.All[turn].After {
		turn--
	}
	return checkNote(c.Note, k.verifiers[turn:turn+1])
}

// Knows reports whether one of the keys is that public key.
func (k Keys) Knows(public string) bool {
	for _, key := range k.All {
		if key.Public == public {
			return true
		}
	}
	return false
}
