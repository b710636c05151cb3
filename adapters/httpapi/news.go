package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// articleIn is what news says. From is today when it is left out.
type articleIn struct {
	Title   string             `json:"title"`
	Text    string             `json:"text"`
	From    domain.Date        `json:"from"`
	To      domain.Date        `json:"to"`
	Service domain.ServiceCode `json:"service"`
	At      instant            `json:"at"`
}

func (a *api) article(in articleIn) domain.Article {
	if in.From == "" {
		in.From = domain.DateOf(a.Clock().In(domain.Rome))
	}
	return domain.Article{Title: in.Title, Text: in.Text, From: in.From, To: in.To, Service: in.Service}
}

type publishNewsIn struct {
	News uuid.UUID `json:"news"` // made from the command when left out
	articleIn
}

func (a *api) publishNews(r *http.Request, env eventstore.Envelope, in publishNewsIn) (done, error) {
	creditor, at, err := a.creditorAt(r, in.At)
	if err != nil {
		return done{}, err
	}
	id := domain.NewsID{UUID: orFrom(in.News, env.Command, "news")}
	out, err := a.Ledger.News(r.Context(), env, domain.PublishNews{News: id, Creditor: creditor, Article: a.article(in.articleIn), At: at})
	return done{out, map[string]any{"news": id}}, err
}

func (a *api) correctNews(r *http.Request, env eventstore.Envelope, in articleIn) (done, error) {
	return a.onNews(r, env, in.At, func(id domain.NewsID, creditor domain.FiscalCode, at time.Time) domain.NewsCommand {
		return domain.CorrectNews{News: id, Creditor: creditor, Article: a.article(in), At: at}
	})
}

type withdrawNewsIn struct {
	At instant `json:"at"`
}

func (a *api) withdrawNews(r *http.Request, env eventstore.Envelope, in withdrawNewsIn) (done, error) {
	return a.onNews(r, env, in.At, func(id domain.NewsID, creditor domain.FiscalCode, at time.Time) domain.NewsCommand {
		return domain.WithdrawNews{News: id, Creditor: creditor, At: at}
	})
}

func (a *api) onNews(
	r *http.Request, env eventstore.Envelope, at instant, cmd func(domain.NewsID, domain.FiscalCode, time.Time) domain.NewsCommand,
) (done, error) {
	creditor, when, err := a.creditorAt(r, at)
	if err != nil {
		return done{}, err
	}
	id, err := pathUUID(r, "news")
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.News(r.Context(), env, cmd(domain.NewsID{UUID: id}, creditor, when))
	return done{Outcome: out}, err
}

// newsJSON is a piece of news. Times that have not come are left out.
type newsJSON struct {
	News domain.NewsID `json:"news"`
	domain.Article
	PublishedAt time.Time `json:"publishedAt"`
	CorrectedAt time.Time `json:"correctedAt,omitzero"`
	WithdrawnAt time.Time `json:"withdrawnAt,omitzero"`
}

// news lists everything that a creditor ever published, the last one first.
func (a *api) news(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	all, at, err := a.Views.News(r.Context(), creditor)
	out := []newsJSON{}
	for _, n := range all {
		out = append(out, newsJSON{n.ID, n.Article, n.PublishedAt, n.CorrectedAt, n.WithdrawnAt})
	}
	return map[string]any{"news": out}, at, err
}
