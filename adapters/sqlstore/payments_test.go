package sqlstore

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

var (
	cart  = domain.PaymentID{UUID: uuid.MustParse("00000000-0000-4000-8000-0000000000f1")}
	newer = domain.PaymentID{UUID: uuid.MustParse("00000000-0000-4000-8000-0000000000f0")}
)

func ticked(id domain.PaymentID, parent domain.ParentID, notices ...domain.NoticeNumber) projectionstest.Fact {
	e := domain.BulletinsSelected{Payment: id, Creditor: comune, Parent: parent, Category: "REFEZIONE", Total: 5733, Saldo: -5733, At: noon.Add(-20 * time.Minute)}
	for _, n := range notices {
		e.Lines = append(e.Lines, domain.SelectedBulletin{Notice: n, Amount: 5733})
	}
	return fact("payment-"+id.String(), e)
}

func started(id domain.PaymentID, ago time.Duration) projectionstest.Fact {
	return fact("payment-"+id.String(), domain.CheckoutStarted{Payment: id, Parent: tizio, Cart: "cart", Redirect: "https://checkout.example/", At: noon.Add(-ago)})
}

func cameBack(id domain.PaymentID, how domain.CheckoutOutcome) projectionstest.Fact {
	return fact("payment-"+id.String(), domain.CheckoutReturned{Payment: id, Parent: tizio, Outcome: how, At: noon.Add(-2 * time.Minute)})
}

func TestABulletinIsPendingWhileItsCheckoutMayBeUnderWay(t *testing.T) {
	begun := []projectionstest.Fact{ticked(cart, tizio, january), started(cart, 10*time.Minute)}
	since := func(id domain.PaymentID, ago time.Duration) *projections.Pending {
		return &projections.Pending{Since: noon.Add(-ago), Payment: id}
	}
	for name, c := range map[string]struct {
		facts []projectionstest.Fact
		want  *projections.Pending
	}{
		"ticked only":                {begun[:1], nil},
		"started":                    {begun, since(cart, 10*time.Minute)},
		"back, outcome unknown":      {append(begun, cameBack(cart, domain.ReturnedOK)), nil}, // being verified instead
		"back and started again":     {append(begun, cameBack(cart, domain.ReturnedOK), started(cart, time.Minute)), since(cart, time.Minute)},
		"given up":                   {append(begun, cameBack(cart, domain.ReturnedCancelled)), nil},
		"failed":                     {append(begun, cameBack(cart, domain.ReturnedError)), nil},
		"started half an hour ago":   {[]projectionstest.Fact{begun[0], started(cart, 30*time.Minute)}, nil},
		"just within half an hour":   {[]projectionstest.Fact{begun[0], started(cart, 30*time.Minute-time.Second)}, since(cart, 30*time.Minute-time.Second)},
		"given up and started again": {append(begun, cameBack(cart, domain.ReturnedCancelled), started(cart, time.Minute)), since(cart, time.Minute)},
		"in two carts, the newer counts": {
			append(begun, ticked(newer, tizio, january), started(newer, 5*time.Minute)), since(newer, 5*time.Minute)},
		"the newer one given up": {
			append(begun, ticked(newer, tizio, january), started(newer, 5*time.Minute), cameBack(newer, domain.ReturnedCancelled)), since(cart, 10*time.Minute)},
		"the cart completed": {
			append(begun, fact("payment-"+cart.String(), domain.PaymentCompleted{Payment: cart, Parent: tizio, Total: 5733, At: noon})), nil},
		"another bulletin's cart": {[]projectionstest.Fact{ticked(cart, tizio, february), started(cart, time.Minute)}, nil},
		"another parent's cart":   {[]projectionstest.Fact{ticked(cart, caio, january), started(cart, time.Minute)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dues, err := parentsOf(viewsOf(t, append(guide(), c.facts...)...)).OpenBulletins(t.Context(), tizio, "REFEZIONE")
			if err != nil || len(dues.Bulletins) != 1 {
				t.Fatalf("%+v, %v", dues, err)
			}
			same(t, dues.Bulletins[0].Pending, c.want)
		})
	}
}

func TestTheStagesOfACart(t *testing.T) {
	begun := []projectionstest.Fact{ticked(cart, tizio, january), started(cart, 10*time.Minute)}
	completed := fact("payment-"+cart.String(), domain.PaymentCompleted{Payment: cart, Parent: tizio, Total: 5733, At: noon.Add(-time.Minute)})
	for name, c := range map[string]struct {
		facts []projectionstest.Fact
		stage projections.Stage
		ago   time.Duration
	}{
		"ticked": {begun[:1], projections.Selected, 20 * time.Minute},
		"notices asked for": {
			append(begun[:1:1], fact("payment-"+cart.String(), domain.NoticesRequested{Payment: cart, Parent: tizio, At: noon.Add(-9 * time.Minute)})),
			projections.Noticed, 9 * time.Minute},
		"started":                  {begun, projections.Started, 10 * time.Minute},
		"back, outcome unknown":    {append(begun, cameBack(cart, domain.ReturnedWaiting)), projections.Started, 10 * time.Minute},
		"given up":                 {append(begun, cameBack(cart, domain.ReturnedCancelled)), projections.Cancelled, 2 * time.Minute},
		"failed":                   {append(begun, cameBack(cart, domain.ReturnedError)), projections.Failed, 2 * time.Minute},
		"completed":                {append(begun, completed), projections.Completed, time.Minute},
		"completed, then given up": {append(begun, completed, cameBack(cart, domain.ReturnedCancelled)), projections.Completed, time.Minute},
		"given up, then completed": {append(begun, cameBack(cart, domain.ReturnedCancelled), completed), projections.Completed, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parentsOf(viewsOf(t, append(guide(), c.facts...)...)).Payment(t.Context(), tizio, cart)
			if err != nil {
				t.Fatal(err)
			}
			if got.Stage != c.stage || !got.Since.Equal(noon.Add(-c.ago)) {
				t.Errorf("stage %d since %s, want %d since %s", got.Stage, got.Since, c.stage, noon.Add(-c.ago))
			}
		})
	}
}

func TestACartShowsItsBulletinsAsTheyWereTicked(t *testing.T) {
	got, err := parentsOf(viewsOf(t, append(guide(), ticked(cart, tizio, february, january))...)).Payment(t.Context(), tizio, cart)
	if err != nil {
		t.Fatal(err)
	}
	line := func(notice domain.NoticeNumber, service, day string, amount domain.Money) projections.PaymentLine {
		return projections.PaymentLine{Bulletin: projections.Bulletin{
			Notice: notice, Services: []string{service}, Period: domain.Period{From: "2020-01-01", To: "2020-01-31"}, Due: "2020-02-20",
			Consumers: []projections.Pupil{{School: "MAT. BORSELLINO", Name: "UTENTE TEST"}}, Amount: amount, Causale: "Servizi del " + day,
		}}
	}
	paid := line(february, "SERVIZIO MENSA", "2020-02-03", 3913)
	paid.Receipt = &projections.Receipt{ID: "ricevuta-2020-02-10", At: on("2020-02-10"), Entry: 160}
	same(t, got, projections.Payment{
		Position: 170,
		ID:       cart, Category: projections.Category{Code: "REFEZIONE", Name: "pagoPA - AUT. REFEZIONE"}, Totale: 5733, Saldo: -5733, SaldoFinale: 0,
		Lines: []projections.PaymentLine{paid, line(january, "POST-SCUOLA", "2020-01-31", 5733)},
		Stage: projections.Selected, Since: noon.Add(-20 * time.Minute),
	})
}
