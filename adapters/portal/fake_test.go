package portal

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// The people and figures of the parents' guide.
var (
	tizio      = domain.ParentID{UUID: uuid.MustParse("11111111-1111-4111-8111-111111111111")}
	utenteTest = domain.ConsumerID{UUID: uuid.MustParse("22222222-2222-4222-8222-222222222222")}
	postScuola = notice(42)
)

const (
	username       = "SEMPRONIO80"
	password       = "Musica-80!"
	refezione      = "AUT-REFEZIONE"
	checkoutOrigin = "https://checkout.example.it"
	causale        = "Pagamento cumulativo servizi vari, periodo dal 01/01/2020 al 31/01/2020. Scadenza pagamento 20/02/2020"
)

func notice(base uint64) domain.NoticeNumber {
	n, err := domain.NewNoticeNumber(1, base)
	if err != nil {
		panic(err)
	}
	return n
}

// world is a ledger of one evening, in memory, behind the three ports.
type world struct {
	mu         sync.Mutex
	now        time.Time
	idle       time.Duration // how long a session lasts
	role       domain.Role
	byProvider bool // sessions began at the identity provider
	secret     string
	sessions   map[string]time.Time // by token, when it ends
	bulletins  []owned
	payments   map[domain.PaymentID]*Payment
	consumers  []Consumer
	at         eventstore.Position
	behind     bool // the views never get there
	awaited    eventstore.Position
	locked     time.Duration
	redirect   string // where the checkout leads; the default is right
	pdf        []byte
	sent       []string // commands done, as they came
	fail       map[string]error
	emails     map[uuid.UUID]string
	registry   *registry
	office     *office
	state      projections.PaidState // of every amount paid
	credit     domain.Money          // to be given back
	cash       domain.Money          // paid in cash, in any year
	desk       *board
}

// owned is a bulletin with what only the ledger knows of it.
type owned struct {
	Bulletin
	parent   domain.ParentID
	category domain.CategoryCode
	receipt  *Receipt
}

func newWorld() *world {
	w := &world{
		now: time.Date(2020, 2, 10, 9, 31, 7, 0, time.UTC), idle: 15 * time.Minute, role: domain.RoleParent, secret: password,
		sessions: map[string]time.Time{}, payments: map[domain.PaymentID]*Payment{}, at: 41,
		redirect: checkoutOrigin + "/carts/7", pdf: []byte("%PDF-1.7 invented"),
		fail: map[string]error{}, emails: map[uuid.UUID]string{}, registry: newRegistry(), state: projections.PaidClosed,
	}
	w.office = &office{world: w}
	w.desk = newBoard(func() *world { return w })
	w.consumers = []Consumer{{
		ID: utenteTest, Name: "UTENTE TEST", School: "MAT. BORSELLINO", SaldoBollettini: -5733,
		LastBulletin: &DatedAmount{Amount: 3913, On: "2020-02-03"}, Services: []string{"SERVIZIO MENSA", "POST-SCUOLA"}, Diet: "NORMALE",
	}}
	w.raise(42, tizio, 5733)
	w.raise(41, tizio, 3913)
	w.find(notice(41)).receipt = &Receipt{ID: "RT-41", At: w.now.AddDate(0, 0, -20), Entry: entry(notice(41))}
	w.raise(900, domain.ParentID{UUID: uuid.MustParse("99999999-9999-4999-8999-999999999999")}, 999900)
	return w
}

// raise adds an open bulletin like the guide's.
func (w *world) raise(base uint64, parent domain.ParentID, amount domain.Money) domain.NoticeNumber {
	w.bulletins = append(w.bulletins, owned{Bulletin{
		Notice: notice(base), Services: []string{"POST-SCUOLA"}, Period: domain.Period{From: "2020-01-01", To: "2020-01-31"},
		Due: "2020-02-20", Consumers: []Pupil{{School: "MAT. BORSELLINO", Name: "UTENTE TEST"}}, Amount: amount, Causale: causale,
	}, parent, refezione, nil})
	return notice(base)
}

func (w *world) find(n domain.NoticeNumber) *owned {
	i := slices.IndexFunc(w.bulletins, func(b owned) bool { return b.Notice == n })
	if i < 0 {
		return nil
	}
	return &w.bulletins[i]
}

// pay is a receipt arriving.
func (w *world) pay(n domain.NoticeNumber) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.find(n).receipt = &Receipt{ID: domain.ReceiptID("RT-" + string(n[10:])), At: w.now, Entry: entry(n)}
	w.at++
}

func (w *world) did(command string, args ...any) (eventstore.Position, error) {
	w.at++
	w.sent = append(w.sent, command+" "+fmt.Sprint(args...))
	return w.at, w.fail[command]
}

// Accounts.

func (w *world) account() frame.Account {
	return frame.Account{Subject: tizio.UUID, Username: username, Name: "Tizio Sempronio", Roles: []domain.Role{w.role}, ByProvider: w.byProvider}
}

func (w *world) Authenticate(_ context.Context, user, secret, _ string) (frame.Account, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.locked > 0 {
		return frame.Account{}, &TooManyAttempts{w.locked}
	}
	if user != username || secret != w.secret {
		return frame.Account{}, ErrWrongCredentials
	}
	return w.account(), w.fail["Authenticate"]
}

func (w *world) StartSession(context.Context, frame.Account) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	token := uuid.NewString()
	w.sessions[token] = w.now.Add(w.idle)
	return token, nil
}

func (w *world) Session(_ context.Context, token string) (frame.Session, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.fail["Session"]; err != nil {
		return frame.Session{}, err
	}
	if ends, ok := w.sessions[token]; !ok || !w.now.Before(ends) {
		return frame.Session{}, frame.ErrNoSession
	}
	w.sessions[token] = w.now.Add(w.idle)
	return frame.Session{Account: w.account(), Ends: w.sessions[token]}, nil
}

func (w *world) Peek(_ context.Context, token string) (frame.Session, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	ends, ok := w.sessions[token]
	if !ok || !w.now.Before(ends) {
		return frame.Session{}, frame.ErrNoSession
	}
	return frame.Session{Account: w.account(), Ends: ends}, nil
}

func (w *world) EndSession(_ context.Context, token string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sessions, token)
	return nil
}

func (w *world) ChangePassword(_ context.Context, _ frame.Account, current, next string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.locked > 0 {
		return &TooManyAttempts{w.locked}
	}
	if current != w.secret {
		return ErrWrongCredentials
	}
	if err := w.fail["ChangePassword"]; err != nil {
		return err
	}
	w.secret = next
	clear(w.sessions)
	return nil
}

// Views.

func (w *world) Await(ctx context.Context, position eventstore.Position) error {
	if err := w.fail["Await"]; err != nil {
		return err
	}
	for position == w.end()+1 { // whoever asks for the next position waits for news
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	w.awaited = max(w.awaited, position)
	if w.behind && position > 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (w *world) end() eventstore.Position {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) saldo(parent domain.ParentID) (sum domain.Money) {
	for _, b := range w.bulletins {
		if b.parent == parent && w.owed(b) {
			sum -= b.Amount
		}
	}
	return sum
}

func (w *world) verifying(parent domain.ParentID) (sum domain.Money) {
	for _, b := range w.bulletins {
		if b.parent == parent && b.receipt == nil && b.Verifying != nil {
			sum += b.Amount
		}
	}
	return sum
}

func (w *world) Overview(_ context.Context, parent domain.ParentID) (Overview, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail["Overview"] != nil {
		return Overview{}, w.fail["Overview"]
	}
	return Overview{Position: w.at, SaldoBollettini: w.saldo(parent), Verifying: w.verifying(parent), Consumers: w.consumers}, nil
}

func (w *world) Movements(_ context.Context, _ domain.ParentID, consumer domain.ConsumerID) (Movements, error) {
	if !slices.ContainsFunc(w.consumers, func(c Consumer) bool { return c.ID == consumer }) {
		return Movements{}, ErrNotFound
	}
	return Movements{Position: w.at, ID: consumer, Consumer: "UTENTE TEST", School: "MAT. BORSELLINO", Bulletins: []Movement{
		{On: "2020-01-10", Causale: "Bollettino SERVIZIO MENSA dicembre 2019", Debit: 3913, Balance: -3913, Notice: notice(41), Readable: true},
		{On: "2020-01-20", Causale: "Pagamento", Credit: 3913, Balance: 0, Document: "RT-41"},
		{On: "2020-02-03", Causale: "Bollettino POST-SCUOLA gennaio 2020", Debit: 5733, Balance: -5733, Notice: postScuola, Readable: true},
	}}, nil
}

func (w *world) Categories(context.Context, domain.ParentID) ([]Category, error) {
	return []Category{{Code: refezione, Name: "pagoPA - AUT. REFEZIONE"}, {Code: "TRASPORTO", Name: "pagoPA - TRASPORTO"}}, nil
}

func (w *world) OpenBulletins(_ context.Context, parent domain.ParentID, category domain.CategoryCode) (Dues, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	dues := Dues{Position: w.at, Saldo: w.saldo(parent), Verifying: w.verifying(parent)}
	for _, b := range w.bulletins {
		if b.parent == parent && b.category == category && w.offered(b) {
			dues.Bulletins = append(dues.Bulletins, b.Bulletin)
		}
	}
	return dues, nil
}

func (w *world) Payment(_ context.Context, parent domain.ParentID, id domain.PaymentID) (Payment, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.payments[id]
	if !ok || parent != tizio {
		return Payment{}, ErrNotFound
	}
	shown, paid := *p, 0
	shown.Position = w.at
	shown.Lines = slices.Clone(p.Lines)
	for i, line := range shown.Lines {
		shown.Lines[i].Receipt = w.find(line.Notice).receipt
		if shown.Lines[i].Receipt != nil {
			paid++
		}
	}
	if paid == len(shown.Lines) {
		shown.Stage = Completed
	}
	return shown, nil
}

func (w *world) Notice(_ context.Context, parent domain.ParentID, n domain.NoticeNumber) (Notice, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.find(n)
	if b == nil || b.parent != parent || b.receipt == nil && !w.offered(*b) {
		return Notice{}, ErrNotFound
	}
	return Notice{
		Position: w.at,
		Number:   b.Notice, Amount: b.Amount, Due: b.Due, Causale: b.Causale, Email: "tiziosempronio@live.it", Receipt: b.receipt, Instalment: b.Instalment,
	}, nil
}

// Commands.

func (w *world) Select(_ context.Context, s Selection) (eventstore.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, err := w.did("Select", len(s.Notices))
	if err != nil || w.payments[s.Payment] != nil {
		return at, err
	}
	p := &Payment{ID: s.Payment, Category: Category{Code: s.Category, Name: "pagoPA - AUT. REFEZIONE"}, Saldo: w.saldo(s.Parent), Since: w.now}
	for _, n := range s.Notices {
		b := w.find(n)
		if b == nil || b.parent != s.Parent {
			return 0, fmt.Errorf("notice %s: %w", n, domain.ErrUnknownBulletin)
		}
		p.Lines = append(p.Lines, PaymentLine{Bulletin: b.Bulletin})
		p.Totale += b.Amount
	}
	p.SaldoFinale = p.Saldo + p.Totale
	w.payments[s.Payment] = p
	return at, nil
}

func (w *world) stage(id domain.PaymentID, stage Stage) {
	w.payments[id].Stage, w.payments[id].Since = stage, w.now
}

func (w *world) StartCheckout(_ context.Context, _ domain.ParentID, id domain.PaymentID, key uuid.UUID) (string, eventstore.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, err := w.did("StartCheckout", key)
	if err != nil {
		return "", 0, err
	}
	w.stage(id, Started)
	return w.redirect, at, nil
}

func (w *world) Return(_ context.Context, _ domain.ParentID, id domain.PaymentID, how domain.CheckoutOutcome) (eventstore.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, err := w.did("Return", how)
	switch how {
	case domain.ReturnedOK:
		w.stage(id, Started)
	case domain.ReturnedCancelled:
		w.stage(id, Cancelled)
	case domain.ReturnedError:
		w.stage(id, Failed)
	}
	return at, err
}

func (w *world) RequestNotices(_ context.Context, _ domain.ParentID, id domain.PaymentID) (eventstore.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, err := w.did("RequestNotices")
	w.stage(id, Noticed)
	return at, err
}

func (w *world) EmailNotice(_ context.Context, _ domain.ParentID, n domain.NoticeNumber, address string, key uuid.UUID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.did("EmailNotice", n, address)
	if err == nil {
		w.emails[key] = address
	}
	return err
}

func (w *world) NoticeArchive(ctx context.Context, parent domain.ParentID, notices []domain.NoticeNumber) ([]byte, error) {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, n := range notices {
		pdf, err := w.NoticePDF(ctx, parent, n)
		if err != nil {
			return nil, err
		}
		file, err := archive.Create(pdfName(n))
		if err == nil {
			_, err = file.Write(pdf)
		}
		if err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return b.Bytes(), err
}

func (w *world) NoticePDF(context.Context, domain.ParentID, domain.NoticeNumber) ([]byte, error) {
	return w.pdf, w.fail["NoticePDF"]
}
