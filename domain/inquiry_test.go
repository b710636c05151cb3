package domain_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	inquiryCase  = domaintest.Case[domain.InquiryCommand, domain.InquiryEvent]
	inquiryFacts = []domain.InquiryEvent
)

var (
	inquiry       = domain.InquiryID{UUID: uuid.MustParse("3f1c2b6e-7a44-4c3e-9f62-5b1d2c3e4f50")}
	asked         = domain.Question{Subject: "Rimborso mensa", Text: "Come chiedo il rimborso?\n\nGrazie."}
	openInquiry   = domain.OpenInquiry{Inquiry: inquiry, Creditor: comune, Parent: tizio, Notice: "301000000000000185", Question: asked, At: at}
	inquiryOpened = domain.InquiryOpened{Inquiry: inquiry, Creditor: comune, Parent: tizio, Notice: "301000000000000185", Question: asked, At: at}

	secondMessage    = uuid.MustParse("00000000-0000-4000-8000-000000000002")
	thirdMessage     = uuid.MustParse("00000000-0000-4000-8000-000000000003")
	continueInquiry  = domain.ContinueInquiry{Inquiry: inquiry, Creditor: comune, Parent: tizio, Message: secondMessage, Text: "Ho trovato.", At: later}
	inquiryContinued = domain.InquiryContinued{Inquiry: inquiry, Creditor: comune, Parent: tizio, Message: secondMessage, Text: "Ho trovato.", At: later}

	answered        = domain.Answer{Author: "Livia Prova", Text: "Con il modulo in ufficio."}
	answerInquiry   = domain.AnswerInquiry{Inquiry: inquiry, Creditor: comune, Message: thirdMessage, Answer: answered, At: later}
	inquiryAnswered = domain.InquiryAnswered{Inquiry: inquiry, Creditor: comune, Parent: tizio, Message: thirdMessage, Answer: answered, At: later}

	closeInquiry  = domain.CloseInquiry{Inquiry: inquiry, Creditor: comune, At: later}
	inquiryClosed = domain.InquiryClosed{Inquiry: inquiry, Creditor: comune, Parent: tizio, By: domain.ByOffice, At: later}
)

func TestInquiry(t *testing.T) {
	opened := inquiryFacts{inquiryOpened}
	closed := inquiryFacts{inquiryOpened, inquiryClosed}
	open := func(change func(*domain.OpenInquiry)) domain.OpenInquiry { return but(openInquiry, change) }
	full := inquiryFacts{inquiryOpened}
	for range domain.MaxInquiryMessages - 1 {
		full = append(full, but(inquiryContinued, func(e *domain.InquiryContinued) { e.Message = uuid.New() }))
	}
	domaintest.Run[domain.Inquiry](t, []inquiryCase{
		{Name: "a parent asks", When: openInquiry, Then: opened},
		{Name: "the same question again adds nothing", Given: opened, When: open(func(c *domain.OpenInquiry) { c.At = later })},
		{Name: "another's question under the same id is refused", Given: opened,
			When: open(func(c *domain.OpenInquiry) { c.Parent = caia }), Refusal: domain.ErrInquiryExists},
		{Name: "nothing cannot be asked", When: open(func(c *domain.OpenInquiry) { c.Inquiry = domain.InquiryID{} }), Refusal: domain.ErrUnknownInquiry},
		{Name: "a subject is on one line", When: open(func(c *domain.OpenInquiry) { c.Question.Subject = "Rim\nborso" }), Refusal: domain.ErrBadSubject},
		{Name: "a subject is not all spaces", When: open(func(c *domain.OpenInquiry) { c.Question.Subject = "    " }), Refusal: domain.ErrBadSubject},
		{Name: "a subject has at most 100 characters", When: open(func(c *domain.OpenInquiry) { c.Question.Subject = long(101) }), Refusal: domain.ErrBadSubject},
		{Name: "a question has at least 10 characters", When: open(func(c *domain.OpenInquiry) { c.Question.Text = long(9) }), Refusal: domain.ErrBadQuestion},
		{Name: "a question has at most 2000 characters", When: open(func(c *domain.OpenInquiry) { c.Question.Text = long(2001) }), Refusal: domain.ErrBadQuestion},
		{Name: "a question has no control characters", When: open(func(c *domain.OpenInquiry) { c.Question.Text = "dieci caratteri\x00" }), Refusal: domain.ErrBadQuestion},
		{Name: "a question of 2000 characters is taken", When: open(func(c *domain.OpenInquiry) { c.Question.Text = long(2000) }),
			Then: inquiryFacts{but(inquiryOpened, func(e *domain.InquiryOpened) { e.Question.Text = long(2000) })}},

		{Name: "the parent writes again", Given: opened, When: continueInquiry, Then: inquiryFacts{inquiryContinued}},
		{Name: "the same message again adds nothing", Given: inquiryFacts{inquiryOpened, inquiryContinued}, When: continueInquiry},
		{Name: "a message to a closed inquiry opens it again", Given: closed, When: continueInquiry, Then: inquiryFacts{inquiryContinued}},
		{Name: "nobody writes into another's inquiry", Given: opened,
			When: but(continueInquiry, func(c *domain.ContinueInquiry) { c.Parent = caia }), Refusal: domain.ErrUnknownInquiry},
		{Name: "a parent does not write to another body in it", Given: opened,
			When: but(continueInquiry, func(c *domain.ContinueInquiry) { c.Creditor = "77777777777" }), Refusal: domain.ErrUnknownInquiry},
		{Name: "a message says something", Given: opened,
			When: but(continueInquiry, func(c *domain.ContinueInquiry) { c.Text = "" }), Refusal: domain.ErrBadMessage},
		{Name: "a message has an id", Given: opened,
			When: but(continueInquiry, func(c *domain.ContinueInquiry) { c.Message = uuid.Nil }), Refusal: domain.ErrNoMessage},
		{Name: "fifty messages are enough", Given: full, When: continueInquiry, Refusal: domain.ErrInquiryFull},

		{Name: "the office answers", Given: opened, When: answerInquiry, Then: inquiryFacts{inquiryAnswered}},
		{Name: "the same answer again adds nothing", Given: inquiryFacts{inquiryOpened, inquiryAnswered}, When: answerInquiry},
		{Name: "another body's office does not answer", Given: opened,
			When: but(answerInquiry, func(c *domain.AnswerInquiry) { c.Creditor = "77777777777" }), Refusal: domain.ErrUnknownInquiry},
		{Name: "what nobody asked is not answered", When: answerInquiry, Refusal: domain.ErrUnknownInquiry},
		{Name: "a closed inquiry is not answered", Given: closed, When: answerInquiry, Refusal: domain.ErrInquiryClosed},
		{Name: "an answer has an author", Given: opened,
			When: but(answerInquiry, func(c *domain.AnswerInquiry) { c.Answer.Author = "" }), Refusal: domain.ErrBadAuthor},
		{Name: "an answer says something", Given: opened,
			When: but(answerInquiry, func(c *domain.AnswerInquiry) { c.Answer.Text = " " }), Refusal: domain.ErrBadAnswer},

		{Name: "the office closes", Given: opened, When: closeInquiry, Then: inquiryFacts{inquiryClosed}},
		{Name: "the parent closes", Given: opened, When: but(closeInquiry, func(c *domain.CloseInquiry) { c.Parent = tizio }),
			Then: inquiryFacts{but(inquiryClosed, func(e *domain.InquiryClosed) { e.By = domain.ByParent })}},
		{Name: "what is closed is closed", Given: closed, When: closeInquiry},
		{Name: "another parent does not close it", Given: opened,
			When: but(closeInquiry, func(c *domain.CloseInquiry) { c.Parent = caia }), Refusal: domain.ErrUnknownInquiry},
		{Name: "another body does not close it", Given: opened,
			When: but(closeInquiry, func(c *domain.CloseInquiry) { c.Creditor = "77777777777" }), Refusal: domain.ErrUnknownInquiry},
	})
}

func TestInquiryFolds(t *testing.T) {
	for _, c := range []struct {
		facts inquiryFacts
		want  domain.InquiryStatus
	}{
		{nil, domain.InquiryUnknown},
		{inquiryFacts{inquiryOpened}, domain.InquiryAsked},
		{inquiryFacts{inquiryOpened, inquiryAnswered}, domain.InquiryReplied},
		{inquiryFacts{inquiryOpened, inquiryAnswered, inquiryContinued}, domain.InquiryAsked},
		{inquiryFacts{inquiryOpened, inquiryAnswered, inquiryClosed}, domain.InquiryDone},
		{inquiryFacts{inquiryOpened, inquiryClosed, inquiryContinued}, domain.InquiryAsked},
	} {
		if got := fold[domain.Inquiry](c.facts); got.Status != c.want {
			t.Errorf("after %d facts the status is %d, want %d", len(c.facts), got.Status, c.want)
		}
	}
}

func TestATicketIsReadAloudAndFollowsFromTheID(t *testing.T) {
	form := regexp.MustCompile(`^R-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`)
	if got := inquiry.Ticket(); !form.MatchString(got) || got != inquiry.Ticket() {
		t.Errorf("ticket %q", got)
	}
	seen := map[string]bool{}
	for range 1000 {
		seen[domain.InquiryID{UUID: uuid.New()}.Ticket()] = true
	}
	if len(seen) != 1000 {
		t.Errorf("1000 inquiries have %d tickets", len(seen))
	}
	if strings.ContainsAny(inquiry.Ticket(), "ILOU") {
		t.Error("a ticket has letters that people confuse")
	}
}
