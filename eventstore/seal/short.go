package seal

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

// shortMark begins a proof's short form, and says which form that is.
const shortMark = "SALDO1:"

// shortLimit bounds what a short form may unpack to: text of strangers is read.
const shortLimit = eventstore.MaxEventSize + 64<<10

// frame is text that most events have, so that a short form need not.
const frame = `{"at":""},"actor":"gestionale","correlation","expected":"","issuer":"","year":"","credit":"","reason":"` +
	`{"creditor":"","notice":"3","receipt":"","amount":"","psp":{"id":"","name":"","method":""},"paidAt":"","channel":"paForNode","issuer":"","hash":"","raw":"bulletin-receipt-filed.v1payment-completed.v1` +
	`{"$correlationId":"","$causationId":"","command":"","actor":"pagopa","request":"","recorded":"202","hash":"` +
	`payment-confirmed.v1bulletin-{"creditor":"","notice":"30100000000000","parent":"","receipt":"","amount":"","lines":[{"consumer":"","service":"MENSA","amount":""}],"psp":{"id":"","name":"","method":"creditCard"},"at":"2020-01-01T00:00:00Z"}`

// Short writes the proof as one line of the characters that a QR code packs best
// (base 45), for paper: about 1,000 characters more than the event itself takes. The
// public keys are not in it.
func (p Proof) Short() (string, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriterDict(&packed, flate.BestCompression, []byte(frame))
	if err != nil {
		return "", err
	}
	raw, err := p.binary()
	if err != nil {
		return "", err
	}
	_, err = w.Write(raw)
	if err == nil {
		err = w.Close()
	}
	return shortMark + base45(packed.Bytes()), err
}

// binary puts what does not pack, such as hashes, behind what does.
func (p Proof) binary() ([]byte, error) {
	c := p.Checkpoint
	_, line, _ := strings.Cut(string(c.Note), "\n\n"+signatureMark+c.Origin+" ")
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(line, "\n"))
	if err != nil || len(signature) != 68 {
		return nil, fmt.Errorf("%w: its checkpoint has not one signature", ErrNoProof)
	}
	origin, err := hex.DecodeString(strings.TrimPrefix(c.Origin, "saldo/"))
	if err != nil || len(origin) != 8 {
		return nil, fmt.Errorf("%w: %q is no ledger", ErrNoProof, c.Origin)
	}
	e := p.Event
	var b []byte
	for _, text := range []string{string(e.Stream), e.Type, e.Data, e.Metadata} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = append(b, e.ID[:]...)
	for _, n := range []uint64{uint64(e.Position), uint64(e.Revision), p.Index, c.Size, uint64(c.Position), uint64(c.Time.UnixNano()), uint64(len(p.Path))} {
		b = binary.AppendUvarint(b, n)
	}
	b = append(b, origin...)
	b = append(b, signature...)
	b = append(b, p.Previous[:]...)
	b = append(b, c.Root[:]...)
	for i := range p.Path {
		b = append(b, p.Path[i][:]...)
	}
	return b, nil
}

// ParseShort reads what Short wrote.
func ParseShort(text string) (Proof, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), shortMark)
	if !ok {
		return Proof{}, fmt.Errorf("%w: it does not begin with %s", ErrNoProof, shortMark)
	}
	packed, err := fromBase45(rest)
	if err != nil {
		return Proof{}, err
	}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReaderDict(bytes.NewReader(packed), []byte(frame)), shortLimit))
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrNoProof, err)
	}
	r := shortReader{rest: raw}
	p := r.proof()
	if r.short || len(r.rest) > 0 {
		return Proof{}, fmt.Errorf("%w: it is cut short", ErrNoProof)
	}
	p.Checkpoint, err = ParseCheckpoint(p.Checkpoint.Note)
	return p, err
}

// shortReader takes a proof apart.
type shortReader struct {
	rest  []byte
	short bool
}

func (r *shortReader) proof() (p Proof) {
	p.Event.Stream, p.Event.Type = eventstore.Stream(r.text()), r.text()
	p.Event.Data, p.Event.Metadata = r.text(), r.text()
	copy(p.Event.ID[:], r.bytes(16))
	p.Event.Position, p.Event.Revision, p.Index = eventstore.Position(r.number()), eventstore.Revision(r.number()), r.number()
	var c Checkpoint
	c.Size, c.Position, c.Time = r.number(), eventstore.Position(r.number()), time.Unix(0, int64(r.number()))
	path := r.number()
	c.Origin = "saldo/" + hex.EncodeToString(r.bytes(8))
	signature := r.bytes(68)
	copy(p.Previous[:], r.bytes(32))
	copy(c.Root[:], r.bytes(32))
	for i := uint64(0); i < path && !r.short; i++ {
		p.Path = append(p.Path, Hash(r.bytes(32)))
	}
	p.Checkpoint.Note = fmt.Appendf(nil, "%s\n%s%s %s\n", c.text(), signatureMark, c.Origin, base64.StdEncoding.EncodeToString(signature))
	return p
}

func (r *shortReader) bytes(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.short = true
		return make([]byte, min(n, 128))
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *shortReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.short = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *shortReader) text() string { return string(r.bytes(r.number())) }
