package main

import (
	"context"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	officepages "github.com/saldo-ledger/saldo/adapters/portal/office"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// openOffice opens the school office's pages.
func (b *body) openOffice(on *frame.Site) error {
	return officepages.Open(on, officepages.Config{
		Views: b.views.Office(b.Body.FiscalCode), Commands: officeCommands{b}, Links: officeLinks{linking{b}}, Looks: looks{b.vault},
	})
}

// officeCommands carries out what the school office does in its pages.
type officeCommands struct{ *body }

// officeSpace is the name space of the ids of the office's commands.
var officeSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("saldo/office/commands"))

func officeEnvelope(by frame.Account, what string) eventstore.Envelope {
	return eventstore.Envelope{Command: uuid.NewSHA1(officeSpace, []byte(what)), Actor: staffActor(by)}
}

// staffActor names somebody of the staff as the author of events.
func staffActor(by frame.Account) string { return "staff:" + by.Subject.String() }

// Issue raises a bulletin of the body, and sends it if it is to be payable at once.
func (o officeCommands) Issue(ctx context.Context, by frame.Account, key uuid.UUID, b domain.IssueBulletin, send bool) (domain.NoticeNumber, eventstore.Position, error) {
	env := officeEnvelope(by, "issue/"+key.String())
	b.Creditor, b.At = o.Body.FiscalCode, o.now().UTC()
	issued, err := o.ledger.IssueBulletin(ctx, env, b)
	if err != nil || !send {
		return issued.Notice, issued.Position, err
	}
	sent, err := o.ledger.Bulletin(ctx, ledger.Step(env, "send"), domain.SendBulletin{Creditor: b.Creditor, Notice: issued.Notice, At: b.At})
	return issued.Notice, max(issued.Position, sent.Position), err
}

// Send makes a bulletin payable, once.
func (o officeCommands) Send(ctx context.Context, by frame.Account, notice domain.NoticeNumber) (eventstore.Position, error) {
	out, err := o.ledger.Bulletin(ctx, officeEnvelope(by, "send/"+string(notice)),
		domain.SendBulletin{Creditor: o.Body.FiscalCode, Notice: notice, At: o.now().UTC()})
	return out.Position, err
}

// Cancel takes a bulletin back.
func (o officeCommands) Cancel(ctx context.Context, by frame.Account, key uuid.UUID, notice domain.NoticeNumber, reason string) (eventstore.Position, error) {
	out, err := o.ledger.Bulletin(ctx, officeEnvelope(by, "cancel/"+key.String()),
		domain.CancelBulletin{Creditor: o.Body.FiscalCode, Notice: notice, Reason: reason, At: o.now().UTC()})
	return out.Position, err
}

// witness is the vault as the portal's frame knows it.
type witness struct{ *vault.Vault }

// Looked keeps who is about to see whose data.
func (w witness) Looked(ctx context.Context, l frame.Look) error {
	return w.NoteView(ctx, vault.StaffView{Username: l.Account.Username, Roles: l.Account.Roles, Page: l.Page, Addr: l.Addr}, l.Of...)
}

// looks is the vault as the page of the staff's looks knows it.
type looks struct{ *vault.Vault }

// Search finds looks, newest first.
func (l looks) Search(ctx context.Context, q officepages.LooksQuery, before int64, limit int) ([]officepages.Look, bool, error) {
	found, more, err := l.StaffViews(ctx, vault.ViewQuery{Username: q.Username, Subject: q.Subject, From: q.From, To: q.To}, before, limit)
	all := make([]officepages.Look, len(found))
	for i, v := range found {
		all[i] = officepages.Look{ID: v.ID, At: v.At, Username: v.Username, Roles: v.Roles, Page: v.Page, Subject: v.Subject, Addr: v.Addr}
	}
	return all, more, err
}
