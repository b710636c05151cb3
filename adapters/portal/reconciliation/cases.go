package reconciliation

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/projections"
)

// casePage is a flow, a movement or a receipt, with what people can decide about it.
type casePage struct {
	Subject  domain.Subject
	Receipt  *receiptCase                // of a receipt
	Flow     *reconciliation.FlowResult  // of a flow, or of a movement that belongs to one
	Alike    []reconciliation.FlowResult // flows of other PSPs under the same id
	Movement *projections.BankLine       // of a movement
	Free     *reconciliation.CreditResult
	Word     projections.CaseWord
	History  []*deed
	Stake    domain.Money // what is at stake when it is accepted as it stands
	Key      string
	Reason   string       // typed
	Chosen   string       // the flow typed for a match by hand
	FourEyes domain.Money // above which two persons decide; 0 for never
	Search   searchBox
	Errors   frame.FormErrors
}

// path is the page of a case.
func (p casePage) path() string {
	switch {
	case p.Movement != nil:
		return movementLink(p.Movement.Movement)
	case p.Receipt != nil:
		return receiptLink(p.Receipt.ID)
	}
	return flowLink(p.Flow.ID)
}

// flowsOf are the flows of an id as they stand, the one made last at the end: one, unless
// PSPs use the same id.
func (s *site) flowsOf(r *http.Request, id string) ([]reconciliation.FlowResult, error) {
	terms, err := s.terms(r.Context())
	if err != nil {
		return nil, err
	}
	facts, err := s.Views.Flow(r.Context(), id)
	if err != nil {
		return nil, err
	}
	all := reconciliation.Match(facts, terms).Flows
	if len(all) == 0 {
		return nil, frame.ErrNotFound
	}
	return all, nil
}

// flowOf is the flow of an id that is so, else the one made last, and the others.
func (s *site) flowOf(r *http.Request, id string, so func(reconciliation.FlowResult) bool) (*reconciliation.FlowResult, []reconciliation.FlowResult, error) {
	all, err := s.flowsOf(r, id)
	if err != nil {
		return nil, nil, err
	}
	at := slices.IndexFunc(all, so)
	if at < 0 {
		at = len(all) - 1
	}
	shown := all[at]
	return &shown, slices.Delete(all, at, at+1), nil
}

// naming is the flow of an id that names a receipt.
func (s *site) naming(r *http.Request, id string, receipt domain.ReceiptID) (*reconciliation.FlowResult, error) {
	f, _, err := s.flowOf(r, id, func(f reconciliation.FlowResult) bool {
		return slices.ContainsFunc(f.Lines, func(l reconciliation.Line) bool { return l.Receipt == receipt })
	})
	return f, err
}

// found reads the case of a subject.
func (s *site) found(r *http.Request, subject domain.Subject) (p casePage, err error) {
	p = casePage{Subject: subject, Key: uuid.NewString(), FourEyes: s.FourEyes}
	flow := subject.Flow()
	if id, ok := subject.Movement(); ok {
		line, err := s.Views.BankLine(r.Context(), id)
		if err != nil {
			return p, err
		}
		p.Movement, p.Stake, flow = &line, line.Amount, line.Matched
		if flow == "" {
			if p.Free, err = s.free(r, line); err != nil {
				return p, err
			}
			if p.Free != nil && len(p.Free.Proposals) == 1 {
				p.Chosen = p.Free.Proposals[0] // proposed, for a person to confirm
			}
		}
	} else if id, ok := subject.Receipt(); ok {
		if p.Receipt, err = s.receiptOf(r, id); err != nil {
			return p, err
		}
		p.Stake = p.Receipt.Amount
	} else if flow == "" {
		return p, frame.ErrNotFound
	}
	if flow != "" {
		psp := r.URL.Query().Get("psp")
		if p.Flow, p.Alike, err = s.flowOf(r, flow, func(f reconciliation.FlowResult) bool { return f.PSP == psp }); err != nil {
			return p, err
		}
		if p.Movement == nil {
			p.Stake = reconciliation.Apart(append(p.Alike, *p.Flow))
		}
	}
	if p.Word, err = s.Views.CaseWord(r.Context(), subject); err != nil {
		return p, err
	}
	return p, s.remember(r, &p)
}

// remember tells what became of the case.
func (s *site) remember(r *http.Request, p *casePage) error {
	events, err := s.Views.History(r.Context(), p.Subject)
	if err != nil {
		return err
	}
	who, err := s.Views.Names(r.Context())
	p.History = historyOf(events, who)
	return err
}

// checkReason verifies the reason that was typed into a field.
func checkReason(problems *frame.FormErrors, field, reason string) {
	if n := utf8.RuneCountInString(reason); n < 3 || n > 200 {
		problems.Add(field, "Scrivi il motivo con 3-200 caratteri")
	}
}

// free is a movement of no flow, with the flows around it that it may be the money of.
func (s *site) free(r *http.Request, line projections.BankLine) (*reconciliation.CreditResult, error) {
	terms, err := s.terms(r.Context())
	if err != nil {
		return nil, err
	}
	day := line.Booked.Time()
	facts, err := s.Views.Facts(r.Context(), domain.Period{From: domain.DateOf(day.AddDate(0, 0, -10)), To: domain.DateOf(day.AddDate(0, 0, 10))})
	if err != nil {
		return nil, err
	}
	for _, c := range reconciliation.Match(facts, terms).Credits {
		if c.Movement == line.Movement {
			return &c, nil
		}
	}
	return nil, nil // not pagoPA's, and like no flow
}

func (s *site) flow(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showSubject(w, r, who, domain.SubjectOfFlow(r.URL.Query().Get("id")))
}

func (s *site) movement(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showSubject(w, r, who, domain.SubjectOfMovement(r.URL.Query().Get("id")))
}

func (s *site) showSubject(w http.ResponseWriter, r *http.Request, who frame.Visit, subject domain.Subject) error {
	p, err := s.found(r, subject)
	if err != nil {
		return err
	}
	return s.showCase(w, r, who, http.StatusOK, p)
}

func (s *site) showCase(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p casePage) error {
	page := frame.Page{Name: "flusso", Title: "Flusso di rendicontazione", Content: p}
	if p.Movement != nil {
		page.Name, page.Title = "movimento", "Chi ha pagato questo accredito?"
	} else if p.Receipt != nil {
		page.Name, page.Title = "ricevuta", "Ricevuta"
	}
	page.Trail = trail(frame.Link{Name: page.Title})
	return s.Show(w, r, who, status, page)
}

// decide carries out a person's word about a case, given with its reason.
func (s *site) decide(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return frame.ErrForm
	}
	p, err := s.found(r, domain.Subject(r.PostForm.Get("caso")))
	if err != nil {
		return err
	}
	p.Key, p.Reason, p.Chosen = key.String(), strings.Join(strings.Fields(r.PostForm.Get("motivo")), " "), strings.TrimSpace(r.PostForm.Get("flusso"))
	d := Decision{
		Subject: p.Subject, Action: Action(r.PostForm.Get("azione")), Movement: r.PostForm.Get("movimento"), Reason: p.Reason, Stake: p.Stake,
		Notice: domain.NoticeNumber(r.PostForm.Get("avviso")), Receipt: domain.ReceiptID(r.PostForm.Get("ricevuta")),
	}
	said, known := done[d.Action]
	if !known {
		return frame.ErrForm
	}
	if d.Action == Propose {
		d.Subject = domain.SubjectOfFlow(p.Chosen)
		if p.Movement == nil || p.Chosen == "" {
			p.Errors.Add("flusso", "Scrivi l'identificativo del flusso")
		}
	}
	checkReason(&p.Errors, "motivo", p.Reason)
	if len(p.Errors) > 0 {
		return s.showCase(w, r, who, http.StatusUnprocessableEntity, p)
	}
	at, err := s.Commands.Decide(r.Context(), who.Account, key, d)
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		p.Errors.Add("motivo", s.Explained(refusal))
		return s.showCase(w, r, who, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, said, p.path())
}

// done says what was decided.
var done = map[Action]string{
	Propose: "Abbinamento registrato.", Confirm: "Abbinamento confermato.", Undo: "Abbinamento annullato.",
	Accept: "Decisione registrata.", Reopen: "Differenza riaperta.", Note: "Nota aggiunta.", Revoke: "Debito riaperto: il pagamento risulta revocato.",
}

// noticePage is Dov'è il mio pagamento?
type noticePage struct {
	Notice domain.NoticeNumber
	Steps  []step
	Search searchBox
}

// step is a receipt of the notice, with the flows that name it.
type step struct {
	reconciliation.Receipt
	Flows []*reconciliation.FlowResult
}

func (s *site) notice(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p := noticePage{Notice: domain.NoticeNumber(mux.Vars(r)["notice"])} // 18 digits, by its route
	takings, named, err := s.Views.TakingsOf(r.Context(), p.Notice)
	if err != nil {
		return err
	}
	for _, t := range takings {
		one := step{Receipt: t}
		for _, id := range named[t.ID] {
			f, err := s.naming(r, id, t.ID)
			if err != nil {
				return err
			}
			one.Flows = append(one.Flows, f)
		}
		p.Steps = append(p.Steps, one)
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "pagamento", Title: "Dov'è il mio pagamento?", Trail: trail(frame.Link{Name: "Dov'è il mio pagamento?"}), Content: p,
	})
}
