package revision

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// Receipts opens the messages that brought a receipt.
type Receipts interface {
	// Messages returns them as they were filed, the first first; without bytes where
	// these were erased with their person. Where there is none that is a *domain.Refusal.
	Messages(ctx context.Context, receipt domain.ReceiptID) ([]domain.ReceiptFiled, error)
}

// The fields of a receipt's addresses.
const (
	receiptField = "ricevuta"
	messageField = "messaggio"
)

// receiptPage is La ricevuta com'è arrivata.
type receiptPage struct {
	Receipt  domain.ReceiptID
	Notice   domain.NoticeNumber
	Amount   domain.Money
	Messages []messageView
}

// messageView is one message that brought a receipt.
type messageView struct {
	Number   int
	Channel  string
	At       time.Time
	SHA256   string // as the log has it
	Size     int
	Original string // the address of its bytes; "" where they were erased
	Same     bool   // the bytes give that SHA-256
	Text     string // of XML, what may be shown of it; "" for bytes that are none
	Masked   bool   // what it says of people is left out
}

// channelNames say how a receipt came.
var channelNames = map[string]string{
	domain.ChannelPaForNode: "inviata dal Nodo dei pagamenti", domain.ChannelBizEvents: "chiesta a pagoPA, perché non era arrivata",
}

// receiptURL is where a receipt's messages are shown.
func receiptURL(id domain.ReceiptID) string {
	return receiptPath + "?" + url.Values{receiptField: {string(id)}}.Encode()
}

func (s *site) receipt(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	filed, err := s.messages(r)
	if err != nil {
		return err
	}
	first := filed[0]
	page := frame.Page{
		Name: "ricevuta", Title: "La ricevuta com'è arrivata", Of: subjects(filed),
		Trail: trail(frame.Link{Name: "Gli eventi di una cifra", URL: explainPath}, frame.Link{Name: "Ricevuta"}),
	}
	p := receiptPage{Receipt: first.Receipt, Notice: first.Notice, Amount: first.Amount}
	for i, f := range filed {
		p.Messages = append(p.Messages, viewOf(i+1, f, who.Account.Has(domain.RoleAdministrator)))
	}
	page.Content = p
	return s.Show(w, r, who, http.StatusOK, page)
}

// viewOf shows a message; whole says that what it says of people may be seen.
func viewOf(number int, f domain.ReceiptFiled, whole bool) messageView {
	v := messageView{
		Number: number, Channel: cmp.Or(channelNames[f.Channel], f.Channel), At: f.At, SHA256: f.SHA256, Size: len(f.Raw), Same: domain.Hash(f.Raw) == f.SHA256,
	}
	if len(f.Raw) == 0 {
		return v
	}
	v.Original = receiptPath + "/originale?" + url.Values{receiptField: {string(f.Receipt)}, messageField: {strconv.Itoa(number)}}.Encode()
	if text, ok := masked(f.Raw); ok {
		v.Text, v.Masked = text, !whole
	}
	if whole && v.Text != "" {
		v.Text = string(f.Raw)
	}
	return v
}

// original answers with the very bytes of a message.
func (s *site) original(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	filed, err := s.messages(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.URL.Query().Get(messageField))
	if err != nil || n < 1 || n > len(filed) || len(filed[n-1].Raw) == 0 {
		return frame.ErrNotFound
	}
	if err := s.Noted(r, who, subjects(filed[n-1:n])...); err != nil {
		return err
	}
	frame.Download(w, "application/octet-stream", fileOf(filed[n-1]), filed[n-1].Raw)
	return nil
}

// fileOf names the file of a message: there are some that are no XML.
func fileOf(f domain.ReceiptFiled) string {
	kind := ".dat"
	if _, ok := masked(f.Raw); ok {
		kind = ".xml"
	}
	return "ricevuta-" + f.SHA256 + kind
}

// messages are those of the receipt that is asked for.
func (s *site) messages(r *http.Request) ([]domain.ReceiptFiled, error) {
	id := r.URL.Query().Get(receiptField)
	if id == "" || len(id) > maxTyped {
		return nil, frame.ErrNotFound
	}
	filed, err := s.Receipts.Messages(r.Context(), domain.ReceiptID(id))
	if err == nil && len(filed) == 0 {
		err = frame.ErrNotFound
	}
	return filed, err
}

// subjects are whose personal data messages are.
func subjects(filed []domain.ReceiptFiled) (all []uuid.UUID) {
	for _, f := range filed {
		all = appendNew(all, f.Subject)
	}
	return all
}
