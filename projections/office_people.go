package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Found is what a search of the school office finds of people, a page of each kind.
type Found struct {
	Adults   []FoundAdult
	Children []FoundChild
	More     bool // of either
}

// FoundAdult is a parent as a search shows it.
type FoundAdult struct {
	ID         domain.ParentID
	Name       string // family name first
	FiscalCode domain.FiscalCode
	Username   string
}

// FoundChild is a consumer as a search shows it.
type FoundChild struct {
	ID     domain.ConsumerID
	Name   string
	School string
}

// ChildFile is what the school office has of a consumer.
type ChildFile struct {
	ID        domain.ConsumerID
	Name      string
	School    string
	Diet      string
	Saldo     domain.Money // prepaid
	Services  []string
	Adults    []FoundAdult
	Bulletins []BulletinLine // newest first
	Wallet    []Movement     // oldest first
}

// AdultFile is what the school office has of a parent.
type AdultFile struct {
	Parent    domain.Parent
	Overview  Overview
	Bulletins []BulletinLine // newest first
}

// BulletinLine is a bulletin in a list of the school office.
type BulletinLine struct {
	Notice   domain.NoticeNumber
	Parent   domain.ParentID
	Causale  string
	Amount   domain.Money
	Due      domain.Date
	IssuedAt time.Time
	Status   domain.BulletinStatus
}
