package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/checkout"
	"github.com/saldo-ledger/saldo/adapters/papers"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// parentCommands carries out what parents do in the portal of one body.
type parentCommands struct{ *body }

// parentSpace is the name space of the ids of parents' commands: what is done to
// one cart is done once.
var parentSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("saldo/portal/commands"))

func parentEnvelope(parent domain.ParentID, what string) eventstore.Envelope {
	return eventstore.Envelope{Command: uuid.NewSHA1(parentSpace, []byte(what)), Actor: "parent:" + parent.String()}
}

// Select puts ticked bulletins into a cart.
func (p parentCommands) Select(ctx context.Context, s portal.Selection) (eventstore.Position, error) {
	if err := p.checkCategory(ctx, s.Category); err != nil {
		return 0, err
	}
	overview, err := p.parentViews().Overview(ctx, s.Parent)
	if err != nil {
		return 0, err
	}
	out, err := p.ledger.Select(ctx, parentEnvelope(s.Parent, "select/"+s.Payment.String()), ledger.Selection{
		Payment: s.Payment, Creditor: p.Body.FiscalCode, Parent: s.Parent, Category: s.Category,
		Notices: s.Notices, Saldo: overview.SaldoBollettini, At: p.now().UTC(),
	})
	return out.Position, err
}

// StartCheckout hands the cart to the platform and notes where it sends the
// payer. A cart the platform took and the ledger did not note does no harm: a
// cart changes nothing on a debt.
func (p parentCommands) StartCheckout(ctx context.Context, parent domain.ParentID, id domain.PaymentID, key uuid.UUID) (string, eventstore.Position, error) {
	payment, err := p.own(ctx, parent, id)
	if err != nil {
		return "", 0, err
	}
	cart := key.String()
	if payment.Cart == cart {
		return payment.Redirect, 0, nil
	}
	request, err := p.cart(ctx, payment, cart)
	if err != nil {
		return "", 0, err
	}
	redirect, err := p.checkout.Create(ctx, request)
	if err != nil {
		p.logger.Error("the platform took no cart", "payment", id, "error", err)
		return "", 0, checkoutError(err)
	}
	out, err := p.ledger.Payment(ctx, parentEnvelope(parent, "checkout/"+id.String()+"/"+cart),
		domain.StartCheckout{Payment: id, Cart: cart, Redirect: redirect, At: p.now().UTC()})
	return redirect, out.Position, err
}

// cart describes a payment to the platform. What is paid meanwhile is refused
// here, before the payer leaves.
func (p parentCommands) cart(ctx context.Context, payment domain.Payment, id string) (checkout.Cart, error) {
	selected := payment.Selected
	if len(selected.Lines) > domain.MaxCheckoutNotices {
		return checkout.Cart{}, domain.ErrTooManyNotices
	}
	body, err := p.ledger.KnownCreditor(ctx, selected.Creditor)
	if err != nil {
		return checkout.Cart{}, err
	}
	parent, err := p.ledger.KnownParent(ctx, selected.Parent)
	if err != nil {
		return checkout.Cart{}, err
	}
	cart := checkout.Cart{
		ID: id, Email: parent.Person.Email, Returns: p.returns(selected.Payment), AllPostal: pagopa.Postal(body.Profile.IBAN),
	}
	for _, line := range selected.Lines {
		b, err := p.ledger.KnownBulletin(ctx, selected.Creditor, line.Notice)
		if err != nil {
			return checkout.Cart{}, err
		}
		asked := b.Demand(line.Notice)
		if !asked.Payable() {
			return checkout.Cart{}, fmt.Errorf("notice %s: %w", line.Notice, domain.ErrNotPayable)
		}
		cart.Notices = append(cart.Notices, checkout.Notice{
			Number: line.Notice, Creditor: selected.Creditor, Amount: asked.Amount,
			CompanyName: body.Profile.Name, Description: asked.Causale,
		})
	}
	return cart, nil
}

func (p parentCommands) returns(id domain.PaymentID) checkout.Returns {
	address := func(how domain.CheckoutOutcome) string {
		return strings.TrimRight(p.URL, "/") + portal.ReturnPath(id, how)
	}
	return checkout.Returns{
		OK: address(domain.ReturnedOK), Cancel: address(domain.ReturnedCancelled),
		Error: address(domain.ReturnedError), Waiting: address(domain.ReturnedWaiting),
	}
}

// Return notes that the payer came back.
func (p parentCommands) Return(ctx context.Context, parent domain.ParentID, id domain.PaymentID, how domain.CheckoutOutcome) (eventstore.Position, error) {
	payment, err := p.own(ctx, parent, id)
	if err != nil {
		return 0, err
	}
	out, err := p.ledger.Payment(ctx, parentEnvelope(parent, "return/"+id.String()+"/"+payment.Cart+"/"+string(how)),
		domain.ReturnFromCheckout{Payment: id, Outcome: how, At: p.now().UTC()})
	return out.Position, err
}

// RequestNotices notes that the cart will be paid at a PSP.
func (p parentCommands) RequestNotices(ctx context.Context, parent domain.ParentID, id domain.PaymentID) (eventstore.Position, error) {
	if _, err := p.own(ctx, parent, id); err != nil {
		return 0, err
	}
	out, err := p.ledger.Payment(ctx, parentEnvelope(parent, "notices/"+id.String()), domain.RequestNotices{Payment: id, At: p.now().UTC()})
	return out.Position, err
}

// NoticePDF prints the notice of a bulletin of the parent's.
func (p parentCommands) NoticePDF(ctx context.Context, parent domain.ParentID, number domain.NoticeNumber) ([]byte, error) {
	n, err := p.ownNotice(ctx, parent, number)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = papers.WriteNotice(&out, n)
	return out.Bytes(), err
}

// NoticeArchive prints notices of bulletins of the parent's into one ZIP.
func (p parentCommands) NoticeArchive(ctx context.Context, parent domain.ParentID, numbers []domain.NoticeNumber) ([]byte, error) {
	var out bytes.Buffer
	err := papers.WriteArchive(&out, func(yield func(papers.Notice, error) bool) {
		for _, number := range numbers {
			if !yield(p.ownNotice(ctx, parent, number)) {
				return
			}
		}
	})
	return out.Bytes(), err
}

// ownNotice is what is printed of a bulletin of the parent's.
func (p parentCommands) ownNotice(ctx context.Context, parent domain.ParentID, number domain.NoticeNumber) (papers.Notice, error) {
	b, err := p.ledger.KnownBulletin(ctx, p.Body.FiscalCode, number)
	if err != nil {
		return papers.Notice{}, err
	}
	if b.Issued.Parent != parent {
		return papers.Notice{}, fmt.Errorf("notice %s: %w", number, domain.ErrUnknownBulletin)
	}
	body, err := p.ledger.KnownCreditor(ctx, p.Body.FiscalCode)
	if err != nil {
		return papers.Notice{}, err
	}
	who, err := p.ledger.KnownParent(ctx, parent)
	if err != nil {
		return papers.Notice{}, err
	}
	return p.notice(b, number, body, who.Person), nil
}

// notice is what is printed under a notice number: the bulletin with every instalment
// that it can be paid in, or one instalment.
func (p parentCommands) notice(b domain.Bulletin, number domain.NoticeNumber, body domain.Creditor, who domain.Person) papers.Notice {
	asked, creditor := b.Demand(number), p.creditor(body)
	creditor.PaidOnSite, creditor.Postal = true, postalAccount(body.Profile.Postal, b.Issued.Amount)
	n := papers.Notice{
		Creditor: creditor, Debtor: debtor(who), Number: number, Amount: asked.Amount, Due: asked.Due, Object: object(b.Issued, asked, body),
	}
	if asked.Rata > 0 {
		return n
	}
	n.Amount = b.Issued.Amount // of one in instalments too: the same notice is the same paper
	for _, part := range b.Issued.Instalments {
		n.Instalments = append(n.Instalments, papers.Instalment{Number: part.Notice, Amount: part.Amount, Due: part.Due})
	}
	return n
}

// creditor is the body as papers print it.
func (b *body) creditor(body domain.Creditor) papers.Creditor {
	office := b.Body.Office
	return papers.Creditor{
		FiscalCode: body.Profile.FiscalCode, Name: shorten(body.Profile.Name, papers.MaxCreditorName),
		Office:   shorten(body.Profile.Office, papers.MaxOffice),
		Contacts: shorten(office.Phone+" - "+office.Email, papers.MaxContacts),
		CBILL:    body.Profile.CBILL,
	}
}

// debtor is a parent as papers print one.
func debtor(who domain.Person) papers.Debtor {
	return papers.Debtor{FiscalCode: who.FiscalCode, Name: shorten(projections.NameOf(who.FullName()), papers.MaxDebtorName)}
}

// postalAccount is the account with the post that a notice of so much names; none if
// the body has none, or if the amount has no room in a bollettino postale.
func postalAccount(a domain.PostalAccount, amount domain.Money) *papers.PostalAccount {
	if a == (domain.PostalAccount{}) || amount > papers.MaxPostalAmount {
		return nil
	}
	return &papers.PostalAccount{Number: a.Number, Holder: a.Holder, Authorisation: a.Authorisation}
}

// object says on the notice what is paid for. It is shorter than a causale may be
// (90 characters against 140), so it is made of services and period, and cut at a
// word when a family's services are many.
func object(b domain.BulletinIssued, asked domain.Demand, body domain.Creditor) string {
	var names []string
	seen := map[domain.ServiceCode]bool{}
	for _, line := range b.Lines {
		if !seen[line.Service] {
			seen[line.Service] = true
			names = append(names, strings.ToLower(body.Services[line.Service].Name))
		}
	}
	period := fmt.Sprintf(", periodo %s - %s", b.Period.From.Time().Format("02/01/2006"), b.Period.To.Time().Format("02/01/2006"))
	if asked.Rata > 0 {
		period += fmt.Sprintf(", rata %d di %d", asked.Rata, asked.Rate)
	}
	services := []rune(strings.Join(names, ", "))
	services[0] = unicode.ToUpper(services[0])
	return shorten(string(services), papers.MaxObject-len(period)) + period
}

// shorten cuts s to at most n characters, at a word, and marks the cut.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n-1])
	if at := strings.LastIndexByte(cut, ' '); at > n/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " ,-") + "…"
}

// EmailNotice sends the notice as a PDF. Sent again with the same key it goes out
// once.
func (p parentCommands) EmailNotice(ctx context.Context, parent domain.ParentID, number domain.NoticeNumber, address string, key uuid.UUID) error {
	pdf, err := p.NoticePDF(ctx, parent, number)
	if err != nil {
		return err
	}
	id := uuid.NewSHA1(key, []byte(string(number)+"/"+address))
	if err := p.vault.Spend(ctx, "email-notice/"+parent.String()+"/"+string(number), id.String(), emailsADay, day); err != nil {
		if errors.Is(err, vault.ErrSpent) {
			return portal.ErrTooManyEmails
		}
		return err
	}
	b, err := p.ledger.KnownBulletin(ctx, p.Body.FiscalCode, number)
	if err != nil {
		return err
	}
	return p.write(ctx, letter{
		Words: noticeWords(p.Body.Name, b.Issued.Creditor, b.Demand(number), p.URL), ID: id.String(), Person: parent.UUID, To: address,
		Attachments: []mail.Attachment{{
			Name: "avviso-" + string(number) + ".pdf", Type: "application/pdf", Content: pdf,
		}},
	})
}
