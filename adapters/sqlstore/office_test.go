package sqlstore

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

func TestABulletinAsTheOfficeSeesIt(t *testing.T) {
	facts := guide()
	s := viewsOf(t, facts...)
	got, at, err := s.Bulletin(t.Context(), comune, february)
	if err != nil {
		t.Fatal(err)
	}
	if want := projectionstest.NewLog(facts...); at != endOf(t, want) {
		t.Errorf("shown at %d", at)
	}
	issued := bill(february, "2020-02-03", tizio, domain.Line{Consumer: utente, Service: "MENSA", Amount: 3913}).Event.(domain.BulletinIssued)
	same(t, got.Receipt, &projections.Receipt{ID: "ricevuta-2020-02-10", At: on("2020-02-10"), Entry: 160})
	got.Receipt = nil
	same(t, got, projections.IssuedBulletin{
		Issued: issued, Status: domain.BulletinPaid, ParentName: "TIZIO SEMPRONIO", CategoryName: "pagoPA - AUT. REFEZIONE",
		Services: []string{"SERVIZIO MENSA"}, Pupils: []projections.Pupil{{School: "MAT. BORSELLINO", Name: "UTENTE TEST"}},
		SentAt: noon, PSP: domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"},
	})
}

func endOf(t *testing.T, log *projectionstest.Log) eventstore.Position {
	end, err := log.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return end
}

func TestACancelledBulletinSaysWhy(t *testing.T) {
	line := domain.Line{Consumer: utente, Service: "MENSA", Amount: 100}
	raised := bill(void, "2020-02-01", tizio, line)
	got, _, err := viewsOf(t, append(family(), raised, fact(string(raised.Stream), domain.BulletinCancelled{
		Creditor: comune, Notice: void, Parent: tizio, Amount: 100, Lines: []domain.Line{line}, Reason: "Emesso due volte", At: on("2020-02-02"),
	}))...).Bulletin(t.Context(), comune, void)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != domain.BulletinVoid || got.CancelReason != "Emesso due volte" || !got.CancelledAt.Equal(on("2020-02-02")) || got.Receipt != nil {
		t.Errorf("%+v", got)
	}
}

func TestWhatNobodyEnteredIsNotFound(t *testing.T) {
	s := viewsOf(t, guide()...)
	answers := map[string]error{}
	_, _, answers["a notice"] = s.Bulletin(t.Context(), comune, void)
	_, _, answers["what is no notice number"] = s.Bulletin(t.Context(), comune, "1")
	_, _, answers["another creditor's notice"] = s.Bulletin(t.Context(), "10987654321", january)
	_, _, answers["a parent"] = s.Parent(t.Context(), caio)
	_, _, answers["a creditor"] = s.Creditor(t.Context(), "10987654321")
	for what, err := range answers {
		if !errors.Is(err, projections.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAParentsPersonalData(t *testing.T) {
	got, _, err := viewsOf(t, guide()...).Parent(t.Context(), tizio)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, domain.Parent{ID: tizio, Person: domain.Person{
		FiscalCode: "SMPTZI80A01F205Q", GivenName: "TIZIO", FamilyName: "SEMPRONIO", Email: "tiziosempronio@example.com", Username: "sempronio80",
	}})
}

func TestCreditorsWithWhatTheyDefined(t *testing.T) {
	other := domain.CreditorProfile{FiscalCode: "00000000001", Name: "Altro"}
	changed := other
	changed.Postal = domain.PostalAccount{Number: "12345678", Holder: "Altro, tesoreria", Authorisation: "AUT. DB/SSIC/E 4001 DEL 01/02/2026", IBAN: "IT30O0760103200000012345678"}
	s := viewsOf(t, append(guide(),
		fact("creditor-1", domain.CreditorRegistered{Profile: other, At: noon}),
		fact("creditor-1", domain.CreditorChanged{Creditor: other.FiscalCode, Profile: changed, At: noon}))...)
	all, _, err := s.Creditors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	profile := domain.CreditorProfile{FiscalCode: comune, Name: "Comune di Prova", CBILL: "ABCDE", Segregation: 1}
	same(t, all, []domain.CreditorProfile{changed, profile})
	one, _, err := s.Creditor(t.Context(), comune)
	if err != nil {
		t.Fatal(err)
	}
	same(t, one, domain.Creditor{
		Profile:    profile,
		Categories: map[domain.CategoryCode]string{"REFEZIONE": "pagoPA - AUT. REFEZIONE", "NIDI": "pagoPA - ASILI NIDO"},
		Services: map[domain.ServiceCode]domain.Service{
			"MENSA": {Name: "SERVIZIO MENSA", Taxonomy: "9/0107101TS/"}, "POST": {Name: "POST-SCUOLA", Taxonomy: "9/0107101TS/"},
		},
	})
}

func TestCartsThatHoldABulletinAndAreNotCompleted(t *testing.T) {
	done := domain.PaymentID{UUID: uuid.MustParse("00000000-0000-4000-8000-0000000000f2")}
	s := viewsOf(t, append(guide(), ticked(cart, tizio, january, february), ticked(newer, tizio, january), ticked(done, tizio, january),
		fact("payment-"+done.String(), domain.PaymentCompleted{Payment: done, Parent: tizio, Total: 5733, At: noon}))...)
	for notice, want := range map[domain.NoticeNumber][]domain.PaymentID{january: {newer, cart}, february: {cart}, void: nil} {
		got, err := s.CartsWith(t.Context(), comune, notice)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
	}
}

func TestTheBooks(t *testing.T) {
	want := projections.TrialBalance{Debit: 5733 + 3913 + 3913, Credit: 5733 + 3913 + 3913, Accounts: []projections.Balance{
		{Account: domain.AccountTransit, Debit: 3913},
		{Account: domain.Receivable(utente), Debit: 5733 + 3913, Credit: 3913},
		{Account: domain.Revenue("MENSA"), Credit: 3913},
		{Account: domain.Revenue("POST"), Credit: 5733},
	}}
	s := viewsOf(t, guide()...)
	got, _, err := s.TrialBalance(t.Context(), comune)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)
	accounts, _, err := s.Accounts(t.Context(), comune)
	if err != nil {
		t.Fatal(err)
	}
	same(t, accounts, want.Accounts)
}

func TestWhatWaitsForAPerson(t *testing.T) {
	psp := domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"}
	s := viewsOf(t, append(guide(),
		fact("bulletin-1", domain.ReceiptUnmatched{Creditor: comune, Notice: january, Receipt: "r3", Amount: 1, Reason: domain.WrongAmount, Expected: 5733, PSP: psp, At: on("2020-02-12")}),
		fact("bulletin-2", domain.PaymentDuplicated{Creditor: comune, Notice: february, Parent: tizio, Receipt: "r2", Amount: 3913, PSP: psp, At: on("2020-02-11")}),
		fact("bulletin-3", domain.ReceiptUnmatched{Creditor: "10987654321", Notice: void, Receipt: "r4", Amount: 1, Reason: domain.UnknownNotice, At: on("2020-02-12")}),
		fact("bulletin-1", domain.ReceiptUnmatched{Creditor: comune, Notice: january, Receipt: "r5", Amount: 100, Reason: domain.ForeignNotice, Issuer: "77777777777", PSP: psp, StandIn: true, At: on("2020-02-12")}),
		fact("bulletin-1", domain.RefundDue{Creditor: comune, Notice: january, Parent: tizio, Receipt: "r5", Amount: 100, Reason: "Non dovuto", At: on("2020-02-13")}),
		fact("bulletin-1", domain.ReceiptUnmatched{Creditor: comune, Notice: january, Receipt: "r6", Amount: 100, Reason: domain.WrongAmount, PSP: psp, At: on("2020-02-12")}),
		fact("bulletin-1", domain.ReceiptDisowned{Creditor: comune, Notice: january, Receipt: "r6", Amount: 100, Reason: "Di altri", At: on("2020-02-13")}),
		fact("receipt-1", domain.UnreadableFiled{Channel: domain.ChannelPaForNode, Reason: "not XML", SHA256: "abc", At: on("2020-02-12")}),
	)...)
	receipts, _, err := s.ReceiptsToResolve(t.Context(), comune)
	if err != nil {
		t.Fatal(err)
	}
	twice := projections.ReceiptToResolve{
		Receipt: "r2", Notice: february, Reason: projections.Duplicate, Amount: 3913, PSP: psp, PaidAt: on("2020-02-11"),
		Waits: projections.WaitsForRefund, Parent: tizio,
	}
	owed := projections.ReceiptToResolve{
		Receipt: "r5", Notice: january, Issuer: "77777777777", Reason: domain.ForeignNotice, Amount: 100, PSP: psp, StandIn: true,
		PaidAt: on("2020-02-12"), Waits: projections.WaitsForRefund, Parent: tizio, Note: "Non dovuto",
	}
	same(t, receipts, []projections.ReceiptToResolve{
		twice,
		{Receipt: "r3", Notice: january, Reason: domain.WrongAmount, Amount: 1, Expected: 5733, PSP: psp, PaidAt: on("2020-02-12"), Waits: projections.WaitsForDecision},
		owed,
	})
	refunds, _, err := s.RefundsDue(t.Context(), comune)
	if err != nil {
		t.Fatal(err)
	}
	same(t, refunds, []projections.ReceiptToResolve{twice, owed})
	messages, _, err := s.Unreadable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, messages, []projections.UnreadableMessage{{SHA256: "abc", Channel: "paForNode", Reason: "not XML", ReceivedAt: on("2020-02-12")}})
}
