package portal

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/mail"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// noticePage is Paga presso PSP: what a PSP asks for to take the money.
type noticePage struct {
	Notice
	QR      template.HTML // an SVG; empty once paid
	PDFSize int           // bytes; 0 when the PDF cannot be made now
	Email   string        // as typed, or of the profile
	Errors  frame.FormErrors
}

func (s *site) notice(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	n, err := s.Views.Notice(r.Context(), parentOf(who), noticeNumber(r))
	if err != nil {
		return err
	}
	return s.showNotice(w, r, who, http.StatusOK, noticePage{Notice: n, Email: n.Email})
}

func noticeNumber(r *http.Request) domain.NoticeNumber {
	return domain.NoticeNumber(mux.Vars(r)["notice"]) // 18 digits, by its route
}

func (s *site) showNotice(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content noticePage) error {
	if content.Receipt == nil {
		qr, err := qrSVG(content.Number.QRCode(s.Body.FiscalCode, content.Amount))
		if err != nil {
			return err
		}
		content.QR = qr
		content.PDFSize = s.pdfSize(r, who, content.Number)
	}
	return s.Show(w, r, who, status, frame.Page{
		Name: "avviso", Title: "Paga presso PSP", Trail: []frame.Link{payTrail, {Name: "Paga presso PSP"}}, Content: content,
	})
}

// pdfSize makes the PDF to tell its size. The page holds everything that the PDF
// does, so it is shown without one too.
func (s *site) pdfSize(r *http.Request, who frame.Visit, notice domain.NoticeNumber) int {
	pdf, err := s.Commands.NoticePDF(r.Context(), parentOf(who), notice)
	if err != nil {
		s.Logger.ErrorContext(r.Context(), "notice not printed", "notice", notice, "error", err)
		return 0
	}
	return len(pdf)
}

func (s *site) noticePDF(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	number := noticeNumber(r)
	if _, err := s.Views.Notice(r.Context(), parentOf(who), number); err != nil {
		return err
	}
	pdf, err := s.Commands.NoticePDF(r.Context(), parentOf(who), number)
	if err != nil {
		return err
	}
	frame.Download(w, "application/pdf", pdfName(number), pdf)
	return nil
}

func pdfName(number domain.NoticeNumber) string { return "avviso-" + string(number) + ".pdf" }

func (s *site) emailNotice(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return fmt.Errorf("chiave: %w", frame.ErrForm)
	}
	n, err := s.Views.Notice(r.Context(), parentOf(who), noticeNumber(r))
	if err != nil {
		return err
	}
	content := noticePage{Notice: n, Email: r.PostForm.Get("email")}
	if !isAddress(content.Email) {
		content.Errors.Add("email", "Inserisci un indirizzo e-mail, ad esempio nome@esempio.it")
		return s.showNotice(w, r, who, http.StatusUnprocessableEntity, content)
	}
	err = s.Commands.EmailNotice(r.Context(), parentOf(who), n.Number, content.Email, key)
	if errors.Is(err, ErrTooManyEmails) {
		content.Errors.Add("email", "Hai già inviato più volte questo avviso oggi. Scarica il PDF, oppure riprova domani")
		return s.showNotice(w, r, who, http.StatusTooManyRequests, content)
	}
	if err != nil {
		return err
	}
	s.Tell(w, "Avviso inviato a "+frame.Masked(content.Email))
	http.Redirect(w, r, "/paga/avvisi/"+string(n.Number), http.StatusSeeOther)
	return nil
}

// isAddress reports whether s is one bare e-mail address.
func isAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == "" && len(s) <= 254
}

// noticeList lists the notices of a cart.
func (s *site) noticeList(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, err := s.payment(r, who, r.URL.Query().Get("pagamento"))
	if err != nil {
		return err
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "avvisi", Title: "Avvisi di pagamento", Trail: []frame.Link{payTrail, {Name: "Avvisi di pagamento"}}, Content: cartPage{p},
	})
}

// noticeArchive sends the notices of a cart that are still to be paid.
func (s *site) noticeArchive(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, err := s.payment(r, who, r.URL.Query().Get("pagamento"))
	if err != nil {
		return err
	}
	var open []domain.NoticeNumber
	for _, line := range p.Lines {
		if line.Receipt == nil {
			open = append(open, line.Notice)
		}
	}
	archive, err := s.Commands.NoticeArchive(r.Context(), parentOf(who), open)
	if err != nil {
		return err
	}
	frame.Download(w, "application/zip", "avvisi.zip", archive)
	return nil
}
