package ledger

import (
	"context"
	"fmt"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// News carries a command to a piece of news. A service that it is about must be one
// of the creditor's.
func (l *Ledger) News(ctx context.Context, env eventstore.Envelope, cmd domain.NewsCommand) (Outcome, error) {
	var err error
	switch c := cmd.(type) {
	case domain.PublishNews:
		err = l.checkArticle(ctx, c.Creditor, c.Article)
	case domain.CorrectNews:
		err = l.checkArticle(ctx, c.Creditor, c.Article)
	}
	if err != nil {
		return Outcome{}, err
	}
	return outcome(l.news.Handle(ctx, newsStream(cmd), env, cmd))
}

func (l *Ledger) checkArticle(ctx context.Context, creditor domain.FiscalCode, a domain.Article) error {
	if a.Service != "" {
		return l.checkService(ctx, creditor, a.Service)
	}
	_, err := l.KnownCreditor(ctx, creditor)
	return err
}

// KnownNews returns a piece of news as it stands, or ErrUnknownNews.
func (l *Ledger) KnownNews(ctx context.Context, id domain.NewsID) (domain.News, error) {
	n, revision, err := l.news.Load(ctx, NewsStream(id))
	if err == nil && revision == 0 {
		err = fmt.Errorf("news %s: %w", id, domain.ErrUnknownNews)
	}
	return n, err
}
