package register

import (
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
)

// The town and the children of these tests are invented.
const comune domain.FiscalCode = "12345678903"

var (
	anna  = domain.ConsumerID{UUID: uuid.MustParse("11111111-1111-4111-8111-111111111111")}
	bruno = domain.ConsumerID{UUID: uuid.MustParse("22222222-2222-4222-8222-222222222222")}
)

// stranger is a child of another town.
var stranger = domain.ConsumerID{UUID: uuid.Max}

func bodyOf(child domain.ConsumerID) domain.FiscalCode {
	if child == stranger {
		return "98765432109"
	}
	return comune
}

// world is a ledger of wallets.
type world struct {
	testing.TB
	*ledger.Ledger
	log   *embedded.Log
	now   time.Time // the recorded date
	steps int
}

func newWorld(t testing.TB) *world {
	log, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{TB: t, log: log, now: noon(1, 1)}
	w.Ledger = ledger.New(log, town.NewKeys(1), w.clock)
	for _, body := range []domain.FiscalCode{comune, "98765432109"} {
		w.must(w.Creditor(w.Context(), w.by(), domain.RegisterCreditor{At: w.now, Profile: domain.CreditorProfile{
			FiscalCode: body, Name: "Comune", Broker: "b", Station: "s", Segregation: 1, CBILL: "ABC12", IBAN: "IT60X0542811101000000123456",
		}}))
	}
	for _, child := range []domain.ConsumerID{anna, bruno, stranger} {
		w.must(w.Consumer(w.Context(), w.by(), domain.EnrolConsumer{
			Consumer: child, Creditor: bodyOf(child), Child: domain.Child{GivenName: "Bimbo", FamilyName: "Esempio"}, School: "Primaria", At: w.now,
		}))
	}
	return w
}

// noon is twelve o'clock, in UTC, of a day of 2020.
func noon(month time.Month, day int) time.Time {
	return time.Date(2020, month, day, 12, 0, 0, 0, time.UTC)
}

func (w *world) clock() time.Time { return w.now }

func (w *world) by() eventstore.Envelope {
	w.steps++
	return eventstore.Envelope{Command: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, w.steps)), Actor: "test"}
}

func (w *world) must(_ ledger.Outcome, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// credited pays in advance; it is recorded when it takes place, or at w.now if that is later.
func (w *world) credited(child domain.ConsumerID, amount domain.Money, at time.Time) {
	w.Helper()
	w.now = latest(w.now, at)
	env := w.by()
	w.must(w.Wallet(w.Context(), env, domain.CreditWallet{Creditor: bodyOf(child), Consumer: child, Year: "2019-2020", Credit: env.Command, Amount: amount, At: at}))
}

func (w *world) ate(child domain.ConsumerID, amount domain.Money, at time.Time) {
	w.Helper()
	w.now = latest(w.now, at)
	w.must(w.Wallet(w.Context(), w.by(), domain.ChargeMeal{Creditor: comune, Consumer: child, Year: "2019-2020", Service: "MENSA", Day: domain.DateOf(at), Amount: amount, At: at}))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// winter is some meals of January and February, one of which was recorded in March.
func winter(t testing.TB) *world {
	w := newWorld(t)
	w.credited(anna, 20_00, noon(1, 8))
	w.ate(anna, 4_50, noon(1, 10))
	w.credited(bruno, 10_00, noon(1, 20))
	w.ate(anna, 4_50, noon(2, 3))
	w.credited(stranger, 99_00, noon(2, 4))
	w.ate(bruno, 4_50, noon(2, 5))
	w.credited(anna, 5_00, noon(3, 2))
	w.ate(bruno, 4_50, noon(2, 28))
	return w
}
