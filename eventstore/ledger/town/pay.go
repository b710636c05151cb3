package town

import (
	"context"
	"fmt"
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
	id := domain.ReceiptID(fmt.Sprintf("%x", t.id("receipt", i, n, t.months)))
	_, err := t.ledger.Receive(ctx, ledger.Receipt{
		Creditor: Creditor, ID: id, Notice: notice, Amount: amount, PSP: domain.PSP{ID: "ABI03069", Name: "Banca di esempio"},
		PaidAt: at.Add(time.Minute), Channel: domain.ChannelPaForNode, Raw: fmt.Appendf(nil, receipt, id, notice, amount, amount, at.Format(time.RFC3339)),
	})
	return err
}

// receipt has the fields and about the length of a paSendRTV2 with one transfer.
const receipt = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body><pafn:paSendRTV2Request><idPA>99123456784</idPA><idBrokerPA>99123456784</idBrokerPA><idStation>99123456784_01</idStation><receipt><receiptId>%s</receiptId><noticeNumber>%s</noticeNumber><fiscalCode>99123456784</fiscalCode><outcome>OK</outcome><creditorReferenceId>01000000000000000</creditorReferenceId><paymentAmount>%s</paymentAmount><description>Servizi scolastici</description><companyName>Comune di misura</companyName><debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType><entityUniqueIdentifierValue>FMGLGN00A01H000X</entityUniqueIdentifierValue></uniqueIdentifier><fullName>Famiglia di esempio</fullName><e-mail>famiglia@example.it</e-mail></debtor><transferList><transfer><idTransfer>1</idTransfer><transferAmount>%s</transferAmount><fiscalCodePA>99123456784</fiscalCodePA><companyName>Comune di misura</companyName><IBAN>IT63L9999901600000000012345</IBAN><remittanceInformation>/RFB/01000000000000000/TXT/Servizi scolastici</remittanceInformation><transferCategory>9/0107101TS/</transferCategory></transfer></transferList><idPSP>ABI03069</idPSP><pspFiscalCode>00799960158</pspFiscalCode><PSPCompanyName>Banca di esempio</PSPCompanyName><idChannel>00799960158_01</idChannel><channelDescription>app</channelDescription><paymentMethod>creditCard</paymentMethod><fee>1.50</fee><paymentDateTime>%s</paymentDateTime><transferDate>2020-01-31</transferDate></receipt></pafn:paSendRTV2Request></soapenv:Body></soapenv:Envelope>`
