package domain

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Document is a file that came from outside for reconciliation, folded from its
// stream: a flow, a treasury statement, or what was meant to be one. Its bytes are
// kept before anybody reads them, in parts where they are many. The parts say nothing
// until DocumentFiled closes them.
type Document struct {
	Parts       []int // the numbers of those kept
	Filed       bool
	Accepted    bool
	Quarantined string // why nobody could read it; empty once somebody could
}

// DocumentKind says what a document is.
type DocumentKind string

// The kinds of documents. An unknown one is quarantined, and so kept all the same.
const (
	DocumentFlow       DocumentKind = "fdr"
	DocumentFlowREST   DocumentKind = "fdr-rest"
	DocumentGiornale   DocumentKind = "giornale-di-cassa"
	DocumentCamt053    DocumentKind = "camt.053"
	DocumentUnknown    DocumentKind = "unknown"
	MaxDocumentPart                 = 512 << 10 // bytes of one part
	MaxDocumentName                 = 140
	MaxDocumentReading              = 256 << 20 // bytes of a document
)

// DocumentContent is what a document says, read.
type DocumentContent struct {
	Kind       DocumentKind
	Flows      []FileFlow
	Statements []FileStatement
}

// Channels a document can come through, beside those of receipts.
const (
	ChannelUpload = "upload"
	ChannelFolder = "folder"
	ChannelSOAP   = "soap"
	ChannelREST   = "rest"
	ChannelCLI    = "cli"
)

// DocumentCommand is the closed set of intents about a document.
type DocumentCommand interface{ documentCommand() }

// DocumentEvent closes the facts.
type DocumentEvent interface {
	Event
	documentEvent()
}

// FilePart keeps one part of a document's bytes.
type FilePart struct {
	Creditor FiscalCode
	Number   int    // from 0
	Packed   []byte // see PackDocument
	Subject  uuid.UUID
	At       time.Time
}

// FileDocument keeps the last part of a document and says that it is whole.
type FileDocument struct {
	FilePart
	Name    string // the file's, without its folder
	SHA256  string // of the bytes as they came
	Size    int64
	Channel string
}

// AcceptDocument says that a document was read, and what as.
type AcceptDocument struct {
	Creditor FiscalCode
	SHA256   string
	Kind     DocumentKind
	Contents []string // the flows' keys, or the statements' ids
	At       time.Time
}

// QuarantineDocument says that a document could not be read, or is not this body's.
type QuarantineDocument struct {
	Creditor FiscalCode
	SHA256   string
	Name     string
	Kind     DocumentKind
	Reason   string
	At       time.Time
}

// DocumentPart holds a part of a document's bytes.
type DocumentPart struct {
	Creditor FiscalCode `json:"creditor"`
	Number   int        `json:"number"`
	Packed   []byte     `json:"-"` // sealed
	Subject  uuid.UUID  `json:"subject"`
	At       time.Time  `json:"at"`
}

// DocumentFiled says that a document's bytes are kept, all of them.
type DocumentFiled struct {
	Creditor FiscalCode `json:"creditor"`
	Name     string     `json:"name"`
	SHA256   string     `json:"sha256"`
	Size     int64      `json:"size"`
	Parts    int        `json:"parts"`
	Channel  string     `json:"channel"`
	At       time.Time  `json:"at"`
}

// DocumentAccepted says that a document was read.
type DocumentAccepted struct {
	Creditor FiscalCode   `json:"creditor"`
	SHA256   string       `json:"sha256"`
	Kind     DocumentKind `json:"kind"`
	Contents []string     `json:"contents"`
	At       time.Time    `json:"at"`
}

// DocumentQuarantined says that a document is kept and nothing of it counts.
type DocumentQuarantined struct {
	Creditor FiscalCode   `json:"creditor"`
	SHA256   string       `json:"sha256"`
	Name     string       `json:"name"`
	Kind     DocumentKind `json:"kind"`
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
}

// Refusals about documents.
var (
	ErrBadDocument     = &Refusal{Invalid, "document", "a document is 1 byte to 256 MiB, in parts of at most 512 KiB"}
	ErrBadDocumentName = &Refusal{Invalid, "name", "a document's name is 1 to 140 characters"}
	ErrDocumentCut     = &Refusal{Conflict, "document", "parts of the document are missing"}
	ErrUnknownDocument = &Refusal{NotFound, "document", "no such document"}
)

// DocumentKey names the stream of a document's bytes, which each body has for itself.
func DocumentKey(creditor FiscalCode, sha string) string {
	sum := sha256.Sum256([]byte(string(creditor) + "\x00" + sha))
	return hex.EncodeToString(sum[:])
}

// PackDocument compresses a document and cuts it into parts.
func PackDocument(raw []byte) [][]byte {
	var b bytes.Buffer
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(&b)
	_, _ = w.Write(raw) // a buffer takes all
	_ = w.Close()
	return slices.Collect(slices.Chunk(b.Bytes(), MaxDocumentPart))
}

// packers are kept, for each takes a megabyte of memory, and thousands of flows are of
// fewer bytes than that.
var packers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one there is
	return w
}}

// UnpackDocument is PackDocument backwards.
func UnpackDocument(packed io.Reader) ([]byte, error) {
	r, err := gzip.NewReader(packed)
	if err != nil {
		return nil, fmt.Errorf("domain: a document of other bytes than were packed: %w", err)
	}
	return io.ReadAll(io.LimitReader(r, MaxDocumentReading+1))
}

// Decide answers cmd with the facts that follow from it.
func (d Document) Decide(cmd DocumentCommand) ([]DocumentEvent, error) {
	switch c := cmd.(type) {
	case FilePart:
		if len(c.Packed) == 0 || len(c.Packed) > MaxDocumentPart {
			return nil, ErrBadDocument
		}
		if d.Filed || slices.Contains(d.Parts, c.Number) {
			return nil, nil
		}
		return []DocumentEvent{DocumentPart(c)}, nil
	case FileDocument:
		return d.file(c)
	case AcceptDocument:
		if d.Accepted {
			return nil, nil
		}
		return []DocumentEvent{DocumentAccepted(c)}, nil
	case QuarantineDocument:
		if d.Accepted || d.Quarantined == c.Reason {
			return nil, nil
		}
		return []DocumentEvent{DocumentQuarantined(c)}, nil
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (d Document) file(c FileDocument) ([]DocumentEvent, error) {
	switch {
	case d.Filed:
		return nil, nil
	case !within(c.Name, 1, MaxDocumentName):
		return nil, fmt.Errorf("name %q: %w", clip(c.Name), ErrBadDocumentName)
	case len(c.Packed) == 0 || len(c.Packed) > MaxDocumentPart || c.Size > MaxDocumentReading:
		return nil, ErrBadDocument
	}
	for n := range c.Number {
		if !slices.Contains(d.Parts, n) {
			return nil, fmt.Errorf("part %d: %w", n, ErrDocumentCut)
		}
	}
	filed := DocumentFiled{c.Creditor, c.Name, c.SHA256, c.Size, c.Number + 1, c.Channel, c.At}
	if slices.Contains(d.Parts, c.Number) {
		return []DocumentEvent{filed}, nil
	}
	return []DocumentEvent{DocumentPart(c.FilePart), filed}, nil
}

// Evolve returns d as it stands after e.
func (d Document) Evolve(e DocumentEvent) Document {
	switch e := e.(type) {
	case DocumentPart:
		d.Parts = append(slices.Clip(d.Parts), e.Number)
	case DocumentFiled:
		d.Filed = true
	case DocumentAccepted:
		d.Accepted, d.Quarantined = true, ""
	case DocumentQuarantined:
		d.Quarantined = e.Reason
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return d
}

func (FilePart) documentCommand()           {}
func (FileDocument) documentCommand()       {}
func (AcceptDocument) documentCommand()     {}
func (QuarantineDocument) documentCommand() {}

// OccurredAt is when the part was kept.
func (e DocumentPart) OccurredAt() time.Time { return e.At }

// OccurredAt is when the document came.
func (e DocumentFiled) OccurredAt() time.Time { return e.At }

// OccurredAt is when it was read.
func (e DocumentAccepted) OccurredAt() time.Time { return e.At }

// OccurredAt is when it could not be read.
func (e DocumentQuarantined) OccurredAt() time.Time { return e.At }

func (DocumentPart) event()                {}
func (DocumentFiled) event()               {}
func (DocumentAccepted) event()            {}
func (DocumentQuarantined) event()         {}
func (DocumentPart) documentEvent()        {}
func (DocumentFiled) documentEvent()       {}
func (DocumentAccepted) documentEvent()    {}
func (DocumentQuarantined) documentEvent() {}
