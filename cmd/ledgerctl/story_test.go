package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// The town of the story is invented.
const (
	townCode     domain.FiscalCode   = "01234567890"
	townCategory domain.CategoryCode = "AUT-REFEZIONE"
)

var (
	storyParent   = domain.ParentID{UUID: named("parent")}
	storyChild    = domain.ConsumerID{UUID: named("child")}
	storyPayment  = domain.PaymentID{UUID: named("payment")}
	storyProvider = domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"}
)

func named(what string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("saldo/story/"+what))
}

// plainVault seals with one key and without chance, so that a story is always the
// same bytes. It is no vault for anything else.
type plainVault struct{ cipher.AEAD }

func newPlainVault() plainVault {
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		panic(err)
	}
	key, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return plainVault{key}
}

func (v plainVault) Seal(_ context.Context, _ uuid.UUID, plain, aad []byte) ([]byte, error) {
	nonce := sha256.Sum256(aad)
	return v.AEAD.Seal(nil, nonce[:v.NonceSize()], plain, aad), nil
}

func (v plainVault) Open(_ context.Context, _ uuid.UUID, sealed, aad []byte) ([]byte, error) {
	nonce := sha256.Sum256(aad)
	return v.AEAD.Open(nil, nonce[:v.NonceSize()], sealed, aad)
}

func (v plainVault) ClaimID(kind, value string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + value))
	return hex.EncodeToString(sum[:])
}

// Erase destroys nothing: who reads the story has no keys anyway.
func (v plainVault) Erase(context.Context, uuid.UUID) error { return nil }

// story writes one family's winter. Its clock stands at the step that is written.
type story struct {
	*ledger.Ledger
	now  time.Time
	step int
	err  error
}

// winter is a moment of January or February 2020, in UTC.
func winter(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2020, month, day, hour, minute, 0, 0, time.UTC)
}

// at moves the clock, and returns the envelope of the next command and its time.
func (s *story) at(now time.Time) (eventstore.Envelope, time.Time) {
	s.now = now
	s.step++
	return eventstore.Envelope{Command: named(fmt.Sprint("step ", s.step)), Actor: "test"}, now
}

// done notes the first thing that went wrong.
func (s *story) done(_ ledger.Outcome, err error) {
	if s.err == nil {
		s.err = err
	}
}

// writeStory makes a data directory with the story in its log: a town and a family,
// a bulletin of 57.33 issued, sent, selected and paid, and one of 12.50 that is not.
// The receipt for what was paid on 3 February came on 4 February. The same bytes
// come out every time: it is for a process of its own, whose chance it fixes. It
// can have an end: "founded", before the family came; "erased", the parent's; "short", a
// receipt of a wrong amount; after it "applied", what a person made of that receipt;
// "closed", February closed, and after that a payment recorded that took place in it.
func writeStory(ctx context.Context, data string, end ...string) error {
	uuid.SetRand(rand.NewChaCha8([32]byte{})) // for steps that are named by chance
	log, err := embedded.Open(filepath.Join(data, "log"), embedded.Options{})
	if err != nil {
		return err
	}
	s := &story{}
	s.Ledger = ledger.New(log, newPlainVault(), func() time.Time { return s.now })
	s.town(ctx)
	if !slices.Contains(end, "founded") {
		s.winter(ctx, log, end)
	}
	if err := log.Close(); err != nil {
		return err
	}
	return s.err
}

// winter is the family's, up to an end.
func (s *story) winter(ctx context.Context, log *embedded.Log, end []string) {
	s.family(ctx)
	january := s.bulletin(ctx, "POST-SCUOLA", 5733, "Post-scuola, gennaio 2020")
	s.bulletin(ctx, "MENSA", 1250, "Mensa, gennaio 2020")
	s.payment(ctx, january)
	if slices.Contains(end, "erased") {
		s.erasure(ctx, january)
	}
	if slices.Contains(end, "short") {
		s.short(ctx)
	}
	if slices.Contains(end, "applied") {
		s.applied(ctx)
	}
	if slices.Contains(end, "closed") {
		s.closed(ctx, log)
	}
}

// closed closes February, and then records what took place in it.
func (s *story) closed(ctx context.Context, log *embedded.Log) {
	var tree seal.Frontier
	var last eventstore.Position
	for rec, err := range log.ReadAll(ctx, 0) {
		leaf, broken := seal.LeafOf(rec)
		if s.err = errors.Join(s.err, err, broken); s.err != nil {
			return
		}
		tree.Add(leaf, nil)
		last = rec.Position
	}
	frozen, err := audit.Freeze(ctx, log, townCode, "2020-02", seal.Checkpoint{Size: tree.Size(), Root: tree.Root(), Position: last})
	s.err = errors.Join(s.err, err)
	env, at := s.at(winter(time.March, 2, 9, 0))
	s.done(s.ClosePeriod(ctx, env, domain.ClosePeriod{Creditor: townCode, Period: "2020-02", Frozen: frozen, At: at}))
	_, _ = s.at(winter(time.March, 3, 9, 0))
	s.done(s.Receive(ctx, ledger.Receipt{
		Creditor: townCode, ID: "late", Notice: storyNotice(2), Amount: 1250, PSP: domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova"},
		PaidAt: winter(time.February, 28, 9, 0), Channel: domain.ChannelPaForNode, Raw: []byte("<receipt/>"),
	}))
}

// short brings a receipt of one euro for the bulletin of 12.50.
func (s *story) short(ctx context.Context) {
	_, at := s.at(winter(time.February, 5, 9, 0))
	s.done(s.Receive(ctx, ledger.Receipt{
		Creditor: townCode, ID: "short", Notice: storyNotice(2), Amount: 100, PSP: domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova"},
		PaidAt: at, Channel: domain.ChannelPaForNode, Raw: []byte("<receipt/>"),
	}))
}

// applied closes the bulletin of 12.50 with that euro, and gives up the rest.
func (s *story) applied(ctx context.Context) {
	env, at := s.at(winter(time.February, 7, 11, 0))
	s.done(s.ResolveReceipt(ctx, env, domain.ApplyReceipt{
		Creditor: townCode, Notice: storyNotice(2), Receipt: "short", To: storyNotice(2), WriteOff: 1150, Reason: "abbuono", At: at,
	}))
}

func (s *story) town(ctx context.Context) {
	profile := domain.CreditorProfile{
		FiscalCode: townCode, Name: "Comune di Borgo Esempio", Office: "Ufficio scuola",
		Broker: string(townCode), Station: string(townCode) + "_01", Segregation: 1, CBILL: "BE042", IBAN: "IT63L9999901600000000012345",
	}
	env, at := s.at(winter(time.January, 2, 8, 0))
	s.done(s.Creditor(ctx, env, domain.RegisterCreditor{Profile: profile, At: at}))
	env, at = s.at(at)
	s.done(s.Creditor(ctx, env, domain.DefineCategory{Creditor: townCode, Category: townCategory, Name: "pagoPA - AUT. REFEZIONE", At: at}))
	for _, cmd := range []domain.DefineService{
		{Code: "MENSA", Service: domain.Service{Name: "SERVIZIO MENSA", Taxonomy: "9/0107101TS/"}},
		{Code: "POST-SCUOLA", Service: domain.Service{Name: "POST-SCUOLA", Taxonomy: "9/0107105SP/"}},
	} {
		env, cmd.At = s.at(at)
		cmd.Creditor = townCode
		s.done(s.Creditor(ctx, env, cmd))
	}
}

func (s *story) family(ctx context.Context) {
	env, at := s.at(winter(time.January, 7, 9, 0))
	s.done(s.RegisterParent(ctx, env, domain.RegisterParent{Parent: storyParent, At: at, Person: domain.Person{
		FiscalCode: "SMPTZI80A01F205Q", GivenName: "Tizio", FamilyName: "Sempronio", Email: "tizio@posta.example", Username: "SEMPRONIO80",
	}}))
	for _, cmd := range []domain.ConsumerCommand{
		domain.EnrolConsumer{Consumer: storyChild, Creditor: townCode, Child: domain.Child{GivenName: "Utente", FamilyName: "Test"}, School: "MAT. BORSELLINO", At: at},
		domain.LinkParent{Consumer: storyChild, Parent: storyParent, At: at},
		domain.ActivateService{Consumer: storyChild, Service: "POST-SCUOLA", At: at},
	} {
		env, _ = s.at(at)
		s.done(s.Consumer(ctx, env, cmd))
	}
}

// bulletin issues and sends a bulletin on the last day of January.
func (s *story) bulletin(ctx context.Context, service domain.ServiceCode, amount domain.Money, causale string) domain.NoticeNumber {
	env, at := s.at(winter(time.January, 31, 10, 0))
	issued, err := s.IssueBulletin(ctx, env, domain.IssueBulletin{
		Creditor: townCode, Parent: storyParent, Category: townCategory, Due: "2020-02-20", Causale: causale, At: at,
		Lines:  []domain.Line{{Consumer: storyChild, Service: service, Amount: amount}},
		Period: domain.Period{From: "2020-01-01", To: "2020-01-31"},
	})
	s.done(issued.Outcome, err)
	env, at = s.at(at.Add(5 * time.Minute))
	s.done(s.Bulletin(ctx, env, domain.SendBulletin{Creditor: townCode, Notice: issued.Notice, At: at}))
	return issued.Notice
}

// payment is the whole way of a payment: the cart, the checkout, the receipt.
func (s *story) payment(ctx context.Context, notice domain.NoticeNumber) {
	env, at := s.at(winter(time.February, 3, 17, 10))
	s.done(s.Select(ctx, env, ledger.Selection{
		Payment: storyPayment, Creditor: townCode, Parent: storyParent, Category: townCategory,
		Notices: []domain.NoticeNumber{notice}, Saldo: -6983, At: at,
	}))
	env, at = s.at(at.Add(time.Minute))
	s.done(s.Payment(ctx, env, domain.StartCheckout{Payment: storyPayment, Cart: "cart-1", Redirect: "https://checkout.example/cart-1", At: at}))
	env, at = s.at(at.Add(time.Minute))
	s.done(s.Bulletin(ctx, env, domain.ActivatePayment{Creditor: townCode, Notice: notice, Cart: "cart-1", At: at}))
	paid := at.Add(8 * time.Minute)
	s.at(winter(time.February, 4, 8, 0))
	s.done(s.Receive(ctx, ledger.Receipt{
		Creditor: townCode, ID: "RT-0001", Notice: notice, Amount: 5733, PSP: storyProvider, PaidAt: paid,
		Channel: domain.ChannelPaForNode, Raw: []byte("<receipt/>"),
	}))
	env, _ = s.at(s.now)
	s.done(s.Payment(ctx, env, domain.CompletePayment{Payment: storyPayment, Paid: []domain.NoticeNumber{notice}, At: paid}))
}

// erasure is the parent's, and a receipt that comes after it.
func (s *story) erasure(ctx context.Context, notice domain.NoticeNumber) {
	env, at := s.at(winter(time.February, 20, 9, 0))
	s.done(s.EraseParent(ctx, env, domain.EraseParent{Parent: storyParent, At: at}))
	s.at(at.Add(time.Hour))
	s.done(s.Receive(ctx, ledger.Receipt{
		Creditor: townCode, ID: "RT-0002", Notice: notice, Amount: 5733, PSP: storyProvider, PaidAt: at,
		Channel: domain.ChannelPaForNode, Raw: []byte("<receipt>2</receipt>"),
	}))
}
