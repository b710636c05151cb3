package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/saldo-ledger/saldo/adapters/backup"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// outcome prints how a backup or its restoring went.
type outcome struct {
	w      io.Writer
	asJSON bool
	verb   string
	held   int64 // checkpoints that were beyond the log
}

// outcomeJSON is a copy that was proved.
type outcomeJSON struct {
	Sound     bool                `json:"sound"` // true
	Directory string              `json:"directory"`
	Position  eventstore.Position `json:"position"`
	Events    uint64              `json:"events"`
	Streams   uint64              `json:"streams"`
	Files     int                 `json:"files"`
	Bytes     int64               `json:"bytes"`
	Taken     time.Time           `json:"taken"`
	Seconds   float64             `json:"seconds"`
}

func (o *outcome) done(dir string, m backup.Manifest, v audit.Verified, took time.Duration) error {
	if o.asJSON {
		return json.NewEncoder(o.w).Encode(outcomeJSON{
			true, dir, m.Position, v.Events, v.Streams, len(m.Files), m.Bytes(), m.Taken, took.Seconds(),
		})
	}
	_, err := fmt.Fprintf(o.w, "%s to %s in %.1f s, and sound: %d events in %d streams, up to position %d; %d bytes in %d files, of %s\n",
		o.verb, dir, took.Seconds(), v.Events, v.Streams, m.Position, m.Bytes(), len(m.Files), m.Taken.Format(timeForm))
	if err == nil && o.held > 0 {
		_, err = fmt.Fprintf(o.w, "Reactions that were ahead of the log's copy, and go on from its end: %d\n", o.held)
	}
	return err
}

// broken prints the break, and keeps the copy where an auditor finds it.
func (o *outcome) broken(p *place, v audit.Verified, b *audit.Break) error {
	kept, err := p.keepBroken()
	if err == nil {
		err = fmt.Errorf("the broken copy was kept as %s", kept)
	}
	return errors.Join(err, printBreak(o.w, v, b, o.asJSON))
}
