package main

import (
	"context"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// settleDesk has the demonstration's body publish news, its parent ask a question and
// its office answer.
func (s *service) settleDesk(ctx context.Context) error {
	_, err := s.ledger.News(ctx, demoEnvelope("news"), domain.PublishNews{
		News: domain.NewsID{UUID: demoID("news")}, Creditor: demoCreditor, At: winter(2020, time.February, 3, 8),
		Article: domain.Article{
			Title: "Iscrizioni ai servizi scolastici 2020/2021", From: "2020-02-03",
			Text: "Dal 2 marzo puoi iscrivere i bambini a mensa, pre-scuola e post-scuola per l'anno 2020/2021.\n\n" +
				"Ti servono:\n- il codice fiscale del bambino\n- l'attestazione ISEE, se vuoi una tariffa ridotta\n\n" +
				"Chi ha bollettini scaduti può iscriversi dopo averli pagati.",
		},
	})
	if err != nil {
		return err
	}
	id := domain.InquiryID{UUID: demoID("inquiry")}
	env := demoEnvelope("inquiry/answer")
	for _, step := range []struct {
		name string
		cmd  domain.InquiryCommand
	}{
		{"inquiry/ask", domain.OpenInquiry{
			Inquiry: id, Creditor: demoCreditor, Parent: demoParent, At: winter(2020, time.February, 4, 10),
			Question: domain.Question{Subject: "Pasti non consumati", Text: "Mio figlio era assente dal 20 al 24 gennaio.\n\nI pasti di quei giorni sono nel bollettino?"},
		}},
		{"inquiry/answer", domain.AnswerInquiry{
			Inquiry: id, Creditor: demoCreditor, Message: ledger.MessageOf(env.Command), At: winter(2020, time.February, 5, 9),
			Answer: domain.Answer{Author: "Livia Prova", Text: "No: i giorni di assenza comunicati entro le 9 non sono addebitati.\nNel bollettino di gennaio ci sono solo i pasti consumati."},
		}},
	} {
		if _, err := s.ledger.Inquiry(ctx, demoEnvelope(step.name), step.cmd); err != nil {
			return err
		}
	}
	return nil
}
