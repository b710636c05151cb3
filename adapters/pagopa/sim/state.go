package sim

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
)

// stateWords are the states as the page says them.
var stateWords = map[DeliveryState]string{
	Waiting:   "In attesa",
	Sending:   "In invio",
	Delivered: "Consegnata",
	Refused:   "Consegnata, risposta KO",
	Parked:    "Sospesa",
}

// Words is the state in Italian.
func (l listed) Words() string { return stateWords[l.State] }

// statePage is the receipts on their way, and how many are in which state.
type statePage struct {
	Receipts                   []listed
	Arrived, Waiting, Stranded int
}

func (s *Simulator) state(w http.ResponseWriter, _ *http.Request) error {
	content := statePage{Receipts: s.queue.list()}
	for _, l := range content.Receipts {
		switch {
		case l.arrived():
			content.Arrived++
		case l.State == Parked:
			content.Stranded++
		default:
			content.Waiting++
		}
	}
	return s.show(w, http.StatusOK, page{Name: "stato", Title: "Stato delle ricevute", Content: content})
}

// resend has a receipt sent again, as pagoPA's support does on request.
func (s *Simulator) resend(w http.ResponseWriter, r *http.Request) error {
	number, err := strconv.Atoi(mux.Vars(r)["delivery"])
	if err != nil || !s.queue.resend(number) {
		return errNotFound
	}
	return redirect(w, r, "/stato")
}

// receiptJSON is a receipt of GET /api/receipts, latest first.
type receiptJSON struct {
	Delivery    int                 `json:"delivery"` // counts from 1
	To          domain.FiscalCode   `json:"to"`       // the body it goes to
	ReceiptID   string              `json:"receiptId"`
	Creditor    domain.FiscalCode   `json:"fiscalCode"` // the body that issued the notice
	Notice      domain.NoticeNumber `json:"noticeNumber"`
	IUV         domain.IUV          `json:"creditorReferenceId"`
	Amount      domain.Money        `json:"paymentAmount"`
	PSP         string              `json:"idPSP"`
	PaymentNote string              `json:"paymentNote,omitempty"`
	State       DeliveryState       `json:"state"`
	Attempts    []attemptJSON       `json:"attempts"`
	NextAttempt *time.Time          `json:"nextAttempt,omitempty"`
}

type attemptJSON struct {
	At      time.Time `json:"at"`
	Problem string    `json:"problem,omitempty"`
}

func (s *Simulator) receiptsJSON(w http.ResponseWriter, _ *http.Request) {
	all := []receiptJSON{}
	for _, l := range s.queue.list() {
		r := receiptJSON{
			Delivery: l.Number, To: l.To, ReceiptID: l.Receipt.ID, Creditor: l.Receipt.Creditor, Notice: l.Receipt.Notice,
			IUV: l.Receipt.IUV, Amount: l.Receipt.Amount, PSP: l.Receipt.PSP, PaymentNote: l.Receipt.PaymentNote,
			State: l.State, Attempts: []attemptJSON{},
		}
		for _, a := range l.Attempts {
			r.Attempts = append(r.Attempts, attemptJSON(a))
		}
		if !l.Next.IsZero() {
			r.NextAttempt = &l.Next
		}
		all = append(all, r)
	}
	answerJSON(w, http.StatusOK, all)
}
