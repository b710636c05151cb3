package domain_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
)

// town is a small place where people do random things. It keeps the books that
// follow from the events, and apart from them a memory of its own: what is owed
// and where money should be, by rules few and plain.
type town struct {
	now time.Time

	parents   map[domain.ParentID]domain.Parent
	consumers map[domain.ConsumerID]domain.Consumer
	bulletins map[domain.NoticeNumber]domain.Bulletin
	foreign   map[domain.NoticeNumber]domain.Bulletin // of other bodies' notices
	receipts  map[domain.ReceiptID]domain.Receipt
	payments  map[domain.PaymentID]domain.Payment
	wallets   map[domain.ConsumerID]domain.Wallet

	books    map[domain.Account]domain.Money // debits less credits, by the postings
	debits   domain.Money
	credits  domain.Money
	issued   map[domain.ParentID]domain.Money // by the events, like the next three
	paid     map[domain.ParentID]domain.Money
	takenOff map[domain.ParentID]domain.Money
	forgiven map[domain.ParentID]domain.Money
	effects  map[domain.ReceiptID]int

	debts    map[domain.NoticeNumber]debt    // by memory, like the next
	pots     map[domain.Account]domain.Money // money that came, and what it came for
	waiting  map[domain.ReceiptID]waiting    // and what fitted no debt
	given    []func(*rapid.T)                // commands that may never add again
	happened map[string]int                  // kinds of events, in all towns
}

// debt is what the town remembers of a notice number; the zero debt is of a
// number nobody issued.
type debt struct {
	parent   domain.ParentID
	amount   domain.Money
	standing standing
	sent     bool
}

type standing int

const (
	unknown standing = iota
	open
	closed
	takenBack
)

// The families of the town, and the notice numbers and carts it makes do with, so
// that people get into each other's way.
var (
	sempronia = domain.ParentID{UUID: uuid.NewSHA1(tizio.UUID, []byte("sempronia"))}
	families  = map[domain.ParentID][]domain.ConsumerID{
		tizio:     {anna, bruno},
		caia:      {{UUID: uuid.NewSHA1(caia.UUID, []byte("1"))}},
		sempronia: {{UUID: uuid.NewSHA1(sempronia.UUID, []byte("1"))}, {UUID: uuid.NewSHA1(sempronia.UUID, []byte("2"))}},
	}
	children = slices.Concat(families[tizio], families[caia], families[sempronia])
	carts    = []domain.PaymentID{cart, {UUID: uuid.NewSHA1(cart.UUID, []byte("2"))}, {UUID: uuid.NewSHA1(cart.UUID, []byte("3"))}}
)

func newTown(happened map[string]int) *town {
	return &town{
		now:     at,
		parents: map[domain.ParentID]domain.Parent{}, consumers: map[domain.ConsumerID]domain.Consumer{},
		bulletins: map[domain.NoticeNumber]domain.Bulletin{}, receipts: map[domain.ReceiptID]domain.Receipt{},
		payments: map[domain.PaymentID]domain.Payment{}, wallets: map[domain.ConsumerID]domain.Wallet{},
		books: map[domain.Account]domain.Money{}, issued: map[domain.ParentID]domain.Money{},
		paid: map[domain.ParentID]domain.Money{}, takenOff: map[domain.ParentID]domain.Money{},
		forgiven: map[domain.ParentID]domain.Money{}, foreign: map[domain.NoticeNumber]domain.Bulletin{}, waiting: map[domain.ReceiptID]waiting{},
		effects: map[domain.ReceiptID]int{}, debts: map[domain.NoticeNumber]debt{},
		pots: map[domain.Account]domain.Money{}, happened: happened,
	}
}

// enter posts an event, and notes what it says of its parent and of its receipt.
func (w *town) enter(t *rapid.T, e domain.Event) {
	w.happened[reflect.TypeOf(e).Name()]++
	postings := domain.Postings(e)
	if err := domain.CheckPostings(postings); err != nil {
		t.Fatalf("%+v: %v", e, err)
	}
	for _, p := range postings {
		w.books[p.Account] += p.Debit - p.Credit
		w.debits, w.credits = w.debits+p.Debit, w.credits+p.Credit
	}
	switch e := e.(type) {
	case domain.BulletinIssued:
		w.issued[e.Parent] += e.Amount
	case domain.BulletinCancelled:
		w.takenOff[e.Parent] += e.Amount
	case domain.PaymentConfirmed:
		w.paid[e.Parent] += e.Amount
		w.effects[e.Receipt]++
	case domain.PaymentDuplicated:
		w.effects[e.Receipt]++
	case domain.ReceiptUnmatched:
		w.effects[e.Receipt]++
	case domain.ReceiptReassigned:
		w.effects[e.Receipt]-- // it has it elsewhere
	case domain.ReceiptApplied:
		for _, l := range e.WrittenOff {
			w.forgiven[e.Parent] += l.Amount
		}
		w.paid[e.Parent] += e.Amount - e.Surplus
	}
}

// check holds the books against the events and against the town's memory.
func (w *town) check(t *rapid.T) {
	if w.debits != w.credits {
		t.Fatalf("debits of %s and credits of %s", w.debits, w.credits)
	}
	for parent := range families {
		saldo := -(w.issued[parent] - w.paid[parent] - w.takenOff[parent] - w.forgiven[parent])
		if byBooks, byMemory := w.saldoByBooks(parent), w.saldo(parent); saldo != byBooks || saldo != byMemory {
			t.Fatalf("parent %s: saldo %s by the events, %s by the books, %s by what is open", parent, saldo, byBooks, byMemory)
		}
	}
	unexplained := maps.Clone(w.books)
	for account, in := range w.pots {
		unexplained[account] -= in
	}
	for account, m := range unexplained {
		if kind, _, _ := strings.Cut(string(account), ":"); m != 0 && kind != "receivable" && kind != "wallet" {
			t.Fatalf("%s holds %s, and should hold %s", account, w.books[account], w.pots[account])
		}
	}
	for consumer, wallet := range w.wallets {
		if in := -w.books[domain.WalletOf(consumer)]; wallet.Balance != in {
			t.Fatalf("the wallet of %s holds %s, and %s by the books", consumer, wallet.Balance, in)
		}
	}
	for receipt, n := range w.effects {
		if n != 1 {
			t.Fatalf("receipt %s has %d effects", receipt, n)
		}
	}
	for notice, d := range w.debts {
		if payable := w.bulletins[notice].Payable(); payable != d.payable() {
			t.Fatalf("notice %s is payable: %t, and should be %t", notice, payable, d.payable())
		}
	}
}

func (d debt) payable() bool { return d.standing == open && d.sent }

// saldoByBooks is what the receivables of a parent's children say.
func (w *town) saldoByBooks(parent domain.ParentID) domain.Money {
	var owed domain.Money
	for _, c := range families[parent] {
		owed += w.books[domain.Receivable(c)]
	}
	return -owed
}

// saldo is what the town remembers that a parent owes, but for some notices.
func (w *town) saldo(parent domain.ParentID, but ...domain.NoticeNumber) domain.Money {
	var owed domain.Money
	for _, d := range w.debts {
		if d.parent == parent && d.standing == open {
			owed += d.amount
		}
	}
	for _, notice := range but {
		owed -= w.debts[notice].amount
	}
	return -owed
}

func (w *town) wait(t *rapid.T) { w.now = w.now.Add(minutes(t)) }

func (w *town) doAgain(t *rapid.T) {
	if n := len(w.given); n > 0 {
		w.given[rapid.IntRange(0, n-1).Draw(t, "again")](t)
	}
}

func (w *town) register(t *rapid.T) {
	parent := some(t, "parent", tizio, caia, sempronia)
	p := person
	p.Mobile = some(t, "mobile", "", "333 1234567", "12")
	if rapid.Bool().Draw(t, "first time") {
		_, _ = giveForGood(t, w, w.parents, parent, domain.ParentCommand(domain.RegisterParent{Parent: parent, Person: p, At: w.now}))
		return
	}
	_, err := give(t, w, w.parents, parent, domain.ParentCommand(domain.ChangeProfile{Parent: parent, Person: p, At: w.now}))
	if known := w.parents[parent].Registered(); known == errors.Is(err, domain.ErrUnknownParent) {
		t.Fatalf("a profile of a parent registered (%t) changes: %v", known, err)
	}
}

func (w *town) enrol(t *rapid.T) {
	consumer := some(t, "consumer", children...)
	var err error
	switch some(t, "what", "enrol", "link", "activate", "diet") {
	case "enrol":
		school := some(t, "school", "Materna", "Primaria", "")
		_, _ = giveForGood(t, w, w.consumers, consumer, domain.ConsumerCommand(domain.EnrolConsumer{Consumer: consumer, Creditor: comune, Child: child, School: school, At: w.now}))
		return
	case "link":
		_, err = giveForGood(t, w, w.consumers, consumer, domain.ConsumerCommand(domain.LinkParent{Consumer: consumer, Parent: some(t, "parent", tizio, caia), At: w.now}))
	case "activate":
		_, err = giveForGood(t, w, w.consumers, consumer, domain.ConsumerCommand(domain.ActivateService{Consumer: consumer, Service: some(t, "service", mensa, postScuola), At: w.now}))
	case "diet":
		_, err = give(t, w, w.consumers, consumer, domain.ConsumerCommand(domain.ChangeDiet{Consumer: consumer, Diet: some(t, "diet", "NORMALE", "SENZA GLUTINE"), At: w.now}))
	}
	if known := w.consumers[consumer].Enrolled(); known != (err == nil) {
		t.Fatalf("a consumer enrolled (%t): %v", known, err)
	}
}

func (w *town) topUp(t *rapid.T) {
	consumer := some(t, "consumer", children...)
	c := domain.CreditWallet{
		Creditor: comune, Consumer: consumer, Year: "2019-2020", At: w.now,
		Credit: uuid.NewSHA1(consumer.UUID, []byte(some(t, "credit", "1", "2", "3"))),
		Amount: domain.Money(rapid.IntRange(0, 5000).Draw(t, "cents")),
	}
	decided, err := giveForGood(t, w, w.wallets, consumer, domain.WalletCommand(c))
	if (c.Amount == 0) != errors.Is(err, domain.ErrBadWalletAmount) {
		t.Fatalf("a top-up of %s: %v", c.Amount, err)
	}
	if len(decided) > 0 {
		w.pots[domain.AccountTransit] += c.Amount
	}
}

func (w *town) eat(t *rapid.T) {
	consumer := some(t, "consumer", children...)
	c := domain.ChargeMeal{
		Creditor: comune, Consumer: consumer, Year: "2019-2020", Service: mensa, At: w.now,
		Day:    some[domain.Date](t, "day", "2020-02-03", "2020-02-04", "2020-02-05", "2020-02-30"),
		Amount: domain.Money(rapid.IntRange(1, 500).Draw(t, "cents")),
	}
	decided, err := giveForGood(t, w, w.wallets, consumer, domain.WalletCommand(c))
	if len(decided) > 0 {
		w.pots[domain.Revenue(mensa)] -= c.Amount
	}
	if (c.Day == "2020-02-30") != errors.Is(err, domain.ErrBadDay) {
		t.Fatalf("a meal on %s: %v", c.Day, err)
	}
}

// anyNotice draws one of the town's notice numbers.
func anyNotice(t *rapid.T) domain.NoticeNumber {
	n, err := domain.NewNoticeNumber(1, rapid.Uint64Range(1, 12).Draw(t, "notice"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// anyReceipt draws one of the few receipts that name a notice: the Node gives a
// receipt id to one notice only.
func anyReceipt(t *rapid.T, n domain.NoticeNumber) domain.ReceiptID {
	return domain.ReceiptID(fmt.Sprintf("%s-%d", n, rapid.IntRange(1, 5).Draw(t, "receipt")))
}
