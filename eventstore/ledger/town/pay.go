package town

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// live is what happens to a bollettino of the i-th family after it was issued.
func (t *Town) live(ctx context.Context, i int, notice domain.NoticeNumber) error {
	luck, at := t.luck(i, 2), t.month().Add(time.Hour)
	send := domain.SendBulletin{Creditor: Creditor, Notice: notice, At: at}
	if _, err := t.ledger.Bulletin(ctx, t.by("send", i), send); err != nil {
		return err
	}
	switch chance := luck.IntN(1000); {
	case chance < 150:
		return nil // not paid
	case chance < 500:
		return t.payOnline(ctx, i, notice)
	case chance < 990:
		return t.pay(ctx, i, notice, t.amount(i), 0)
	case chance < 995:
		return t.pay(ctx, i, notice, t.amount(i)+100, 0) // the wrong sum
	}
	if err := t.pay(ctx, i, notice, t.amount(i), 0); err != nil {
		return err
	}
	return t.pay(ctx, i, notice, t.amount(i), 1) // and once more
}

func (t *Town) amount(i int) (sum domain.Money) {
	for _, line := range t.bulletin(i).Lines {
		sum += line.Amount
	}
	return sum
}

// payOnline goes through the portal and Checkout.
func (t *Town) payOnline(ctx context.Context, i int, notice domain.NoticeNumber) error {
	at, payment := t.month().AddDate(0, 0, 10), domain.PaymentID{UUID: t.id("payment", i, t.months)}
	selection := ledger.Selection{
		Payment: payment, Creditor: Creditor, Parent: t.families[i].parent, Category: Category,
		Notices: []domain.NoticeNumber{notice}, Saldo: -t.amount(i), At: at,
	}
	if _, err := t.ledger.Select(ctx, t.by("select", i), selection); err != nil {
		return err
	}
	cart := t.id("cart", i, t.months).String()
	for step, cmd := range []domain.PaymentCommand{
		domain.StartCheckout{Payment: payment, Cart: cart, Redirect: "https://checkout.example/c/" + cart, At: at.Add(time.Second)},
		domain.ReturnFromCheckout{Payment: payment, Outcome: domain.ReturnedOK, At: at.Add(2 * time.Minute)},
	} {
		if _, err := t.ledger.Payment(ctx, t.by("checkout", i, step), cmd); err != nil {
			return err
		}
	}
	if err := t.pay(ctx, i, notice, t.amount(i), 0); err != nil {
		return err
	}
	complete := domain.CompletePayment{Payment: payment, Paid: []domain.NoticeNumber{notice}, At: at.Add(time.Minute)}
	_, err := t.ledger.Payment(ctx, t.by("complete", i), complete)
	return err
}

// pay is the n-th payment of a notice at a PSP, as pagoPA tells the ledger.
func (t *Town) pay(ctx context.Context, i int, notice domain.NoticeNumber, amount domain.Money, n int) error {
	at := t.month().AddDate(0, 0, 10).Add(time.Duration(n) * time.Hour)
	activate := domain.ActivatePayment{Creditor: Creditor, Notice: notice, At: at}
	if _, err := t.ledger.Bulletin(ctx, t.by("activate", i, n), activate); err != nil {
		return err
	}
	_, err := t.receive(ctx, i, n, Paid{Notice: notice, Amount: amount, At: at.Add(time.Minute)})
	return err
}

// Paid is a payment of a bollettino at a PSP.
type Paid struct {
	Notice  domain.NoticeNumber
	Receipt domain.ReceiptID
	Amount  domain.Money
	At      time.Time
}

// PayAll raises and sends a month's bollettini, which are all paid at a moment, and
// returns the payments by family.
func (t *Town) PayAll(ctx context.Context, at time.Time) ([]Paid, error) {
	all := make([]Paid, len(t.families))
	for begin := 0; begin < len(all); begin += ledger.MaxBatch {
		end := min(begin+ledger.MaxBatch, len(all))
		rows, err := t.issue(ctx, begin, end, true)
		if err != nil {
			return nil, err
		}
		err = t.each(ctx, end-begin, func(ctx context.Context, i int) (err error) {
			if err = rows[i].Err; err == nil {
				i += begin
				all[i], err = t.receive(ctx, i, 0, Paid{Notice: rows[i-begin].Notice, Amount: t.amount(i), At: at})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	t.months++
	return all, nil
}

// PSP is who takes the town's money.
var PSP = domain.PSP{ID: "ABI03069", Name: "Banca di esempio"}

// receive brings the n-th receipt of a family's bollettino of the month.
func (t *Town) receive(ctx context.Context, i, n int, p Paid) (Paid, error) {
	p.Receipt = domain.ReceiptID(strings.ReplaceAll(t.id("receipt", i, n, t.months).String(), "-", ""))
	_, err := t.ledger.Receive(ctx, ledger.Receipt{
		Creditor: Creditor, ID: p.Receipt, Notice: p.Notice, Amount: p.Amount, PSP: PSP, PaidAt: p.At, Channel: domain.ChannelPaForNode,
		Raw: fmt.Appendf(nil, receipt, p.Receipt, p.Notice, p.Amount, p.Amount, p.At.Add(-time.Minute).Format(time.RFC3339)),
	})
	return p, err
}

// receipt has the fields and about the length of a paSendRTV2 with one transfer.
const receipt = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body><pafn:paSendRTV2Request><idPA>99123456784</idPA><idBrokerPA>99123456784</idBrokerPA><idStation>99123456784_01</idStation><receipt><receiptId>%s</receiptId><noticeNumber>%s</noticeNumber><fiscalCode>99123456784</fiscalCode><outcome>OK</outcome><creditorReferenceId>01000000000000000</creditorReferenceId><paymentAmount>%s</paymentAmount><description>Servizi scolastici</description><companyName>Comune di misura</companyName><debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType><entityUniqueIdentifierValue>FMGLGN00A01H000X</entityUniqueIdentifierValue></uniqueIdentifier><fullName>Famiglia di esempio</fullName><e-mail>famiglia@example.it</e-mail></debtor><transferList><transfer><idTransfer>1</idTransfer><transferAmount>%s</transferAmount><fiscalCodePA>99123456784</fiscalCodePA><companyName>Comune di misura</companyName><IBAN>IT63L9999901600000000012345</IBAN><remittanceInformation>/RFB/01000000000000000/TXT/Servizi scolastici</remittanceInformation><transferCategory>9/0107101TS/</transferCategory></transfer></transferList><idPSP>ABI03069</idPSP><pspFiscalCode>00799960158</pspFiscalCode><PSPCompanyName>Banca di esempio</PSPCompanyName><idChannel>00799960158_01</idChannel><channelDescription>app</channelDescription><paymentMethod>creditCard</paymentMethod><fee>1.50</fee><paymentDateTime>%s</paymentDateTime><transferDate>2020-01-31</transferDate></receipt></pafn:paSendRTV2Request></soapenv:Body></soapenv:Envelope>`
