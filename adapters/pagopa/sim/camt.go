package sim

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// camtVersion is a version of camt.053.001 that banks still send.
type camtVersion string

const (
	camt02 camtVersion = "02"
	camt08 camtVersion = "08"
)

// camt053 writes one day of a body's accounts as a bank's statement (ISO 20022),
// a statement for each account.
func camt053(version camtVersion, body domain.FiscalCode, day time.Time, accounts []journal) []byte {
	b := &bytes.Buffer{}
	b.WriteString(xml.Header + `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.` + string(version) + `"><BkToCstmrStmt>`)
	element(b, "GrpHdr", func() {
		text(b, "MsgId", "STMT-"+string(body)+"-"+day.Format("20060102"))
		text(b, "CreDtTm", made(day))
	})
	for i, a := range accounts {
		element(b, "Stmt", func() { camtStatement(b, version, day, i+1, a) })
	}
	b.WriteString(`</BkToCstmrStmt></Document>`)
	return b.Bytes()
}

func camtStatement(b *bytes.Buffer, version camtVersion, day time.Time, number int, a journal) {
	text(b, "Id", fmt.Sprintf("%s-%d", day.Format("20060102"), number))
	text(b, "CreDtTm", made(day))
	element(b, "Acct", func() {
		element(b, "Id", func() { text(b, "IBAN", a.IBAN) })
		text(b, "Ccy", "EUR")
	})
	camtBalance(b, "OPBD", day, a.Opening)
	camtBalance(b, "CLBD", day, a.Closing)
	for _, m := range a.Movements {
		element(b, "Ntry", func() { camtEntry(b, version, m) })
	}
}

// camtAmount writes what is there without its sign, and on which side.
func camtAmount(b *bytes.Buffer, m domain.Money) {
	side := "CRDT"
	if m < 0 {
		m, side = m.Neg(), "DBIT"
	}
	b.WriteString(`<Amt Ccy="EUR">` + m.String() + `</Amt>`)
	text(b, "CdtDbtInd", side)
}

func camtBalance(b *bytes.Buffer, code string, day time.Time, m domain.Money) {
	element(b, "Bal", func() {
		element(b, "Tp", func() { element(b, "CdOrPrtry", func() { text(b, "Cd", code) }) })
		camtAmount(b, m)
		camtDay(b, "Dt", day)
	})
}

func camtDay(b *bytes.Buffer, name string, day time.Time) {
	element(b, name, func() { text(b, "Dt", day.Format(time.DateOnly)) })
}

// camtEntry writes a credit; one that is taken back is a debit with the mark of
// a reversal.
func camtEntry(b *bytes.Buffer, version camtVersion, m movement) {
	camtAmount(b, m.signed())
	if m.Reversal {
		text(b, "RvslInd", "true")
	}
	if version == camt02 {
		text(b, "Sts", "BOOK")
	} else {
		element(b, "Sts", func() { text(b, "Cd", "BOOK") })
	}
	camtDay(b, "BookgDt", m.Day)
	camtDay(b, "ValDt", m.Day)
	text(b, "AcctSvcrRef", m.TRN)
	element(b, "BkTxCd", func() {
		element(b, "Domn", func() {
			text(b, "Cd", "PMNT")
			element(b, "Fmly", func() { text(b, "Cd", "RCDT"); text(b, "SubFmlyCd", "ESCT") })
		})
	})
	element(b, "NtryDtls", func() { element(b, "TxDtls", func() { camtDetails(b, version, m) }) })
}

func camtDetails(b *bytes.Buffer, version camtVersion, m movement) {
	element(b, "Refs", func() {
		text(b, "EndToEndId", m.Flow)
		text(b, "TxId", m.TRN)
	})
	element(b, "RltdPties", func() {
		element(b, "Dbtr", func() {
			if version == camt02 {
				text(b, "Nm", m.From)
				return
			}
			element(b, "Pty", func() { text(b, "Nm", m.From) })
		})
	})
	element(b, "RmtInf", func() {
		for _, l := range m.Causale {
			text(b, "Ustrd", l)
		}
	})
}
