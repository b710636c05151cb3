package sqlstore

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

const altro domain.FiscalCode = "98765432109"

func inquiryID(n string) domain.InquiryID {
	return domain.InquiryID{UUID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(n))}
}

func newsID(n string) domain.NewsID {
	return domain.NewsID{UUID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(n))}
}

func asked(name string, creditor domain.FiscalCode, parent domain.ParentID, day string) projectionstest.Fact {
	return fact("inquiry-"+inquiryID(name).String(), domain.InquiryOpened{
		Inquiry: inquiryID(name), Creditor: creditor, Parent: parent, Notice: january, At: on(day),
		Question: domain.Question{Subject: "Rimborso", Text: "Come chiedo il rimborso?"},
	})
}

func published(name string, creditor domain.FiscalCode, from, to domain.Date) projectionstest.Fact {
	return fact("news-"+newsID(name).String(), domain.NewsPublished{News: newsID(name), Creditor: creditor, At: on(string(from)),
		Article: domain.Article{Title: "Notizia " + name, Text: "Testo.", From: from, To: to, Service: "MENSA"}})
}

func ids[T any](all []T, name func(T) string) (names []string) {
	for _, v := range all {
		names = append(names, name(v))
	}
	return names
}

func TestInquiriesOfAParentAndOfAnOffice(t *testing.T) {
	facts := append(guide(),
		asked("first", comune, tizio, "2020-02-01"), asked("second", comune, tizio, "2020-02-02"), asked("third", comune, caio, "2020-02-03"),
		asked("elsewhere", altro, tizio, "2020-02-04"), asked("over", comune, caio, "2020-02-01"),
		fact("inquiry-"+inquiryID("first").String(), domain.InquiryAnswered{Inquiry: inquiryID("first"), Creditor: comune, Parent: tizio,
			Message: uuid.New(), Answer: domain.Answer{Author: "Livia", Text: "Così."}, At: on("2020-02-05")}),
		fact("inquiry-"+inquiryID("over").String(), domain.InquiryClosed{Inquiry: inquiryID("over"), Creditor: comune, Parent: caio, By: domain.ByParent, At: on("2020-02-06")}),
	)
	s := viewsOf(t, facts...)
	name := func(i projections.Inquiry) string {
		for _, n := range []string{"first", "second", "third", "elsewhere", "over"} {
			if i.ID == inquiryID(n) {
				return n
			}
		}
		return i.ID.String()
	}
	own, err := parentsOf(s).Inquiries(t.Context(), tizio)
	if got := ids(own, name); err != nil || !equal(got, "second", "first") {
		t.Errorf("the parent's inquiries are %v, %v", got, err)
	}
	if own[1].Status != domain.InquiryReplied || own[1].Notice != january || own[1].ParentName != "TIZIO SEMPRONIO" {
		t.Errorf("%+v", own[1])
	}
	open, _, err := s.OpenInquiries(t.Context(), comune)
	if got := ids(open, name); err != nil || !equal(got, "second", "third", "first") {
		t.Errorf("the office has %v, %v: those to be answered first", got, err)
	}
	if n, err := s.Office(comune).CountUnanswered(t.Context()); err != nil || n != 2 {
		t.Errorf("%d wait for the office, %v", n, err)
	}
	closed, _, err := s.ClosedInquiries(t.Context(), comune)
	if got := ids(closed, name); err != nil || !equal(got, "over") {
		t.Errorf("closed are %v, %v", got, err)
	}
}

func equal(got []string, want ...string) bool { return slices.Equal(got, want) }

func TestNewsIsShownFromItsFirstDayToItsLast(t *testing.T) {
	withdrawn := published("withdrawn", comune, "2020-02-01", "")
	facts := append(guide(),
		published("old", comune, "2020-01-01", "2020-01-31"), published("ever", comune, "2020-02-01", ""), published("now", comune, "2020-02-10", "2020-02-12"),
		published("soon", comune, "2020-02-13", ""), published("elsewhere", altro, "2020-02-01", ""), withdrawn,
		fact(string(withdrawn.Stream), domain.NewsWithdrawn{News: newsID("withdrawn"), Creditor: comune, At: noon}),
	)
	s := viewsOf(t, facts...)
	title := func(n projections.News) string { return n.Article.Title }
	read, err := parentsOf(s).News(t.Context(), "2020-02-12")
	if got := ids(read, title); err != nil || !equal(got, "Notizia now", "Notizia ever") {
		t.Errorf("on the day parents read %v, %v", got, err)
	}
	if read[0].ServiceName != "SERVIZIO MENSA" {
		t.Errorf("it is about %q", read[0].ServiceName)
	}
	for name, shown := range map[string]bool{"now": true, "old": false, "soon": false, "elsewhere": false, "withdrawn": false, "nothing": false} {
		if _, err := parentsOf(s).NewsItem(t.Context(), newsID(name), "2020-02-12"); errors.Is(err, projections.ErrNotFound) == shown {
			t.Errorf("news %s: %v", name, err)
		}
	}
	all, _, err := s.News(t.Context(), comune)
	if err != nil || len(all) != 5 {
		t.Errorf("the office sees %d, %v", len(all), err)
	}
	if n, _, err := s.NewsItem(t.Context(), comune, newsID("withdrawn")); err != nil || !n.WithdrawnAt.Equal(noon.Truncate(time.Microsecond)) {
		t.Errorf("%+v, %v", n, err)
	}
}
