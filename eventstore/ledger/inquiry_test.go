package ledger_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

var (
	richiesta = domain.InquiryID{UUID: named("richiesta")}
	ask       = domain.OpenInquiry{
		Inquiry: richiesta, Creditor: comune, Parent: tizio, At: at,
		Question: domain.Question{Subject: "Rimborso mensa", Text: "Come chiedo il rimborso dei pasti?"},
	}
	reply = domain.AnswerInquiry{
		Inquiry: richiesta, Creditor: comune, Message: named("answer"), At: later,
		Answer: domain.Answer{Author: "Livia Prova", Text: "Con il modulo in ufficio."},
	}
)

func TestAnInquiryNamesWhatIsKnown(t *testing.T) {
	x := newTown(t)
	own, others := x.sent("a", bulletin(5733)), unissued
	must(x.Parent(t.Context(), by("erase caia"), domain.EraseParent{Parent: caia, At: at}))(t)
	change := func(f func(*domain.OpenInquiry)) domain.OpenInquiry { c := ask; f(&c); return c }
	for _, c := range []struct {
		name string
		cmd  domain.InquiryCommand
		want error
	}{
		{"of an unknown body", change(func(c *domain.OpenInquiry) { c.Creditor = nowhere }), domain.ErrUnknownCreditor},
		{"by an unknown parent", change(func(c *domain.OpenInquiry) { c.Parent.UUID = named("nobody") }), domain.ErrUnknownParent},
		{"by somebody erased", change(func(c *domain.OpenInquiry) { c.Parent = caia }), domain.ErrParentErased},
		{"about a bulletin that nobody issued", change(func(c *domain.OpenInquiry) { c.Notice = others }), domain.ErrUnknownBulletin},
		{"about no bulletin's number", change(func(c *domain.OpenInquiry) { c.Notice = "12" }), domain.ErrBadNoticeNumber},
		{"answered before it was asked", reply, domain.ErrUnknownInquiry},
		{"about one's own bulletin", change(func(c *domain.OpenInquiry) { c.Notice = own }), nil},
	} {
		if _, err := x.Inquiry(t.Context(), by(c.name), c.cmd); !errors.Is(err, c.want) {
			t.Errorf("an inquiry %s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestAThreadIsReadFromTheLogAndForgottenWithItsParent(t *testing.T) {
	x := newTown(t)
	must(x.Inquiry(t.Context(), by("ask"), ask))(t)
	if again := must(x.Inquiry(t.Context(), by("ask"), ask))(t); !again.Repeated {
		t.Error("the question was asked twice")
	}
	must(x.Inquiry(t.Context(), by("reply"), reply))(t)
	must(x.Inquiry(t.Context(), by("thanks"), domain.ContinueInquiry{
		Inquiry: richiesta, Creditor: comune, Parent: tizio, Message: named("thanks"), Text: "Grazie.", At: later,
	}))(t)
	must(x.Inquiry(t.Context(), by("close"), domain.CloseInquiry{Inquiry: richiesta, Creditor: comune, At: later}))(t)

	thread, err := x.Thread(t.Context(), richiesta)
	if err != nil || thread.Status != domain.InquiryDone || thread.ClosedBy != domain.ByOffice || thread.Forgotten {
		t.Fatalf("%+v, %v", thread, err)
	}
	want := []ledger.Writing{
		{By: domain.ByParent, Text: ask.Question.Text, At: at},
		{By: domain.ByOffice, Author: "Livia Prova", Text: reply.Answer.Text, At: later},
		{By: domain.ByParent, Text: "Grazie.", At: later},
	}
	for i, w := range want {
		if len(thread.Writings) != len(want) || thread.Writings[i] != w {
			t.Fatalf("the thread is %+v, want %+v", thread.Writings, want)
		}
	}
	if s, err := x.Subject(t.Context(), richiesta); s != ask.Question.Subject || err != nil {
		t.Errorf("subject %q, %v", s, err)
	}

	x.erase()
	thread, err = x.Thread(t.Context(), richiesta)
	if err != nil || !thread.Forgotten || len(thread.Writings) != 3 {
		t.Fatalf("%+v, %v", thread, err)
	}
	for _, w := range thread.Writings {
		if w.Text != "" || w.Author != "" {
			t.Errorf("of somebody erased it still says %+v", w)
		}
	}
	if again, err := x.Inquiry(t.Context(), by("ask"), ask); err != nil || !again.Repeated {
		t.Errorf("the first answer to a question is %+v, %v", again, err)
	}
	second := reply
	second.Message = uuid.New()
	if _, err := x.Inquiry(t.Context(), by("second"), second); !errors.Is(err, domain.ErrParentErased) {
		t.Errorf("an answer to nobody: %v", err)
	}
	x.chained()
}

func TestAnUnknownThreadIsSaidSo(t *testing.T) {
	x := newTown(t)
	_, thread := x.Thread(t.Context(), richiesta)
	_, subject := x.Subject(t.Context(), richiesta)
	for _, err := range []error{thread, subject} {
		if !errors.Is(err, domain.ErrUnknownInquiry) {
			t.Errorf("%v, want ErrUnknownInquiry", err)
		}
	}
}

func TestNewsIsAboutAServiceOfItsBody(t *testing.T) {
	x := newTown(t)
	id := domain.NewsID{UUID: named("news")}
	article := domain.Article{Title: "Mensa chiusa", Text: "Domani la mensa è chiusa.", From: "2020-02-03", Service: mensa}
	if _, err := x.KnownNews(t.Context(), id); !errors.Is(err, domain.ErrUnknownNews) {
		t.Errorf("%v, want ErrUnknownNews", err)
	}
	must(x.News(t.Context(), by("publish"), domain.PublishNews{News: id, Creditor: comune, Article: article, At: at}))(t)
	article.Service = "NUOTO"
	if _, err := x.News(t.Context(), by("correct"), domain.CorrectNews{News: id, Creditor: comune, Article: article, At: later}); !errors.Is(err, domain.ErrUnknownService) {
		t.Errorf("news about an unknown service: %v", err)
	}
	article.Service = ""
	if _, err := x.News(t.Context(), by("nowhere"), domain.PublishNews{News: id, Creditor: nowhere, Article: article, At: at}); !errors.Is(err, domain.ErrUnknownCreditor) {
		t.Errorf("news of an unknown body: %v", err)
	}
	must(x.News(t.Context(), by("correct it"), domain.CorrectNews{News: id, Creditor: comune, Article: article, At: later}))(t)
	must(x.News(t.Context(), by("withdraw"), domain.WithdrawNews{News: id, Creditor: comune, At: later}))(t)
	if n, err := x.KnownNews(t.Context(), id); err != nil || !n.Withdrawn || n.Article != article {
		t.Errorf("%+v, %v", n, err)
	}
}
