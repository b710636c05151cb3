package audit_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// trials folds ranges of a log into trial balances.
func trials(t *testing.T, log eventstore.Reader, ranges ...audit.Range) []audit.TrialBalance {
	t.Helper()
	all, err := audit.TrialBalances(t.Context(), log, ranges...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheTrialBalanceOfAnEventfulMonth(t *testing.T) {
	got := trials(t, eventful(t).log, audit.Range{})[0]
	want := audit.TrialBalance{
		{Creditor: comune, Account: domain.Receivable(anna)}: {Debits: 5733 + 1000 + 20, Credits: 5733 + 20},
		{Creditor: comune, Account: domain.Revenue(mensa)}:   {Credits: 4500 + 1000 + 450},
		{Creditor: comune, Account: domain.Revenue(postScu)}: {Debits: 20, Credits: 1233 + 20},
		{Creditor: comune, Account: domain.AccountTransit}:   {Debits: 5733 + 5733 + 999 + 50 + 2000},
		{Creditor: comune, Account: domain.CreditOf(tizio)}:  {Credits: 5733},
		{Creditor: comune, Account: domain.AccountSuspense}:  {Credits: 999 + 50},
		{Creditor: comune, Account: domain.WalletOf(anna)}:   {Debits: 450, Credits: 2000},
		{Creditor: borgo, Account: domain.Receivable(bruno)}: {Debits: 700, Credits: 700},
		{Creditor: borgo, Account: domain.Revenue(mensa)}:    {Credits: 700},
		{Creditor: borgo, Account: domain.AccountTransit}:    {Debits: 700},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the trial balance is\n%v\nwant\n%v", got, want)
	}
	ours := audit.Turnover{Debits: 21738, Credits: 21738}
	if totals := got.Totals(); totals[comune] != ours || totals[borgo] != (audit.Turnover{Debits: 1400, Credits: 1400}) {
		t.Errorf("the totals are %v", totals)
	}
}

func TestTheAccountsOfPersonsAreOneLineEach(t *testing.T) {
	trial := audit.TrialBalance{
		{Creditor: comune, Account: domain.Receivable(anna)}:    {Debits: 10, Credits: 1},
		{Creditor: comune, Account: domain.Receivable(bruno)}:   {Debits: 20, Credits: 2},
		{Creditor: borgo, Account: domain.Receivable(bruno)}:    {Debits: 40},
		{Creditor: comune, Account: domain.CreditOf(tizio)}:     {Credits: 3},
		{Creditor: comune, Account: domain.AccountUnknownPayer}: {Credits: 4},
		{Creditor: comune, Account: domain.WalletOf(anna)}:      {Credits: 5},
		{Creditor: comune, Account: domain.WalletOf(bruno)}:     {Debits: 6},
		{Creditor: comune, Account: domain.Revenue(mensa)}:      {Credits: 7},
		{Creditor: comune, Account: domain.Revenue(postScu)}:    {Credits: 8},
		{Creditor: comune, Account: domain.AccountTransit}:      {Debits: 9},
	}
	want := audit.TrialBalance{
		{Creditor: comune, Account: "receivable:*"}:          {Debits: 30, Credits: 3},
		{Creditor: borgo, Account: "receivable:*"}:           {Debits: 40},
		{Creditor: comune, Account: "credit:*"}:              {Credits: 7},
		{Creditor: comune, Account: "wallet:*"}:              {Debits: 6, Credits: 5},
		{Creditor: comune, Account: domain.Revenue(mensa)}:   {Credits: 7},
		{Creditor: comune, Account: domain.Revenue(postScu)}: {Credits: 8},
		{Creditor: comune, Account: domain.AccountTransit}:   {Debits: 9},
	}
	if got := trial.Grouped(); !reflect.DeepEqual(got, want) {
		t.Errorf("grouped it is\n%v\nwant\n%v", got, want)
	}
}

// However history is looked at, debits equal credits, each saldo is the account's
// balance, and two dates at once say what each says alone.
func TestATrialBalanceAgreesWithTheBalances(t *testing.T) {
	log := eventful(t).log
	end, err := log.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ranges := []audit.Range{
		{}, {AsOf: day(3)}, {AsOf: day(12)}, {AsOf: day(12), RecordedBy: day(1)}, {To: end - 10}, {To: end / 2, AsOf: day(3)}, {RecordedBy: day(0)},
	}
	for i, trial := range trials(t, log, ranges...) {
		if alone := trials(t, log, ranges[i])[0]; !reflect.DeepEqual(trial.Totals()[comune], alone.Totals()[comune]) {
			t.Errorf("%+v: the totals beside others are %v, alone %v", ranges[i], trial.Totals(), alone.Totals())
		}
		for creditor, total := range trial.Totals() {
			if total.Balance() != 0 {
				t.Errorf("%+v: debits of %s and credits of %s in the books of %s", ranges[i], total.Debits, total.Credits, creditor)
			}
		}
		for book, want := range balances(t, log, ranges[i]) {
			if got := trial[book].Balance(); got != want {
				t.Errorf("%+v: the saldo of %v is %s, its balance %s", ranges[i], book, got, want)
			}
		}
	}
}

func TestADoctoredLogDoesNotBalance(t *testing.T) {
	log := eventful(t).shelf()
	for i, e := range log {
		if e.Type == "payment-confirmed.v1" {
			log = log.with(i, func(e *eventstore.Recorded) { e.Data = bytes.Replace(e.Data, []byte(`"57.33"`), []byte(`"57.34"`), 1) })
			break
		}
	}
	totals := trials(t, log, audit.Range{})[0].Totals()
	if totals[comune].Balance() != 1 || totals[borgo].Balance() != 0 {
		t.Errorf("the totals are %v", totals)
	}
}

func TestWhatCannotBeReadHasNoTrialBalance(t *testing.T) {
	log := eventful(t).shelf().with(7, func(e *eventstore.Recorded) { e.Type = "thing-happened.v9" })
	if all, err := audit.TrialBalances(t.Context(), log, audit.Range{}); all != nil || !errors.Is(err, wire.ErrUnknownName) {
		t.Errorf("%v, %v", all, err)
	}
}
