package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/backup"
	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// headsConfig says where the day's checkpoint is kept outside the house.
type headsConfig struct {
	// Folder takes one file a day. It should be on another machine.
	Folder string `yaml:"folder"`
	// Mail are addresses that get one message a day.
	Mail []string `yaml:"mail"`
}

func (c headsConfig) check() error {
	var errs []error
	for _, to := range c.Mail {
		if _, err := netmail.ParseAddress(to); err != nil {
			errs = append(errs, fmt.Errorf("heads.mail: %q is no address", to))
		}
	}
	return errors.Join(errs...)
}

// headsEvery is how often it is looked whether the day's head went out.
const headsEvery = 5 * time.Minute

// sendHeads hands out the first checkpoint of each day, until ctx is done. What fails
// is tried again; what went out that day already does nothing.
func (s *service) sendHeads(ctx context.Context) error {
	sent := ""
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
		day := inItaly(s.now()).Format(time.DateOnly)
		wait := headsEvery
		if sent != day {
			switch err := s.sendHead(ctx, day); {
			case err == nil:
				sent = day
			case errors.Is(err, seal.ErrUnsealed):
				wait = time.Second // the first event of all is on its way
			case ctx.Err() == nil:
				s.logger.Error("the day's head did not go out", "day", day, "error", err)
			}
		}
		pause.Reset(wait)
	}
}

// sendHead hands out a day's head.
func (s *service) sendHead(ctx context.Context, day string) error {
	head, err := s.sealer.Latest()
	if err != nil {
		return err
	}
	name := strings.ReplaceAll(head.Origin, "/", "-") + "-" + day + ".head"
	var errs []error
	if s.Heads.Folder != "" {
		errs = append(errs, keepHead(s.Heads.Folder, name, head.Note))
	}
	for _, to := range s.Heads.Mail {
		errs = append(errs, s.writeHead(ctx, to, day, name, head))
	}
	return errors.Join(errs...)
}

// keepHead writes a head to a folder, whole or not at all. One of that day that is
// there already is left as it is.
func keepHead(folder, name string, note []byte) error {
	path := filepath.Join(folder, name)
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, name+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(note)
	err = errors.Join(err, file.Sync(), file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return backup.SyncFolder(folder)
}

// headSpace is the name space of the ids of these letters, and of who gets them.
var headSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("saldo/heads"))

func (s *service) writeHead(ctx context.Context, to, day, name string, head seal.Checkpoint) error {
	return s.bodies[0].write(ctx, letter{
		Words: headWords(day, head), To: to,
		ID:          uuid.NewSHA1(headSpace, []byte(head.Origin+"\n"+day+"\n"+to)).String(),
		Person:      uuid.NewSHA1(headSpace, []byte(to)),
		Attachments: []mail.Attachment{{Name: name, Type: "text/plain", Content: head.Note}},
	})
}

// headWords say what the head is for.
func headWords(day string, head seal.Checkpoint) mail.Words {
	return mail.Words{
		Subject: "Impronta del registro del " + day, Greeting: "Gentile revisore,",
		Said: []string{"in allegato trovi l'impronta firmata del registro contabile: non contiene dati personali né importi."},
		Facts: []mail.Fact{
			{Label: "Registro", Value: head.Origin}, {Label: "Eventi", Value: fmt.Sprint(head.Size)}, {Label: "Ultima posizione", Value: fmt.Sprint(head.Position)},
			{Label: "Radice", Value: head.Root.String()}, {Label: "Firmata il", Value: moment(head.Time)},
		},
		Then: []string{
			"Conserva l'allegato così com'è, fuori dai sistemi dell'ente: dimostra in qualunque momento che il registro di oggi non è stato alterato.",
			"Per verificarlo: ledgerctl audit verify --head con il nome del file allegato.",
		},
	}
}
