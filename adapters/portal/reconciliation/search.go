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

// search leads to what a text names: a notice (18 digits, or its IUV), a flow, a movement
// or a receipt.
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
		to, err := s.named(r, box.Text)
		if err != nil {
			return err
		}
		if to != "" {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return nil
		}
	}
	box.Errors.Add("testo", "Niente ha questo codice: scrivi un codice avviso, uno IUV, uno IUR o l'identificativo di un flusso")
	return s.Show(w, r, who, http.StatusUnprocessableEntity, frame.Page{Name: "cerca", Title: "Cerca", Trail: trail(frame.Link{Name: "Cerca"}), Content: box})
}

// named is the page of the flow, the movement or the receipt of an id; empty for none.
func (s *site) named(r *http.Request, id string) (string, error) {
	for _, try := range []struct {
		path string
		look func() error
	}{
		{flowLink(id), func() error { _, err := s.flowsOf(r, id); return err }},
		{movementLink(id), func() error { _, err := s.Views.BankLine(r.Context(), id); return err }},
		{receiptLink(domain.ReceiptID(id)), func() error { _, _, err := s.Views.Taking(r.Context(), domain.ReceiptID(id)); return err }},
	} {
		if err := try.look(); err == nil {
			return try.path, nil
		} else if !errors.Is(err, frame.ErrNotFound) {
			return "", err
		}
	}
	return "", nil
}
