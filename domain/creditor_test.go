package domain_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	creditorCase  = domaintest.Case[domain.CreditorCommand, domain.CreditorEvent]
	creditorFacts = []domain.CreditorEvent
)

var (
	profile = domain.CreditorProfile{
		FiscalCode: comune, Name: "Comune di Prova", Office: "Ufficio scuola", Broker: "12345678903",
		Station: "12345678903_01", Segregation: 1, CBILL: "A0EDT", IBAN: "IT60X0542811101000000123456",
	}
	registerCreditor   = domain.RegisterCreditor{Profile: profile, At: at}
	creditorRegistered = domain.CreditorRegistered{Profile: profile, At: at}

	account = domain.PostalAccount{
		Number: "12345678", Holder: "Comune di Prova, servizio tesoreria",
		Authorisation: "AUT. DB/SSIC/E 4001 DEL 01/02/2026", IBAN: "IT30O0760103200000012345678",
	}
	changeCreditor  = domain.ChangeCreditor{Creditor: comune, Profile: withAccount(profile), At: later}
	creditorChanged = domain.CreditorChanged(changeCreditor)

	defineCategory  = domain.DefineCategory{Creditor: comune, Category: refezione, Name: "pagoPA - AUT. REFEZIONE", At: at}
	categoryDefined = domain.CategoryDefined{Creditor: comune, Category: refezione, Name: "pagoPA - AUT. REFEZIONE", At: at}

	service        = domain.Service{Name: "Servizio mensa", Taxonomy: "9/0107101TS/"}
	defineService  = domain.DefineService{Creditor: comune, Code: mensa, Service: service, At: at}
	serviceDefined = domain.ServiceDefined{Creditor: comune, Code: mensa, Service: service, At: at}
)

// withAccount is p with an account with the post.
func withAccount(p domain.CreditorProfile) domain.CreditorProfile {
	p.Postal = account
	return p
}

func TestCreditor(t *testing.T) {
	registered := creditorFacts{creditorRegistered}
	renamed := but(defineCategory, func(c *domain.DefineCategory) { c.Name = "Mensa" })
	moved := but(defineService, func(c *domain.DefineService) { c.Service.Taxonomy = "9/0107105SP/" })
	domaintest.Run[domain.Creditor](t, []creditorCase{
		{Name: "a body is registered", When: registerCreditor, Then: registered},
		{Name: "the same body again adds nothing", Given: registered, When: but(registerCreditor, func(c *domain.RegisterCreditor) { c.At = later })},
		{Name: "the same body with another profile is refused", Given: registered,
			When: but(registerCreditor, func(c *domain.RegisterCreditor) { c.Profile.Name = "Comune" }), Refusal: domain.ErrCreditorExists},
		{Name: "a body of ten digits is refused",
			When: but(registerCreditor, func(c *domain.RegisterCreditor) { c.Profile.FiscalCode = "1234567890" }), Refusal: domain.ErrBadBodyCode},
		{Name: "nobody is not a body that was registered before", When: domain.RegisterCreditor{At: at}, Refusal: domain.ErrBadBodyCode},
		{Name: "a body is registered with its postal account", When: domain.RegisterCreditor{Profile: withAccount(profile), At: at},
			Then: creditorFacts{domain.CreditorRegistered{Profile: withAccount(profile), At: at}}},
		{Name: "a body with half a postal account is refused",
			When:    but(registerCreditor, func(c *domain.RegisterCreditor) { c.Profile.Postal.Number = account.Number }),
			Refusal: domain.ErrBadPostalHolder},

		{Name: "a body gets a postal account", Given: registered, When: changeCreditor, Then: creditorFacts{creditorChanged}},
		{Name: "the same profile again adds nothing", Given: creditorFacts{creditorRegistered, creditorChanged},
			When: but(changeCreditor, func(c *domain.ChangeCreditor) { c.At = later.Add(1) })},
		{Name: "a profile that is the registered one adds nothing", Given: registered,
			When: but(changeCreditor, func(c *domain.ChangeCreditor) { c.Profile = profile })},
		{Name: "a body gives its postal account up", Given: creditorFacts{creditorRegistered, creditorChanged},
			When: domain.ChangeCreditor{Creditor: comune, Profile: profile, At: later},
			Then: creditorFacts{domain.CreditorChanged{Creditor: comune, Profile: profile, At: later}}},
		{Name: "a body that changed is not registered anew with its first profile", Given: creditorFacts{creditorRegistered, creditorChanged},
			When: registerCreditor, Refusal: domain.ErrCreditorExists},
		{Name: "a body nobody registered cannot change", When: changeCreditor, Refusal: domain.ErrUnknownCreditor},
		{Name: "a body keeps its fiscal code", Given: registered,
			When: but(changeCreditor, func(c *domain.ChangeCreditor) { c.Profile.FiscalCode = "77777777777" }), Refusal: domain.ErrFixedCreditor},
		{Name: "a body keeps its segregation code", Given: registered,
			When: but(changeCreditor, func(c *domain.ChangeCreditor) { c.Profile.Segregation = 2 }), Refusal: domain.ErrFixedCreditor},
		{Name: "a body keeps a name", Given: registered,
			When: but(changeCreditor, func(c *domain.ChangeCreditor) { c.Profile.Name = "" }), Refusal: domain.ErrBadProfile},
		{Name: "a postal account is whole", Given: registered,
			When: but(changeCreditor, func(c *domain.ChangeCreditor) { c.Profile.Postal.IBAN = "" }), Refusal: domain.ErrBadPostalIBAN},

		{Name: "a category is defined", Given: registered, When: defineCategory, Then: creditorFacts{categoryDefined}},
		{Name: "the same category again adds nothing", Given: creditorFacts{creditorRegistered, categoryDefined},
			When: but(defineCategory, func(c *domain.DefineCategory) { c.At = later })},
		{Name: "a category is renamed", Given: creditorFacts{creditorRegistered, categoryDefined},
			When: renamed, Then: creditorFacts{domain.CategoryDefined(renamed)}},
		{Name: "a category of a body nobody registered is refused", When: defineCategory, Refusal: domain.ErrUnknownCreditor},
		{Name: "a category without a name is refused", Given: registered,
			When: but(defineCategory, func(c *domain.DefineCategory) { c.Name = "" }), Refusal: domain.ErrBadCategory},
		{Name: "a category's name has at most 140 characters", Given: registered,
			When: but(defineCategory, func(c *domain.DefineCategory) { c.Name = long(141) }), Refusal: domain.ErrBadCategory},

		{Name: "a service is defined", Given: registered, When: defineService, Then: creditorFacts{serviceDefined}},
		{Name: "the same service again adds nothing", Given: creditorFacts{creditorRegistered, serviceDefined},
			When: but(defineService, func(c *domain.DefineService) { c.At = later })},
		{Name: "a service changes its taxonomy", Given: creditorFacts{creditorRegistered, serviceDefined},
			When: moved, Then: creditorFacts{domain.ServiceDefined(moved)}},
		{Name: "a service of a body nobody registered is refused", When: defineService, Refusal: domain.ErrUnknownCreditor},
		{Name: "a service without a name is refused", Given: registered,
			When: but(defineService, func(c *domain.DefineService) { c.Service.Name = "" }), Refusal: domain.ErrBadService},
		{Name: "a service's name has at most 140 characters", Given: registered,
			When: but(defineService, func(c *domain.DefineService) { c.Service.Name = long(141) }), Refusal: domain.ErrBadService},
	})
}

func TestCodesOfCategoriesAndServices(t *testing.T) {
	var cases []creditorCase
	given := creditorFacts{creditorRegistered}
	for _, code := range goodCodes {
		category := but(defineCategory, func(c *domain.DefineCategory) { c.Category, c.Name = domain.CategoryCode(code), long(140) })
		service := but(defineService, func(c *domain.DefineService) { c.Code, c.Service.Name = domain.ServiceCode(code), long(140) })
		initial := but(service, func(c *domain.DefineService) { c.Service.Name = "è" })
		letter := but(category, func(c *domain.DefineCategory) { c.Name = "è" })
		cases = append(cases,
			creditorCase{Name: "category " + code, Given: given, When: category, Then: creditorFacts{domain.CategoryDefined(category)}},
			creditorCase{Name: "category of one letter, " + code, Given: given, When: letter, Then: creditorFacts{domain.CategoryDefined(letter)}},
			creditorCase{Name: "service " + code, Given: given, When: service, Then: creditorFacts{domain.ServiceDefined(service)}},
			creditorCase{Name: "service of one letter, " + code, Given: given, When: initial, Then: creditorFacts{domain.ServiceDefined(initial)}})
	}
	for _, code := range badCodes {
		category := but(defineCategory, func(c *domain.DefineCategory) { c.Category = domain.CategoryCode(code) })
		service := but(defineService, func(c *domain.DefineService) { c.Code = domain.ServiceCode(code) })
		cases = append(cases,
			creditorCase{Name: fmt.Sprintf("no category %q", code), Given: given, When: category, Refusal: domain.ErrBadCategory},
			creditorCase{Name: fmt.Sprintf("no service %q", code), Given: given, When: service, Refusal: domain.ErrBadService})
	}
	for _, taxonomy := range []string{
		"", "0107101TS", "5/0107101TS/", "10/0107101TS/", "9/010710TS/", "9/01071011TS/", "9/0107101ZZ/", "9/0107101TS", "9/0107101TS/\n", "x9/0107101TS/",
	} {
		service := but(defineService, func(c *domain.DefineService) { c.Service.Taxonomy = taxonomy })
		cases = append(cases, creditorCase{Name: fmt.Sprintf("no taxonomy %q", taxonomy), Given: given, When: service, Refusal: domain.ErrBadService})
	}
	for _, taxonomy := range []string{"6/0107101IM/", "7/0107102TS/", "8/0107103SP/", "9/0107104SA/", "9/9999999AP/"} {
		service := but(defineService, func(c *domain.DefineService) { c.Service.Taxonomy = taxonomy })
		cases = append(cases, creditorCase{Name: "taxonomy " + taxonomy, Given: given, When: service, Then: creditorFacts{domain.ServiceDefined(service)}})
	}
	domaintest.Run[domain.Creditor](t, cases)
}

func TestChaptersOfServices(t *testing.T) {
	given := creditorFacts{creditorRegistered, serviceDefined}
	under := func(chapter string) domain.DefineService {
		return but(defineService, func(c *domain.DefineService) { c.Service.Chapter = chapter })
	}
	cases := []creditorCase{{Name: "the same chapter again adds nothing", When: under("3120"),
		Given: creditorFacts{creditorRegistered, domain.ServiceDefined(under("3120"))}}}
	for _, chapter := range []string{"3", "3120/1", "Cap. 3120 art. 2", "3.01.02.01.008", "acc-2026_145", strings.Repeat("9", 40)} {
		cases = append(cases, creditorCase{Name: "chapter " + chapter, Given: given, When: under(chapter), Then: creditorFacts{domain.ServiceDefined(under(chapter))}})
	}
	for _, chapter := range []string{" 3120", "3120 ", "3120  1", "=3120", "-3120", "3120/", "31;20", "è", "3120\n", strings.Repeat("9", 41)} {
		cases = append(cases, creditorCase{Name: fmt.Sprintf("no chapter %q", chapter), Given: given, When: under(chapter), Refusal: domain.ErrBadChapter})
	}
	domaintest.Run[domain.Creditor](t, cases)
}

func TestCreditorFolds(t *testing.T) {
	trasporto := domain.ServiceDefined{Creditor: comune, Code: "TRASPORTO", Service: domain.Service{Name: "Trasporto", Taxonomy: "9/0107102SP/"}, At: later}
	got := fold[domain.Creditor](creditorFacts{creditorRegistered, categoryDefined, serviceDefined, trasporto})
	want := domain.Creditor{
		Profile:    profile,
		Categories: map[domain.CategoryCode]string{refezione: "pagoPA - AUT. REFEZIONE"},
		Services:   map[domain.ServiceCode]domain.Service{mensa: service, "TRASPORTO": trasporto.Service},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the creditor folds to\n%+v, want\n%+v", got, want)
	}
}

func TestACreditorsDefinitionsOutliveItsProfile(t *testing.T) {
	got := fold[domain.Creditor](creditorFacts{creditorRegistered, categoryDefined, serviceDefined, creditorChanged})
	want := domain.Creditor{
		Profile:    withAccount(profile),
		Categories: map[domain.CategoryCode]string{refezione: "pagoPA - AUT. REFEZIONE"},
		Services:   map[domain.ServiceCode]domain.Service{mensa: service},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the creditor folds to\n%+v, want\n%+v", got, want)
	}
}

func TestCreditorProfileCheck(t *testing.T) {
	type change = func(*domain.CreditorProfile)
	good := map[string]change{
		"as it is":                 func(*domain.CreditorProfile) {},
		"names of one character":   func(p *domain.CreditorProfile) { p.Name, p.Broker, p.Station = "è", "è", "è" },
		"no office":                func(p *domain.CreditorProfile) { p.Office = "" },
		"names of 140 characters":  func(p *domain.CreditorProfile) { p.Name, p.Office = long(140), long(140) },
		"broker of 35 characters":  func(p *domain.CreditorProfile) { p.Broker = long(35) },
		"station of 35 characters": func(p *domain.CreditorProfile) { p.Station = long(35) },
		"segregation code 0":       func(p *domain.CreditorProfile) { p.Segregation = 0 },
		"segregation code 45":      func(p *domain.CreditorProfile) { p.Segregation = 45 },
		"a wrong check digit":      func(p *domain.CreditorProfile) { p.FiscalCode = "77777777777" },
	}
	for name, change := range good {
		if err := but(profile, change).Check(); err != nil {
			t.Errorf("%s: refused: %v", name, err)
		}
	}
	bad := map[string]change{
		"no name":                      func(p *domain.CreditorProfile) { p.Name = "" },
		"a name of 141 characters":     func(p *domain.CreditorProfile) { p.Name = long(141) },
		"an office of 141 characters":  func(p *domain.CreditorProfile) { p.Office = long(141) },
		"no broker":                    func(p *domain.CreditorProfile) { p.Broker = "" },
		"a broker of 36 characters":    func(p *domain.CreditorProfile) { p.Broker = long(36) },
		"no station":                   func(p *domain.CreditorProfile) { p.Station = "" },
		"a station of 36 characters":   func(p *domain.CreditorProfile) { p.Station = long(36) },
		"segregation code -1":          func(p *domain.CreditorProfile) { p.Segregation = -1 },
		"segregation code 46":          func(p *domain.CreditorProfile) { p.Segregation = 46 },
		"a CBILL code of 4 characters": func(p *domain.CreditorProfile) { p.CBILL = "A0ED" },
		"a CBILL code of 6 characters": func(p *domain.CreditorProfile) { p.CBILL = "A0EDTX" },
		"a small letter in CBILL":      func(p *domain.CreditorProfile) { p.CBILL = "a0EDT" },
		"no IBAN":                      func(p *domain.CreditorProfile) { p.IBAN = "" },
	}
	for name, change := range bad {
		wantRefusal(t, name, but(profile, change).Check(), domain.ErrBadProfile)
	}
	wantRefusal(t, "no fiscal code", but(profile, func(p *domain.CreditorProfile) { p.FiscalCode = "" }).Check(), domain.ErrBadBodyCode)
	for _, text := range unspeakable {
		wantRefusal(t, fmt.Sprintf("name %q", text), but(profile, func(p *domain.CreditorProfile) { p.Name = text }).Check(), domain.ErrBadProfile)
	}
}
