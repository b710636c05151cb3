package domain_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

// kind is one type of event: an example of it, when that took place, and its
// aggregate's Evolve.
type kind struct {
	example domain.Event
	at      time.Time
	evolve  func()
}

func of[S domaintest.Decider[S, C, E], C any, E domain.Event](e E, at time.Time) kind {
	return kind{e, at, func() { fold[S]([]E{e}) }}
}

// How each aggregate takes its events.
var (
	ofCreditor         = of[domain.Creditor, domain.CreditorCommand, domain.CreditorEvent]
	ofParent           = of[domain.Parent, domain.ParentCommand, domain.ParentEvent]
	ofClaim            = of[domain.Claim, domain.ClaimCommand, domain.ClaimEvent]
	ofConsumer         = of[domain.Consumer, domain.ConsumerCommand, domain.ConsumerEvent]
	ofBulletin         = of[domain.Bulletin, domain.BulletinCommand, domain.BulletinEvent]
	ofPayment          = of[domain.Payment, domain.PaymentCommand, domain.PaymentEvent]
	ofReceipt          = of[domain.Receipt, domain.ReceiptCommand, domain.ReceiptEvent]
	ofNumbers          = of[domain.Numbers, domain.NumbersCommand, domain.NumbersEvent]
	ofNumberAssignment = of[domain.NumberAssignment, domain.AssignmentCommand, domain.AssignmentEvent]
	ofDocument         = of[domain.Document, domain.DocumentCommand, domain.DocumentEvent]
	ofFlow             = of[domain.Flow, domain.FlowCommand, domain.FlowEvent]
	ofStatement        = of[domain.Statement, domain.StatementCommand, domain.StatementEvent]
	ofCase             = of[domain.Case, domain.CaseCommand, domain.CaseEvent]
	ofLinkRequest      = of[domain.LinkRequest, domain.LinkRequestCommand, domain.LinkRequestEvent]
	ofWallet           = of[domain.Wallet, domain.WalletCommand, domain.WalletEvent]
	ofInquiry          = of[domain.Inquiry, domain.InquiryCommand, domain.InquiryEvent]
	ofClosing          = of[domain.Closing, domain.ClosingCommand, domain.ClosingEvent]
	ofClosingList      = of[domain.ClosingList, domain.ClosingListCommand, domain.ClosingListEvent]
	ofNews             = of[domain.News, domain.NewsCommand, domain.NewsEvent]
	ofRules            = of[domain.Rules, domain.RulesCommand, domain.RulesEvent]
)

// kinds are all the events there are.
var kinds = []kind{
	ofCreditor(creditorRegistered, at),
	ofCreditor(creditorChanged, later),
	ofCreditor(categoryDefined, at),
	ofCreditor(serviceDefined, at),

	ofParent(parentRegistered, at),
	ofParent(profileChanged, later),
	ofParent(credentialChanged, later),
	ofParent(parentErased, later),

	ofClaim(valueClaimed, at),
	ofClaim(valueReleased, later),

	ofConsumer(consumerEnrolled, at),
	ofConsumer(parentLinked, at),
	ofConsumer(serviceActivated, at),
	ofConsumer(dietChanged, at),
	ofConsumer(parentUnlinked, later),
	ofConsumer(adultDeclared, at),
	ofConsumer(adultWithdrawn, later),
	ofConsumer(activationIssued, at),
	ofConsumer(activationRevoked, later),

	ofLinkRequest(linkRequested, at),
	ofLinkRequest(linkApproved, later),
	ofLinkRequest(linkRefused, later),

	ofBulletin(bulletinIssued, at),
	ofBulletin(bulletinSent, later),
	ofBulletin(paymentActivated, paidAt),
	ofBulletin(confirmed, paidAt),
	ofBulletin(duplicated, paidAt),
	ofBulletin(unmatched(confirmPayment, domain.WrongAmount, 1), paidAt),
	ofBulletin(bulletinCancelled, later),
	ofBulletin(domain.InstalmentNumbered{Creditor: comune, Notice: firstRata, Bulletin: notice, At: at}, at),
	ofBulletin(receiptApplied, later),
	ofBulletin(receiptReassigned, later),
	ofBulletin(refundDue, later),
	ofBulletin(receiptDisowned, later),
	ofBulletin(paymentRefunded, later),

	ofBulletin(paymentReported, paidAt),
	ofBulletin(paymentSettled, later),
	ofBulletin(settlementReversed, later),
	ofBulletin(paymentRevoked, later),
	ofBulletin(transferNoted, later),

	ofDocument(documentPart, at),
	ofDocument(documentFiled, at),
	ofDocument(documentAccepted, later),
	ofDocument(documentQuarantined, later),
	ofFlow(flowLinesFiled, at),
	ofFlow(flowFiled, at),
	ofStatement(movementsFiled, at),
	ofStatement(statementFiled, at),
	ofCase(flowNoted, at),
	ofCase(movementNoted, later),
	ofCase(matchProposed, later),
	ofCase(matchConfirmed, later),
	ofCase(matchUndone, later),
	ofCase(differenceAccepted, later),
	ofCase(differenceReopened, later),
	ofCase(caseNoteAdded, later),
	ofCase(remittanceSettled, later),
	ofCase(differenceBooked, differenceBooked.At),
	ofCase(domain.RemittanceReopened{Creditor: comune, Subject: caseSubject, Flow: "k1", At: later}, later),

	ofPayment(bulletinsSelected, at),
	ofPayment(checkoutStarted, later),
	ofPayment(noticesRequested, later),
	ofPayment(checkoutReturned, later),
	ofPayment(paymentCompleted, paidAt),

	ofReceipt(receiptFiled, at),
	ofReceipt(unreadableFiled, at),
	ofReceipt(domain.ReceiptExpected{Creditor: comune, Receipt: "rt-1", Source: domain.ExpectedByFlow, At: at}, at),
	ofReceipt(domain.ExpectationMet{Creditor: comune, Receipt: "rt-1", At: later}, later),
	ofReceipt(receiptSpokenOf, at),

	ofNumbers(numbersReserved, at),
	ofNumberAssignment(numberAssigned, at),

	ofWallet(walletCredited, at),
	ofWallet(mealCharged, later),

	ofInquiry(inquiryOpened, at),
	ofInquiry(inquiryContinued, later),
	ofInquiry(inquiryAnswered, later),
	ofInquiry(inquiryClosed, later),

	ofNews(newsPublished, at),
	ofNews(newsCorrected, later),
	ofNews(newsWithdrawn, later),

	ofClosing(periodClosed, inMarch),
	ofClosingList(domain.ClosingsListed{Creditor: comune, Periods: []domain.ClosingPeriod{"2020-02"}, At: inMarch}, inMarch),
	ofRules(ruleSet, later),
	ofRules(ruleWithdrawn, later),
}

func TestEachKindOfEventIsListed(t *testing.T) {
	var listed []string
	for _, k := range kinds {
		listed = append(listed, reflect.TypeOf(k.example).Name())
	}
	slices.Sort(listed)
	if declared := declaredEvents(t); !slices.Equal(listed, declared) {
		t.Errorf("the table lists the events\n%v\nand the package declares\n%v", listed, declared)
	}
}

// declaredEvents are the types of the package that have the method event.
func declaredEvents(t *testing.T) []string {
	var names []string
	for _, file := range sources(t) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "event" {
				names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// sources are the package's files, without its tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]*ast.File)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if files[e.Name()], err = parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestEachKindOfEventEvolvesItsAggregate(t *testing.T) {
	for _, k := range kinds {
		func() {
			defer func() {
				if why := recover(); why != nil {
					t.Errorf("%T: %v", k.example, why)
				}
			}()
			k.evolve()
		}()
	}
}

func TestEachEventOccurredWhenItSays(t *testing.T) {
	for _, k := range kinds {
		if got := k.example.OccurredAt(); got != k.at {
			t.Errorf("%T occurred at %s, want %s", k.example, got, k.at)
		}
	}
}

// Every event balances, and the sum of what each does is known: a new event
// without its line in Postings shows here.
func TestEachKindOfEventMovesWhatItShould(t *testing.T) {
	moves := map[string]domain.Money{
		"BulletinIssued": 5733, "BulletinCancelled": 5733, "PaymentConfirmed": 5733, "PaymentDuplicated": 5733,
		"ReceiptUnmatched": 5733, "PaymentSettled": 5733, "SettlementReversed": 5733, "PaymentRevoked": 5733, "DifferenceBooked": 100,
		"ReceiptApplied": 5733, "ReceiptReassigned": 5733, "RefundDue": 5000, "ReceiptDisowned": 5733, "PaymentRefunded": 5000, "WalletCredited": 5000, "MealCharged": 455,
	}
	for _, k := range kinds {
		var debits, credits domain.Money
		for _, p := range domain.Postings(k.example) {
			debits, credits = debits+p.Debit, credits+p.Credit
			if (p.Debit == 0) == (p.Credit == 0) || p.Debit < 0 || p.Credit < 0 || p.Account == "" || p.Creditor != comune {
				t.Errorf("%T posts %+v", k.example, p)
			}
		}
		if want := moves[reflect.TypeOf(k.example).Name()]; debits != want || credits != want {
			t.Errorf("%T moves %s in debit and %s in credit, want %s in both", k.example, debits, credits, want)
		}
	}
}

// Personal data is sealed apart: what an event's JSON shows, the log shows for
// ever.
func TestJSONOfEventsTellsNothingOfPersons(t *testing.T) {
	secrets := []string{
		string(person.FiscalCode), person.GivenName, person.FamilyName, person.Email, movedHouse.Email, person.Mobile,
		child.GivenName, dietChanged.Diet, caseNoteAdded.Text, movementsFiled.Texts[0].From, parentUnlinked.Reason, linkRefused.Reason, string(sought.FiscalCode), sought.FamilyName, sought.Note, "abc", "YWJj", // the raw receipt, and the same in base 64
	}
	for _, k := range kinds {
		text, err := json.Marshal(k.example)
		if err != nil {
			t.Errorf("%T: %v", k.example, err)
		}
		for _, secret := range secrets {
			if strings.Contains(string(text), secret) {
				t.Errorf("the JSON of %T tells %q: %s", k.example, secret, text)
			}
		}
	}
}

// A type that is not of the closed set is a wrong program, in each aggregate.
func TestStrangersPanic(t *testing.T) {
	for name, wrong := range map[string]func(){
		"creditor command":  func() { _, _ = domain.Creditor{}.Decide(struct{ domain.CreditorCommand }{}) },
		"creditor event":    func() { domain.Creditor{}.Evolve(struct{ domain.CreditorEvent }{}) },
		"parent command":    func() { _, _ = domain.Parent{}.Decide(struct{ domain.ParentCommand }{}) },
		"parent event":      func() { domain.Parent{}.Evolve(struct{ domain.ParentEvent }{}) },
		"claim command":     func() { _, _ = domain.Claim{}.Decide(struct{ domain.ClaimCommand }{}) },
		"claim event":       func() { domain.Claim{}.Evolve(struct{ domain.ClaimEvent }{}) },
		"consumer command":  func() { _, _ = domain.Consumer{ID: anna}.Decide(struct{ domain.ConsumerCommand }{}) },
		"consumer event":    func() { domain.Consumer{}.Evolve(struct{ domain.ConsumerEvent }{}) },
		"request command":   func() { _, _ = fold[domain.LinkRequest](linkAsked).Decide(struct{ domain.LinkRequestCommand }{}) },
		"request event":     func() { domain.LinkRequest{}.Evolve(struct{ domain.LinkRequestEvent }{}) },
		"bulletin command":  func() { _, _ = domain.Bulletin{}.Decide(struct{ domain.BulletinCommand }{}) },
		"bulletin event":    func() { domain.Bulletin{}.Evolve(struct{ domain.BulletinEvent }{}) },
		"payment command":   func() { _, _ = fold[domain.Payment](selected).Decide(struct{ domain.PaymentCommand }{}) },
		"payment event":     func() { domain.Payment{}.Evolve(struct{ domain.PaymentEvent }{}) },
		"receipt command":   func() { _, _ = domain.Receipt{}.Decide(struct{ domain.ReceiptCommand }{}) },
		"receipt event":     func() { domain.Receipt{}.Evolve(struct{ domain.ReceiptEvent }{}) },
		"numbers command":   func() { _, _ = domain.Numbers{}.Decide(struct{ domain.NumbersCommand }{}) },
		"numbers event":     func() { domain.Numbers{}.Evolve(struct{ domain.NumbersEvent }{}) },
		"assigning command": func() { _, _ = domain.NumberAssignment{}.Decide(struct{ domain.AssignmentCommand }{}) },
		"assigning event":   func() { domain.NumberAssignment{}.Evolve(struct{ domain.AssignmentEvent }{}) },
		"document command":  func() { _, _ = domain.Document{}.Decide(struct{ domain.DocumentCommand }{}) },
		"document event":    func() { domain.Document{}.Evolve(struct{ domain.DocumentEvent }{}) },
		"flow command":      func() { _, _ = domain.Flow{}.Decide(struct{ domain.FlowCommand }{}) },
		"flow event":        func() { domain.Flow{}.Evolve(struct{ domain.FlowEvent }{}) },
		"statement command": func() { _, _ = domain.Statement{}.Decide(struct{ domain.StatementCommand }{}) },
		"statement event":   func() { domain.Statement{}.Evolve(struct{ domain.StatementEvent }{}) },
		"case command":      func() { _, _ = domain.Case{}.Decide(struct{ domain.CaseCommand }{}) },
		"case event":        func() { domain.Case{}.Evolve(struct{ domain.CaseEvent }{}) },
		"wallet command":    func() { _, _ = domain.Wallet{}.Decide(struct{ domain.WalletCommand }{}) },
		"wallet event":      func() { domain.Wallet{}.Evolve(struct{ domain.WalletEvent }{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a %s nobody knows passes", name)
				}
			}()
			wrong()
		}()
	}
}

// The words that stand in the log, and on the pages of other systems: they do not
// change.
func TestStoredWords(t *testing.T) {
	for got, want := range map[string]string{
		string(domain.UnknownNotice): "unknown-notice", string(domain.WrongAmount): "wrong-amount", string(domain.CancelledBulletin): "cancelled-bulletin",
		string(domain.ForeignNotice): "foreign-notice", string(domain.AccountUnknownPayer): "credit:unknown-payer",
		string(domain.ReturnedOK): "ok", string(domain.ReturnedCancelled): "cancelled", string(domain.ReturnedError): "error", string(domain.ReturnedWaiting): "waiting",
		string(domain.ClaimUsername): "username", string(domain.ClaimEmail): "email", string(domain.ClaimFiscalCode): "fiscalCode",
		domain.ChannelPaForNode: "paForNode",
		domain.ChannelUpload:    "upload", domain.ChannelFolder: "folder", domain.ChannelSOAP: "soap", domain.ChannelREST: "rest", domain.ChannelCLI: "cli",
		string(domain.DocumentFlow): "fdr", string(domain.DocumentGiornale): "giornale-di-cassa", string(domain.DocumentCamt053): "camt.053",
		domain.ByCausale: "causale", domain.ByTRN: "trn", domain.ByHand: "hand", domain.ByRule: "rule",
		string(domain.LinkedByOffice): "", string(domain.LinkedByIdentity): "identity", string(domain.LinkedByCode): "code", string(domain.LinkedByRequest): "request",
		string(domain.AccountTransit):  "pagopa:transit",
		string(domain.AccountBank):     "bank",
		string(domain.AccountSuspense): "suspense", string(domain.AccountDifferences): "pagopa:differences",
	} {
		if got != want {
			t.Errorf("the log says %q, want %q", got, want)
		}
	}
}
