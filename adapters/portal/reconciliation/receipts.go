package reconciliation

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/projections"
)

// receiptCase is a payment as its page tells of it.
type receiptCase struct {
	reconciliation.Receipt
	Finding reconciliation.Finding
	Flows   []*reconciliation.FlowResult  // that name it
	Money   *projections.ReceiptToResolve // nil when its money is where it belongs
	Form    resolutionForm                // to resolve it
	Can     map[string]bool               // what can be done with its money
	Short   domain.Money                  // what the bulletin asks more than it brought
}

// resolutionForm is what was typed to resolve a receipt.
type resolutionForm struct{ To, WriteOff, Order, Reason string }

// seekDays is how many days after a payment flows are looked at that should name it.
const seekDays = 15

// receiptOf is a payment as it stands, with the flows that name it.
func (s *site) receiptOf(r *http.Request, id domain.ReceiptID) (*receiptCase, error) {
	money, err := s.money(r, id)
	if err != nil {
		return nil, err
	}
	taking, flows, err := s.Views.Taking(r.Context(), id)
	if errors.Is(err, frame.ErrNotFound) && money != nil { // it brought nothing
		taking, err = reconciliation.Receipt{ID: id, Notice: money.Notice, Issuer: money.Issuer, PSP: money.PSP.ID, PaidAt: money.PaidAt, Filed: true}, nil
	}
	if err != nil {
		return nil, err
	}
	c := &receiptCase{Receipt: taking}
	c.waits(money)
	for _, id := range flows {
		f, err := s.naming(r, id, c.ID)
		if err != nil {
			return nil, err
		}
		c.Flows = append(c.Flows, f)
	}
	c.Finding, err = s.findingOf(r, c)
	return c, err
}

// findingOf is the outcome of a payment: the worst of its lines, or what its absence from
// the flows of those days means.
func (s *site) findingOf(r *http.Request, c *receiptCase) (found reconciliation.Finding, err error) {
	for _, f := range c.Flows {
		for _, l := range f.Found {
			if l.FlowLine.Receipt == c.ID && (found.Outcome == "" || reconciliation.Worse(found.Outcome, l.Outcome) != found.Outcome) {
				found = l.Finding
			}
		}
	}
	if len(c.Flows) > 0 {
		return found, nil
	}
	terms, err := s.terms(r.Context())
	if err != nil {
		return found, err
	}
	facts, err := s.Views.Facts(r.Context(), domain.Period{From: domain.DateOf(c.PaidAt.AddDate(0, 0, -1)), To: domain.DateOf(c.PaidAt.AddDate(0, 0, seekDays))})
	if err != nil {
		return found, err
	}
	for _, x := range reconciliation.Match(facts, terms).Receipts {
		if x.ID == c.ID {
			found = x.Finding
		}
	}
	return found, nil
}

// money is that of a receipt which waits for somebody; nil when it is where it belongs.
func (s *site) money(r *http.Request, id domain.ReceiptID) (*projections.ReceiptToResolve, error) {
	all, err := s.Views.ToResolve(r.Context())
	i := slices.IndexFunc(all, func(x projections.ReceiptToResolve) bool { return x.Receipt == id })
	if err != nil || i < 0 {
		return nil, err
	}
	return &all[i], nil
}

// waits tells what can be done with money that waits for somebody.
func (c *receiptCase) waits(money *projections.ReceiptToResolve) {
	if money == nil {
		return
	}
	c.Money, c.Can = money, make(map[string]bool)
	for _, can := range money.Can() {
		c.Can[string(resolutions[can])] = true
	}
	if money.Issuer == "" {
		c.Form.To = string(money.Notice)
		c.Short = max(money.Expected-money.Amount, 0)
	}
}

// resolutions are the API's words for what can be done, as forms name them.
var resolutions = map[string]ResolutionAction{"apply": Apply, "refund": Refund, "disown": Disown, "refunded": Refunded}

func (s *site) receipt(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showSubject(w, r, who, domain.SubjectOfReceipt(domain.ReceiptID(r.URL.Query().Get("id"))))
}

// resolve carries out what a person decided about a receipt's money.
func (s *site) resolve(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	asked := func(name string) string { return strings.Join(strings.Fields(r.PostForm.Get(name)), " ") }
	key, err := uuid.Parse(asked("chiave"))
	if err != nil {
		return frame.ErrForm
	}
	d := Resolution{Receipt: domain.ReceiptID(r.PostForm.Get("ricevuta")), Action: ResolutionAction(asked("azione")), Reason: asked("perche"), Order: asked("ordine")}
	said, known := resolved[d.Action]
	if !known {
		return frame.ErrForm
	}
	p, err := s.found(r, domain.SubjectOfReceipt(d.Receipt))
	if err != nil {
		return err
	}
	p.Key = key.String()
	p.Receipt.Form = resolutionForm{To: asked("avviso"), WriteOff: asked("abbuono"), Order: d.Order, Reason: d.Reason}
	p.checkResolution(&d)
	if len(p.Errors) > 0 {
		return s.showCase(w, r, who, http.StatusUnprocessableEntity, p)
	}
	at, err := s.Commands.Resolve(r.Context(), who.Account, key, d)
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		p.Errors.Add(resolutionField(refusal), s.Explained(refusal))
		return s.showCase(w, r, who, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, said, receiptLink(d.Receipt))
}

// checkResolution reads what was typed, each field for the actions that need it.
func (p *casePage) checkResolution(d *Resolution) {
	typed := p.Receipt.Form
	if d.Action == Apply {
		d.To = domain.NoticeNumber(strings.ReplaceAll(typed.To, " ", ""))
		if _, err := domain.ParseNoticeNumber(string(d.To)); err != nil {
			p.Errors.Add("avviso", "Scrivi il codice dell'avviso a cui attribuire la somma: 18 cifre")
		}
		if typed.WriteOff != "" {
			var err error
			if d.WriteOff, err = frame.ParseEuro(typed.WriteOff); err != nil || d.WriteOff < 0 {
				p.Errors.Add("abbuono", "Scrivi l'abbuono in euro, ad esempio 0,50")
			}
		}
	}
	if d.Action == Refunded {
		if d.Order == "" || len([]rune(d.Order)) > 140 {
			p.Errors.Add("ordine", "Scrivi il numero del mandato o del bonifico con cui la somma è stata restituita")
		}
		return
	}
	checkReason(&p.Errors, "perche", d.Reason)
}

// resolutionField is the input that a refusal is about.
func resolutionField(refusal *domain.Refusal) string {
	switch refusal.Field {
	case "writeOff":
		return "abbuono"
	case "order":
		return "ordine"
	case "notice", "noticeNumber":
		return "avviso"
	}
	return "perche"
}

// resolved says what was done with a receipt's money.
var resolved = map[ResolutionAction]string{
	Apply: "Somma attribuita all'avviso.", Refund: "Somma da rimborsare al pagatore.", Disown: "Registrato: la somma non è dell'ente.",
	Refunded: "Rimborso registrato.",
}
