package seal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// loadKeys reads the public keys, makes the first one if there is none, and takes
// the secret half of the last.
func (s *Sealer) loadKeys(ctx context.Context) error {
	text, err := io.ReadAll(s.keysFile)
	if err != nil {
		return err
	}
	if text, err = s.whole(text); err != nil {
		return err
	}
	if len(text) == 0 {
		return s.firstKey(ctx)
	}
	if s.keys, err = ParseKeys(text); err != nil {
		return fmt.Errorf("seal: %s: %w", s.keysFile.Name(), err)
	}
	last := s.keys.All[len(s.keys.All)-1]
	signer, public, err := s.key(ctx, last.Number)
	if err != nil {
		return err
	}
	if public != last.Public {
		return fmt.Errorf("seal: the secret half of key %d is not here: the vault is that of another ledger", last.Number)
	}
	s.signer = signer
	return nil
}

// whole cuts off what a crash left of a key that nobody was told of.
func (s *Sealer) whole(text []byte) ([]byte, error) {
	end := 0
	for signed, err := range notesOf(text) {
		if errors.Is(err, ErrTorn) {
			return text[:end], s.keysFile.Truncate(int64(end))
		}
		end += len(signed)
	}
	return text, nil
}

// key makes the n-th key from its seed.
func (s *Sealer) key(ctx context.Context, n int) (note.Signer, string, error) {
	seed, err := s.seeds.SealSeed(ctx, n)
	if err != nil {
		return nil, "", fmt.Errorf("seal: key %d: %w", n, err)
	}
	signer, origin, public, err := signerOf(s.keys.Origin, seed)
	s.keys.Origin = origin
	return signer, public, err
}

func (s *Sealer) firstKey(ctx context.Context) error {
	s.keys = Keys{}
	signer, public, err := s.key(ctx, 1)
	if err != nil {
		return err
	}
	k := Key{Number: 1, Public: public, Time: s.now().UTC()}
	if err := s.publish(k, signer); err != nil {
		return err
	}
	if err := syncFolder(filepath.Dir(s.keysFile.Name())); err != nil {
		return err
	}
	s.signer = signer
	return nil
}

// publish appends a key, signed by those given and by nobody else.
func (s *Sealer) publish(k Key, signers ...note.Signer) error {
	signed, err := signKey(s.keys.Origin, k, signers...)
	if err != nil {
		return err
	}
	if err := s.keys.add(signed); err != nil {
		return err
	}
	return appendNote(s.keysFile, signed)
}

// ErrKeyNumber refuses a key that is neither the next nor one that there is.
var ErrKeyNumber = errors.New("seal: that is not the number of the next key")

// Rotate makes the key of that number, which is the next one, signed by the one that
// there was; that one signs no checkpoint any more. A key that there is already is
// returned as it is, so that an order which is repeated makes one key.
func (s *Sealer) Rotate(ctx context.Context, number int) (Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.keys
	if number > 0 && number <= len(before.All) {
		return before.All[number-1], nil
	}
	if number != len(before.All)+1 || s.signer == nil {
		return Key{}, fmt.Errorf("%w, which is %d", ErrKeyNumber, len(before.All)+1)
	}
	k := Key{Number: number, After: s.latest.Size, Time: s.now().UTC()}
	signer, public, err := s.key(ctx, k.Number)
	if err != nil {
		return Key{}, err
	}
	k.Public = public
	if err := s.publish(k, signer, s.signer); err != nil {
		s.keys = before
		return Key{}, fmt.Errorf("seal: key %d: %w", k.Number, err)
	}
	s.signer = signer
	return k, nil
}

func (s *Sealer) lastLeaf() Hash {
	s.mu.Lock()
	defer s.mu.Unlock()
	leaf, err := s.tree.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(s.frontier.Size())-1)})
	if err != nil {
		return Hash{}
	}
	return leaf[0]
}
