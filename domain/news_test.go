package domain_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	newsCase  = domaintest.Case[domain.NewsCommand, domain.NewsEvent]
	newsFacts = []domain.NewsEvent
)

var (
	newsItem      = domain.NewsID{UUID: uuid.MustParse("5b1d2c3e-7a44-4c3e-9f62-3f1c2b6e4f50")}
	article       = domain.Article{Title: "Mensa chiusa", Text: "Il 12 febbraio la mensa è chiusa.", From: "2020-02-01", To: "2020-02-12", Service: "MENSA"}
	corrected     = but(article, func(a *domain.Article) { a.Text, a.To = "Il 13 febbraio la mensa è chiusa.", "" })
	publishNews   = domain.PublishNews{News: newsItem, Creditor: comune, Article: article, At: at}
	newsPublished = domain.NewsPublished{News: newsItem, Creditor: comune, Article: article, At: at}
	correctNews   = domain.CorrectNews{News: newsItem, Creditor: comune, Article: corrected, At: later}
	newsCorrected = domain.NewsCorrected{News: newsItem, Creditor: comune, Article: corrected, At: later}
	withdrawNews  = domain.WithdrawNews{News: newsItem, Creditor: comune, At: later}
	newsWithdrawn = domain.NewsWithdrawn{News: newsItem, Creditor: comune, At: later}
)

func TestNews(t *testing.T) {
	published, withdrawn := newsFacts{newsPublished}, newsFacts{newsPublished, newsWithdrawn}
	publish := func(change func(*domain.Article)) domain.PublishNews {
		return but(publishNews, func(c *domain.PublishNews) { change(&c.Article) })
	}
	domaintest.Run[domain.News](t, []newsCase{
		{Name: "news is published", When: publishNews, Then: published},
		{Name: "the same news again adds nothing", Given: published, When: publishNews},
		{Name: "other news under the same id is refused", Given: published,
			When: publish(func(a *domain.Article) { a.Title = "Mensa aperta" }), Refusal: domain.ErrNewsExists},
		{Name: "another body's news is unknown", Given: published,
			When: but(publishNews, func(c *domain.PublishNews) { c.Creditor = "77777777777" }), Refusal: domain.ErrUnknownNews},
		{Name: "no news is not published", When: but(publishNews, func(c *domain.PublishNews) { c.News = domain.NewsID{} }), Refusal: domain.ErrUnknownNews},
		{Name: "a title is on one line", When: publish(func(a *domain.Article) { a.Title = "Due\nrighe" }), Refusal: domain.ErrBadTitle},
		{Name: "a title is not too long", When: publish(func(a *domain.Article) { a.Title = long(121) }), Refusal: domain.ErrBadTitle},
		{Name: "an article says something", When: publish(func(a *domain.Article) { a.Text = "" }), Refusal: domain.ErrBadArticle},
		{Name: "an article is not a book", When: publish(func(a *domain.Article) { a.Text = long(5001) }), Refusal: domain.ErrBadArticle},
		{Name: "an article has a first day", When: publish(func(a *domain.Article) { a.From = "oggi" }), Refusal: domain.ErrBadFrom},
		{Name: "the last day is not before the first", When: publish(func(a *domain.Article) { a.To = "2020-01-31" }), Refusal: domain.ErrBadTo},

		{Name: "news is corrected", Given: published, When: correctNews, Then: newsFacts{newsCorrected}},
		{Name: "a correction of nothing adds nothing", Given: published, When: but(correctNews, func(c *domain.CorrectNews) { c.Article = article })},
		{Name: "a correction keeps the rules", Given: published,
			When: but(correctNews, func(c *domain.CorrectNews) { c.Article.Title = "" }), Refusal: domain.ErrBadTitle},
		{Name: "another body does not correct it", Given: published,
			When: but(correctNews, func(c *domain.CorrectNews) { c.Creditor = "77777777777" }), Refusal: domain.ErrUnknownNews},
		{Name: "withdrawn news is not corrected", Given: withdrawn, When: correctNews, Refusal: domain.ErrNewsWithdrawn},

		{Name: "news is withdrawn", Given: published, When: withdrawNews, Then: newsFacts{newsWithdrawn}},
		{Name: "withdrawn news stays withdrawn", Given: withdrawn, When: withdrawNews},
		{Name: "news nobody published is not withdrawn", When: withdrawNews, Refusal: domain.ErrUnknownNews},
		{Name: "another body does not withdraw it", Given: published,
			When: but(withdrawNews, func(c *domain.WithdrawNews) { c.Creditor = "77777777777" }), Refusal: domain.ErrUnknownNews},
		{Name: "withdrawn news is published again", Given: withdrawn, When: publishNews, Then: published},
	})
}
