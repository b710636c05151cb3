package projectionstest

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Histories generates what can happen to a small town, as the deciders allow it:
// few parents, children and notice numbers, so that everything meets everything.
func Histories() *rapid.Generator[[]Fact] {
	return rapid.Custom(func(t *rapid.T) []Fact {
		h := newHistory(t)
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			h.step()
		}
		return h.facts
	})
}

type history struct {
	t     *rapid.T
	facts []Fact
	at    time.Time

	creditors map[eventstore.Stream]domain.Creditor
	parents   map[eventstore.Stream]domain.Parent
	consumers map[eventstore.Stream]domain.Consumer
	bulletins map[eventstore.Stream]domain.Bulletin
	payments  map[eventstore.Stream]domain.Payment
	wallets   map[eventstore.Stream]domain.Wallet
	receipts  map[eventstore.Stream]domain.Receipt
	requests  map[eventstore.Stream]domain.LinkRequest
}

func newHistory(t *rapid.T) *history {
	return &history{
		t:         t,
		at:        time.Date(2020, 1, 30, 21, 0, 0, 0, time.UTC),
		creditors: make(map[eventstore.Stream]domain.Creditor),
		parents:   make(map[eventstore.Stream]domain.Parent),
		consumers: make(map[eventstore.Stream]domain.Consumer),
		bulletins: make(map[eventstore.Stream]domain.Bulletin),
		payments:  make(map[eventstore.Stream]domain.Payment),
		wallets:   make(map[eventstore.Stream]domain.Wallet),
		receipts:  make(map[eventstore.Stream]domain.Receipt),
		requests:  make(map[eventstore.Stream]domain.LinkRequest),
	}
}

// act lets a stream's state decide cmd and files what it decided. A command that
// is refused is one that did not happen.
func act[S eventstore.Decider[S, C, E], C any, E domain.Event](h *history, states map[eventstore.Stream]S, stream string, cmd C) {
	name := eventstore.Stream(stream)
	events, err := states[name].Decide(cmd)
	if err != nil {
		return
	}
	for _, e := range events {
		states[name] = states[name].Evolve(e)
		h.facts = append(h.facts, Fact{name, e})
	}
}

func (h *history) pick(what string, n int) int { return rapid.IntRange(0, n-1).Draw(h.t, what) }

func (h *history) parent() domain.ParentID { return Parent(h.pick("parent", 3)) }

func (h *history) child() domain.ConsumerID { return Child(h.pick("child", 3)) }

func (h *history) payment() domain.PaymentID {
	return domain.PaymentID{UUID: scattered("payment", h.pick("payment", 3))}
}

func (h *history) creditor() domain.FiscalCode { return Body(h.pick("creditor", 2)) }

// Body is the n-th of the two creditors of Histories.
func Body(n int) domain.FiscalCode { return domain.FiscalCode(fmt.Sprintf("0000000000%d", n)) }

func (h *history) amount() domain.Money {
	return domain.Money(rapid.SampledFrom([]int{1, 3913, 5733}).Draw(h.t, "amount"))
}

func (h *history) service() domain.ServiceCode {
	return rapid.SampledFrom([]domain.ServiceCode{"MENSA", "POST"}).Draw(h.t, "service")
}

func (h *history) notice() domain.NoticeNumber {
	n, err := domain.NewNoticeNumber(1, uint64(h.pick("notice", 4)))
	if err != nil {
		panic(err)
	}
	return n
}

// step gives one command.
func (h *history) step() {
	h.at = h.at.Add(time.Duration(rapid.IntRange(1, 3*60).Draw(h.t, "minutes")) * time.Minute)
	steps := []func(){h.define, h.people, h.aboutChild, h.linking, h.request, h.issue, h.issue, h.send, h.send, h.confirm, h.confirm, h.cancel, h.abroad, h.resolve, h.resolve, h.resolve, h.choose, h.checkout, h.checkout, h.wallet, h.receipt}
	steps[h.pick("step", len(steps))]()
}

func (h *history) define() {
	code, name := h.creditor(), rapid.SampledFrom([]string{"Uno", "Due"}).Draw(h.t, "name")
	stream := "creditor-" + string(code)
	profile := domain.CreditorProfile{FiscalCode: code, Name: "Comune di Prova", Broker: "B", Station: "S", CBILL: "ABCDE", IBAN: "IT60X0542811101000000123456"}
	switch h.pick("definition", 4) {
	case 0:
		act(h, h.creditors, stream, domain.CreditorCommand(domain.RegisterCreditor{Profile: profile, At: h.at}))
	case 1:
		act(h, h.creditors, stream, domain.CreditorCommand(domain.DefineCategory{Creditor: code, Category: "REFEZIONE", Name: name, At: h.at}))
	case 2:
		act(h, h.creditors, stream, domain.CreditorCommand(domain.DefineService{Creditor: code, Code: h.service(), Service: domain.Service{Name: name, Taxonomy: "9/0107101TS/"}, At: h.at}))
	case 3:
		profile.Postal = domain.PostalAccount{Number: "12345678", Holder: "Tesoreria " + name, Authorisation: "AUT. DB/SSIC/E 4001 DEL 01/02/2026", IBAN: "IT30O0760103200000012345678"}
		act(h, h.creditors, stream, domain.CreditorCommand(domain.ChangeCreditor{Creditor: code, Profile: profile, At: h.at}))
	}
}

func (h *history) people() {
	id := h.parent()
	person := domain.Person{FiscalCode: "SMPTZI80A01F205Q", GivenName: "TIZIO", FamilyName: "SEMPRONIO", Username: "sempronio80",
		Email: rapid.SampledFrom([]string{"a@example.com", "b@example.com"}).Draw(h.t, "email")}
	var cmd domain.ParentCommand = domain.RegisterParent{Parent: id, Person: person, At: h.at}
	if h.parents[eventstore.Stream("parent-"+id.String())].Registered() {
		cmd = domain.ChangeProfile{Parent: id, Person: person, At: h.at}
		if h.pick("erased", 3) == 0 {
			cmd = domain.EraseParent{Parent: id, At: h.at}
		}
	}
	act(h, h.parents, "parent-"+id.String(), cmd)
}

func (h *history) aboutChild() {
	id := h.child()
	var cmd domain.ConsumerCommand
	switch h.pick("about the child", 4) {
	case 0:
		cmd = domain.EnrolConsumer{Consumer: id, Creditor: h.creditor(), Child: domain.Child{GivenName: "UTENTE", FamilyName: "TEST"}, School: "MAT. BORSELLINO", At: h.at}
	case 1:
		cmd = domain.LinkParent{Consumer: id, Parent: h.parent(), At: h.at}
	case 2:
		cmd = domain.ActivateService{Consumer: id, Service: h.service(), At: h.at}
	case 3:
		cmd = domain.ChangeDiet{Consumer: id, Diet: rapid.SampledFrom([]string{"NORMALE", "ALTRA"}).Draw(h.t, "diet"), At: h.at}
	}
	act(h, h.consumers, "consumer-"+id.String(), cmd)
}

func (h *history) bulletin(creditor domain.FiscalCode, notice domain.NoticeNumber, cmd domain.BulletinCommand) {
	act(h, h.bulletins, bulletinStream(creditor, notice), cmd)
}

func bulletinStream(creditor domain.FiscalCode, notice domain.NoticeNumber) string {
	return "bulletin-" + string(creditor) + "-" + string(notice)
}

func (h *history) issue() {
	creditor, notice := h.creditor(), h.notice()
	lines := make([]domain.Line, 1+h.pick("more lines", 3))
	for i := range lines {
		lines[i] = domain.Line{Consumer: h.child(), Service: h.service(), Amount: h.amount()}
	}
	h.bulletin(creditor, notice, domain.IssueBulletin{
		Creditor: creditor, Notice: notice, Parent: h.parent(), Category: "REFEZIONE", Lines: lines,
		Period: domain.Period{From: "2020-01-01", To: "2020-01-31"}, Due: "2020-02-20", Causale: "Servizi vari", At: h.at,
	})
}

func (h *history) send() {
	creditor, notice := h.creditor(), h.notice()
	h.bulletin(creditor, notice, domain.SendBulletin{Creditor: creditor, Notice: notice, At: h.at})
}

func (h *history) confirm() {
	creditor, notice := h.creditor(), h.notice()
	amount := h.amount()
	if b := h.bulletins[eventstore.Stream(bulletinStream(creditor, notice))]; b.Issued.Amount != 0 && h.pick("the amount is wrong", 4) > 0 {
		amount = b.Issued.Amount
	}
	h.bulletin(creditor, notice, domain.ActivatePayment{Creditor: creditor, Notice: notice, At: h.at})
	h.bulletin(creditor, notice, domain.ConfirmPayment{
		Creditor: creditor, Notice: notice, Amount: amount, At: h.at,
		PSP:     domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: rapid.SampledFrom([]string{"creditCard", "cash"}).Draw(h.t, "method")},
		Receipt: domain.ReceiptID(rapid.SampledFrom([]string{"r1", "r2", "r3"}).Draw(h.t, "receipt")),
	})
}

// abroad brings a receipt of another body's notice.
func (h *history) abroad() {
	creditor, notice := h.creditor(), h.notice()
	act(h, h.bulletins, foreignStream(creditor, notice), domain.BulletinCommand(domain.ConfirmPayment{
		Creditor: creditor, Notice: notice, Amount: h.amount(), Issuer: otherBody, At: h.at, StandIn: h.pick("in stand-in", 2) == 0,
		Receipt: "a-" + domain.ReceiptID(creditor+"-"+domain.FiscalCode(notice)),
	}))
}

const otherBody domain.FiscalCode = "77777777777"

func foreignStream(creditor domain.FiscalCode, notice domain.NoticeNumber) string {
	return "foreign-" + string(creditor) + "-" + string(otherBody) + "-" + string(notice)
}

// resolve decides about some receipt that waits. One that is moved arrives at once.
func (h *history) resolve() {
	creditor, notice := h.creditor(), h.notice()
	stream := rapid.SampledFrom([]string{bulletinStream(creditor, notice), foreignStream(creditor, notice)}).Draw(h.t, "where")
	held := h.bulletins[eventstore.Stream(stream)].Held
	if len(held) == 0 {
		return
	}
	in := held[h.pick("held", len(held))]
	owed := h.bulletins[eventstore.Stream(stream)].Issued.Amount
	before := len(h.facts)
	act(h, h.bulletins, stream, []domain.BulletinCommand{
		domain.ApplyReceipt{Creditor: creditor, Notice: notice, Receipt: in.Receipt, To: notice, WriteOff: max(owed-in.Amount, 0), Reason: "Vicino", At: h.at},
		domain.ApplyReceipt{Creditor: creditor, Notice: notice, Receipt: in.Receipt, To: h.notice(), Reason: "Altro avviso", At: h.at},
		domain.RefundReceipt{Creditor: creditor, Notice: notice, Receipt: in.Receipt, Reason: "Non dovuto", At: h.at},
		domain.DisownReceipt{Creditor: creditor, Notice: notice, Receipt: in.Receipt, Reason: "Di altri", At: h.at},
		domain.RecordRefund{Creditor: creditor, Notice: notice, Receipt: in.Receipt, Order: "CRO 1", At: h.at},
	}[h.pick("decision", 5)])
	for _, f := range h.facts[before:] {
		if e, ok := f.Event.(domain.ReceiptReassigned); ok {
			h.bulletin(creditor, e.To, domain.ConfirmPayment{
				Creditor: creditor, Notice: e.To, Receipt: e.Receipt, Amount: e.Amount, PSP: e.PSP, StandIn: e.StandIn, At: e.PaidAt, Move: e.Move,
			})
		}
	}
}

func (h *history) cancel() {
	creditor, notice := h.creditor(), h.notice()
	h.bulletin(creditor, notice, domain.CancelBulletin{Creditor: creditor, Notice: notice, Reason: "Errore", At: h.at})
}

func (h *history) choose() {
	id, creditor, parent := h.payment(), h.creditor(), h.parent()
	cmd := domain.SelectForPayment{Payment: id, Creditor: creditor, Parent: parent, Category: "REFEZIONE", Saldo: -h.amount(), At: h.at}
	for range 1 + h.pick("more bulletins", 2) {
		b := h.bulletins[eventstore.Stream(bulletinStream(creditor, h.notice()))]
		cmd.Bulletins = append(cmd.Bulletins, domain.Candidate{
			Notice: b.Issued.Notice, Parent: b.Issued.Parent, Category: b.Issued.Category, Amount: b.Issued.Amount, Payable: b.Payable(),
		})
	}
	act(h, h.payments, "payment-"+id.String(), domain.PaymentCommand(cmd))
}

func (h *history) checkout() {
	id := h.payment()
	var cmd domain.PaymentCommand
	switch h.pick("with the cart", 4) {
	case 0:
		cmd = domain.StartCheckout{Payment: id, Cart: fmt.Sprintf("cart-%d", len(h.facts)), Redirect: "https://checkout.example/", At: h.at}
	case 1:
		cmd = domain.RequestNotices{Payment: id, At: h.at}
	case 2:
		cmd = domain.ReturnFromCheckout{Payment: id, At: h.at, Outcome: rapid.SampledFrom([]domain.CheckoutOutcome{
			domain.ReturnedOK, domain.ReturnedCancelled, domain.ReturnedError, domain.ReturnedWaiting,
		}).Draw(h.t, "outcome")}
	case 3:
		complete := domain.CompletePayment{Payment: id, At: h.at}
		for _, l := range h.payments[eventstore.Stream("payment-"+id.String())].Selected.Lines {
			complete.Paid = append(complete.Paid, l.Notice)
		}
		cmd = complete
	}
	act(h, h.payments, "payment-"+id.String(), cmd)
}

func (h *history) wallet() {
	id, year := h.child(), domain.SchoolYear("2019-2020")
	var cmd domain.WalletCommand = domain.ChargeMeal{
		Creditor: h.creditor(), Consumer: id, Year: year, Service: h.service(), Day: domain.DateOf(h.at), Amount: h.amount(), At: h.at,
	}
	if h.pick("top up", 2) == 0 {
		cmd = domain.CreditWallet{Creditor: h.creditor(), Consumer: id, Year: year, Credit: scattered("credit", h.pick("credit", 9)), Amount: h.amount(), At: h.at}
	}
	act(h, h.wallets, "wallet-"+id.String()+"-"+string(year), cmd)
}

func (h *history) receipt() {
	raw := []byte{byte(h.pick("message", 3))}
	act(h, h.receipts, "receipt-"+domain.Hash(raw), domain.ReceiptCommand(domain.FileUnreadable{
		Channel: domain.ChannelPaForNode, Raw: raw, Reason: "not XML", Subject: uuid.Max, At: h.at,
	}))
}
