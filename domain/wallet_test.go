package domain_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	walletCase  = domaintest.Case[domain.WalletCommand, domain.WalletEvent]
	walletFacts = []domain.WalletEvent
)

var (
	topUp          = uuid.MustParse("9b2f1c5e-5b52-4c4e-9f57-64a0a4b0a9e1")
	creditWallet   = domain.CreditWallet{Creditor: comune, Consumer: anna, Year: "2019-2020", Credit: topUp, Amount: 5000, At: at}
	walletCredited = domain.WalletCredited{Creditor: comune, Consumer: anna, Year: "2019-2020", Credit: topUp, Amount: 5000, At: at}
	chargeMeal     = domain.ChargeMeal{Creditor: comune, Consumer: anna, Year: "2019-2020", Service: mensa, Day: "2020-02-03", Amount: 455, At: later}
	mealCharged    = domain.MealCharged{Creditor: comune, Consumer: anna, Year: "2019-2020", Service: mensa, Day: "2020-02-03", Amount: 455, At: later}
)

func TestCreditWallet(t *testing.T) {
	second := but(creditWallet, func(c *domain.CreditWallet) { c.Credit = uuid.NewSHA1(topUp, nil) })
	most := but(creditWallet, func(c *domain.CreditWallet) { c.Amount = domain.MaxAmount })
	credit := func(change func(*domain.CreditWallet)) domain.CreditWallet { return but(creditWallet, change) }
	domaintest.Run[domain.Wallet](t, []walletCase{
		{Name: "a wallet is topped up", When: creditWallet, Then: walletFacts{walletCredited}},
		{Name: "the same top-up again adds nothing", Given: walletFacts{walletCredited}, When: credit(func(c *domain.CreditWallet) { c.At = later })},
		{Name: "another top-up of the same amount counts", Given: walletFacts{walletCredited}, When: second, Then: walletFacts{domain.WalletCredited(second)}},
		{Name: "the most is topped up", When: most, Then: walletFacts{domain.WalletCredited(most)}},
		{Name: "more than the most is refused", When: credit(func(c *domain.CreditWallet) { c.Amount = domain.MaxAmount + 1 }), Refusal: domain.ErrBadWalletAmount},
		{Name: "nothing is no top-up", When: credit(func(c *domain.CreditWallet) { c.Amount = 0 }), Refusal: domain.ErrBadWalletAmount},
		{Name: "less than nothing is no top-up", When: credit(func(c *domain.CreditWallet) { c.Amount = -1 }), Refusal: domain.ErrBadWalletAmount},
		{Name: "nobody has no wallet", When: credit(func(c *domain.CreditWallet) { c.Consumer = domain.ConsumerID{} }), Refusal: domain.ErrUnknownConsumer},
	})
}

func TestChargeMeal(t *testing.T) {
	charge := func(change func(*domain.ChargeMeal)) domain.ChargeMeal { return but(chargeMeal, change) }
	nextDay := charge(func(c *domain.ChargeMeal) { c.Day = "2020-02-04" })
	snack := charge(func(c *domain.ChargeMeal) { c.Service = "MERENDA" })
	table := []walletCase{
		{Name: "a meal is charged", Given: walletFacts{walletCredited}, When: chargeMeal, Then: walletFacts{mealCharged}},
		{Name: "a meal is charged to an empty wallet", When: chargeMeal, Then: walletFacts{mealCharged}},
		{Name: "the same meal again adds nothing, whatever its price", Given: walletFacts{mealCharged}, When: charge(func(c *domain.ChargeMeal) { c.Amount = 500 })},
		{Name: "the next day's meal is charged", Given: walletFacts{mealCharged}, When: nextDay, Then: walletFacts{domain.MealCharged(nextDay)}},
		{Name: "another service of the day is charged", Given: walletFacts{mealCharged}, When: snack, Then: walletFacts{domain.MealCharged(snack)}},
		{Name: "a meal for nothing is refused", When: charge(func(c *domain.ChargeMeal) { c.Amount = 0 }), Refusal: domain.ErrBadWalletAmount},
		{Name: "a meal has a day", When: charge(func(c *domain.ChargeMeal) { c.Day = "2020-02-30" }), Refusal: domain.ErrBadDay},
		{Name: "a meal has a service", When: charge(func(c *domain.ChargeMeal) { c.Service = "" }), Refusal: domain.ErrBadService},
		{Name: "nobody has no wallet", When: charge(func(c *domain.ChargeMeal) { c.Consumer = domain.ConsumerID{} }), Refusal: domain.ErrUnknownConsumer},
	}
	domaintest.Run[domain.Wallet](t, table)
}

func TestSchoolYears(t *testing.T) {
	var table []walletCase
	for _, year := range []domain.SchoolYear{"", "2019", "2019/2020", "2019-20", "2019-2021", "2020-2019", "2019-2019", "1999-2000", "2099-2100", "x2019-2020", "2019-2020\n"} {
		table = append(table,
			walletCase{Name: fmt.Sprintf("no top-up in %q", year), When: but(creditWallet, func(c *domain.CreditWallet) { c.Year = year }), Refusal: domain.ErrBadYear},
			walletCase{Name: fmt.Sprintf("no meal in %q", year), When: but(chargeMeal, func(c *domain.ChargeMeal) { c.Year = year }), Refusal: domain.ErrBadYear})
	}
	for _, year := range []domain.SchoolYear{"2000-2001", "2009-2010", "2098-2099"} {
		credit := but(creditWallet, func(c *domain.CreditWallet) { c.Year = year })
		table = append(table, walletCase{Name: "a top-up in " + string(year), When: credit, Then: walletFacts{domain.WalletCredited(credit)}})
	}
	domaintest.Run[domain.Wallet](t, table)
}

func TestWalletFolds(t *testing.T) {
	second := but(walletCredited, func(e *domain.WalletCredited) { e.Credit, e.Amount = uuid.Nil, 1000 })
	nextDay := but(mealCharged, func(e *domain.MealCharged) { e.Day = "2020-02-04" })
	got := fold[domain.Wallet](walletFacts{walletCredited, mealCharged, second, nextDay})
	want := domain.Wallet{
		Balance: 5000 + 1000 - 2*455, Credits: []uuid.UUID{topUp, uuid.Nil},
		Meals: map[domain.MealKey]bool{{Service: mensa, Day: "2020-02-03"}: true, {Service: mensa, Day: "2020-02-04"}: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the wallet folds to\n%+v, want\n%+v", got, want)
	}
}
