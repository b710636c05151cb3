package projectionstest

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Creditor is the body whose log a Year is.
const Creditor domain.FiscalCode = "12345678901"

// Year yields the facts of a school year: each of children has a bulletin in each
// of ten months. All of a month's are raised at once, and then four parents in
// five pay, as they come. Equal arguments give equal years.
func Year(children int) iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		y := &year{yield: yield, dice: rand.New(rand.NewPCG(1, 2)), at: time.Date(2019, 9, 1, 8, 0, 0, 0, time.UTC)}
		y.open(children)
		for month := range 10 {
			y.month(month, children)
		}
	}
}

// Parent returns the parent of a Year's n-th child.
func Parent(n int) domain.ParentID { return domain.ParentID{UUID: scattered("parent", n)} }

// Child returns a Year's n-th child.
func Child(n int) domain.ConsumerID { return domain.ConsumerID{UUID: scattered("child", n)} }

// scattered returns ids that are in no order, as random ones are.
func scattered(kind string, n int) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%s/%d", kind, n))
}

type year struct {
	yield func(Fact) bool
	dice  *rand.Rand
	at    time.Time
	done  bool
}

func (y *year) file(stream string, e domain.Event) {
	if !y.done {
		y.done = !y.yield(Fact{eventstore.Stream(stream), e})
		y.at = y.at.Add(time.Second)
	}
}

func (y *year) open(children int) {
	body := "creditor-" + string(Creditor)
	y.file(body, domain.CreditorRegistered{Profile: domain.CreditorProfile{
		FiscalCode: Creditor, Name: "Comune di Prova", Broker: "12345678901", Station: "12345678901_01", CBILL: "ABCDE",
		IBAN: "IT60X0542811101000000123456",
	}, At: y.at})
	y.file(body, domain.CategoryDefined{Creditor: Creditor, Category: "REFEZIONE", Name: "pagoPA - AUT. REFEZIONE", At: y.at})
	y.file(body, domain.ServiceDefined{Creditor: Creditor, Code: "MENSA", Service: domain.Service{Name: "SERVIZIO MENSA", Taxonomy: "9/0107101TS/"}, At: y.at})
	for n := range children {
		parent, child := Parent(n), Child(n)
		y.file("parent-"+parent.String(), domain.ParentRegistered{Parent: parent, At: y.at, Person: domain.Person{
			FiscalCode: "SMPTZI80A01F205Q", GivenName: "TIZIO", FamilyName: "SEMPRONIO", Email: fmt.Sprintf("t%d@example.com", n), Username: fmt.Sprintf("tizio%d", n),
		}})
		y.file("consumer-"+child.String(), domain.ConsumerEnrolled{Consumer: child, Creditor: Creditor, School: "MAT. BORSELLINO", At: y.at, Child: domain.Child{GivenName: "UTENTE", FamilyName: "TEST"}})
		y.file("consumer-"+child.String(), domain.ParentLinked{Consumer: child, Parent: parent, At: y.at})
		y.file("consumer-"+child.String(), domain.ServiceActivated{Consumer: child, Service: "MENSA", At: y.at})
	}
}

func (y *year) month(month, children int) {
	first := time.Date(2019, time.Month(9+month), 1, 0, 0, 0, 0, time.UTC)
	bills := make([]domain.BulletinIssued, children)
	for n := range bills {
		bills[n] = y.issue(month*children+n, n, first)
	}
	y.dice.Shuffle(children, func(i, j int) { bills[i], bills[j] = bills[j], bills[i] })
	for n, b := range bills[:children*4/5] {
		y.pay(month*children+n, b)
	}
}

func (y *year) issue(serial, child int, first time.Time) domain.BulletinIssued {
	notice, err := domain.NewNoticeNumber(1, uint64(serial+1))
	if err != nil {
		panic(err)
	}
	amount := domain.Money(1000 + y.dice.IntN(9000))
	last := first.AddDate(0, 1, -1)
	e := domain.BulletinIssued{
		Creditor: Creditor, Notice: notice, Parent: Parent(child), Category: "REFEZIONE",
		Lines:  []domain.Line{{Consumer: Child(child), Service: "MENSA", Amount: amount}},
		Amount: amount, Period: domain.Period{From: domain.DateOf(first), To: domain.DateOf(last)},
		Due: domain.DateOf(last.AddDate(0, 0, 20)), At: y.at,
		Causale: "Pagamento cumulativo servizi vari, periodo dal " + first.Format("02/01/2006") + " al " + last.Format("02/01/2006"),
	}
	stream := "bulletin-" + string(Creditor) + "-" + string(notice)
	y.file(stream, e)
	y.file(stream, domain.BulletinSent{Creditor: Creditor, Notice: notice, Parent: e.Parent, At: y.at})
	return e
}

// pay is the whole way of a payment: the cart, the checkout, the receipt.
func (y *year) pay(serial int, b domain.BulletinIssued) {
	id := domain.PaymentID{UUID: scattered("payment", serial)}
	receipt := domain.ReceiptID(fmt.Sprintf("%032x", serial))
	cart, bulletin := "payment-"+id.String(), "bulletin-"+string(Creditor)+"-"+string(b.Notice)
	psp := domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"}
	raw := binary.BigEndian.AppendUint64([]byte("a receipt as it came: "), uint64(serial))

	y.file(cart, domain.BulletinsSelected{
		Payment: id, Creditor: Creditor, Parent: b.Parent, Category: b.Category, Total: b.Amount, Saldo: -b.Amount, At: y.at,
		Lines: []domain.SelectedBulletin{{Notice: b.Notice, Amount: b.Amount}},
	})
	y.file(cart, domain.CheckoutStarted{Payment: id, Parent: b.Parent, Cart: id.String(), Redirect: "https://checkout.example/" + id.String(), At: y.at})
	y.file(bulletin, domain.PaymentActivated{Creditor: Creditor, Notice: b.Notice, Cart: id.String(), At: y.at})
	y.file("receipt-"+receipt.Key(Creditor), domain.ReceiptFiled{
		Creditor: Creditor, Receipt: receipt, Notice: b.Notice, Amount: b.Amount, Channel: domain.ChannelPaForNode,
		SHA256: domain.Hash(raw), Raw: raw, Subject: b.Parent.UUID, At: y.at,
	})
	y.file(bulletin, domain.PaymentConfirmed{Creditor: Creditor, Notice: b.Notice, Parent: b.Parent, Receipt: receipt, Amount: b.Amount, Lines: b.Lines, PSP: psp, At: y.at})
	y.file(cart, domain.PaymentCompleted{Payment: id, Parent: b.Parent, Total: b.Amount, At: y.at})
	y.file(cart, domain.CheckoutReturned{Payment: id, Parent: b.Parent, Outcome: domain.ReturnedOK, At: y.at})
}
