package vault

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const keySize = 32

// ErrBadMasterKey says that a text is not a master key.
var ErrBadMasterKey = errors.New("a master key is 32 bytes in base64")

// MasterKey wraps every other key of a vault. It is kept apart from the vault and
// from its backups. Printing or logging one shows nothing of it.
type MasterKey struct{ key [keySize]byte }

// Format hides the key, whatever the verb.
func (MasterKey) Format(s fmt.State, _ rune) { io.WriteString(s, "(master key)") }

// ParseMasterKey reads 32 bytes in standard base64, with white space around it or
// not.
func ParseMasterKey(text string) (MasterKey, error) {
	var master MasterKey
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keySize {
		return MasterKey{}, ErrBadMasterKey
	}
	copy(master.key[:], key)
	return master, nil
}

// LoadMasterKey takes the master key from env, the value of an environment
// variable, or from file when env is empty. A file that others than its owner
// and group can read or write is refused.
func LoadMasterKey(file, env string) (MasterKey, error) {
	if env != "" {
		master, err := ParseMasterKey(env)
		if err != nil {
			return MasterKey{}, fmt.Errorf("master key in the environment: %w", err)
		}
		return master, nil
	}
	found, err := os.Stat(file)
	if err != nil {
		return MasterKey{}, fmt.Errorf("master key: %w", err)
	}
	if found.Mode().Perm()&0o007 != 0 && runtime.GOOS != "windows" {
		return MasterKey{}, fmt.Errorf("master key %s: open to everyone (mode %04o): make it 0600", file, found.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return MasterKey{}, fmt.Errorf("master key: %w", err)
	}
	master, err := ParseMasterKey(string(text))
	if err != nil {
		return MasterKey{}, fmt.Errorf("master key %s: %w", file, err)
	}
	return master, nil
}

// CreateMasterKey makes a fresh master key and writes it, durably, to a new file
// that only its owner can read. A file that is already there is left as it is and
// is fs.ErrExist: a master key written over is a vault lost.
func CreateMasterKey(file string) (MasterKey, error) {
	var master MasterKey
	rand.Read(master.key[:])
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return MasterKey{}, fmt.Errorf("new master key: %w", err)
	}
	_, err = out.WriteString(base64.StdEncoding.EncodeToString(master.key[:]) + "\n")
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil {
		err = syncDir(filepath.Dir(file))
	}
	if err != nil {
		return MasterKey{}, fmt.Errorf("new master key: %w", errors.Join(err, os.Remove(file)))
	}
	return master, nil
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
