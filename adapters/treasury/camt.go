package treasury

import (
	"cmp"
	"encoding/xml"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
)

// camtSpaces are the versions of camt.053 that banks still send.
var camtSpaces = []string{"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02", "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}

// ReadCamt053 reads a bank's statement of the body's account, camt.053 of either
// version. It is a ledger.DocumentReader.
func ReadCamt053(raw []byte, body domain.CreditorProfile) (domain.DocumentContent, bool, error) {
	if !begins(raw, "camt.053") {
		return domain.DocumentContent{}, false, nil
	}
	c := camt{reader: newReader(raw), accounts: []string{body.IBAN, body.Postal.IBAN}}
	c.read()
	if c.err != nil {
		return domain.DocumentContent{Kind: domain.DocumentCamt053}, true, c.err
	}
	return domain.DocumentContent{Kind: domain.DocumentCamt053, Statements: c.statements}, true, nil
}

type camt struct {
	*reader
	accounts   []string
	statements []domain.FileStatement
	movements  int
}

func (c *camt) read() {
	name, space := c.root()
	if c.err == nil && (name != "Document" || !slices.Contains(camtSpaces, space)) {
		c.fail("", "non è un camt.053.001.02 o camt.053.001.08")
	}
	c.each(func(t xml.StartElement) {
		if t.Name.Local != "BkToCstmrStmt" {
			c.skip()
			return
		}
		c.each(func(t xml.StartElement) {
			if t.Name.Local == "Stmt" {
				c.statement()
			} else {
				c.skip()
			}
		})
	})
	c.end()
	if c.err == nil && len(c.statements) == 0 {
		c.fail("BkToCstmrStmt/Stmt", "manca")
	}
}

func (c *camt) statement() {
	s := domain.FileStatement{Kind: domain.DocumentCamt053}
	var made, from, to domain.Date
	c.each(func(t xml.StartElement) {
		switch t.Name.Local {
		case "Id":
			s.Name = c.text()
		case "CreDtTm":
			made = c.day()
		case "FrToDt":
			c.each(func(t xml.StartElement) {
				switch t.Name.Local {
				case "FrDtTm":
					from = c.day()
				case "ToDtTm":
					to = c.day()
				default:
					c.skip()
				}
			})
		case "Acct":
			s.Account = c.account()
		case "Ntry":
			if c.movements++; c.movements > MaxMovements {
				c.fail("", "troppi movimenti")
				return
			}
			c.entry(&s)
		default:
			c.skip()
		}
	})
	if c.err != nil {
		return
	}
	switch {
	case s.Name == "" || len(s.Name) > 140:
		c.fail("Stmt/Id", "va da 1 a 140 caratteri")
	case s.Account == "":
		c.fail("Stmt/Acct/Id/IBAN", "manca")
	}
	for _, m := range s.Movements {
		from, to = min(cmp.Or(from, m.Booked), m.Booked), max(to, m.Booked)
	}
	s.From, s.To = cmp.Or(from, made), cmp.Or(to, from, made)
	if c.err == nil && s.From == "" {
		c.fail("Stmt/CreDtTm", "manca")
	}
	c.statements = append(c.statements, s)
}

// account reads whose statement it is: it must be the body's.
func (c *camt) account() (iban string) {
	currency := "EUR"
	c.each(func(t xml.StartElement) {
		switch t.Name.Local {
		case "Id":
			c.each(func(t xml.StartElement) {
				if t.Name.Local == "IBAN" {
					iban = c.text()
				} else {
					c.skip()
				}
			})
		case "Ccy":
			currency = c.text()
		default:
			c.skip()
		}
	})
	switch {
	case c.err != nil:
	case iban == "" || !slices.Contains(c.accounts, iban):
		c.fail("Id/IBAN", "il conto "+clip(iban)+" non è dell'ente")
	case currency != "EUR":
		c.fail("Ccy", "il conto non è in euro")
	}
	return iban
}

// entry reads one line. One that takes money is counted only, unless it takes back what
// came before.
func (c *camt) entry(s *domain.FileStatement) {
	var m movement
	var side, status string
	var reversal bool
	c.each(func(t xml.StartElement) {
		switch t.Name.Local {
		case "Amt":
			for _, a := range t.Attr {
				if a.Name.Local == "Ccy" && a.Value != "EUR" {
					c.fail("", "l'importo non è in euro")
				}
			}
			m.Amount = c.once(m.Amount)
		case "CdtDbtInd":
			side = c.text()
		case "RvslInd":
			word := c.text()
			reversal = word == "true" || word == "1"
		case "Sts":
			status = c.status()
		case "BookgDt":
			m.Booked = c.date()
		case "ValDt":
			m.Value = c.date()
		case "AcctSvcrRef":
			m.TRN = c.text()
		case "NtryDtls":
			c.details(&m)
		default:
			c.skip()
		}
	})
	if c.err != nil {
		return
	}
	m.Booked = cmp.Or(m.Booked, m.Value)
	m.Value = cmp.Or(m.Value, m.Booked)
	switch {
	case m.Amount == 0:
		c.fail("Ntry/Amt", "manca")
	case side != "CRDT" && side != "DBIT":
		c.fail("Ntry/CdtDbtInd", "è CRDT o DBIT")
	case m.Booked == "":
		c.fail("Ntry/BookgDt", "manca")
	case status != "" && status != "BOOK":
		s.Other++ // pending or for information: not on the account
		s.OtherSum += m.Amount
	case side == "CRDT" && !reversal:
		add(s, m)
	case side == "DBIT" && reversal:
		m.Reversal = true
		add(s, m)
	default:
		s.Other++
		s.OtherSum += m.Amount
	}
}

// status is a word in version 02 and an element with a code in version 08.
func (c *camt) status() (word string) {
	for c.err == nil {
		switch t := c.token().(type) {
		case xml.CharData:
			word += strings.TrimSpace(string(t))
		case xml.StartElement:
			c.path = append(c.path, t.Name.Local)
			word += c.text()
		case xml.EndElement:
			c.close(t)
			return word
		}
	}
	return ""
}

// date reads Dt or DtTm within the open element.
func (c *camt) date() (d domain.Date) {
	c.each(func(t xml.StartElement) {
		if t.Name.Local == "Dt" || t.Name.Local == "DtTm" {
			d = c.day()
		} else {
			c.skip()
		}
	})
	return d
}

// details reads who sent the money and what for. Texts that a bank broke are joined
// without anything between them.
func (c *camt) details(m *movement) {
	c.each(func(t xml.StartElement) {
		if t.Name.Local != "TxDtls" {
			c.skip()
			return
		}
		c.each(func(t xml.StartElement) {
			switch t.Name.Local {
			case "Refs":
				c.references(m)
			case "RmtInf":
				c.each(func(t xml.StartElement) {
					if t.Name.Local == "Ustrd" {
						m.text.Causale += c.text()
					} else {
						c.skip()
					}
				})
			case "RltdPties":
				c.party(m, 0)
			default:
				c.skip()
			}
		})
	})
}

func (c *camt) references(m *movement) {
	c.each(func(t xml.StartElement) {
		switch t.Name.Local {
		case "AcctSvcrRef", "TxId":
			if ref := c.text(); m.TRN == "" {
				m.TRN = ref
			}
		case "EndToEndId":
			m.reference = c.text()
		default:
			c.skip()
		}
	})
}

// party reads the debtor's name: Dbtr/Nm in version 02, Dbtr/Pty/Nm in version 08.
func (c *camt) party(m *movement, depth int) {
	c.each(func(t xml.StartElement) {
		switch name := t.Name.Local; {
		case depth == 0 && name == "Dbtr" || depth == 1 && name == "Pty":
			c.party(m, depth+1)
		case depth > 0 && name == "Nm":
			m.text.From = c.text()
		default:
			c.skip()
		}
	})
}
