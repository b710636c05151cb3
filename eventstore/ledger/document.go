package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// DocumentReader reads documents of one kind for a body. It says no to what is not of
// its kind, and gives an error for what is and breaks a rule.
type DocumentReader func(raw []byte, body domain.CreditorProfile) (content domain.DocumentContent, mine bool, err error)

// Document is a file as it came.
type Document struct {
	Creditor domain.FiscalCode
	Name     string // without its folder
	Channel  string
	Raw      []byte
	At       time.Time
}

// Imported is what became of a document.
type Imported struct {
	Name     string
	SHA256   string
	Kind     domain.DocumentKind
	Repeated bool // it had been read before, or put away for the same reason
	// Quarantined says why nothing of the document counts; empty when it was read.
	Quarantined string
	Contents    []string // the keys of its flows, the ids of its statements
	Position    eventstore.Position
}

// documentKey is what all commands about one document have in common.
func documentKey(creditor domain.FiscalCode, sha string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("saldo/document/"+domain.DocumentKey(creditor, sha)))
}

// errUnknownKind quarantines what no reader takes for its own.
var errUnknownKind = errors.New("né un flusso di rendicontazione, né un giornale di cassa, né un camt.053: il formato non si riconosce")

// errUTF16 quarantines what no reader can look into, for it is not written in bytes that
// begin as XML does.
var errUTF16 = errors.New("riga 1: la codifica è UTF-16; si leggono UTF-8, ISO-8859-1, ISO-8859-15 e Windows-1252")

// isUTF16 reports whether a text of two bytes a letter begins here, with a byte order
// mark or without.
func isUTF16(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) ||
		bytes.HasPrefix(raw, []byte("<\x00")) || bytes.HasPrefix(raw, []byte("\x00<"))
}

// Import keeps a document's bytes, reads it, and files what it says. The bytes are
// durable before anybody reads them. What cannot be read, or is another body's, is
// quarantined whole: nothing of it counts. The same document again adds nothing; one
// that was quarantined is read again, for a program may know more by now. After an
// error in between, importing again goes on from there. What is larger than a document
// can be is refused before any part of it is kept.
func (l *Ledger) Import(ctx context.Context, actor string, d Document, readers ...DocumentReader) (Imported, error) {
	if len(d.Raw) > domain.MaxDocumentReading {
		return Imported{}, domain.ErrBadDocument
	}
	body, err := l.KnownCreditor(ctx, d.Creditor)
	if err != nil {
		return Imported{}, err
	}
	out := Imported{Name: documentName(d.Name), SHA256: domain.Hash(d.Raw), Kind: domain.DocumentUnknown}
	i := importing{l, d, actor, documentKey(d.Creditor, out.SHA256), DocumentStream(d.Creditor, out.SHA256)}
	if before, ok, err := i.before(ctx); err != nil || ok {
		before.Name, before.SHA256 = out.Name, out.SHA256
		return before, err
	}
	if err := i.keep(ctx, &out); err != nil {
		return out, err
	}
	content, err := read(d.Raw, body.Profile, readers)
	if content.Kind != "" {
		out.Kind = content.Kind
	}
	if err == nil {
		err = i.file(ctx, content, &out)
	}
	if _, refused := errors.AsType[*domain.Refusal](err); refused || isUnread(err) {
		return out, i.quarantine(ctx, err, &out)
	}
	if err != nil {
		return out, err
	}
	return out, i.accept(ctx, &out)
}

// unreadError is a document that breaks a rule of its kind.
type unreadError struct{ cause error }

func (e *unreadError) Error() string { return e.cause.Error() }
func (e *unreadError) Unwrap() error { return e.cause }

func isUnread(err error) bool {
	_, ok := errors.AsType[*unreadError](err)
	return ok
}

func read(raw []byte, body domain.CreditorProfile, readers []DocumentReader) (domain.DocumentContent, error) {
	if len(raw) == 0 {
		return domain.DocumentContent{}, &unreadError{domain.ErrBadDocument}
	}
	for _, r := range readers {
		content, mine, err := r(raw, body)
		if err != nil {
			err = &unreadError{err}
		}
		if mine {
			return content, err
		}
	}
	if isUTF16(raw) {
		return domain.DocumentContent{}, &unreadError{errUTF16}
	}
	return domain.DocumentContent{}, &unreadError{errUnknownKind}
}

// documentName is a file's name that can be kept.
func documentName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' || r >= 0x80 && r < 0xa0 {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if r := []rune(name); len(r) > domain.MaxDocumentName {
		name = string(r[len(r)-domain.MaxDocumentName:])
	}
	if name == "" {
		return "documento"
	}
	return name
}

// importing is one document on its way.
type importing struct {
	*Ledger
	doc    Document
	actor  string
	key    uuid.UUID
	stream eventstore.Stream
}

func (i importing) step(name string) eventstore.Envelope {
	return eventstore.Envelope{Command: then(i.key, name), Actor: i.actor, Correlation: i.key}
}

// before returns what became of the document when it was read earlier.
func (i importing) before(ctx context.Context) (Imported, bool, error) {
	state, _, err := i.documents.Load(ctx, i.stream)
	if err != nil || !state.Accepted {
		return Imported{}, false, err
	}
	out := Imported{Repeated: true}
	for rec, err := range i.store.Read(ctx, i.stream, 0) {
		if err != nil {
			return out, false, err
		}
		fact, err := i.registry.Decode(ctx, rec)
		if err != nil {
			return out, false, err
		}
		if accepted, ok := fact.(domain.DocumentAccepted); ok {
			out.Kind, out.Contents, out.Position = accepted.Kind, accepted.Contents, rec.Position
		}
	}
	return out, true, nil
}

// keep files the bytes.
func (i importing) keep(ctx context.Context, out *Imported) error {
	if state, _, err := i.documents.Load(ctx, i.stream); err != nil || state.Filed {
		return err
	}
	parts := domain.PackDocument(i.doc.Raw)
	subject := domain.CreditorSubject(i.doc.Creditor)
	for n, p := range parts {
		part := domain.FilePart{Creditor: i.doc.Creditor, Number: n, Packed: p, Subject: subject, At: i.doc.At}
		var cmd domain.DocumentCommand = part
		if n == len(parts)-1 {
			cmd = domain.FileDocument{FilePart: part, Name: out.Name, SHA256: out.SHA256, Size: int64(len(i.doc.Raw)), Channel: i.doc.Channel}
		}
		done, err := i.documents.Handle(ctx, i.stream, i.step("part/"+strconv.Itoa(n)), cmd)
		if err != nil {
			return err
		}
		out.Position = done.Position
	}
	return nil
}

func (i importing) quarantine(ctx context.Context, why error, out *Imported) error {
	out.Quarantined = reason(why)
	before, _, err := i.documents.Load(ctx, i.stream)
	if err != nil {
		return err
	}
	out.Repeated = before.Quarantined == out.Quarantined
	done, err := i.documents.Handle(ctx, i.stream, i.step("quarantine/"+domain.Hash([]byte(out.Quarantined))), domain.QuarantineDocument{
		Creditor: i.doc.Creditor, SHA256: out.SHA256, Name: out.Name, Kind: out.Kind, Reason: out.Quarantined, At: i.doc.At,
	})
	out.Position = max(out.Position, done.Position)
	return err
}

func (i importing) accept(ctx context.Context, out *Imported) error {
	done, err := i.documents.Handle(ctx, i.stream, i.step("accept"), domain.AcceptDocument{
		Creditor: i.doc.Creditor, SHA256: out.SHA256, Kind: out.Kind, Contents: out.Contents, At: i.doc.At,
	})
	out.Position = max(out.Position, done.Position)
	return err
}

// file files what the document says: all of it is checked before any of it is filed.
func (i importing) file(ctx context.Context, c domain.DocumentContent, out *Imported) error {
	for n := range c.Flows {
		c.Flows[n].Creditor, c.Flows[n].Document, c.Flows[n].At = i.doc.Creditor, out.SHA256, i.doc.At
		c.Flows[n] = c.Flows[n].Totalled()
		if err := i.checkFlow(ctx, c.Flows[n]); err != nil {
			return err
		}
	}
	for n := range c.Statements {
		c.Statements[n].Creditor, c.Statements[n].Document, c.Statements[n].At = i.doc.Creditor, out.SHA256, i.doc.At
		c.Statements[n].Statement.UUID = uuid.NewSHA1(i.key, []byte("statement/"+strconv.Itoa(n)))
		c.Statements[n].Subject = domain.CreditorSubject(i.doc.Creditor)
		if err := c.Statements[n].Check(); err != nil {
			return err
		}
	}
	for _, f := range c.Flows {
		if err := i.fileFlow(ctx, f, out); err != nil {
			return err
		}
		out.Contents = append(out.Contents, f.Key())
	}
	for _, s := range c.Statements {
		if err := i.fileStatement(ctx, s, out); err != nil {
			return err
		}
		out.Contents = append(out.Contents, s.Statement.String())
	}
	return nil
}

func (i importing) checkFlow(ctx context.Context, f domain.FileFlow) error {
	if err := f.Check(); err != nil {
		return err
	}
	state, _, err := i.flows.Load(ctx, FlowStream(f.Key()))
	if err == nil && state.Filed && state.Digest != f.Digest {
		err = fmt.Errorf("flow %q of %s: %w", f.ID, f.Created.Format(time.RFC3339), domain.ErrOtherFlow)
	}
	return err
}

// fileFlow files a flow's lines in parts, and closes it with the last.
func (i importing) fileFlow(ctx context.Context, f domain.FileFlow, out *Imported) error {
	stream, parts := FlowStream(f.Key()), slices.Collect(slices.Chunk(f.Lines, domain.MaxFlowPart))
	for n, lines := range parts {
		var cmd domain.FlowCommand = domain.FileFlowLines{Creditor: f.Creditor, Flow: f.Key(), Part: n, Lines: lines, At: f.At}
		if n == len(parts)-1 {
			last := f
			last.Lines, last.Part = lines, n
			cmd = last
		}
		done, err := i.flows.Handle(ctx, stream, i.step(string(stream)+"/"+strconv.Itoa(n)), cmd)
		if err != nil {
			return err
		}
		out.Position = max(out.Position, done.Position)
	}
	return nil
}

// fileStatement files a statement's movements in parts, and closes it with the last.
func (i importing) fileStatement(ctx context.Context, s domain.FileStatement, out *Imported) error {
	stream := StatementStream(s.Statement)
	moves := slices.Collect(slices.Chunk(s.Movements, domain.MaxStatementPart))
	texts := slices.Collect(slices.Chunk(s.Texts, domain.MaxStatementPart))
	for n := range max(1, len(moves)) {
		part := s.FileMovements
		part.Part, part.Movements, part.Texts = n, nil, nil
		if n < len(moves) {
			part.Movements = moves[n]
		}
		if n < len(texts) {
			part.Texts = texts[n]
		}
		var cmd domain.StatementCommand = part
		if n >= len(moves)-1 {
			last := s
			last.FileMovements = part
			cmd = last
		}
		done, err := i.statements.Handle(ctx, stream, i.step(string(stream)+"/"+strconv.Itoa(n)), cmd)
		if err != nil {
			return err
		}
		out.Position = max(out.Position, done.Position)
	}
	return nil
}

// Original returns the bytes of a document as they came, or ErrUnknownDocument.
func (l *Ledger) Original(ctx context.Context, creditor domain.FiscalCode, sha string) ([]byte, domain.DocumentFiled, error) {
	var packed bytes.Buffer
	var filed domain.DocumentFiled
	for rec, err := range l.store.Read(ctx, DocumentStream(creditor, sha), 0) {
		if err != nil {
			return nil, filed, err
		}
		fact, err := l.registry.Decode(ctx, rec)
		if err != nil {
			return nil, filed, err
		}
		switch e := fact.(type) {
		case domain.DocumentPart:
			packed.Write(e.Packed)
		case domain.DocumentFiled:
			filed = e
		}
	}
	if filed.SHA256 == "" {
		return nil, filed, fmt.Errorf("document %.64q: %w", sha, domain.ErrUnknownDocument)
	}
	raw, err := domain.UnpackDocument(&packed)
	return raw, filed, err
}
