package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
)

// benchDay is when all is paid, transferred and booked: a Tuesday of the far past, so
// that no outcome is still awaited.
var benchDay = time.Date(2020, 3, 3, 9, 0, 0, 0, time.UTC)

const benchDate domain.Date = "2020-03-03"

// dayFiles are the documents of a day.
type dayFiles struct {
	flows     []string
	statement string
	total     domain.Money
	before    eventstore.Position // of the log when they come
}

// prepare lets the town pay for a day, builds the views of it, and writes the files
// that the PSPs and the treasurer would send.
func (b *reconcileBench) prepare(ctx context.Context, place *town.Town, name string) (files dayFiles, err error) {
	folder := filepath.Join(b.dir, name)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return files, err
	}
	err = b.within("log", func(log *embedded.Log) error {
		living := place.On(ledger.New(log, b.keys, time.Now))
		paid, err := b.pay(ctx, living)
		if err != nil {
			return err
		}
		*place = *living.On(nil) // as old as it is now, without what the ledger remembers
		if files, err = writeDay(folder, name, paid, b.size.flows); err != nil {
			return err
		}
		if files.before, err = log.End(ctx); err != nil {
			return err
		}
		return b.rebuild(ctx, log, files.before)
	})
	return files, err
}

// pay lets every family pay a bollettino, again and again until there are enough.
func (b *reconcileBench) pay(ctx context.Context, place *town.Town) ([]town.Paid, error) {
	progress := newBar(b.stderr, "the town pays", int64(b.size.lines), bulletinsUnit)
	defer progress.end()
	var all []town.Paid
	for len(all) < b.size.lines {
		paid, err := place.PayAll(ctx, benchDay)
		if err != nil {
			return nil, err
		}
		all = append(all, paid...)
		progress.reached(uint64(len(all)))
	}
	return all[:b.size.lines], nil
}

// writeDay writes the flows that payments come in, and the statement that has a credit
// for each.
func writeDay(folder, name string, paid []town.Paid, flows int) (files dayFiles, err error) {
	files.statement = filepath.Join(folder, "statement.xml")
	statement, err := os.Create(files.statement)
	if err != nil {
		return files, err
	}
	defer func() { err = errors.Join(err, statement.Close()) }()
	w := bufio.NewWriter(statement)
	fmt.Fprintf(w, camtHead, name, name)
	for i := range flows {
		f := flowOf(fmt.Sprintf("%s%s-%s%06d", benchDate, town.PSP.ID, name[:1], i), paid[i*len(paid)/flows:(i+1)*len(paid)/flows])
		file := filepath.Join(folder, f.ID+".xml")
		if err := writeFlow(file, f); err != nil {
			return files, err
		}
		fmt.Fprintf(w, camtCredit, f.DeclaredTotal, benchDate, benchDate, f.Regulation, f.ID)
		files.flows, files.total = append(files.flows, file), files.total+f.DeclaredTotal
	}
	fmt.Fprint(w, camtEnd)
	return files, w.Flush()
}

func writeFlow(file string, f fdr.Flow) error {
	w, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(fdr.Encode(w, f), w.Close())
}

func flowOf(id string, paid []town.Paid) fdr.Flow {
	f := fdr.Flow{
		Version: "1.0", ID: id, Created: soap.DateTime(benchDate + "T12:00:00"), Regulation: "TRN" + id[len(id)-7:] + "0000",
		RegulationDate: soap.Date(benchDate), Sender: fdr.Party{Kind: "B", Code: town.PSP.ID, Name: town.PSP.Name},
		Receiver: fdr.Party{Kind: "G", Code: string(town.Creditor), Name: "Comune di misura"}, DeclaredCount: int64(len(paid)),
		Payments: make([]fdr.Payment, len(paid)),
	}
	for i, p := range paid {
		f.Payments[i] = fdr.Payment{IUV: p.Notice.IUV(), IUR: string(p.Receipt), Index: 1, Amount: p.Amount, Date: soap.Date(benchDate)}
	}
	f.DeclaredTotal = f.Sum()
	return f
}

// A statement of a bank, an entry for each flow.
const (
	camtHead = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>%s</MsgId><CreDtTm>2020-03-03T20:00:00</CreDtTm></GrpHdr><Stmt><Id>%s</Id><CreDtTm>2020-03-03T20:00:00</CreDtTm><Acct><Id><IBAN>IT63L9999901600000000012345</IBAN></Id><Ccy>EUR</Ccy></Acct>
`
	camtCredit = `<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><ValDt><Dt>%s</Dt></ValDt><AcctSvcrRef>%s</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
`
	camtEnd = "</Stmt></BkToCstmrStmt></Document>\n"
)
