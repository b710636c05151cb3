package domain_test

import (
	"go/ast"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

// refusals are all the refusals there are, by their kind: what an adapter makes
// of one hangs on it.
var refusals = map[domain.Kind]map[string]*domain.Refusal{
	domain.Invalid: {
		"ErrBadAmount": domain.ErrBadAmount, "ErrBadPersonCode": domain.ErrBadPersonCode, "ErrBadBodyCode": domain.ErrBadBodyCode,
		"ErrBadNoticeNumber": domain.ErrBadNoticeNumber, "ErrBadDate": domain.ErrBadDate,
		"ErrBadName": domain.ErrBadName, "ErrBadEmail": domain.ErrBadEmail, "ErrBadMobile": domain.ErrBadMobile, "ErrBadUsername": domain.ErrBadUsername,
		"ErrBadProfile": domain.ErrBadProfile, "ErrBadCategory": domain.ErrBadCategory, "ErrBadService": domain.ErrBadService, "ErrBadChapter": domain.ErrBadChapter,
		"ErrFixedCreditor": domain.ErrFixedCreditor, "ErrBadPostalNumber": domain.ErrBadPostalNumber, "ErrBadPostalHolder": domain.ErrBadPostalHolder,
		"ErrBadPostalAuthorisation": domain.ErrBadPostalAuthorisation, "ErrBadPostalIBAN": domain.ErrBadPostalIBAN,
		"ErrFixedIdentity": domain.ErrFixedIdentity, "ErrBadSchool": domain.ErrBadSchool, "ErrBadDiet": domain.ErrBadDiet,
		"ErrNoAmount": domain.ErrNoAmount, "ErrBadLine": domain.ErrBadLine, "ErrBadCausale": domain.ErrBadCausale, "ErrBadPeriod": domain.ErrBadPeriod,
		"ErrBadDue": domain.ErrBadDue, "ErrBadReason": domain.ErrBadReason, "ErrNotIssuable": domain.ErrNotIssuable,
		"ErrNothingSelected": domain.ErrNothingSelected, "ErrSelectedTwice": domain.ErrSelectedTwice, "ErrOtherCategory": domain.ErrOtherCategory,
		"ErrTooManyNotices": domain.ErrTooManyNotices, "ErrBadCart": domain.ErrBadCart, "ErrBadOutcome": domain.ErrBadOutcome,
		"ErrBadIUR": domain.ErrBadIUR, "ErrBadIUV": domain.ErrBadIUV, "ErrBadSource": domain.ErrBadSource,
		"ErrBadReceiptID": domain.ErrBadReceiptID, "ErrBadOrder": domain.ErrBadOrder, "ErrBadCount": domain.ErrBadCount,
		"ErrBadDocument": domain.ErrBadDocument, "ErrBadDocumentName": domain.ErrBadDocumentName, "ErrBadFlow": domain.ErrBadFlow,
		"ErrBadStatement": domain.ErrBadStatement, "ErrBadCase": domain.ErrBadCase, "ErrBadNote": domain.ErrBadNote,
		"ErrBadInstalments":  domain.ErrBadInstalments,
		"ErrBadWalletAmount": domain.ErrBadWalletAmount, "ErrBadYear": domain.ErrBadYear,
		"ErrBadClosingPeriod": domain.ErrBadClosingPeriod, "ErrNothingFrozen": domain.ErrNothingFrozen, "ErrBadDay": domain.ErrBadDay,
		"ErrNoMessage": domain.ErrNoMessage, "ErrBadSubject": domain.ErrBadSubject, "ErrBadQuestion": domain.ErrBadQuestion, "ErrBadMessage": domain.ErrBadMessage, "ErrBadAnswer": domain.ErrBadAnswer, "ErrBadAuthor": domain.ErrBadAuthor,
		"ErrBadTitle": domain.ErrBadTitle, "ErrBadArticle": domain.ErrBadArticle, "ErrBadFrom": domain.ErrBadFrom, "ErrBadTo": domain.ErrBadTo,
		"ErrBadGround": domain.ErrBadGround, "ErrBadUntil": domain.ErrBadUntil, "ErrLongNote": domain.ErrLongNote,
		"ErrBadRuleOutcome": domain.ErrBadRuleOutcome, "ErrBadRuleAmount": domain.ErrBadRuleAmount, "ErrBadRuleDays": domain.ErrBadRuleDays,
	},
	domain.NotFound: {
		"ErrUnknownCreditor": domain.ErrUnknownCreditor, "ErrUnknownCategory": domain.ErrUnknownCategory, "ErrUnknownService": domain.ErrUnknownService,
		"ErrUnknownParent": domain.ErrUnknownParent, "ErrUnknownConsumer": domain.ErrUnknownConsumer,
		"ErrUnknownBulletin": domain.ErrUnknownBulletin, "ErrUnknownPayment": domain.ErrUnknownPayment, "ErrUnknownReceipt": domain.ErrUnknownReceipt,
		"ErrUnknownInquiry": domain.ErrUnknownInquiry, "ErrUnknownNews": domain.ErrUnknownNews,
		"ErrUnknownClosing":  domain.ErrUnknownClosing,
		"ErrUnknownDocument": domain.ErrUnknownDocument, "ErrUnknownFlow": domain.ErrUnknownFlow, "ErrUnknownMatch": domain.ErrUnknownMatch,
		"ErrUnknownMovement": domain.ErrUnknownMovement,
		"ErrNotLinked":       domain.ErrNotLinked, "ErrUnknownLinkRequest": domain.ErrUnknownLinkRequest,
		"ErrUnknownRule": domain.ErrUnknownRule,
	},
	domain.Conflict: {
		"ErrDocumentCut": domain.ErrDocumentCut, "ErrFlowCut": domain.ErrFlowCut, "ErrOtherFlow": domain.ErrOtherFlow, "ErrStatementCut": domain.ErrStatementCut,
		"ErrNotRevoked": domain.ErrNotRevoked, "ErrSamePerson": domain.ErrSamePerson, "ErrNoFlowToMatch": domain.ErrNoFlowToMatch,
		"ErrCreditorExists": domain.ErrCreditorExists, "ErrParentExists": domain.ErrParentExists, "ErrParentErased": domain.ErrParentErased, "ErrConsumerExists": domain.ErrConsumerExists,
		"ErrTaken":        domain.ErrTaken,
		"ErrPeriodClosed": domain.ErrPeriodClosed, "ErrPeriodNotOver": domain.ErrPeriodNotOver, "ErrNoticeInUse": domain.ErrNoticeInUse, "ErrAlreadyPaid": domain.ErrAlreadyPaid, "ErrCancelled": domain.ErrCancelled,
		"ErrNotPayable": domain.ErrNotPayable, "ErrPaymentExists": domain.ErrPaymentExists, "ErrPaymentCompleted": domain.ErrPaymentCompleted,
		"ErrNumbersOut": domain.ErrNumbersOut, "ErrNothingHeld": domain.ErrNothingHeld, "ErrReceiptResolved": domain.ErrReceiptResolved,
		"ErrReceiptMoved": domain.ErrReceiptMoved, "ErrNoMoney": domain.ErrNoMoney, "ErrBadWriteOff": domain.ErrBadWriteOff, "ErrNotToRefund": domain.ErrNotToRefund,
		"ErrInquiryExists": domain.ErrInquiryExists, "ErrInquiryClosed": domain.ErrInquiryClosed, "ErrInquiryFull": domain.ErrInquiryFull, "ErrNewsExists": domain.ErrNewsExists, "ErrNewsWithdrawn": domain.ErrNewsWithdrawn,
		"ErrInInstalments": domain.ErrInInstalments, "ErrAnInstalment": domain.ErrAnInstalment,
		"ErrNotDeclared": domain.ErrNotDeclared, "ErrLinkWithdrawn": domain.ErrLinkWithdrawn, "ErrNoActivation": domain.ErrNoActivation,
		"ErrLinkRequestExists": domain.ErrLinkRequestExists, "ErrLinkDecided": domain.ErrLinkDecided,
		"ErrTooManyRules": domain.ErrTooManyRules,
	},
}

func TestEachRefusalIsListed(t *testing.T) {
	var listed []string
	for kind, some := range refusals {
		for name, r := range some {
			listed = append(listed, name)
			if r.Kind != kind {
				t.Errorf("%s is of kind %d, want %d", name, r.Kind, kind)
			}
			if strings.Contains(r.Field, " ") || !strings.Contains(r.Rule, " ") {
				t.Errorf("%s names the field %q and the rule %q: a field is a word, a rule a sentence", name, r.Field, r.Rule)
			}
		}
	}
	slices.Sort(listed)
	if declared := declaredRefusals(t); !slices.Equal(listed, declared) {
		t.Errorf("the table lists the refusals\n%v\nand the package declares\n%v", listed, declared)
	}
}

// declaredRefusals are the variables of the package that begin with Err.
func declaredRefusals(t *testing.T) []string {
	var names []string
	for _, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Err") {
				names = append(names, v.Names[0].Name)
			}
			return true
		})
	}
	slices.Sort(names)
	return names
}

// Each refusal is expected by a test, or belongs to the rooms that read more than
// one stream.
func TestEachRefusalIsExpectedSomewhere(t *testing.T) {
	unexpected := map[string]bool{}
	for _, name := range declaredRefusals(t) {
		unexpected[name] = !slices.Contains([]string{"ErrUnknownCategory", "ErrUnknownService", "ErrUnknownDocument", "ErrUnknownFlow", "ErrUnknownMovement", "ErrUnknownClosing"}, name)
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "_test.go") || f.Name() == "refusal_test.go" {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(unexpected, func(name string, _ bool) bool { return strings.Contains(string(text), "domain."+name) })
	}
	for name, missing := range unexpected {
		if missing {
			t.Errorf("no test expects %s", name)
		}
	}
}

func TestRefusalsRead(t *testing.T) {
	if got, want := domain.ErrNothingSelected.Error(), "notices: no bulletins selected"; got != want {
		t.Errorf("a refusal of an input reads %q, want %q", got, want)
	}
	if got, want := domain.ErrTaken.Error(), "the value is taken"; got != want {
		t.Errorf("a refusal as things stand reads %q, want %q", got, want)
	}
}

func TestRefusalsSayWhatTheyAreAbout(t *testing.T) {
	events, err := domain.Claim{Holder: caia}.Decide(claimValue)
	if events != nil || err == nil || err.Error() != "username: the value is taken" {
		t.Errorf("a claim of what is taken gives %v, %v", events, err)
	}
	_, err = domain.Bulletin{}.Decide(sendBulletin)
	if want := "notice 301000000000004285: notice: no such bulletin"; err == nil || err.Error() != want {
		t.Errorf("the refusal reads %v, want %s", err, want)
	}
}
