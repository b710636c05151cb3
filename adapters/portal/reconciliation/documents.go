package reconciliation

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// maxUpload bounds what is sent at once: a document, and the form around it.
const maxUpload = domain.MaxDocumentReading + frame.MaxForm

// documentsShown is how many documents are listed.
const documentsShown = 50

// documentsPage is Flussi e giornali di cassa.
type documentsPage struct {
	Taken     []taken
	Documents []projections.DocumentRow
	Sources   []Source
	Search    searchBox
	Errors    frame.FormErrors
}

// taken is what became of a file just sent.
type taken struct {
	Taken
	Since time.Time // when it came first, where it came before
}

func (s *site) documents(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showDocuments(w, r, who, http.StatusOK, documentsPage{})
}

func (s *site) showDocuments(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p documentsPage) error {
	var err error
	if p.Documents, err = s.Views.Documents(r.Context(), documentsShown); err != nil {
		return err
	}
	p.Sources = s.Views.Sources()
	return s.Show(w, r, who, status, frame.Page{
		Name: "documenti", Title: "Flussi e giornali di cassa", Trail: trail(frame.Link{Name: "Flussi e giornali di cassa"}), Content: p,
	})
}

// original answers with a file as it came. A statement names everybody who paid: it
// counts as having seen everybody.
func (s *site) original(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	raw, name, err := s.Views.Original(r.Context(), r.URL.Query().Get("sha256"))
	if err != nil {
		return err
	}
	if err := s.Noted(r, who, uuid.Nil); err != nil {
		return err
	}
	frame.Download(w, "application/octet-stream", name, raw)
	return nil
}

// upload takes the files of a form. What became of each is told at once: a file is what
// it is, so that sending it again does nothing, and the answer need not be kept.
func (s *site) upload(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return errors.Join(frame.ErrForm, err)
	}
	var p documentsPage
	status := http.StatusOK
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = s.takePart(w, r, who, part, &p)
		}
		if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
			p.Errors.Add("file", s.Explained(refusal))
		} else if _, large := errors.AsType[*http.MaxBytesError](err); large {
			p.Errors.Add("file", s.Explained(domain.ErrBadDocument))
			break
		} else if err != nil {
			return err
		}
	}
	if len(p.Taken) == 0 && len(p.Errors) == 0 {
		p.Errors.Add("file", "Scegli almeno un file, XML o ZIP")
	}
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.showDocuments(w, r, who, status, p)
}

// takePart files one file of a form; an input where none was chosen is no file.
func (s *site) takePart(w http.ResponseWriter, r *http.Request, who frame.Visit, part *multipart.Part, p *documentsPage) error {
	name := path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
	if part.FormName() != "file" || part.FileName() == "" {
		return nil
	}
	raw, err := io.ReadAll(part)
	if err != nil {
		return err
	}
	all, at, err := s.Commands.Take(r.Context(), who.Account, name, raw)
	s.Wrote(w, at)
	for _, t := range all {
		one := taken{Taken: t}
		if t.Repeated {
			before, err := s.Views.Document(r.Context(), t.SHA256)
			if err != nil && !errors.Is(err, frame.ErrNotFound) {
				return err
			}
			one.Since = before.At
		}
		p.Taken = append(p.Taken, one)
	}
	return err
}
