package main

import (
	"context"
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// demoSecondUser lets in the parent of the second family, with demoPassword.
const demoSecondUser = "MEVIA85"

var (
	demoSecondParent = domain.ParentID{UUID: demoID("second/parent")}
	demoSecondChild  = domain.ConsumerID{UUID: demoID("second/child")}
)

// settleInstalments makes a second family, whose one bulletin can be paid in three
// instalments. It is made only when asked for: what the first family owes stays as the
// parents' guide has it, and so do the figures of the whole body.
func (s *service) settleInstalments(ctx context.Context) error {
	at := winter(2020, time.January, 8, 10)
	_, err := s.ledger.RegisterParent(ctx, demoEnvelope("second/parent"), domain.RegisterParent{Parent: demoSecondParent, At: at, Person: domain.Person{
		FiscalCode: "MVECAI85A41F205H", GivenName: "Caia", FamilyName: "Mevia", Email: "caia.mevia@posta.example", Username: demoSecondUser,
	}})
	if err != nil {
		return err
	}
	for i, cmd := range []domain.ConsumerCommand{
		domain.EnrolConsumer{Consumer: demoSecondChild, Creditor: demoCreditor, Child: domain.Child{GivenName: "ALUNNO", FamilyName: "ESEMPIO"}, School: "EL. RODARI", At: at},
		domain.LinkParent{Consumer: demoSecondChild, Parent: demoSecondParent, At: at},
		domain.ActivateService{Consumer: demoSecondChild, Service: demoMensa, At: at},
		domain.ChangeDiet{Consumer: demoSecondChild, Diet: "NORMALE", At: at},
	} {
		if _, err := s.ledger.Consumer(ctx, demoEnvelope(fmt.Sprintf("second/child/%d", i)), cmd); err != nil {
			return err
		}
	}
	_, err = s.settleBulletin(ctx, "second", domain.IssueBulletin{
		Parent: demoSecondParent,
		Lines:  []domain.Line{{Consumer: demoSecondChild, Service: demoMensa, Amount: 90_00}},
		Period: domain.Period{From: "2020-02-01", To: "2020-04-30"}, Due: "2020-03-20",
		Causale: "Servizio mensa, periodo dal 01/02/2020 al 30/04/2020",
		At:      winter(2020, time.February, 4, 9),
		Instalments: []domain.Instalment{
			{Amount: 30_00, Due: "2020-03-20"}, {Amount: 30_00, Due: "2020-04-20"}, {Amount: 30_00, Due: "2020-05-20"},
		},
	})
	if err != nil {
		return err
	}
	return s.letParentIn(ctx, demoSecondUser, demoSecondParent)
}

// letParentIn gives a parent of the demonstration the password that is printed, unless
// there is one.
func (s *service) letParentIn(ctx context.Context, username string, parent domain.ParentID) error {
	has, err := s.vault.HasPassword(ctx, parent.UUID)
	if err != nil || has {
		return err
	}
	return s.vault.SetPassword(ctx, username, parent.UUID, []domain.Role{domain.RoleParent}, demoPassword)
}
