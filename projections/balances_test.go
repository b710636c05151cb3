package projections_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

var cancelled = domain.BulletinCancelled{
	Creditor: body, Notice: january, Parent: parent, Amount: 5733, Lines: issued.Lines, Reason: "Errore", At: noon,
}

func TestParentSaldo(t *testing.T) {
	key := "parent=" + parentHex + " creditor=" + string(body)
	expect(t, []expectation{
		{"what is issued is owed", []domain.Event{issued}, projections.ParentSaldo, []string{key + " issued=5733 saldo=-5733"}},
		{"what is paid is owed no more", []domain.Event{issued, confirmed}, projections.ParentSaldo, []string{key + " issued=5733 paid=5733"}},
		{"nor is what is cancelled", []domain.Event{issued, cancelled}, projections.ParentSaldo, []string{key + " issued=5733 cancelled=5733"}},
		{"nor is what was written off, which was not paid", []domain.Event{issued, short}, projections.ParentSaldo, []string{
			key + " issued=5733 paid=1 written_off=5732"}},
		{"a receipt that fits nothing moves no saldo", []domain.Event{issued,
			domain.ReceiptUnmatched{Creditor: body, Notice: january, Receipt: "r2", Amount: 1, Reason: domain.WrongAmount, Expected: 5733, At: noon},
		}, projections.ParentSaldo, []string{key + " issued=5733 saldo=-5733"}},
		{"nor does a second payment", []domain.Event{issued, confirmed,
			domain.PaymentDuplicated{Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 5733, At: noon},
		}, projections.ParentSaldo, []string{key + " issued=5733 paid=5733"}},
	})
}

func TestConsumerSaldo(t *testing.T) {
	family := issued
	family.Amount = 9000
	family.Lines = []domain.Line{
		{Consumer: child, Service: "POST", Amount: 5000}, {Consumer: other, Service: "MENSA", Amount: 3000}, {Consumer: child, Service: "MENSA", Amount: 1000},
	}
	expect(t, []expectation{
		{"each child has its share of a family's bulletin", []domain.Event{family}, projections.ConsumerSaldo, []string{
			"parent=" + parentHex + " consumer=" + childHex + " saldo=-6000",
			"parent=" + parentHex + " consumer=" + otherHex + " saldo=-3000",
		}},
		{"the family owes the bulletin once", []domain.Event{family}, projections.ParentSaldo, []string{
			"parent=" + parentHex + " creditor=" + string(body) + " issued=9000 saldo=-9000",
		}},
	})
}

func TestAccounts(t *testing.T) {
	account := func(rest string) string { return "creditor=" + string(body) + " account=" + rest }
	duplicated := domain.PaymentDuplicated{Creditor: body, Notice: january, Parent: parent, Receipt: "r2", Amount: 5733, At: noon}
	expect(t, []expectation{
		{"a paid bulletin leaves the money in transit", []domain.Event{issued, confirmed}, projections.Accounts, []string{
			account("pagopa:transit debit=5733"),
			account("receivable:" + childHex + " debit=5733 credit=5733"),
			account("revenue:POST credit=5733"),
		}},
		{"one paid twice is a credit of the parent", []domain.Event{duplicated}, projections.Accounts, []string{
			account("credit:" + parentHex + " credit=5733"),
			account("pagopa:transit debit=5733"),
		}},
		{"events that move no money post nothing", []domain.Event{
			domain.BulletinSent{Creditor: body, Notice: january, Parent: parent, At: noon},
		}, projections.Accounts, nil},
	})
}

func TestWallets(t *testing.T) {
	credited := domain.WalletCredited{Creditor: body, Consumer: child, Year: "2019-2020", Credit: uuid.MustParse(cartHex), Amount: 2000, At: noon}
	meal := domain.MealCharged{Creditor: body, Consumer: child, Year: "2019-2020", Service: "MENSA", Day: "2020-02-03", Amount: 450, At: noon}
	history := []domain.Event{credited, meal}
	expect(t, []expectation{
		{"the balance is top-ups less meals", history, projections.Wallets, []string{"consumer=" + childHex + " balance=1550"}},
		{"each top-up is a movement", history, projections.TopUps, []string{
			"consumer=" + childHex + " day=2020-01-31 position=1 amount=2000 credit=" + cartHex + " creditor=" + string(body),
		}},
		{"so is each meal", history, projections.Meals, []string{
			"consumer=" + childHex + " day=2020-02-03 position=2 amount=450 creditor=" + string(body) + " service=MENSA",
		}},
	})
}

// plainSaldo computes a parent's saldo from the amounts of the bulletins alone.
func plainSaldo(history []domain.Event) map[string]domain.Money {
	saldo := make(map[string]domain.Money)
	for _, e := range history {
		switch e := e.(type) {
		case domain.BulletinIssued:
			saldo[e.Parent.String()+string(e.Creditor)] -= e.Amount
		case domain.PaymentConfirmed:
			saldo[e.Parent.String()+string(e.Creditor)] += e.Amount
		case domain.BulletinCancelled:
			saldo[e.Parent.String()+string(e.Creditor)] += e.Amount
		case domain.ReceiptApplied: // with what was written off it is the whole bulletin
			for _, l := range e.Lines {
				saldo[e.Parent.String()+string(e.Creditor)] += l.Amount
			}
		}
	}
	return saldo
}

func TestSaldoIsWhatWasIssuedLessWhatWasPaidCancelledAndWrittenOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := events(projectionstest.Histories().Draw(t, "history"))
		var b projections.Batch
		for i, e := range history {
			projections.Fold(&b, at(i), e)
		}
		want := plainSaldo(history)
		columns := places(projections.ParentSaldo)
		for _, row := range b.Rows(projections.ParentSaldo) {
			money := func(column string) domain.Money {
				return domain.Money(row.Value(projections.ParentSaldo, columns[column]).Number)
			}
			key := row.Key[0].Text + row.Key[1].Text
			if got := money("saldo"); got != want[key] || got != -(money("issued")-money("paid")-money("cancelled")-money("written_off")) {
				t.Fatalf("saldo of %s is %s, want %s", key, got, want[key])
			}
			delete(want, key)
		}
		if len(want) > 0 {
			t.Fatalf("no row for %v", want)
		}
		checkBooks(t, &b)
	})
}

// places returns where the columns of a table are.
func places(t *projections.Table) map[string]int {
	at := make(map[string]int)
	for i, c := range t.Columns {
		at[c.Name] = i
	}
	return at
}

// checkBooks fails unless debits equal credits, and the receivables what parents
// owe.
func checkBooks(t *rapid.T, b *projections.Batch) {
	var debit, credit, receivable, owed int64
	for _, row := range b.Rows(projections.Accounts) {
		d, c := row.Value(projections.Accounts, 2).Number, row.Value(projections.Accounts, 3).Number
		debit, credit = debit+d, credit+c
		if strings.HasPrefix(row.Key[1].Text, "receivable:") {
			receivable += d - c
		}
	}
	for _, row := range b.Rows(projections.ConsumerSaldo) {
		owed -= row.Value(projections.ConsumerSaldo, 2).Number
	}
	if debit != credit || receivable != owed {
		t.Fatalf("debit %d, credit %d; receivable %d, owed %d", debit, credit, receivable, owed)
	}
}
