package ledger_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

func TestConsumerCommandsNameWhatIsKnown(t *testing.T) {
	x := newTown(t)
	enrol := domain.EnrolConsumer{
		Consumer: domain.ConsumerID{UUID: named("new")}, Creditor: nowhere,
		Child: domain.Child{GivenName: "Bimbo", FamilyName: "Esempio"}, School: "Primaria", At: at,
	}
	unknown := domain.ConsumerID{UUID: named("nobody")}
	for _, c := range []struct {
		name string
		cmd  domain.ConsumerCommand
		want error
	}{
		{"a child of an unknown creditor", enrol, domain.ErrUnknownCreditor},
		{"an unknown parent", domain.LinkParent{Consumer: anna, Parent: domain.ParentID{UUID: named("nobody")}, At: at}, domain.ErrUnknownParent},
		{"a service the creditor has", domain.ActivateService{Consumer: anna, Service: mensa, At: at}, nil},
		{"an unknown service", domain.ActivateService{Consumer: anna, Service: "NUOTO", At: at}, domain.ErrUnknownService},
		{"a service of an unknown child", domain.ActivateService{Consumer: unknown, Service: mensa, At: at}, domain.ErrUnknownConsumer},
		{"a diet", domain.ChangeDiet{Consumer: anna, Diet: "vegetariana", At: at}, nil},
		{"the diet of an unknown child", domain.ChangeDiet{Consumer: unknown, Diet: "vegetariana", At: at}, domain.ErrUnknownConsumer},
		{"another parent", domain.LinkParent{Consumer: anna, Parent: caia, At: at}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := x.Consumer(t.Context(), by(c.name), c.cmd); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestAWalletIsOfAKnownConsumer(t *testing.T) {
	x := newTown(t)
	credit := domain.CreditWallet{Creditor: comune, Consumer: anna, Year: "2019-2020", Credit: named("top-up"), Amount: 2000, At: at}
	meal := domain.ChargeMeal{Creditor: comune, Consumer: anna, Year: "2019-2020", Service: mensa, Day: "2020-02-03", Amount: 450, At: at}
	must(x.Wallet(t.Context(), by("credit"), credit))(t)
	must(x.Wallet(t.Context(), by("meal"), meal))(t)
	if n := len(x.facts(ledger.WalletStream(anna, "2019-2020"))); n != 2 {
		t.Errorf("%d events of the wallet, want 2", n)
	}
	credit.Consumer.UUID, meal.Creditor = named("nobody"), nowhere
	for _, cmd := range []domain.WalletCommand{credit, meal} {
		if _, err := x.Wallet(t.Context(), by("it"), cmd); !errors.Is(err, domain.ErrUnknownConsumer) {
			t.Errorf("%+v: %v, want ErrUnknownConsumer", cmd, err)
		}
	}
}

func TestWhatIsNotKnownIsSaidSo(t *testing.T) {
	x := newTown(t)
	must(x.Receive(t.Context(), ricevuta("r", unissued, 1)))(t) // a stream, and no bulletin
	_, creditor := x.KnownCreditor(t.Context(), nowhere)
	_, parent := x.KnownParent(t.Context(), domain.ParentID{UUID: named("nobody")})
	_, bulletin := x.KnownBulletin(t.Context(), comune, unissued)
	_, payment := x.KnownPayment(t.Context(), cart("nobody's"))
	for want, err := range map[*domain.Refusal]error{
		domain.ErrUnknownCreditor: creditor, domain.ErrUnknownParent: parent,
		domain.ErrUnknownBulletin: bulletin, domain.ErrUnknownPayment: payment,
	} {
		if !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

func TestEveryCommandGoesToItsOwnStream(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(5733))
	must(x.Select(t.Context(), by("select"), ticked("it", a)))(t)
	bulletins, payments := ledger.BulletinStream(comune, a), ledger.PaymentStream(cart("it"))
	for _, c := range []struct {
		name   string
		do     func(env eventstore.Envelope) (ledger.Outcome, error)
		stream eventstore.Stream
	}{
		{"activate", func(env eventstore.Envelope) (ledger.Outcome, error) {
			return x.Bulletin(t.Context(), env, domain.ActivatePayment{Creditor: comune, Notice: a, Cart: "c", At: later})
		}, bulletins},
		{"confirm", func(env eventstore.Envelope) (ledger.Outcome, error) {
			return x.Bulletin(t.Context(), env, domain.ConfirmPayment{Creditor: comune, Notice: a, Receipt: "r", Amount: 5733, At: later})
		}, bulletins},
		{"issue with its number", func(env eventstore.Envelope) (ledger.Outcome, error) {
			given := bulletin(1)
			given.Notice = unissued
			return x.Bulletin(t.Context(), env, given)
		}, ledger.BulletinStream(comune, unissued)},
		{"start checkout", func(env eventstore.Envelope) (ledger.Outcome, error) {
			return x.Payment(t.Context(), env, domain.StartCheckout{Payment: cart("it"), Cart: "c", Redirect: "https://example.org", At: later})
		}, payments},
		{"request notices", func(env eventstore.Envelope) (ledger.Outcome, error) {
			return x.Payment(t.Context(), env, domain.RequestNotices{Payment: cart("it"), At: later})
		}, payments},
		{"return from checkout", func(env eventstore.Envelope) (ledger.Outcome, error) {
			return x.Payment(t.Context(), env, domain.ReturnFromCheckout{Payment: cart("it"), Outcome: domain.ReturnedOK, At: later})
		}, payments},
		{"complete", func(env eventstore.Envelope) (ledger.Outcome, error) {
			return x.Payment(t.Context(), env, domain.CompletePayment{Payment: cart("it"), Paid: []domain.NoticeNumber{a}, At: later})
		}, payments},
		{"change profile", func(env eventstore.Envelope) (ledger.Outcome, error) {
			changed := person(t, 0)
			changed.Mobile = "333 1234567"
			return x.Parent(t.Context(), env, domain.ChangeProfile{Parent: tizio, Person: changed, At: later})
		}, ledger.ParentStream(tizio)},
		{"change password", func(env eventstore.Envelope) (ledger.Outcome, error) {
			return x.Parent(t.Context(), env, domain.RecordCredentialChange{Parent: tizio, At: later})
		}, ledger.ParentStream(tizio)},
	} {
		t.Run(c.name, func(t *testing.T) {
			must(c.do(by(c.name)))(t)
			all := x.entries("")
			if last := all[len(all)-1]; last.Stream != c.stream {
				t.Errorf("it went to %s, want %s", last.Stream, c.stream)
			}
		})
	}
	x.chained()
}

func TestAStepOfACommandIsTheSameEachTime(t *testing.T) {
	env := by("it")
	step := ledger.Step(env, "first")
	if step.Command == env.Command || step.Command != ledger.Step(env, "first").Command || step.Command == ledger.Step(env, "second").Command {
		t.Errorf("the step has the command %s", step.Command)
	}
	if step.Correlation != env.Command || step.Actor != env.Actor {
		t.Errorf("%+v does not belong to %+v", step, env)
	}
	env.Correlation = uuid.New()
	if step := ledger.Step(env, "first"); step.Correlation != env.Correlation {
		t.Errorf("%+v does not belong to %+v", step, env)
	}
}

// No stream's name tells of a person.
func TestStreamNamesAreUsable(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(5733))
	must(x.Select(t.Context(), by("it"), ticked("it", a)))(t)
	must(x.Receive(t.Context(), ricevuta("ricevuta n. 1/è", a, 5733)))(t)
	for _, e := range x.entries("") {
		if err := e.Stream.Check(); err != nil {
			t.Error(err)
		}
	}
}
