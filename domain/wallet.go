package domain

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Wallet is a consumer's prepaid balance in one school year (Saldo and Ultima
// ricarica of the consumers' list), folded from its stream.
type Wallet struct {
	Balance Money
	Credits []uuid.UUID
	Meals   map[MealKey]bool
}

// MealKey is what a meal is charged for: one service on one day, once.
type MealKey struct {
	Service ServiceCode
	Day     Date
}

// SchoolYear is written by its two years: "2019-2020".
type SchoolYear string

// WalletCommand is the closed set of intents about a wallet.
type WalletCommand interface{ walletCommand() }

// WalletEvent closes the facts.
type WalletEvent interface {
	Event
	walletEvent()
}

// CreditWallet tops a wallet up. Credit identifies the top-up.
type CreditWallet struct {
	Creditor FiscalCode
	Consumer ConsumerID
	Year     SchoolYear
	Credit   uuid.UUID
	Amount   Money
	At       time.Time
}

// ChargeMeal takes a day's price from a wallet. A wallet may go below zero: the
// child has eaten.
type ChargeMeal struct {
	Creditor FiscalCode
	Consumer ConsumerID
	Year     SchoolYear
	Service  ServiceCode
	Day      Date
	Amount   Money
	At       time.Time
}

// WalletCredited says that a wallet was topped up.
type WalletCredited struct {
	Creditor FiscalCode `json:"creditor"`
	Consumer ConsumerID `json:"consumer"`
	Year     SchoolYear `json:"year"`
	Credit   uuid.UUID  `json:"credit"`
	Amount   Money      `json:"amount"`
	At       time.Time  `json:"at"`
}

// MealCharged says that a day was charged.
type MealCharged struct {
	Creditor FiscalCode  `json:"creditor"`
	Consumer ConsumerID  `json:"consumer"`
	Year     SchoolYear  `json:"year"`
	Service  ServiceCode `json:"service"`
	Day      Date        `json:"day"`
	Amount   Money       `json:"amount"`
	At       time.Time   `json:"at"`
}

// Refusals about wallets.
var (
	ErrBadWalletAmount = &Refusal{Invalid, "amount", "a top-up or a charge is a positive amount of at most 999999999.99"}
	ErrBadYear         = &Refusal{Invalid, "year", "a school year is written 2019-2020"}
	ErrBadDay          = &Refusal{Invalid, "day", "a day is written yyyy-mm-dd"}
)

var schoolYear = regexp.MustCompile(`^20[0-9]{2}-20[0-9]{2}$`)

// valid reports whether y is two years, one after the other.
func (y SchoolYear) valid() bool {
	if !schoolYear.MatchString(string(y)) {
		return false
	}
	first, _ := strconv.Atoi(string(y[:4]))
	return string(y[5:]) == strconv.Itoa(first+1)
}

// Decide answers cmd with the facts that follow from it.
func (w Wallet) Decide(cmd WalletCommand) ([]WalletEvent, error) {
	switch c := cmd.(type) {
	case CreditWallet:
		if err := checkWallet(c.Consumer, c.Year, c.Amount); err != nil {
			return nil, err
		}
		if slices.Contains(w.Credits, c.Credit) {
			return nil, nil
		}
		return []WalletEvent{WalletCredited(c)}, nil
	case ChargeMeal:
		return w.charge(c)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (w Wallet) charge(c ChargeMeal) ([]WalletEvent, error) {
	if err := checkWallet(c.Consumer, c.Year, c.Amount); err != nil {
		return nil, err
	}
	switch {
	case !validCode(string(c.Service)):
		return nil, fmt.Errorf("service %q: %w", clip(string(c.Service)), ErrBadService)
	case !c.Day.Valid():
		return nil, fmt.Errorf("day %q: %w", clip(string(c.Day)), ErrBadDay)
	case w.Meals[MealKey{c.Service, c.Day}]:
		return nil, nil
	}
	return []WalletEvent{MealCharged(c)}, nil
}

func checkWallet(consumer ConsumerID, year SchoolYear, amount Money) error {
	switch {
	case consumer == ConsumerID{}:
		return ErrUnknownConsumer
	case !year.valid():
		return fmt.Errorf("year %q: %w", clip(string(year)), ErrBadYear)
	case amount <= 0 || amount > MaxAmount:
		return fmt.Errorf("amount %s: %w", amount, ErrBadWalletAmount)
	}
	return nil
}

// Evolve returns w as it stands after e.
func (w Wallet) Evolve(e WalletEvent) Wallet {
	switch e := e.(type) {
	case WalletCredited:
		w.Balance += e.Amount
		w.Credits = append(slices.Clip(w.Credits), e.Credit)
	case MealCharged:
		w.Balance -= e.Amount
		w.Meals = with(w.Meals, MealKey{e.Service, e.Day}, true)
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return w
}

func (CreditWallet) walletCommand() {}
func (ChargeMeal) walletCommand()   {}

// OccurredAt is when the money was put in.
func (e WalletCredited) OccurredAt() time.Time { return e.At }

// OccurredAt is when the day was charged.
func (e MealCharged) OccurredAt() time.Time { return e.At }

func (WalletCredited) event()       {}
func (MealCharged) event()          {}
func (WalletCredited) walletEvent() {}
func (MealCharged) walletEvent()    {}
