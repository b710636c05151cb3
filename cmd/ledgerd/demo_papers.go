package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/natsbus"
	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// demoPSP is who takes the money of the demonstration's past payments.
type demoPSP struct{ id, name string }

var (
	demoBank   = demoPSP{"ESEMPIT1XXX", "Banca di Esempio"}
	demoPoste  = demoPSP{"PROVAIT2XXX", "Poste di Prova"}
	demoSilent = demoPSP{"FINTAIT3XXX", "Istituto Finto"} // it sends no flows
)

// demoPaid is a payment of the demonstration as its receipt tells of it.
type demoPaid struct {
	notice  domain.NoticeNumber
	receipt domain.ReceiptID
	amount  domain.Money
	psp     demoPSP
	day     domain.Date
	hour    string // in Italy
	payer   soap.Subject
	what    string
}

// demoFlow is a flow of the demonstration.
type demoFlow struct {
	number   int
	psp      demoPSP
	day      domain.Date // of the transfer
	lines    []fdr.Payment
	declared domain.Money // 0 for what the lines add up to
}

func (f demoFlow) id() string { return fmt.Sprintf("%s%s-S%09d", f.day, f.psp.id, f.number) }

func (f demoFlow) trn() string {
	return fmt.Sprintf("1101%s%06d", f.day.Time().Format("060102"), f.number)
}

func (f demoFlow) sum() (sum domain.Money) {
	for _, l := range f.lines {
		sum += l.Amount
	}
	return sum
}

// demoMovement is a line of the demonstration's giornale di cassa.
type demoMovement struct {
	Direction string       `xml:"tipo_movimento"`
	Kind      string       `xml:"tipo_documento"`
	Operation string       `xml:"tipo_operazione"`
	Document  int          `xml:"numero_documento"`
	Amount    domain.Money `xml:"importo"`
	Booked    domain.Date  `xml:"data_movimento"`
	Execution string       `xml:"tipo_esecuzione"`
	TRN       string       `xml:"codice_riferimento_operazione"`
	From      string       `xml:"cliente>anagrafica_cliente"`
	Causale   string       `xml:"causale"`
}

// demoGiornale is one day at the demonstration's treasurer.
type demoGiornale struct {
	XMLName   xml.Name       `xml:"flusso_giornale_di_cassa"`
	Creditor  string         `xml:"testata_messaggio>codice_fiscale_ente"`
	ID        string         `xml:"identificativo_flusso_BT"`
	Day       domain.Date    `xml:"data_riferimento_GdC"`
	Account   string         `xml:"informazioni_conto_evidenza>conto_evidenza"`
	Movements []demoMovement `xml:"informazioni_conto_evidenza>movimento_conto_evidenza"`
}

// demoBooks writes the papers of the demonstration's past days. After the first error
// it does nothing more.
type demoBooks struct {
	*service
	ctx       context.Context
	today     domain.Date // when the demonstration began
	movements map[domain.Date][]demoMovement
	err       error
}

// before is the n-th working day before today.
func (b *demoBooks) before(n int) domain.Date {
	d := b.today
	for n > 0 {
		d = domain.DateOf(d.Time().AddDate(0, 0, -1))
		if d == d.WorkingDay() {
			n--
		}
	}
	return d
}

// issue raises a bulletin, and sends it.
func (b *demoBooks) issue(name string, amount domain.Money) domain.NoticeNumber {
	if b.err != nil {
		return ""
	}
	var notice domain.NoticeNumber
	notice, b.err = b.settleBulletin(b.ctx, name, domain.IssueBulletin{
		Parent: demoPayer, Lines: []domain.Line{{Consumer: demoFed, Service: demoMensa, Amount: amount}},
		Period: domain.Period{From: "2020-09-14", To: "2020-09-30"}, Due: "2020-10-31",
		Causale: "Servizio mensa, periodo dal 14/09/2020 al 30/09/2020. Scadenza pagamento 31/10/2020",
		At:      winter(2020, time.October, 5, 9),
	})
	return notice
}

// paid raises a bulletin, and has it paid to the cent.
func (b *demoBooks) paid(name string, psp demoPSP, day domain.Date, amount domain.Money) demoPaid {
	return b.receive(name, demoPaid{notice: b.issue(name, amount), amount: amount, psp: psp, day: day})
}

// receive brings the receipt of a payment.
func (b *demoBooks) receive(name string, p demoPaid) demoPaid {
	p.hour, p.payer, p.what = "10:00:00", demoMevio, "Servizio mensa, settembre 2020"
	p.receipt = domain.ReceiptID(strings.ReplaceAll(demoID("receipt/"+name).String(), "-", ""))
	if b.err != nil {
		return p
	}
	raw, err := b.demoReceiptOf(p)
	if err == nil {
		err = b.takeReceipt(b.ctx, natsbus.Received{Creditor: demoCreditor, Raw: raw})
	}
	b.err = err
	return p
}

// demoReceiptOf is a receipt as the Node would have sent it.
func (s *service) demoReceiptOf(p demoPaid) ([]byte, error) {
	station := s.Stations[0]
	var out bytes.Buffer
	err := soap.Encode(&out, &soap.SendRTV2Request{
		Addressee: soap.Addressee{PA: string(station.Creditor), Broker: station.Broker, Station: station.ID},
		Receipt: soap.Receipt{
			ID: string(p.receipt), Notice: p.notice, Creditor: station.Creditor, Outcome: soap.OK,
			IUV: p.notice.IUV(), Amount: p.amount, Description: p.what, CompanyName: s.Body.Name,
			Debtor: p.payer,
			Transfers: []soap.Transfer{{
				ID: 1, Amount: p.amount, Creditor: station.Creditor, CompanyName: s.Body.Name, IBAN: demoIBAN,
				Remittance: "/RFB/" + string(p.notice.IUV()) + "/" + p.amount.String() + "/TXT/Servizio mensa", Category: "9/0107101TS/",
			}},
			PSP: p.psp.id, PSPCompanyName: p.psp.name, Channel: "99123456784_01", ChannelDescription: "WISP", PaymentMethod: "creditCard",
			PaymentDateTime: soap.DateTime(string(p.day) + "T" + p.hour), ApplicationDate: soap.Date(p.day), TransferDate: soap.Date(p.day.AddWorkingDays(1)),
		},
	})
	return out.Bytes(), err
}

// lines are those that a flow has of payments.
func lines(paid ...demoPaid) (all []fdr.Payment) {
	for _, p := range paid {
		all = append(all, fdr.Payment{IUV: p.notice.IUV(), IUR: string(p.receipt), Index: 1, Amount: p.amount, Date: soap.Date(p.day)})
	}
	return all
}

// outcome changes what a flow says of one line.
func outcome(o fdr.Outcome, line fdr.Payment) fdr.Payment {
	line.Outcome = o
	return line
}

// file brings a flow.
func (b *demoBooks) file(f demoFlow) demoFlow {
	if b.err != nil {
		return f
	}
	declared := f.declared
	if declared == 0 {
		declared = f.sum()
	}
	var out bytes.Buffer
	b.err = fdr.Encode(&out, fdr.Flow{
		Version: "1.0", ID: f.id(), Created: soap.DateTime(f.day.Time().AddDate(0, 0, 1).Format(time.DateOnly) + "T02:30:00"),
		Regulation: f.trn(), RegulationDate: soap.Date(f.day),
		Sender: fdr.Party{Kind: "B", Code: f.psp.id, Name: f.psp.name}, Receiver: fdr.Party{Kind: "G", Code: string(demoCreditor), Name: b.Body.Name},
		DeclaredCount: int64(len(f.lines)), DeclaredTotal: declared, Payments: f.lines,
	})
	if b.err == nil {
		b.take(f.id()+".xml", out.Bytes())
	}
	return f
}

// credited books the money of a flow on a day.
func (b *demoBooks) credited(f demoFlow, day domain.Date, amount domain.Money) {
	b.book(demoMovement{
		Operation: "ESEGUITO", Amount: amount, Booked: day, TRN: f.trn(), From: f.psp.name + " Servizio pagoPA",
		Causale: "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/" + f.id(),
	})
}

// takenBack books that the bank took the money of a flow back.
func (b *demoBooks) takenBack(f demoFlow, day domain.Date, amount domain.Money) {
	b.credited(f, day, amount)
	all := b.movements[day]
	all[len(all)-1].Operation = "STORNATO"
}

func (b *demoBooks) book(m demoMovement) {
	m.Direction, m.Kind, m.Execution, m.Document = "ENTRATA", "SOSPESO ENTRATA", "SEPA CREDIT TRANSFER", len(b.movements[m.Booked])+1
	b.movements[m.Booked] = append(b.movements[m.Booked], m)
}

// fileGiornali brings what was booked, day by day.
func (b *demoBooks) fileGiornali() {
	for _, day := range slices.Sorted(maps.Keys(b.movements)) {
		raw, err := xml.Marshal(demoGiornale{
			Creditor: string(demoCreditor), ID: "DEMO-" + string(day) + "#001#001", Day: day, Account: "000000012345", Movements: b.movements[day],
		})
		if err != nil || b.err != nil {
			b.err = cmp.Or(b.err, err)
			return
		}
		b.take("giornale-"+string(day)+".xml", append([]byte(xml.Header), raw...))
	}
}

// take files a document. One that cannot be read would be a mistake of ours.
func (b *demoBooks) take(name string, raw []byte) {
	got, err := b.takeDocument(b.ctx, "demo", ledger.Document{Creditor: demoCreditor, Name: name, Channel: domain.ChannelFolder, Raw: raw})
	if err == nil && got[0].Quarantined != "" {
		err = fmt.Errorf("%s: %s", name, got[0].Quarantined)
	}
	b.err = err
}
