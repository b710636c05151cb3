// Package town fills a ledger with the life of an invented town, by the very
// commands its people would give: for benchmarks, and for tests that need a long
// and realistic history. What happens follows from a seed; in which order things
// done at the same time reach the log does not.
package town

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// What the town is made of.
const (
	Creditor domain.FiscalCode   = "99123456784"
	Category domain.CategoryCode = "SCUOLA"
	mensa    domain.ServiceCode  = "MENSA"
	after    domain.ServiceCode  = "POST-SCUOLA"
)

// atOnce is how many people of the town act at the same time.
const atOnce = 256

// Town is an invented municipality whose families get a bollettino each month.
type Town struct {
	ledger   *ledger.Ledger
	seed     uint64
	families []family
	months   int
}

// family is a parent with a child at school.
type family struct {
	parent domain.ParentID
	child  domain.ConsumerID
}

// opening is the first day of the town's first school year.
var opening = time.Date(2019, 9, 2, 8, 0, 0, 0, time.UTC)

// Found makes a town: the body, its services, and so many families.
func Found(ctx context.Context, l *ledger.Ledger, seed uint64, families int) (*Town, error) {
	t := &Town{ledger: l, seed: seed, families: make([]family, families)}
	if err := t.body(ctx); err != nil {
		return nil, err
	}
	return t, t.each(ctx, families, func(ctx context.Context, i int) error {
		t.families[i] = family{domain.ParentID{UUID: t.id("parent", i)}, domain.ConsumerID{UUID: t.id("child", i)}}
		return t.settle(ctx, i, t.families[i])
	})
}

// On is the town as it stands, through another door to the same log.
func (t *Town) On(l *ledger.Ledger) *Town { return &Town{l, t.seed, t.families, t.months} }

// Parents are the parents of the town, one of each family.
func (t *Town) Parents() []domain.ParentID {
	parents := make([]domain.ParentID, len(t.families))
	for i, f := range t.families {
		parents[i] = f.parent
	}
	return parents
}

func (t *Town) body(ctx context.Context) error {
	for i, cmd := range []domain.CreditorCommand{
		domain.RegisterCreditor{At: opening, Profile: domain.CreditorProfile{
			FiscalCode: Creditor, Name: "Comune di misura", Broker: string(Creditor), Station: string(Creditor) + "_01",
			Segregation: 1, CBILL: "BE999", IBAN: "IT63L9999901600000000012345",
		}},
		domain.DefineCategory{Creditor: Creditor, Category: Category, Name: "Servizi scolastici", At: opening},
		domain.DefineService{Creditor: Creditor, Code: mensa, Service: domain.Service{Name: "Mensa", Taxonomy: "9/0107101TS/"}, At: opening},
		domain.DefineService{Creditor: Creditor, Code: after, Service: domain.Service{Name: "Post-scuola", Taxonomy: "9/0107103TS/"}, At: opening},
	} {
		if _, err := t.ledger.Creditor(ctx, t.by("body", i), cmd); err != nil {
			return err
		}
	}
	return nil
}

// settle enters a family.
func (t *Town) settle(ctx context.Context, i int, f family) error {
	at := opening.Add(time.Duration(i) * time.Second)
	register := domain.RegisterParent{Parent: f.parent, Person: person(i), At: at}
	if _, err := t.ledger.RegisterParent(ctx, t.by("register", i), register); err != nil {
		return err
	}
	for step, cmd := range []domain.ConsumerCommand{
		domain.EnrolConsumer{
			Consumer: f.child, Creditor: Creditor, School: "Scuola primaria", At: at,
			Child: domain.Child{GivenName: givenNames[i%len(givenNames)], FamilyName: familyNames[i%len(familyNames)]},
		},
		domain.LinkParent{Consumer: f.child, Parent: f.parent, At: at},
		domain.ActivateService{Consumer: f.child, Service: mensa, At: at},
	} {
		if _, err := t.ledger.Consumer(ctx, t.by("settle", i, step), cmd); err != nil {
			return err
		}
	}
	return nil
}

var (
	givenNames  = []string{"Anna", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Giulia", "Hassan", "Irene", "Luca", "Mei"}
	familyNames = []string{"Esempio", "Prova", "Campione", "Saggio", "Modello", "Misura", "Traccia"}
)

// person is the i-th adult. The fiscal codes are made up, check character
// included.
func person(i int) domain.Person {
	n := fmt.Sprintf("%06d", i)
	p := domain.Person{
		GivenName: givenNames[i%len(givenNames)], FamilyName: familyNames[i%len(familyNames)],
		Email: "famiglia" + n + "@example.it", Username: "FAMIGLIA" + n,
	}
	// Six digits have a place in a code: the year, the day from 1 to 28, the commune.
	stem := fmt.Sprintf("FMGLGN%02dA%02dH%03d", i/28000%100, i%28+1, i/28%1000)
	for check := 'A'; check <= 'Z'; check++ {
		if code, err := domain.ParsePersonCode(stem + string(check)); err == nil {
			p.FiscalCode = code
			break
		}
	}
	return p
}

// Month lets a month pass: every family is sent a bollettino, most pay, in the
// portal or at a PSP, a few pay twice or a wrong sum.
func (t *Town) Month(ctx context.Context) error {
	for begin := 0; begin < len(t.families); begin += ledger.MaxBatch {
		if err := t.district(ctx, begin, min(begin+ledger.MaxBatch, len(t.families))); err != nil {
			return err
		}
	}
	t.months++
	return nil
}

// district is the month of the families from begin to end.
func (t *Town) district(ctx context.Context, begin, end int) error {
	rows, err := t.issue(ctx, begin, end, false)
	if err != nil {
		return err
	}
	return t.each(ctx, end-begin, func(ctx context.Context, i int) error {
		if rows[i].Err != nil {
			return rows[i].Err
		}
		return t.live(ctx, begin+i, rows[i].Notice)
	})
}

// issue raises this month's bollettini of the families from begin to end, and makes
// them payable at once if send says so.
func (t *Town) issue(ctx context.Context, begin, end int, send bool) ([]ledger.Row, error) {
	cmds := make([]domain.IssueBulletin, 0, end-begin)
	for i := begin; i < end; i++ {
		cmds = append(cmds, t.bulletin(i))
	}
	return t.ledger.IssueBulletins(ctx, t.by("issue", begin), ledger.Batch{Creditor: Creditor, Bulletins: cmds, Send: send, At: t.month()})
}

// IssueAll raises a month's bollettini, lets nothing else happen in that month, and
// returns how many there are.
func (t *Town) IssueAll(ctx context.Context) (int, error) { return t.issueAll(ctx, false) }

// SendAll is IssueAll, and each bollettino is sent: its family can pay it.
func (t *Town) SendAll(ctx context.Context) (int, error) { return t.issueAll(ctx, true) }

func (t *Town) issueAll(ctx context.Context, send bool) (int, error) {
	for begin := 0; begin < len(t.families); begin += ledger.MaxBatch {
		rows, err := t.issue(ctx, begin, min(begin+ledger.MaxBatch, len(t.families)), send)
		if err != nil {
			return 0, err
		}
		for _, row := range rows {
			if row.Err != nil {
				return 0, row.Err
			}
		}
	}
	t.months++
	return len(t.families), nil
}

// IssueOne raises one more bollettino of some family, by a command of its own.
func (t *Town) IssueOne(ctx context.Context, command uuid.UUID) error {
	cmd := t.bulletin(int(command.ID()) % len(t.families))
	_, err := t.ledger.IssueBulletin(ctx, eventstore.Envelope{Command: command, Actor: "ufficio"}, cmd)
	return err
}

func (t *Town) month() time.Time { return opening.AddDate(0, t.months, 0) }

// bulletin is what the i-th family owes this month.
func (t *Town) bulletin(i int) domain.IssueBulletin {
	luck, f, at := t.luck(i, 1), t.families[i], t.month()
	lines := []domain.Line{{Consumer: f.child, Service: mensa, Amount: domain.Money(400 + luck.IntN(20)*350)}}
	if luck.IntN(3) == 0 {
		lines = append(lines, domain.Line{Consumer: f.child, Service: after, Amount: domain.Money(1500 + luck.IntN(10)*250)})
	}
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	return domain.IssueBulletin{
		Creditor: Creditor, Parent: f.parent, Category: Category, Lines: lines, At: at,
		Period: domain.Period{From: day(first), To: day(first.AddDate(0, 1, -1))}, Due: day(first.AddDate(0, 1, 14)),
		Causale: "Servizi scolastici " + strings.ToLower(at.Month().String()) + " " + at.Format("2006"),
	}
}

func day(t time.Time) domain.Date { return domain.Date(t.Format(time.DateOnly)) }

// luck is what chance holds for the i-th family this month, of one kind.
func (t *Town) luck(i int, kind uint64) *rand.Rand {
	return rand.New(rand.NewPCG(t.seed^kind<<48, uint64(t.months)<<32|uint64(i)))
}

// id and by make ids that follow from the seed.
func (t *Town) id(what string, n ...int) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "saldo/town/%d/%s/%d", t.seed, what, n))
}

func (t *Town) by(what string, n ...int) eventstore.Envelope {
	return eventstore.Envelope{Command: t.id(what, append(n, t.months)...), Actor: "ufficio"}
}

// each calls do for 0 to n-1, atOnce of them at the same time, until one fails.
func (t *Town) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}
