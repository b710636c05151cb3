package domain_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

func ExampleParseMoney() {
	total, _ := domain.ParseMoney("57.33")
	saldo := total.Neg()
	fmt.Println(saldo, "+", total, "=", saldo+total)

	_, err := domain.ParseMoney("57,33")
	fmt.Println(errors.Is(err, domain.ErrBadAmount))
	// Output:
	// -57.33 + 57.33 = 0.00
	// true
}

func ExampleNewNoticeNumber() {
	n, _ := domain.NewNoticeNumber(1, 42)
	fmt.Println(n.Groups())
	fmt.Println(n.IUV())
	fmt.Println(n.QRCode("12345678903", 8450))
	// Output:
	// 3010 0000 0000 0042 85
	// 01000000000004285
	// PAGOPA|002|301000000000004285|12345678903|8450
}

// A payment settles the receivables of its lines; until the treasury has the
// money it is in transit.
func ExamplePostings() {
	anna := domain.ConsumerID{UUID: uuid.MustParse("6ba7b810-9dad-41d1-80b4-00c04fd430c8")}
	bruno := domain.ConsumerID{UUID: uuid.MustParse("3d813cbb-47fb-42ba-91df-831e1593ac29")}
	for _, p := range domain.Postings(domain.PaymentConfirmed{
		Creditor: "12345678903", Notice: "301000000000004285", Receipt: "rt-1", Amount: 5733,
		Lines: []domain.Line{{Consumer: anna, Service: "MENSA", Amount: 3913}, {Consumer: bruno, Service: "POST-SCUOLA", Amount: 1820}},
	}) {
		fmt.Printf("%-47s %6s %6s\n", p.Account, p.Debit, p.Credit)
	}
	// Output:
	// pagopa:transit                                   57.33   0.00
	// receivable:6ba7b810-9dad-41d1-80b4-00c04fd430c8   0.00  39.13
	// receivable:3d813cbb-47fb-42ba-91df-831e1593ac29   0.00  18.20
}

// A second receipt on a paid bulletin is money to give back; the same receipt
// delivered again is nothing.
func ExampleBulletin_Decide() {
	at := time.Date(2020, 2, 3, 9, 0, 0, 0, time.UTC)
	var b domain.Bulletin
	for _, cmd := range []domain.BulletinCommand{
		domain.IssueBulletin{
			Creditor: "12345678903", Notice: "301000000000004285", Parent: domain.ParentID{UUID: uuid.Max}, Category: "REFEZIONE",
			Lines:  []domain.Line{{Consumer: domain.ConsumerID{UUID: uuid.Max}, Service: "MENSA", Amount: 5733}},
			Period: domain.Period{From: "2020-01-01", To: "2020-01-31"}, Due: "2020-02-20", Causale: "Mensa gennaio 2020", At: at,
		},
		domain.SendBulletin{Notice: "301000000000004285", At: at},
		domain.ConfirmPayment{Notice: "301000000000004285", Receipt: "rt-1", Amount: 5733, At: at},
		domain.ConfirmPayment{Notice: "301000000000004285", Receipt: "rt-1", Amount: 5733, At: at},
		domain.ConfirmPayment{Notice: "301000000000004285", Receipt: "rt-2", Amount: 5733, At: at},
	} {
		events, err := b.Decide(cmd)
		if err != nil {
			fmt.Println(err)
		}
		for _, e := range events {
			b = b.Evolve(e)
			fmt.Printf("%T\n", e)
		}
	}
	// Output:
	// domain.BulletinIssued
	// domain.BulletinSent
	// domain.PaymentConfirmed
	// domain.PaymentDuplicated
}
