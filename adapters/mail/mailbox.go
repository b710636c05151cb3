package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Mailbox is a folder of messages, one .eml file each. One process writes to it.
type Mailbox struct {
	root *os.Root // nothing outside the folder can be reached through it
	from *netmail.Address
	now  func() time.Time

	mu    sync.Mutex
	names map[string]string // file by message ID
}

var _ Sender = (*Mailbox)(nil)

// File names are the time of writing, so that they sort by it, and the message's
// ID.
const stamp = "20060102T150405.000Z"

var okName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{3}Z-[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.eml$`)

// idIn returns the message's ID in a name that matches okName.
func idIn(name string) string { return strings.TrimSuffix(name[len(stamp)+1:], ".eml") }

// OpenMailbox opens the folder dir, making it when needed. Messages are from the
// given address ("Servizi scolastici <servizi@comune.example>") and dated by now.
func OpenMailbox(dir, from string, now func() time.Time) (*Mailbox, error) {
	sender, err := parseSender(from)
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	mb := &Mailbox{root: root, from: sender, now: now, names: make(map[string]string)}
	names, err := mb.list()
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	for _, name := range names {
		mb.names[idIn(name)] = name
	}
	return mb, nil
}

// Close lets go of the folder.
func (mb *Mailbox) Close() error { return mb.root.Close() }

// Send files the message, durably, unless one of its ID is there already.
func (mb *Mailbox) Send(ctx context.Context, m Message) error {
	if err := m.Check(); err != nil {
		return fmt.Errorf("message %.100q: %w", m.ID, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	mb.mu.Lock()
	defer mb.mu.Unlock()
	if _, sent := mb.names[m.ID]; sent {
		return nil
	}
	at := mb.now().UTC()
	content, err := compose(m, mb.from, at)
	if err != nil {
		return fmt.Errorf("message %s: %w", m.ID, err)
	}
	name := at.Format(stamp) + "-" + m.ID + ".eml"
	if err := mb.file(name, content); err != nil {
		return fmt.Errorf("message %s: %w", m.ID, err)
	}
	mb.names[m.ID] = name
	return nil
}

// file writes the message beside the others and then gives it its name, so that
// a name stands for a whole message whenever the machine stops.
func (mb *Mailbox) file(name string, content []byte) error {
	temporary := idIn(name) + ".partial"
	out, err := mb.root.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(content)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := mb.root.Rename(temporary, name); err != nil {
		return err
	}
	if err := mb.sync(); err != nil {
		// The message will be sent again, and must not be there twice then.
		return errors.Join(err, mb.root.Remove(name))
	}
	return nil
}

// sync makes the names in the folder durable.
func (mb *Mailbox) sync() error {
	dir, err := mb.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// list returns the names of the messages, newest first.
func (mb *Mailbox) list() ([]string, error) {
	entries, err := fs.ReadDir(mb.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.Type().IsRegular() && okName.MatchString(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	slices.Reverse(names) // ReadDir sorts them oldest first
	return names, nil
}

// List returns the newest messages, newest first and at most so many, and how
// many there are in all.
func (mb *Mailbox) List(most int) (newest []Envelope, all int, err error) {
	names, err := mb.list()
	if err != nil {
		return nil, 0, err
	}
	for _, name := range names[:min(most, len(names))] {
		e, err := mb.envelope(name)
		if err != nil {
			return nil, 0, fmt.Errorf("mailbox: %s: %w", name, err)
		}
		newest = append(newest, e)
	}
	return newest, len(names), nil
}

func (mb *Mailbox) envelope(name string) (Envelope, error) {
	file, err := mb.root.Open(name)
	if err != nil {
		return Envelope{}, err
	}
	defer file.Close()
	e, _, err := readEnvelope(name, file)
	return e, err
}

// Read returns the message in the file of that name. A name that List could not
// have given is fs.ErrNotExist, as is one that is not there.
func (mb *Mailbox) Read(name string) (Letter, error) {
	if !okName.MatchString(name) {
		return Letter{}, fmt.Errorf("mailbox: message %.100q: %w", name, fs.ErrNotExist)
	}
	file, err := mb.root.Open(name)
	if err != nil {
		return Letter{}, fmt.Errorf("mailbox: %w", err)
	}
	defer file.Close()
	l, err := readLetter(name, file)
	if err != nil {
		return Letter{}, fmt.Errorf("mailbox: %s: %w", name, err)
	}
	return l, nil
}
