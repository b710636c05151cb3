package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Desk keeps what parents and the office say to each other: questions, and news.
func Desk(_ eventstore.Recorded, e domain.Event) []Change {
	switch e := e.(type) {
	case domain.InquiryOpened:
		return one(Inquiries, inquiryKey(e.Inquiry),
			Cell{inquiryCreditor, text(e.Creditor)}, Cell{inquiryParent, text(e.Parent.String())},
			Cell{inquiryNotice, number(max(0, NoticeKey(e.Notice)))}, Cell{inquiryStatus, number(domain.InquiryAsked)}, Cell{inquiryOpen, number(opened)},
			Cell{inquiryOpenedAt, instant(e.At)}, Cell{inquiryChangedAt, instant(e.At)})
	case domain.InquiryContinued:
		return turn(e.Inquiry, domain.InquiryAsked, e.At)
	case domain.InquiryAnswered:
		return turn(e.Inquiry, domain.InquiryReplied, e.At)
	case domain.InquiryClosed:
		return turn(e.Inquiry, domain.InquiryDone, e.At)
	case domain.NewsPublished:
		return append(article(e.News, e.Article), one(NewsItems, newsKey(e.News), Cell{newsCreditor, text(e.Creditor)},
			Cell{newsLive, number(1)}, Cell{newsPublishedAt, instant(e.At)}, Cell{newsCorrectedAt, Value{}}, Cell{newsWithdrawnAt, Value{}})...)
	case domain.NewsCorrected:
		return append(article(e.News, e.Article), one(NewsItems, newsKey(e.News), Cell{newsCorrectedAt, instant(e.At)})...)
	case domain.NewsWithdrawn:
		return one(NewsItems, newsKey(e.News), Cell{newsLive, number(0)}, Cell{newsWithdrawnAt, instant(e.At)})
	}
	return nil
}

func inquiryKey(id domain.InquiryID) Key { return Key{text(id.String())} }

func newsKey(id domain.NewsID) Key { return Key{text(id.String())} }

// turn keeps whose turn it is, and since when.
func turn(id domain.InquiryID, status domain.InquiryStatus, at time.Time) []Change {
	open := opened
	if status == domain.InquiryDone {
		open = 0
	}
	return one(Inquiries, inquiryKey(id), Cell{inquiryStatus, number(status)}, Cell{inquiryOpen, number(open)}, Cell{inquiryChangedAt, instant(at)})
}

func article(id domain.NewsID, a domain.Article) []Change {
	return one(NewsItems, newsKey(id), Cell{newsTitle, text(a.Title)}, Cell{newsText, text(a.Text)},
		Cell{newsFrom, text(a.From)}, Cell{newsTo, text(a.To)}, Cell{newsService, text(a.Service)})
}
