package domain

import (
	"fmt"
	"strings"
	"time"
)

// News is a piece of news of a creditor for the parents (novità), folded from its
// stream. It is public: it holds nobody's personal data.
type News struct {
	ID        NewsID
	Creditor  FiscalCode
	Article   Article
	Withdrawn bool
}

// Article is what a piece of news says. Text is paragraphs, with an empty line
// between them; lines that begin with "- " are a list, and an address that begins
// with https:// is a link. There is no other markup.
type Article struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	From  Date   `json:"from"`         // the first day it is shown
	To    Date   `json:"to,omitempty"` // the last; empty is for ever
	// Service is what it is about; empty is everything.
	Service ServiceCode `json:"service,omitempty"`
}

// How long an article may be, in characters.
const (
	MaxTitle   = 120
	MaxArticle = 5000
)

// NewsCommand is the closed set of intents about a piece of news.
type NewsCommand interface{ newsCommand() }

// NewsEvent closes the facts.
type NewsEvent interface {
	Event
	newsEvent()
}

// PublishNews shows an article to the parents, from its first day on. One that was
// withdrawn is shown again.
type PublishNews struct {
	News     NewsID
	Creditor FiscalCode
	Article  Article
	At       time.Time
}

// CorrectNews replaces what a piece of news says.
type CorrectNews struct {
	News     NewsID
	Creditor FiscalCode
	Article  Article
	At       time.Time
}

// WithdrawNews shows a piece of news no more.
type WithdrawNews struct {
	News     NewsID
	Creditor FiscalCode
	At       time.Time
}

// NewsPublished says that an article is there to be read.
type NewsPublished struct {
	News     NewsID     `json:"news"`
	Creditor FiscalCode `json:"creditor"`
	Article  Article    `json:"article"`
	At       time.Time  `json:"at"`
}

// NewsCorrected says what a piece of news says from now on.
type NewsCorrected struct {
	News     NewsID     `json:"news"`
	Creditor FiscalCode `json:"creditor"`
	Article  Article    `json:"article"`
	At       time.Time  `json:"at"`
}

// NewsWithdrawn says that a piece of news is not shown any more.
type NewsWithdrawn struct {
	News     NewsID     `json:"news"`
	Creditor FiscalCode `json:"creditor"`
	At       time.Time  `json:"at"`
}

// Refusals about news.
var (
	ErrUnknownNews   = &Refusal{NotFound, "news", "no such news"}
	ErrNewsExists    = &Refusal{Conflict, "news", "the news was published already, and says something else: correct it"}
	ErrNewsWithdrawn = &Refusal{Conflict, "", "withdrawn news is not corrected: publish it again"}
	ErrBadTitle      = &Refusal{Invalid, "title", "a title is 3 to 120 characters on one line"}
	ErrBadArticle    = &Refusal{Invalid, "text", "an article is 1 to 5000 characters"}
	ErrBadFrom       = &Refusal{Invalid, "from", "the first day is written yyyy-mm-dd"}
	ErrBadTo         = &Refusal{Invalid, "to", "the last day is written yyyy-mm-dd and is not before the first, or is left out"}
)

// Check verifies what an article says. That the service is the creditor's is looked
// up elsewhere.
func (a Article) Check() error {
	switch {
	case !within(a.Title, 3, MaxTitle) || a.Title != strings.TrimSpace(a.Title):
		return ErrBadTitle
	case !validProse(a.Text, 1, MaxArticle):
		return ErrBadArticle
	case !a.From.Valid():
		return ErrBadFrom
	case a.To != "" && (!a.To.Valid() || a.To < a.From):
		return ErrBadTo
	}
	return nil
}

// Decide answers cmd with the facts that follow from it. To other creditors the news
// is unknown.
func (n News) Decide(cmd NewsCommand) ([]NewsEvent, error) {
	switch c := cmd.(type) {
	case PublishNews:
		return n.publish(c)
	case CorrectNews:
		return n.correct(c)
	case WithdrawNews:
		switch {
		case !n.of(c.Creditor):
			return nil, fmt.Errorf("news %s: %w", c.News, ErrUnknownNews)
		case n.Withdrawn:
			return nil, nil
		}
		return []NewsEvent{NewsWithdrawn(c)}, nil
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (n News) publish(c PublishNews) ([]NewsEvent, error) {
	switch {
	case c.News == NewsID{}:
		return nil, ErrUnknownNews
	case n.Published() && !n.of(c.Creditor):
		return nil, fmt.Errorf("news %s: %w", c.News, ErrUnknownNews)
	case n.Published() && !n.Withdrawn && n.Article == c.Article:
		return nil, nil
	case n.Published() && !n.Withdrawn:
		return nil, fmt.Errorf("news %s: %w", c.News, ErrNewsExists)
	}
	if err := c.Article.Check(); err != nil {
		return nil, err
	}
	return []NewsEvent{NewsPublished(c)}, nil
}

func (n News) correct(c CorrectNews) ([]NewsEvent, error) {
	switch {
	case !n.of(c.Creditor):
		return nil, fmt.Errorf("news %s: %w", c.News, ErrUnknownNews)
	case n.Withdrawn:
		return nil, fmt.Errorf("news %s: %w", c.News, ErrNewsWithdrawn)
	case n.Article == c.Article:
		return nil, nil
	}
	if err := c.Article.Check(); err != nil {
		return nil, err
	}
	return []NewsEvent{NewsCorrected(c)}, nil
}

// Evolve returns n as it stands after e.
func (n News) Evolve(e NewsEvent) News {
	switch e := e.(type) {
	case NewsPublished:
		n.ID, n.Creditor, n.Article, n.Withdrawn = e.News, e.Creditor, e.Article, false
	case NewsCorrected:
		n.Article = e.Article
	case NewsWithdrawn:
		n.Withdrawn = true
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return n
}

// Published reports whether the news exists, withdrawn or not.
func (n News) Published() bool { return n.ID != NewsID{} }

func (n News) of(creditor FiscalCode) bool { return n.Published() && n.Creditor == creditor }

func (PublishNews) newsCommand()  {}
func (CorrectNews) newsCommand()  {}
func (WithdrawNews) newsCommand() {}

// OccurredAt is when the news was published.
func (e NewsPublished) OccurredAt() time.Time { return e.At }

// OccurredAt is when the news was corrected.
func (e NewsCorrected) OccurredAt() time.Time { return e.At }

// OccurredAt is when the news was withdrawn.
func (e NewsWithdrawn) OccurredAt() time.Time { return e.At }

func (NewsPublished) event()     {}
func (NewsCorrected) event()     {}
func (NewsWithdrawn) event()     {}
func (NewsPublished) newsEvent() {}
func (NewsCorrected) newsEvent() {}
func (NewsWithdrawn) newsEvent() {}
