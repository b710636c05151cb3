package portal

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// The guide's family asked one question, and there is one piece of news.
var (
	richiesta = domain.InquiryID{UUID: uuid.MustParse("77777777-7777-4777-8777-777777777777")}
	notizia   = domain.NewsID{UUID: uuid.MustParse("88888888-8888-4888-8888-888888888888")}
)

// board is the office's desk, and its notice board, of one evening.
type board struct {
	world  func() *world
	status domain.InquiryStatus
	many   bool // the parent has written enough for today
	news   []News
}

func newBoard(world func() *world) *board {
	return &board{world: world, status: domain.InquiryReplied, news: []News{{
		ID: notizia, ServiceName: "SERVIZIO MENSA", PublishedAt: world().now.Add(-time.Hour), Article: domain.Article{
			Title: "Mensa chiusa il 12 febbraio", From: "2020-02-10", Service: "MENSA",
			Text: "Il 12 febbraio la mensa è chiusa.\n\nPer il pranzo:\n- porta un pasto\n- oppure esci alle 13\n\nMaggiori informazioni su https://scuola.example.it/mensa.",
		},
	}}}
}

func (o *board) Own(_ context.Context, parent domain.ParentID) ([]Inquiry, error) {
	if parent != tizio {
		return nil, nil
	}
	now := o.world().now
	return []Inquiry{{Subject: "Rimborso della mensa", Inquiry: projections.Inquiry{
		ID: richiesta, Parent: tizio, Status: o.status, OpenedAt: now.Add(-48 * time.Hour), ChangedAt: now.Add(-time.Hour),
	}}}, nil
}

func (o *board) Thread(_ context.Context, parent domain.ParentID, id domain.InquiryID) (Thread, error) {
	if parent != tizio || id != richiesta {
		return Thread{}, domain.ErrUnknownInquiry
	}
	now := o.world().now
	t := Thread{Subject: "Rimborso della mensa", OpenedAt: now.Add(-48 * time.Hour), Writings: []ledger.Writing{
		{By: domain.ByParent, Text: "Mio figlio era assente una settimana.\n\nCome chiedo il rimborso?", At: now.Add(-48 * time.Hour)},
		{By: domain.ByOffice, Author: "Livia Prova", Text: "Con il modulo in ufficio.", At: now.Add(-time.Hour)},
	}}
	t.ID, t.Parent, t.Status, t.Notice = richiesta, tizio, o.status, postScuola
	if o.status == domain.InquiryDone {
		t.ClosedAt, t.ClosedBy = now, domain.ByOffice
	}
	return t, nil
}

func (o *board) About(_ context.Context, parent domain.ParentID) ([]BulletinName, error) {
	if parent != tizio {
		return nil, nil
	}
	return []BulletinName{{Notice: postScuola, Causale: causale, Amount: 5733}}, nil
}

func (o *board) Ask(_ context.Context, parent domain.ParentID, _ domain.InquiryID, about domain.NoticeNumber, q domain.Question) (eventstore.Position, error) {
	if err := q.Check(); err != nil {
		return 0, err
	}
	if about != "" && (about != postScuola || parent != tizio) {
		return 0, domain.ErrUnknownBulletin
	}
	return o.take("Ask")
}

func (o *board) Write(_ context.Context, parent domain.ParentID, id domain.InquiryID, _ uuid.UUID, _ string) (eventstore.Position, error) {
	if parent != tizio || id != richiesta {
		return 0, domain.ErrUnknownInquiry
	}
	return o.take("Write")
}

func (o *board) Close(_ context.Context, parent domain.ParentID, id domain.InquiryID, _ uuid.UUID) (eventstore.Position, error) {
	if parent != tizio || id != richiesta {
		return 0, domain.ErrUnknownInquiry
	}
	return o.take("CloseInquiry")
}

func (o *board) take(command string) (eventstore.Position, error) {
	if o.many {
		return 0, &TooManyAttempts{Wait: 24 * time.Hour}
	}
	w := o.world()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.did(command)
}

func (o *board) News(context.Context, domain.Date) ([]News, error) { return o.news, nil }

func (o *board) NewsItem(_ context.Context, id domain.NewsID, _ domain.Date) (News, error) {
	for _, n := range o.news {
		if n.ID == id {
			return n, nil
		}
	}
	return News{}, ErrNotFound
}
