package domain_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	consumerCase  = domaintest.Case[domain.ConsumerCommand, domain.ConsumerEvent]
	consumerFacts = []domain.ConsumerEvent
)

var (
	child            = domain.Child{GivenName: "Anna", FamilyName: "Sempronio"}
	enrolConsumer    = domain.EnrolConsumer{Consumer: anna, Creditor: comune, Child: child, School: "Materna Borsellino", At: at}
	consumerEnrolled = domain.ConsumerEnrolled{Consumer: anna, Creditor: comune, Child: child, School: "Materna Borsellino", At: at}

	linkParent   = domain.LinkParent{Consumer: anna, Parent: tizio, At: at}
	parentLinked = domain.ParentLinked{Consumer: anna, Parent: tizio, At: at}

	activateService  = domain.ActivateService{Consumer: anna, Service: postScuola, At: at}
	serviceActivated = domain.ServiceActivated{Consumer: anna, Service: postScuola, At: at}

	changeDiet  = domain.ChangeDiet{Consumer: anna, Diet: "SENZA GLUTINE", At: at}
	dietChanged = domain.DietChanged{Consumer: anna, Diet: "SENZA GLUTINE", At: at}
)

func TestConsumer(t *testing.T) {
	enrolled := consumerFacts{consumerEnrolled}
	normal := domain.ChangeDiet{Consumer: anna, Diet: "NORMALE", At: later}
	enrol := func(change func(*domain.EnrolConsumer)) domain.EnrolConsumer { return but(enrolConsumer, change) }
	domaintest.Run[domain.Consumer](t, []consumerCase{
		{Name: "a child is enrolled", When: enrolConsumer, Then: enrolled},
		{Name: "the same enrolment again adds nothing", Given: enrolled, When: enrol(func(c *domain.EnrolConsumer) { c.At = later })},
		{Name: "an enrolment of another child is refused", Given: enrolled,
			When: enrol(func(c *domain.EnrolConsumer) { c.Child.GivenName = "Bruno" }), Refusal: domain.ErrConsumerExists},
		{Name: "an enrolment at another school is refused", Given: enrolled,
			When: enrol(func(c *domain.EnrolConsumer) { c.School = "Primaria" }), Refusal: domain.ErrConsumerExists},
		{Name: "an enrolment with another body is refused", Given: enrolled,
			When: enrol(func(c *domain.EnrolConsumer) { c.Creditor = "77777777777" }), Refusal: domain.ErrConsumerExists},
		{Name: "nobody cannot be enrolled", When: enrol(func(c *domain.EnrolConsumer) { c.Consumer = domain.ConsumerID{} }), Refusal: domain.ErrUnknownConsumer},
		{Name: "an enrolment that says nothing is refused", When: domain.EnrolConsumer{Consumer: anna, At: at}, Refusal: domain.ErrBadSchool},
		{Name: "a child without a school is refused", When: enrol(func(c *domain.EnrolConsumer) { c.School = "" }), Refusal: domain.ErrBadSchool},
		{Name: "a school has at most 100 characters", When: enrol(func(c *domain.EnrolConsumer) { c.School = long(101) }), Refusal: domain.ErrBadSchool},
		{Name: "a school of one character is taken", When: enrol(func(c *domain.EnrolConsumer) { c.School = "è" }),
			Then: consumerFacts{but(consumerEnrolled, func(e *domain.ConsumerEnrolled) { e.School = "è" })}},
		{Name: "a school of 100 characters is taken", When: enrol(func(c *domain.EnrolConsumer) { c.School = long(100) }),
			Then: consumerFacts{but(consumerEnrolled, func(e *domain.ConsumerEnrolled) { e.School = long(100) })}},
		{Name: "a child without a name is refused", When: enrol(func(c *domain.EnrolConsumer) { c.Child.GivenName = "" }), Refusal: domain.ErrBadName},

		{Name: "a parent is linked", Given: enrolled, When: linkParent, Then: consumerFacts{parentLinked}},
		{Name: "the same parent again adds nothing", Given: consumerFacts{consumerEnrolled, parentLinked}, When: linkParent},
		{Name: "a second parent is linked", Given: consumerFacts{consumerEnrolled, parentLinked},
			When: domain.LinkParent{Consumer: anna, Parent: caia, At: later}, Then: consumerFacts{domain.ParentLinked{Consumer: anna, Parent: caia, At: later}}},
		{Name: "nobody is not linked", Given: enrolled, When: domain.LinkParent{Consumer: anna, At: at}, Refusal: domain.ErrUnknownParent},
		{Name: "a child nobody enrolled has no parents", When: linkParent, Refusal: domain.ErrUnknownConsumer},

		{Name: "a service begins", Given: enrolled, When: activateService, Then: consumerFacts{serviceActivated}},
		{Name: "the same service again adds nothing", Given: consumerFacts{consumerEnrolled, serviceActivated}, When: activateService},
		{Name: "a second service begins", Given: consumerFacts{consumerEnrolled, serviceActivated},
			When: domain.ActivateService{Consumer: anna, Service: mensa, At: at}, Then: consumerFacts{domain.ServiceActivated{Consumer: anna, Service: mensa, At: at}}},
		{Name: "a service without a code is refused", Given: enrolled, When: domain.ActivateService{Consumer: anna, At: at}, Refusal: domain.ErrBadService},
		{Name: "a child nobody enrolled has no services", When: activateService, Refusal: domain.ErrUnknownConsumer},

		{Name: "a diet changes", Given: enrolled, When: changeDiet, Then: consumerFacts{dietChanged}},
		{Name: "the same diet again adds nothing", Given: consumerFacts{consumerEnrolled, dietChanged},
			When: but(changeDiet, func(c *domain.ChangeDiet) { c.At = later })},
		{Name: "a diet changes once more", Given: consumerFacts{consumerEnrolled, dietChanged}, When: normal, Then: consumerFacts{domain.DietChanged(normal)}},
		{Name: "no diet is refused", Given: enrolled, When: domain.ChangeDiet{Consumer: anna, At: at}, Refusal: domain.ErrBadDiet},
		{Name: "a diet has at most 60 characters", Given: enrolled, When: domain.ChangeDiet{Consumer: anna, Diet: long(61), At: at}, Refusal: domain.ErrBadDiet},
		{Name: "a diet of one character is taken", Given: enrolled, When: domain.ChangeDiet{Consumer: anna, Diet: "è", At: at},
			Then: consumerFacts{domain.DietChanged{Consumer: anna, Diet: "è", At: at}}},
		{Name: "a diet of 60 characters is taken", Given: enrolled, When: domain.ChangeDiet{Consumer: anna, Diet: long(60), At: at},
			Then: consumerFacts{domain.DietChanged{Consumer: anna, Diet: long(60), At: at}}},
		{Name: "a child nobody enrolled has no diet", When: changeDiet, Refusal: domain.ErrUnknownConsumer},
	})
}

func TestTextsNoFieldTakes(t *testing.T) {
	var cases []consumerCase
	for _, text := range unspeakable {
		cases = append(cases, consumerCase{Name: fmt.Sprintf("diet %q", text), Given: consumerFacts{consumerEnrolled},
			When: domain.ChangeDiet{Consumer: anna, Diet: text, At: at}, Refusal: domain.ErrBadDiet})
	}
	domaintest.Run[domain.Consumer](t, cases)
}

func TestConsumerFolds(t *testing.T) {
	got := fold[domain.Consumer](consumerFacts{
		consumerEnrolled, parentLinked, serviceActivated, dietChanged,
		domain.ParentLinked{Consumer: anna, Parent: caia, At: later}, domain.ServiceActivated{Consumer: anna, Service: mensa, At: later},
	})
	want := domain.Consumer{
		ID: anna, Creditor: comune, Child: child, School: "Materna Borsellino",
		Parents: []domain.ParentID{tizio, caia}, Services: []domain.ServiceCode{postScuola, mensa}, Diet: "SENZA GLUTINE",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the consumer folds to\n%+v, want\n%+v", got, want)
	}
	if !got.Enrolled() || (domain.Consumer{}).Enrolled() {
		t.Error("a consumer is enrolled when its stream says so, and not before")
	}
}
