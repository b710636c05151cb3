package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Inquiry is a parent's question to the office as lists show it, less its subject,
// which is in the log.
type Inquiry struct {
	ID         domain.InquiryID
	Creditor   domain.FiscalCode
	Parent     domain.ParentID
	ParentName string              // NameOf somebody erased
	Notice     domain.NoticeNumber // the bulletin it is about; may be empty
	Status     domain.InquiryStatus
	OpenedAt   time.Time
	ChangedAt  time.Time // when somebody last wrote, or closed it
}

// BulletinName is a bulletin as a question about it names it.
type BulletinName struct {
	Notice  domain.NoticeNumber
	Causale string
	Amount  domain.Money
}

// News is a piece of news of a creditor.
type News struct {
	ID          domain.NewsID
	Creditor    domain.FiscalCode
	Article     domain.Article
	ServiceName string // of what it is about; may be empty
	PublishedAt time.Time
	CorrectedAt time.Time // zero if it never was
	WithdrawnAt time.Time // zero while it is shown
}

// Shown reports whether parents see the news on a day.
func (n News) Shown(on domain.Date) bool {
	return n.WithdrawnAt.IsZero() && n.Article.From <= on && (n.Article.To == "" || on <= n.Article.To)
}
