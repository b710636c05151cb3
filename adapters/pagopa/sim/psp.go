package sim

import (
	"errors"

	"github.com/saldo-ledger/saldo/domain"
)

// PSP is who takes the payer's money, as receipts name it.
type PSP struct {
	ID          string // idPSP, at most 35 characters
	FiscalCode  string
	CompanyName string // at most 70 characters
	Channel     string // idChannel, at most 35 characters
	// Fee is what the PSP charges the payer on top. It is no part of the amount and
	// never reaches the body.
	Fee domain.Money
}

func (p PSP) check() error {
	switch {
	case p.ID == "" || p.CompanyName == "" || p.Channel == "":
		return errors.New("id, company name or channel missing")
	case p.Fee < 0:
		return errors.New("negative fee")
	}
	return nil
}

// InventedPSP is the PSP of a simulator that was given none.
func InventedPSP() PSP {
	return PSP{
		ID: "PRVAIT2MXXX", FiscalCode: "99999000013", CompanyName: "PSP di Prova S.p.A.", Channel: "99999000013_01", Fee: 150,
	}
}

// channel is where the payer met the PSP (channelDescription of a receipt).
type channel string

const (
	onWindow  channel = "WISP"
	atCounter channel = "Sportello"
)

// method is how the payer pays and through whom.
type method struct {
	Kind     string // as the payer reads it
	Detail   string // which card, which bank
	Code     string // paymentMethod of the receipt
	Channel  channel
	PSP      PSP
	Declined bool // by the issuer of a card: a published number that always is
}

// The values of paymentMethod.
const (
	methodCard  = "creditCard"
	methodCash  = "cash"
	methodOther = "other"
)

// otherMethods are "altri metodi di pagamento", all invented.
var otherMethods = []method{
	wallet("Tascapp", "TSCPIT2MXXX", "99999000021", 0),
	wallet("Monetina", "MNTNIT2MXXX", "99999000039", 50),
	wallet("PagoVicino", "PGVCIT2MXXX", "99999000047", 100),
}

func wallet(name, id, code string, fee domain.Money) method {
	return method{
		Kind: "Altri metodi di pagamento", Detail: name, Code: methodOther, Channel: onWindow,
		PSP: PSP{ID: id, FiscalCode: code, CompanyName: name + " S.p.A.", Channel: code + "_01", Fee: fee},
	}
}

// cash is the payment at the PSP's counter.
func (p PSP) cash() method {
	return method{Kind: "Contanti", Detail: p.CompanyName, Code: methodCash, Channel: atCounter, PSP: p}
}
