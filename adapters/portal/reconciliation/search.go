package reconciliation

import (
	"errors"
	"net/http"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// searchBox is the box on every page of the family.
type searchBox struct {
	Text   string
	Errors frame.FormErrors
}

// search leads to what a text names: a notice (18 digits, or its IUV), a flow, or a
// movement.
func (s *site) search(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	box := searchBox{Text: strings.TrimSpace(r.URL.Query().Get("testo"))}
	digits := strings.ReplaceAll(box.Text, " ", "")
	if len(digits) == 17 {
		digits = "3" + digits // an IUV
	}
	if n, err := domain.ParseNoticeNumber(digits); err == nil {
		http.Redirect(w, r, noticePath+"/"+string(n), http.StatusSeeOther)
		return nil
	}
	if box.Text != "" {
		if _, err := s.flowOf(r, box.Text); err == nil {
			http.Redirect(w, r, flowLink(box.Text), http.StatusSeeOther)
			return nil
		} else if !errors.Is(err, frame.ErrNotFound) {
			return err
		}
		if _, err := s.Views.BankLine(r.Context(), box.Text); err == nil {
			http.Redirect(w, r, movementLink(box.Text), http.StatusSeeOther)
			return nil
		} else if !errors.Is(err, frame.ErrNotFound) {
			return err
		}
	}
	box.Errors.Add("testo", "Niente ha questo codice: scrivi un codice avviso, uno IUV o l'identificativo di un flusso")
	return s.Show(w, r, who, http.StatusUnprocessableEntity, frame.Page{Name: "cerca", Title: "Cerca", Trail: trail(frame.Link{Name: "Cerca"}), Content: box})
}
