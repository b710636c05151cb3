package httpapi_test

import (
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/wire"
	"github.com/saldo-ledger/saldo/projections"
)

// vault seals with a key for each person, kept in memory.
type vault struct {
	mu   sync.Mutex
	keys map[uuid.UUID]cipher.AEAD
	hmac []byte
}

func newVault() *vault {
	return &vault{keys: make(map[uuid.UUID]cipher.AEAD), hmac: []byte(rand.Text())}
}

func (v *vault) keyOf(subject uuid.UUID) (cipher.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if key, ok := v.keys[subject]; ok {
		if key == nil {
			return nil, wire.ErrErased
		}
		return key, nil
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	v.keys[subject], err = cipher.NewGCMWithRandomNonce(block)
	return v.keys[subject], err
}

func (v *vault) Seal(_ context.Context, subject uuid.UUID, plain, aad []byte) ([]byte, error) {
	key, err := v.keyOf(subject)
	if err != nil {
		return nil, err
	}
	return key.Seal(nil, nil, plain, aad), nil
}

func (v *vault) Open(_ context.Context, subject uuid.UUID, sealed, aad []byte) ([]byte, error) {
	key, err := v.keyOf(subject)
	if err != nil {
		return nil, err
	}
	return key.Open(nil, nil, sealed, aad)
}

// Erase destroys the person's key, and keeps that in its place.
func (v *vault) Erase(_ context.Context, person uuid.UUID) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keys[person] = nil
	return nil
}

func (v *vault) ClaimID(kind, value string) string {
	mac := hmac.New(sha256.New, v.hmac)
	mac.Write([]byte(kind + "\x00" + value))
	return hex.EncodeToString(mac.Sum(nil))
}

// tokens takes the name of a role for the token of somebody who has it, and with @ and
// a codice fiscale after it for one who has it at that body alone.
type tokens struct{}

var errTokensDown = errors.New("the file of tokens is gone")

func (tokens) APIToken(_ context.Context, token string) (httpapi.Holder, error) {
	word, body, _ := strings.Cut(token, "@")
	switch role := httpapi.Role(word); role {
	case httpapi.Office, httpapi.Auditor, httpapi.Reconciler, httpapi.Administrator, "genitore":
		return httpapi.Holder{Name: "the " + token, Roles: []httpapi.Role{role}, Body: domain.FiscalCode(body)}, nil
	case "down":
		return httpapi.Holder{}, errTokensDown
	}
	return httpapi.Holder{}, httpapi.ErrBadToken
}

// passwords keeps the first password of each parent.
type passwords struct {
	of   map[domain.ParentID]string
	fail error
}

var errShort = &domain.Refusal{Kind: domain.Invalid, Field: "password", Rule: "a password has at least 8 characters"}

func (p *passwords) CheckPassword(password string, person domain.Person) error {
	if len(password) < 8 || strings.Contains(password, string(person.FiscalCode)) {
		return errShort
	}
	return nil
}

func (p *passwords) FirstPassword(_ context.Context, parent domain.ParentID, _, password string) error {
	if p.fail != nil {
		return p.fail
	}
	if _, ok := p.of[parent]; !ok {
		p.of[parent] = password
	}
	return nil
}

// views folds the log into what the API asks for. They are lazy: they show the log
// as it was when somebody last waited for them.
type views struct {
	log   *embedded.Log
	vault *vault
	fail  error

	mu    sync.Mutex
	shown eventstore.Position
}

func (v *views) Await(ctx context.Context, position eventstore.Position) error {
	if v.fail != nil {
		return v.fail
	}
	if v.at() >= position {
		return nil
	}
	for rec, err := range v.log.Follow(ctx, position-1) {
		if err != nil {
			return fmt.Errorf("waiting for %d: %w", position, err)
		}
		v.mu.Lock()
		v.shown = max(v.shown, rec.Position)
		v.mu.Unlock()
		return nil
	}
	return errors.New("the log ended")
}

func (v *views) at() eventstore.Position {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.shown
}

// facts are the events that the views show.
func (v *views) facts(ctx context.Context) ([]domain.Event, eventstore.Position, error) {
	registry := wire.New(v.vault)
	end := v.at()
	var all []domain.Event
	for rec, err := range v.log.ReadAll(ctx, 0) {
		if err != nil {
			return nil, 0, err
		}
		if rec.Position > end {
			break
		}
		e, err := registry.Decode(ctx, rec)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, e)
	}
	return all, end, v.fail
}

func (v *views) Overview(ctx context.Context, creditor domain.FiscalCode, parent domain.ParentID) (projections.Overview, eventstore.Position, error) {
	facts, at, err := v.facts(ctx)
	if err != nil {
		return projections.Overview{}, 0, err
	}
	children := make(map[domain.ConsumerID]*projections.Consumer)
	var out projections.Overview
	var mine []domain.ConsumerID
	for _, e := range facts {
		switch e := e.(type) {
		case domain.ConsumerEnrolled:
			if e.Creditor == creditor {
				children[e.Consumer] = &projections.Consumer{ID: e.Consumer, Name: e.Child.FullName(), School: e.School}
			}
		case domain.ParentLinked:
			if e.Parent == parent && children[e.Consumer] != nil {
				mine = append(mine, e.Consumer)
			}
		case domain.ServiceActivated:
			if c := children[e.Consumer]; c != nil {
				c.Services = append(c.Services, string(e.Service))
			}
		case domain.WalletCredited:
			children[e.Consumer].Saldo += e.Amount
		case domain.MealCharged:
			children[e.Consumer].Saldo -= e.Amount
		}
		owed(e, creditor, parent, func(l domain.Line, sign domain.Money) {
			out.SaldoBollettini += sign * l.Amount
			children[l.Consumer].SaldoBollettini += sign * l.Amount
		})
	}
	for _, id := range mine {
		out.Consumers = append(out.Consumers, *children[id])
	}
	return out, at, nil
}

// owed calls move for each line that an event adds to what a parent owes, or takes
// from it.
func owed(e domain.Event, creditor domain.FiscalCode, parent domain.ParentID, move func(domain.Line, domain.Money)) {
	var lines []domain.Line
	sign := domain.Money(1)
	switch e := e.(type) {
	case domain.BulletinIssued:
		if e.Creditor == creditor && e.Parent == parent {
			lines, sign = e.Lines, -1
		}
	case domain.PaymentConfirmed:
		if e.Creditor == creditor && e.Parent == parent {
			lines = e.Lines
		}
	case domain.BulletinCancelled:
		if e.Creditor == creditor && e.Parent == parent {
			lines = e.Lines
		}
	}
	for _, l := range lines {
		move(l, sign)
	}
}

func (v *views) Bulletin(ctx context.Context, creditor domain.FiscalCode, notice domain.NoticeNumber) (projections.IssuedBulletin, eventstore.Position, error) {
	facts, at, err := v.facts(ctx)
	if err != nil {
		return projections.IssuedBulletin{}, 0, err
	}
	var out projections.IssuedBulletin
	for _, e := range facts {
		switch e := e.(type) {
		case domain.BulletinIssued:
			if e.Creditor == creditor && e.Notice == notice {
				out.Issued, out.Status = e, domain.BulletinIssuedOnly
			}
		case domain.BulletinSent:
			if e.Notice == notice {
				out.Status, out.SentAt = domain.BulletinSentOut, e.At
			}
		case domain.PaymentConfirmed:
			if e.Notice == notice {
				out.Status, out.Receipt, out.PSP = domain.BulletinPaid, &projections.Receipt{ID: e.Receipt, At: e.At}, e.PSP
			}
		case domain.BulletinCancelled:
			if e.Notice == notice {
				out.Status, out.CancelledAt, out.CancelReason = domain.BulletinVoid, e.At, e.Reason
			}
		}
	}
	if out.Status == domain.BulletinUnknown {
		return out, 0, fmt.Errorf("notice %s: %w", notice, projections.ErrNotFound)
	}
	return out, at, nil
}

func (v *views) TrialBalance(ctx context.Context, creditor domain.FiscalCode) (projections.TrialBalance, eventstore.Position, error) {
	facts, at, err := v.facts(ctx)
	if err != nil {
		return projections.TrialBalance{}, 0, err
	}
	var out projections.TrialBalance
	accounts := make(map[domain.Account]projections.Balance)
	for _, e := range facts {
		for _, p := range domain.Postings(e) {
			if p.Creditor != creditor {
				continue
			}
			b := accounts[p.Account]
			accounts[p.Account] = projections.Balance{Account: p.Account, Debit: b.Debit + p.Debit, Credit: b.Credit + p.Credit}
			out.Debit, out.Credit = out.Debit+p.Debit, out.Credit+p.Credit
		}
	}
	for _, b := range accounts {
		out.Accounts = append(out.Accounts, b)
	}
	slices.SortFunc(out.Accounts, func(a, b projections.Balance) int { return cmp.Compare(a.Account, b.Account) })
	return out, at, nil
}

func (v *views) ReceiptsToResolve(ctx context.Context, creditor domain.FiscalCode) ([]projections.ReceiptToResolve, eventstore.Position, error) {
	return v.receipts(ctx, creditor, projections.WaitsForDecision, projections.WaitsForRefund)
}

func (v *views) RefundsDue(ctx context.Context, creditor domain.FiscalCode) ([]projections.ReceiptToResolve, eventstore.Position, error) {
	return v.receipts(ctx, creditor, projections.WaitsForRefund)
}

func (v *views) receipts(ctx context.Context, creditor domain.FiscalCode, waits ...projections.Waits) ([]projections.ReceiptToResolve, eventstore.Position, error) {
	facts, at, err := v.facts(ctx)
	var all []projections.ReceiptToResolve
	change := func(id domain.ReceiptID, change func(*projections.ReceiptToResolve)) {
		for i := range all {
			if all[i].Receipt == id {
				change(&all[i])
			}
		}
	}
	for _, e := range facts {
		switch e := e.(type) {
		case domain.ReceiptUnmatched:
			if e.Creditor == creditor {
				all = append(all, projections.ReceiptToResolve{
					Receipt: e.Receipt, Notice: e.Notice, Issuer: e.Issuer, Reason: e.Reason, Amount: e.Amount, Expected: e.Expected, PSP: e.PSP,
					StandIn: e.StandIn, PaidAt: e.At, Waits: projections.WaitsForDecision,
				})
			}
		case domain.RefundDue:
			change(e.Receipt, func(r *projections.ReceiptToResolve) {
				r.Waits, r.Parent, r.Note = projections.WaitsForRefund, e.Parent, e.Reason
			})
		case domain.PaymentRefunded:
			change(e.Receipt, func(r *projections.ReceiptToResolve) { r.Waits = projections.WaitsForNothing })
		}
	}
	all = slices.DeleteFunc(all, func(r projections.ReceiptToResolve) bool { return !slices.Contains(waits, r.Waits) })
	return all, at, err
}

func (v *views) Unreadable(ctx context.Context) ([]projections.UnreadableMessage, eventstore.Position, error) {
	_, at, err := v.facts(ctx)
	return []projections.UnreadableMessage{{SHA256: domain.Hash(nil), Channel: domain.ChannelPaForNode, Reason: "not XML", ReceivedAt: now}}, at, err
}

// shelf has messages parked, numbers 7 to 7 + more.
type shelf struct {
	more     int
	replayed []uint64
	fail     error
}

func (s *shelf) Parked(_ context.Context, after uint64, limit int) ([]httpapi.ParkedMessage, error) {
	var all []httpapi.ParkedMessage
	for n := max(after+1, 7); n <= uint64(7+s.more) && len(all) < limit; n++ {
		all = append(all, httpapi.ParkedMessage{Sequence: n, Creditor: townCode, Reason: "no receipt in it", SHA256: domain.Hash(nil), Size: 12, At: now})
	}
	return all, s.fail
}

func (s *shelf) Replay(_ context.Context, sequence uint64) error {
	if s.fail != nil {
		return s.fail
	}
	if sequence != 7 {
		return httpapi.ErrNotParked
	}
	s.replayed = append(s.replayed, sequence)
	return nil
}
