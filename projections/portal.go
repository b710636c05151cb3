package projections

import (
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Portal keeps what parents and the school office look at: who there is, what a
// creditor bills for, bulletins and carts, and what went into and out of wallets.
func Portal(rec eventstore.Recorded, e domain.Event) []Change {
	switch e := e.(type) {
	case domain.CreditorRegistered:
		return creditor(e.Profile)
	case domain.CreditorChanged:
		return creditor(e.Profile)
	case domain.CategoryDefined:
		return one(Categories, Key{text(e.Creditor), text(e.Category)}, Cell{categoryName, text(e.Name)})
	case domain.ServiceDefined:
		return one(Services, Key{text(e.Creditor), text(e.Code)},
			Cell{serviceName, text(e.Service.Name)}, Cell{serviceTaxonomy, text(e.Service.Taxonomy)},
			Cell{serviceChapter, text(e.Service.Chapter)})
	case domain.ParentRegistered:
		return person(e.Parent, e.Person)
	case domain.ProfileChanged:
		return person(e.Parent, e.Person)
	case domain.ParentErased:
		return person(e.Parent, domain.Person{})
	case domain.ConsumerEvent:
		return consumer(rec, e)
	case domain.LinkRequestEvent:
		return linkRequest(e)
	case domain.BulletinEvent:
		return bulletin(rec, e)
	case domain.PaymentEvent:
		return payment(rec, e)
	case domain.WalletCredited:
		return one(TopUps, Key{text(e.Consumer.String()), text(DayOf(e.At)), number(rec.Position)},
			Cell{topUpAmount, number(e.Amount)}, Cell{topUpCredit, text(e.Credit.String())}, Cell{topUpRecorded, recorded(rec)},
			Cell{topUpCreditor, text(e.Creditor)})
	case domain.MealCharged:
		return one(Meals, Key{text(e.Consumer.String()), text(e.Day), number(rec.Position)},
			Cell{mealAmount, number(e.Amount)}, Cell{mealCreditor, text(e.Creditor)},
			Cell{mealService, text(e.Service)}, Cell{mealRecorded, recorded(rec)})
	}
	return nil // no other fact is shown
}

func one(t *Table, key Key, cells ...Cell) []Change { return []Change{{t, key, cells}} }

func creditor(p domain.CreditorProfile) []Change {
	return one(Creditors, Key{text(p.FiscalCode)},
		Cell{creditorName, text(p.Name)}, Cell{creditorOffice, text(p.Office)},
		Cell{creditorBroker, text(p.Broker)}, Cell{creditorStation, text(p.Station)},
		Cell{creditorSegregation, number(p.Segregation)},
		Cell{creditorCBILL, text(p.CBILL)}, Cell{creditorIBAN, text(p.IBAN)},
		Cell{creditorPostalNumber, text(p.Postal.Number)}, Cell{creditorPostalHolder, text(p.Postal.Holder)},
		Cell{creditorPostalAuthorisation, text(p.Postal.Authorisation)}, Cell{creditorPostalIBAN, text(p.Postal.IBAN)})
}

// person keeps what is needed to name a parent and to write to one. Of somebody
// erased every field is empty.
func person(id domain.ParentID, p domain.Person) []Change {
	return one(Parents, Key{text(id.String())},
		Cell{parentFiscalCode, text(p.FiscalCode)}, Cell{parentGivenName, text(p.GivenName)},
		Cell{parentFamilyName, text(p.FamilyName)}, Cell{parentEmail, text(p.Email)},
		Cell{parentMobile, text(p.Mobile)}, Cell{parentUsername, text(p.Username)})
}

// consumer keeps of a child the name alone: nothing that is shown needs more.
func consumer(rec eventstore.Recorded, e domain.Event) []Change {
	switch e := e.(type) {
	case domain.ConsumerEnrolled:
		return one(Consumers, Key{text(e.Consumer.String())},
			Cell{consumerCreditor, text(e.Creditor)}, Cell{consumerName, text(e.Child.FullName())}, Cell{consumerSchool, text(e.School)})
	case domain.ServiceActivated:
		return one(ConsumerServices, Key{text(e.Consumer.String()), text(e.Service)}, Cell{consumerServiceSince, number(rec.Position)})
	case domain.DietChanged:
		return one(Consumers, Key{text(e.Consumer.String())}, Cell{consumerDiet, text(e.Diet)})
	}
	return linked(e)
}
