package office

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// The people of the guide, and the notice of their bulletin.
var (
	tizio   = domain.ParentID{UUID: uuid.MustParse("11111111-1111-4111-8111-111111111111")}
	utente  = domain.ConsumerID{UUID: uuid.MustParse("22222222-2222-4222-8222-222222222222")}
	evening = time.Date(2026, 11, 29, 17, 0, 0, 0, time.UTC)
)

func notice(base uint64) domain.NoticeNumber {
	n, err := domain.NewNoticeNumber(1, base)
	if err != nil {
		panic(err)
	}
	return n
}

// world is the office of a body with one family, in memory.
type world struct {
	portaltest.Crowd
	mu        sync.Mutex
	bulletins map[domain.NoticeNumber]*projections.IssuedBulletin
	sent      []string // commands done, as they came
	looks     []frame.Look
	blind     error // of the witness
	refusal   error // of every command
	many      bool  // searches find a page and more
	quiet     bool  // nothing waits
	keys      map[uuid.UUID]domain.NoticeNumber
	kinship
}

func newWorld() *world {
	w := &world{Crowd: portaltest.Crowd{Now: func() time.Time { return evening }}}
	w.renew()
	return w
}

// renew puts everything back as it was.
func (w *world) renew() {
	w.bulletins, w.keys = map[domain.NoticeNumber]*projections.IssuedBulletin{}, map[uuid.UUID]domain.NoticeNumber{}
	w.sent, w.looks, w.blind, w.refusal, w.many, w.quiet = nil, nil, nil, nil, false, false
	w.kinship = newKinship()
	w.raise(1, domain.BulletinIssuedOnly)
	w.raise(2, domain.BulletinSentOut)
	w.raise(3, domain.BulletinPaid).Receipt = &projections.Receipt{ID: "RT-3", At: evening}
	w.raise(4, domain.BulletinVoid).CancelledAt = evening
}

func (w *world) raise(base uint64, status domain.BulletinStatus) *projections.IssuedBulletin {
	b := &projections.IssuedBulletin{
		Issued: domain.BulletinIssued{
			Creditor: portaltest.Body.FiscalCode, Notice: notice(base), Parent: tizio, Category: "REFEZIONE", Amount: 5733,
			Lines:  []domain.Line{{Consumer: utente, Service: "MENSA", Amount: 5733}},
			Period: domain.Period{From: "2026-10-01", To: "2026-10-31"}, Due: "2026-11-20", Causale: "Servizio mensa, ottobre", At: evening.AddDate(0, 0, -20),
		},
		Status: status, ParentName: "Tizio Sempronio", CategoryName: "pagoPA - AUT. REFEZIONE", Services: []string{"SERVIZIO MENSA"},
		Pupils: []projections.Pupil{{School: "MAT. BORSELLINO", Name: "UTENTE TEST"}},
	}
	w.bulletins[b.Issued.Notice] = b
	return b
}

// open is a site with the office's pages over the world.
func (w *world) open(t *testing.T, secure bool) *frame.Site {
	t.Helper()
	site, err := frame.New(frame.Config{
		Body: portaltest.Body, Secure: secure, Clock: w.Now, Logger: slog.New(slog.DiscardHandler), Sessions: w, Views: w, Witness: w,
	})
	if err == nil {
		err = Open(site, Config{Views: w, Commands: w, Links: w, Looks: searcher{w}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func (w *world) Await(context.Context, eventstore.Position) error { return nil }

func (w *world) Looked(_ context.Context, l frame.Look) error {
	if w.blind == nil {
		w.looks = append(w.looks, l)
	}
	return w.blind
}

func (w *world) CountUnsent(context.Context) (int64, error) {
	if w.quiet {
		return 0, nil
	}
	return 1, nil
}

func (w *world) CountUnanswered(context.Context) (int64, error) {
	if w.quiet {
		return 0, nil
	}
	return 3, nil
}

func (w *world) adult() projections.FoundAdult {
	return projections.FoundAdult{ID: tizio, Name: "Sempronio Tizio", FiscalCode: "SMPTZI80A01F205Q", Username: "SEMPRONIO80"}
}

func (w *world) Search(_ context.Context, text string, page int) (f projections.Found, err error) {
	if strings.Contains(text, "nessuno") {
		return f, nil
	}
	f.Adults = []projections.FoundAdult{w.adult()}
	f.Children = []projections.FoundChild{{ID: utente, Name: "UTENTE TEST", School: "MAT. BORSELLINO"}}
	f.More = w.many && page == 0
	return f, nil
}

func (w *world) lines() (all []projections.BulletinLine) {
	for base := uint64(4); base > 0; base-- {
		i := w.bulletins[notice(base)]
		all = append(all, projections.BulletinLine{
			Notice: i.Issued.Notice, Parent: tizio, Causale: i.Issued.Causale, Amount: i.Issued.Amount, Due: i.Issued.Due, IssuedAt: i.Issued.At, Status: i.Status,
		})
	}
	return all
}

func (w *world) Child(_ context.Context, id domain.ConsumerID) (projections.ChildFile, error) {
	if id != utente {
		return projections.ChildFile{}, frame.ErrNotFound
	}
	return projections.ChildFile{
		ID: utente, Name: "UTENTE TEST", School: "MAT. BORSELLINO", Diet: "SENZA GLUTINE", Saldo: 1000, Services: []string{"SERVIZIO MENSA"},
		Adults: w.linked(), Bulletins: w.lines(),
		Wallet: []projections.Movement{{On: "2026-10-01", Causale: "Ricarica", Credit: 1000, Balance: 1000}},
	}, nil
}

func (w *world) Adult(_ context.Context, id domain.ParentID) (projections.AdultFile, error) {
	if id != tizio {
		return projections.AdultFile{}, frame.ErrNotFound
	}
	return projections.AdultFile{
		Parent: domain.Parent{ID: tizio, Person: domain.Person{
			FiscalCode: "SMPTZI80A01F205Q", GivenName: "Tizio", FamilyName: "Sempronio", Email: "tizio@posta.example", Mobile: "331 3313313", Username: "SEMPRONIO80",
		}},
		Overview:  projections.Overview{SaldoBollettini: -5733, Consumers: []projections.Consumer{{ID: utente, Name: "UTENTE TEST", School: "MAT. BORSELLINO", SaldoBollettini: -5733}}},
		Bulletins: w.lines(),
	}, nil
}

func (w *world) Bulletin(_ context.Context, n domain.NoticeNumber) (projections.IssuedBulletin, error) {
	b, ok := w.bulletins[n]
	if !ok {
		return projections.IssuedBulletin{}, frame.ErrNotFound
	}
	return *b, nil
}

func (w *world) Unsent(_ context.Context, page int) ([]projections.BulletinLine, bool, error) {
	if w.quiet {
		return nil, false, nil
	}
	return w.lines()[3:], w.many && page == 0, nil
}

func (w *world) Creditor(context.Context) (domain.Creditor, error) {
	return domain.Creditor{
		Categories: map[domain.CategoryCode]string{"REFEZIONE": "pagoPA - AUT. REFEZIONE", "TRASPORTO": "pagoPA - TRASPORTO"},
		Services:   map[domain.ServiceCode]domain.Service{"MENSA": {Name: "SERVIZIO MENSA"}, "POST": {Name: "POST-SCUOLA"}},
	}, nil
}

func (w *world) did(what string, args ...any) (eventstore.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refusal == nil {
		w.sent = append(w.sent, what+" "+fmt.Sprint(args...))
	}
	return eventstore.Position(40 + len(w.sent)), w.refusal
}

func (w *world) Issue(_ context.Context, by frame.Account, key uuid.UUID, b domain.IssueBulletin, send bool) (domain.NoticeNumber, eventstore.Position, error) {
	if n, ok := w.keys[key]; ok {
		return n, 41, w.refusal
	}
	at, err := w.did("Issue", by.Username, " ", b.Parent, " ", b.Category, " ", b.Lines, " ", b.Period, " ", b.Due, " ", b.Causale, " ", send)
	if err != nil {
		return "", 0, err
	}
	status := domain.BulletinIssuedOnly
	if send {
		status = domain.BulletinSentOut
	}
	w.keys[key] = w.raise(uint64(10+len(w.keys)), status).Issued.Notice
	return w.keys[key], at, nil
}

func (w *world) Send(_ context.Context, by frame.Account, n domain.NoticeNumber) (eventstore.Position, error) {
	at, err := w.did("Send", by.Username, " ", n)
	if err == nil {
		w.bulletins[n].Status = domain.BulletinSentOut
	}
	return at, err
}

func (w *world) Cancel(_ context.Context, by frame.Account, _ uuid.UUID, n domain.NoticeNumber, reason string) (eventstore.Position, error) {
	at, err := w.did("Cancel", by.Username, " ", n, " ", reason)
	if err == nil {
		w.bulletins[n].Status, w.bulletins[n].CancelReason, w.bulletins[n].CancelledAt = domain.BulletinVoid, reason, evening
	}
	return at, err
}

// searcher is the world as the page of looks knows it.
type searcher struct{ *world }

func (s searcher) Search(_ context.Context, q LooksQuery, before int64, _ int) ([]Look, bool, error) {
	if q.Username == "nessuno" {
		return nil, false, nil
	}
	return []Look{{
		ID: 7, At: evening, Username: "utente.ufficio", Roles: []domain.Role{domain.RoleOffice}, Page: "/ufficio/adulti/" + tizio.String(), Subject: tizio.UUID, Addr: "192.0.2.7",
	}}, s.many && before == 0, nil
}
