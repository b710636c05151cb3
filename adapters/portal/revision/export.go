package revision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// Registers writes the books that accountants keep.
type Registers interface {
	// Write writes a book of a fixed query to w and returns its manifest. What a format
	// has no room for is a *domain.Refusal.
	Write(ctx context.Context, w io.Writer, q register.Query, f table.Format, progress func(events uint64)) (register.Manifest, error)
}

// The fields of an export.
const (
	bookField   = "registro"
	firstField  = "dal"
	lastField   = "al"
	formatField = "formato"
)

// exportPage is Esporta, before a file is made.
type exportPage struct {
	First, Last, Known string // as typed
	Book, Format       frame.Choice
	Gone               bool // the file that was asked for is not kept any more
	Errors             frame.FormErrors
}

func bookOptions() []frame.Option {
	var options []frame.Option
	for _, k := range register.Kinds {
		options = append(options, frame.Option{Value: string(k), Name: k.Title()})
	}
	return options
}

// formatNames say what a format is for.
var formatNames = map[table.Format]string{
	table.CSV: "CSV, per un foglio di calcolo", table.XLSX: "XLSX (Excel)", table.JSONL: "JSON Lines, con le impronte", table.PDF: "PDF, da stampare",
}

func formatOptions() []frame.Option {
	var options []frame.Option
	for _, f := range table.Formats {
		options = append(options, frame.Option{Value: string(f), Name: formatNames[f]})
	}
	return options
}

func (s *site) export(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showExport(w, r, who, http.StatusOK, s.exportForm(url.Values{}))
}

// exportForm is the form as it was sent; the days that are not typed are those of the
// month before.
func (s *site) exportForm(sent url.Values) exportPage {
	typed := func(name string) string { return strings.TrimSpace(sent.Get(name)) }
	p := exportPage{First: typed(firstField), Last: typed(lastField), Known: typed(knownField)}
	if len(sent) == 0 {
		now := s.Now()
		month := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, now.Location())
		p.First, p.Last = frame.Day(domain.DateOf(month)), frame.Day(domain.DateOf(month.AddDate(0, 1, -1)))
	}
	p.Book = frame.NewChoice(bookField, "Registro", typed(bookField), bookOptions(), nil).Free()
	p.Format = frame.NewChoice(formatField, "Formato", typed(formatField), formatOptions(), nil).Free()
	return p
}

func (s *site) showExport(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p exportPage) error {
	return s.Show(w, r, who, status, frame.Page{Name: "esporta", Title: "Esporta i registri", Trail: trail(frame.Link{Name: "Esporta i registri"}), Content: p})
}

// query reads what is asked for.
func (s *site) query(p *exportPage) (q register.Query, f table.Format) {
	q = register.Query{Kind: register.Kind(p.Book.Value), Creditor: s.Body.FiscalCode}
	q.From = p.Errors.Day(firstField, p.First, "Scrivi il primo giorno, ad esempio 01/02/2020")
	q.To = p.Errors.Day(lastField, p.Last, "Scrivi l'ultimo giorno, ad esempio 29/02/2020")
	if len(p.Errors) == 0 && q.To < q.From {
		p.Errors.Add(lastField, "L'ultimo giorno non viene prima del primo")
	}
	if p.Known != "" {
		q.RecordedBy = endOf(&p.Errors, knownField, p.Known, s.Now().Location())
	}
	f, err := table.ParseFormat(p.Format.Value)
	if err != nil {
		p.Format.Error = "Scegli un formato dell'elenco"
		p.Errors.Add(formatField, p.Format.Error)
	}
	if len(p.Errors) == 0 && q.Check() != nil {
		p.Book.Error = "Scegli un registro dell'elenco"
		p.Errors.Add(bookField, p.Book.Error)
	}
	return q, f
}

// beginExport begins to make a file. It writes nothing to the ledger: the file lies
// beside it for a while.
func (s *site) beginExport(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	p := s.exportForm(r.PostForm)
	q, f := s.query(&p)
	if len(p.Errors) > 0 {
		return s.showExport(w, r, who, http.StatusUnprocessableEntity, p)
	}
	q, err := q.Fix(r.Context(), s.Log)
	if err != nil {
		return err
	}
	id := exportID(q, f)
	s.jobs.again(exportName(id), q.Position, func(ctx context.Context, w *work) (any, error) { return s.exported(ctx, w, q, f) })
	http.Redirect(w, r, exportPath+"/"+id, http.StatusSeeOther)
	return nil
}

// exportID names a file by what is in it.
func exportID(q register.Query, f table.Format) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", q.Name(f), q.RecordedBy.UnixNano(), q.Position))
	return hex.EncodeToString(sum[:8])
}

func exportName(id string) string { return "esporta " + id }

// exportFile is a file that was made, or why it was not.
type exportFile struct {
	ID string
	register.Manifest
	Query  register.Query
	path   string
	Refuse bool // the format, or the disk, has no room for so much
}

func (s *site) exported(ctx context.Context, w *work, q register.Query, f table.Format) (*exportFile, error) {
	file, err := s.shelf.begin()
	if err != nil {
		return nil, err
	}
	e := &exportFile{Query: q}
	e.Manifest, err = s.Registers.Write(ctx, file, q, f, func(events uint64) { w.read.Store(events) })
	if err == nil {
		e.path, err = s.shelf.keep(file)
		return e, err
	}
	s.shelf.drop(file)
	if _, refused := errors.AsType[*domain.Refusal](err); refused || errors.Is(err, errFull) {
		e.Refuse, e.Manifest = true, register.NewManifest(q, f)
		return e, nil
	}
	return nil, err
}

// exportOf returns a file that was made, or the work where it is under way. Both are nil
// where there is none of that name, or where it is not kept any more.
func (s *site) exportOf(r *http.Request) (*exportFile, *work, error) {
	e, job, err := made[exportFile](s, r, exportName)
	if e == nil {
		return nil, job, err
	}
	e.ID = mux.Vars(r)["id"]
	if _, err := os.Stat(e.path); !e.Refuse && err != nil {
		return nil, nil, nil
	}
	return e, nil, nil
}

func (s *site) showExported(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	e, job, err := s.exportOf(r)
	switch {
	case err != nil:
		return err
	case job != nil:
		return s.waiting(w, r, who, job, "Esporta i registri")
	case e == nil:
		p := s.exportForm(url.Values{})
		p.Gone = true
		return s.showExport(w, r, who, http.StatusNotFound, p)
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{Name: "esportato", Title: e.Register.Title(),
		Trail: trail(frame.Link{Name: "Esporta i registri", URL: exportPath}, frame.Link{Name: e.Register.Title()}), Content: e})
}

// everybody is whom a register is about, where what is seen is noted: it has all the
// body's families in it.
var everybody = uuid.Nil

// downloadLimit is how long a browser may take to fetch a file.
const downloadLimit = 20 * time.Minute

// file answers with a register or with its manifest.
func (s *site) file(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	e, job, err := s.exportOf(r)
	if err != nil {
		return err
	}
	if e == nil || job != nil || e.Refuse {
		return frame.ErrNotFound
	}
	if mux.Vars(r)["parte"] == "manifesto" {
		text, err := e.Text()
		if err == nil {
			frame.Download(w, "application/json", e.File+register.ManifestSuffix, text)
		}
		return err
	}
	file, err := os.Open(e.path)
	if errors.Is(err, fs.ErrNotExist) {
		return frame.ErrNotFound
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if err := s.Noted(r, who, everybody); err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadLimit)) // a server without deadlines has none to move
	w.Header().Set("Content-Type", e.Format.MediaType())
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", e.File))
	http.ServeContent(w, r, "", time.Time{}, file)
	return nil
}
