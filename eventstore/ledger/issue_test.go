package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// issue raises a bulletin by the command so called, which must succeed.
func issue(t *testing.T, l *ledger.Ledger, word string, c domain.IssueBulletin) ledger.Issued {
	t.Helper()
	out, err := l.IssueBulletin(t.Context(), by(word), c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestABulletinIsIssuedWithANumberOfItsOwn(t *testing.T) {
	x := newTown(t)
	a, b := issue(t, x.Ledger, "a", bulletin(5733)), issue(t, x.Ledger, "b", bulletin(5733))
	if a.Notice == b.Notice {
		t.Errorf("two bulletins have the number %s", a.Notice)
	}
	for _, issued := range []ledger.Issued{a, b} {
		if issued.Notice[:3] != "301" || !issued.Notice.HasCheckDigits() {
			t.Errorf("notice %s is not of the creditor's segregation code 01, or miscounted", issued.Notice)
		}
		got, err := x.KnownBulletin(t.Context(), comune, issued.Notice)
		if err != nil || got.Issued.Amount != 5733 || got.Issued.Notice != issued.Notice || got.Status != domain.BulletinIssuedOnly {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if b.Position != x.end() || b.Repeated {
		t.Errorf("%+v, want the log's last event", b)
	}
}

func TestTheSameIssueAgainHasTheSameNumber(t *testing.T) {
	x := newTown(t)
	offices := []*ledger.Ledger{x.Ledger, x.office()}
	issue(t, offices[1], "other", bulletin(100)) // so that both have a block of numbers
	first := issue(t, x.Ledger, "it", bulletin(5733))
	issue(t, x.Ledger, "next", bulletin(100))
	end := x.end()
	for name, l := range map[string]*ledger.Ledger{"here": x.Ledger, "in another office": offices[1], "after a restart": x.office()} {
		again := issue(t, l, "it", bulletin(5733))
		if again.Notice != first.Notice || again.Position != first.Position || !again.Repeated || x.end() != end {
			t.Errorf("%s: %+v, the log ends at %d; want %+v and %d", name, again, x.end(), first, end)
		}
	}
}

// Between the number and the bulletin the line was torn: the number is kept for
// the command.
func TestAnIssueTornApartGoesOnWithItsNumber(t *testing.T) {
	for _, c := range []struct {
		name, category string
		after          bool
	}{
		{"before numbers were reserved", "numbers", false},
		{"after numbers were reserved", "numbers", true},
		{"before the bulletin", "bulletin", false},
		{"after the bulletin", "bulletin", true},
	} {
		for _, jointly := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, jointly %v", c.name, jointly), func(t *testing.T) {
				x := newTown(t)
				line := &tornJointly{torn{Store: x.log, category: c.category, after: c.after, times: 1}}
				var store eventstore.Store = line
				if !jointly {
					store = &line.torn
				}
				l := ledger.New(store, x.vault, clock)
				if _, err := l.IssueBulletin(t.Context(), by("it"), bulletin(5733)); !errors.Is(err, errTorn) {
					t.Fatalf("%v, want %v", err, errTorn)
				}
				here, there := issue(t, l, "it", bulletin(5733)), issue(t, x.office(), "it", bulletin(5733))
				if here.Notice != there.Notice {
					t.Errorf("one command has the numbers %s and %s", here.Notice, there.Notice)
				}
				if n := count[domain.BulletinIssued](x); n != 1 {
					t.Errorf("issued %d times", n)
				}
				x.chained()
			})
		}
	}
}

// A receipt may come for a number before there is a bulletin of it.
func TestANumberSomebodyPaidBeforeItWasGivenIsIssuedAllTheSame(t *testing.T) {
	x := newTown(t)
	first := issue(t, x.Ledger, "a", bulletin(100))
	next, err := domain.NewNoticeNumber(1, 2)
	if err != nil || first.Notice >= next {
		t.Fatal(first, next, err)
	}
	cmd := domain.ConfirmPayment{Creditor: bulletin(100).Creditor, Notice: next, Receipt: "early", Amount: 100, At: bulletin(100).At}
	if _, err := x.Bulletin(t.Context(), by("early"), cmd); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if out := issue(t, x.Ledger, "b", bulletin(100)); out.Notice != next {
			t.Errorf("issued as %s, want %s", out.Notice, next)
		}
	}
	if n := count[domain.BulletinIssued](x); n != 2 {
		t.Errorf("issued %d times, want 2", n)
	}
	x.chained()
}

func TestARestartBeginsABlockOfNumbersOfItsOwn(t *testing.T) {
	x := newTown(t)
	a, b := issue(t, x.Ledger, "a", bulletin(100)), issue(t, x.office(), "b", bulletin(100))
	if a.Notice[3:16] != "0000000000001" || b.Notice[3:16] != "0000000001001" {
		t.Errorf("the first numbers of two blocks of 1000 are %s and %s", a.Notice, b.Notice)
	}
	if n := count[domain.NumbersReserved](x); n != 2 {
		t.Errorf("%d blocks are reserved, want 2", n)
	}
}

func TestNumbersGoOnInTheNextBlock(t *testing.T) {
	const writers, each = 21, 50
	x := newTown(t)
	crowd(writers, func(w int) {
		for i := range each {
			if _, err := x.IssueBulletin(t.Context(), by(fmt.Sprint(w, "/", i)), bulletin(100)); err != nil {
				t.Error(err)
			}
		}
	})
	numbers := make(map[domain.NoticeNumber]bool)
	for _, e := range x.entries("") {
		if issued, ok := e.fact.(domain.BulletinIssued); ok {
			numbers[issued.Notice] = true
		}
	}
	if len(numbers) != writers*each {
		t.Errorf("%d numbers for %d bulletins", len(numbers), writers*each)
	}
	if n := count[domain.NumbersReserved](x); n != 2 {
		t.Errorf("%d blocks of 1000 are reserved, want 2", n)
	}
}

func TestManyIssuesAtOnce(t *testing.T) {
	const commands, times = 12, 4
	x := newTown(t)
	offices := []*ledger.Ledger{x.office(), x.office()}
	var mu sync.Mutex
	numbers := make(map[string]domain.NoticeNumber)
	crowd(commands*times, func(i int) {
		word := fmt.Sprint("command ", i%commands)
		out, err := offices[i/commands%2].IssueBulletin(t.Context(), by(word), bulletin(5733))
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if before, ok := numbers[word]; ok && before != out.Notice {
			t.Errorf("%s has the numbers %s and %s", word, before, out.Notice)
		}
		numbers[word] = out.Notice
	})
	if n := count[domain.BulletinIssued](x); n != commands {
		t.Errorf("%d bulletins for %d commands", n, commands)
	}
	distinct := make(map[domain.NoticeNumber]bool)
	for _, n := range numbers {
		distinct[n] = true
	}
	if len(distinct) != commands {
		t.Errorf("%d numbers for %d commands", len(distinct), commands)
	}
	x.chained()
}

// outrun is a log on which somebody is faster, once, than an append that ends.
type outrun struct {
	eventstore.Store
	suffix string
	by     func()
}

func (s *outrun) Append(ctx context.Context, stream eventstore.Stream, at eventstore.Revision, events ...eventstore.Proposed) (eventstore.Appended, error) {
	if run := s.by; run != nil && strings.HasSuffix(string(stream), s.suffix) {
		s.by = nil
		run()
	}
	return s.Store.Append(ctx, stream, at, events...)
}

// Two offices get one command. Each takes a number of its own block, and the
// number that was assigned first counts.
func TestAnIssueOutrunByAnotherOfficeHasItsNumber(t *testing.T) {
	x := newTown(t)
	env := by("it")
	var theirs ledger.Issued
	slow := ledger.New(&outrun{Store: x.log, suffix: env.Command.String(), by: func() {
		theirs = issue(t, x.office(), "it", bulletin(5733))
	}}, x.vault, clock)
	ours := issue(t, slow, "it", bulletin(5733))
	if ours.Notice != theirs.Notice || !ours.Repeated || theirs.Repeated {
		t.Errorf("%+v and %+v, want one bulletin, theirs", ours, theirs)
	}
	if n := count[domain.BulletinIssued](x); n != 1 {
		t.Errorf("issued %d times", n)
	}
	x.chained()
}

func TestANumberGivenByTheCallerIsTaken(t *testing.T) {
	x := newTown(t)
	given := bulletin(5733)
	given.Notice = unissued
	out := issue(t, x.Ledger, "it", given)
	if out.Notice != unissued || count[domain.NumbersReserved](x) != 0 {
		t.Errorf("%+v, want the number given and none reserved", out)
	}
	if again := issue(t, x.office(), "it", given); !again.Repeated {
		t.Errorf("%+v, want the first outcome", again)
	}
	end := x.end()
	if same := issue(t, x.Ledger, "the same by another command", given); same.Repeated || x.end() != end {
		t.Errorf("%+v, want nothing added", same)
	}
	given.Causale = "Altro"
	if _, err := x.IssueBulletin(t.Context(), by("another"), given); !errors.Is(err, domain.ErrNoticeInUse) {
		t.Errorf("%v, want ErrNoticeInUse", err)
	}
}

func TestABulletinNamesOnlyWhatIsKnown(t *testing.T) {
	for _, c := range []struct {
		name  string
		alter func(*domain.IssueBulletin)
		want  error
	}{
		{"creditor", func(c *domain.IssueBulletin) { c.Creditor = nowhere }, domain.ErrUnknownCreditor},
		{"category", func(c *domain.IssueBulletin) { c.Category = "NUOTO" }, domain.ErrUnknownCategory},
		{"service", func(c *domain.IssueBulletin) { c.Lines[0].Service = "NUOTO" }, domain.ErrUnknownService},
		{"consumer", func(c *domain.IssueBulletin) { c.Lines[0].Consumer.UUID = named("nobody") }, domain.ErrUnknownConsumer},
		{"consumer on any line", func(c *domain.IssueBulletin) {
			c.Lines = append(c.Lines, domain.Line{Consumer: domain.ConsumerID{UUID: named("nobody")}, Service: mensa, Amount: 1})
		}, domain.ErrUnknownConsumer},
		{"parent", func(c *domain.IssueBulletin) { c.Parent.UUID = named("nobody") }, domain.ErrUnknownParent},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newTown(t)
			end := x.end()
			cmd := bulletin(5733)
			c.alter(&cmd)
			if _, err := x.IssueBulletin(t.Context(), by("it"), cmd); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if x.end() != end {
				t.Error("something was filed")
			}
		})
	}
}

// A child of one town cannot be billed by another.
func TestABulletinIsOfTheConsumersOwnCreditor(t *testing.T) {
	x := newTown(t)
	const other domain.FiscalCode = "98765432109"
	must(x.Creditor(t.Context(), by("other"), domain.RegisterCreditor{At: at, Profile: domain.CreditorProfile{
		FiscalCode: other, Name: "Altro Comune", Broker: "b", Station: "s", Segregation: 2, CBILL: "XYZ99", IBAN: "IT60X0542811101000000123456",
	}}))(t)
	must(x.Creditor(t.Context(), by("other category"), domain.DefineCategory{Creditor: other, Category: refezione, Name: "Servizi", At: at}))(t)
	must(x.Creditor(t.Context(), by("other service"), domain.DefineService{
		Creditor: other, Code: mensa, Service: domain.Service{Name: "Mensa", Taxonomy: "9/0107101TS/"}, At: at,
	}))(t)
	cmd := bulletin(5733)
	cmd.Creditor = other
	if _, err := x.IssueBulletin(t.Context(), by("it"), cmd); !errors.Is(err, domain.ErrUnknownConsumer) {
		t.Errorf("%v, want ErrUnknownConsumer", err)
	}
}

func TestARefusedBulletinMayComeAgain(t *testing.T) {
	x := newTown(t)
	bad := bulletin(5733)
	bad.Due = "tomorrow"
	if _, err := x.IssueBulletin(t.Context(), by("it"), bad); !errors.Is(err, domain.ErrBadDue) {
		t.Fatalf("%v, want ErrBadDue", err)
	}
	if out := issue(t, x.Ledger, "it", bulletin(5733)); out.Repeated {
		t.Error("a refusal was taken for an outcome")
	}
}

func TestAnIssueCommandIDIsForOneRequest(t *testing.T) {
	x := newTown(t)
	env := by("it")
	env.Request = "a"
	if _, err := x.IssueBulletin(t.Context(), env, bulletin(5733)); err != nil {
		t.Fatal(err)
	}
	env.Request = "b"
	if _, err := x.office().IssueBulletin(t.Context(), env, bulletin(1)); !errors.Is(err, eventstore.ErrCommandReused) {
		t.Errorf("%v, want ErrCommandReused", err)
	}
}
