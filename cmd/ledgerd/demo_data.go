package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/natsbus"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// What the demonstration lets people in with. It listens on this machine alone.
const (
	demoUsername    = "SEMPRONIO80"
	demoPassword    = "Mensa-2020!"
	demoOfficeToken = "saldo-demo-office-0123456789abcdef0123456789"
	demoAuditToken  = "saldo-demo-audit-0123456789abcdef0123456789"
	demoDeskToken   = "saldo-demo-ragioneria-0123456789abcdef01234567"
)

// The demonstration municipality and its family are invented.
const (
	demoCreditor domain.FiscalCode   = "01428570319"
	demoCategory domain.CategoryCode = "AUT-REFEZIONE"
	demoMensa    domain.ServiceCode  = "MENSA"
	demoPost     domain.ServiceCode  = "POST-SCUOLA"
	demoIBAN                         = "IT63L9999901600000000012345"
)

// demoSpace is the name space of the demonstration's ids: started again on the
// same directory, its commands are the same and add nothing.
var demoSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("saldo/demo"))

func demoID(name string) uuid.UUID { return uuid.NewSHA1(demoSpace, []byte(name)) }

var (
	demoParent   = domain.ParentID{UUID: demoID("parent")}
	demoConsumer = domain.ConsumerID{UUID: demoID("consumer")}
	demoUnlinked = domain.ConsumerID{UUID: demoID("unlinked")}
)

func demoConfig(data, url, platform string) config {
	c := config{
		Data: data, URL: url,
		Checkout:  checkoutConfig{API: platform + "/checkout/ec/v2", Origin: platform, Key: "demo"},
		BizEvents: bizEventsConfig{API: platform + "/bizevents/service/v1", Key: "demo"},
		Stations:  []stationConfig{{Creditor: demoCreditor, Broker: string(demoCreditor), ID: string(demoCreditor) + "_01", Segregation: 1}},
		Body: bodyConfig{
			FiscalCode: demoCreditor, Name: "Comune di Borgo Esempio", Tagline: "Servizi scolastici", CBILL: "BE042",
			Office: officeConfig{
				Name: "Ufficio scuola", Address: "Piazza della Prova 1, 00000 Borgo Esempio", Phone: "000 0000000",
				Email: "scuola@borgo-esempio.example", PEC: "protocollo@pec.borgo-esempio.example", Hours: "lunedì-venerdì 9-12",
			},
			DPO: "dpo@borgo-esempio.example", AccessibilityURL: "https://form.agid.gov.it/view/esempio",
		},
		Mail: mailConfig{From: "Servizi scolastici <scuola@borgo-esempio.example>"},
	}
	c.Reconciliation = reconciliationConfig{FlowsAPI: platform + "/fdr-org/service/v1", Key: "demo", Every: 2 * time.Second, treasury: platform}
	c.MasterKeyFile = c.path("master.key")
	return c
}

// settle makes the demonstration municipality: a body, a family, the two bulletins of
// the parents' guide, one of them paid. Everything is a command.
func (s *service) settle(ctx context.Context) error {
	steps := []func(context.Context) error{s.settleBody, s.settleFamily, s.settleBulletins, s.settleDesk, s.settleAccess, s.settleStaff, s.settleUnlinked}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func demoEnvelope(name string) eventstore.Envelope {
	return eventstore.Envelope{Command: demoID("command/" + name), Actor: "demo"}
}

// winter is a moment of the guide's school year, in Italy.
func winter(year int, month time.Month, day, hour int) time.Time {
	return time.Date(year, month, day, hour-1, 0, 0, 0, time.UTC)
}

func (s *service) settleBody(ctx context.Context) error {
	at := winter(2020, time.January, 2, 9)
	profile := domain.CreditorProfile{
		FiscalCode: demoCreditor, Name: s.Body.Name, Office: s.Body.Office.Name,
		Broker: s.Stations[0].Broker, Station: s.Stations[0].ID, Segregation: s.Stations[0].Segregation,
		CBILL: s.Body.CBILL, IBAN: demoIBAN,
	}
	for i, cmd := range []domain.CreditorCommand{
		domain.RegisterCreditor{Profile: profile, At: at},
		domain.DefineCategory{Creditor: demoCreditor, Category: demoCategory, Name: "pagoPA - AUT. REFEZIONE", At: at},
		domain.DefineService{Creditor: demoCreditor, Code: demoMensa, Service: domain.Service{Name: "SERVIZIO MENSA", Taxonomy: "9/0107101TS/", Chapter: "3120/1"}, At: at},
		domain.DefineService{Creditor: demoCreditor, Code: demoPost, Service: domain.Service{Name: "POST-SCUOLA", Taxonomy: "9/0107105SP/", Chapter: "3120/2"}, At: at},
	} {
		if _, err := s.ledger.Creditor(ctx, demoEnvelope(fmt.Sprintf("creditor/%d", i)), cmd); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) settleFamily(ctx context.Context) error {
	at := winter(2020, time.January, 7, 10)
	_, err := s.ledger.RegisterParent(ctx, demoEnvelope("parent"), domain.RegisterParent{Parent: demoParent, At: at, Person: domain.Person{
		FiscalCode: "SMPTZI80A01F205Q", GivenName: "Tizio", FamilyName: "Sempronio",
		Email: "tizio.sempronio@posta.example", Mobile: "331 3313313", Username: demoUsername,
	}})
	if err != nil {
		return err
	}
	child := domain.Child{GivenName: "UTENTE", FamilyName: "TEST"}
	for i, cmd := range []domain.ConsumerCommand{
		domain.EnrolConsumer{Consumer: demoConsumer, Creditor: demoCreditor, Child: child, School: "MAT. BORSELLINO", At: at},
		domain.LinkParent{Consumer: demoConsumer, Parent: demoParent, At: at},
		domain.ActivateService{Consumer: demoConsumer, Service: demoMensa, At: at},
		domain.ActivateService{Consumer: demoConsumer, Service: demoPost, At: at},
		domain.ChangeDiet{Consumer: demoConsumer, Diet: "NORMALE", At: at},
	} {
		if _, err := s.ledger.Consumer(ctx, demoEnvelope(fmt.Sprintf("consumer/%d", i)), cmd); err != nil {
			return err
		}
	}
	return nil
}

// settleBulletins raises the guide's two bulletins: 57,33 € for January, open,
// and 39,13 € of 3 February, paid at once.
func (s *service) settleBulletins(ctx context.Context) error {
	_, err := s.settleBulletin(ctx, "january", domain.IssueBulletin{
		Lines:  []domain.Line{{Consumer: demoConsumer, Service: demoPost, Amount: 57_33}},
		Period: domain.Period{From: "2020-01-01", To: "2020-01-31"}, Due: "2020-02-20",
		Causale: "Pagamento cumulativo servizi vari, periodo dal 01/01/2020 al 31/01/2020. Scadenza pagamento 20/02/2020",
		At:      winter(2020, time.January, 31, 12),
	})
	if err != nil {
		return err
	}
	notice, err := s.settleBulletin(ctx, "february", domain.IssueBulletin{
		Lines:  []domain.Line{{Consumer: demoConsumer, Service: demoMensa, Amount: 39_13}},
		Period: domain.Period{From: "2020-01-07", To: "2020-01-31"}, Due: "2020-02-20",
		Causale: "Servizio mensa, periodo dal 07/01/2020 al 31/01/2020. Scadenza pagamento 20/02/2020",
		At:      winter(2020, time.February, 3, 9),
	})
	if err != nil {
		return err
	}
	receipt, err := s.demoReceiptOf(demoPaid{
		notice: notice, receipt: "0d6e1f3a5b7c49d2a8e4c6f80b1d2e39", amount: 39_13, psp: demoBank, day: "2020-02-06", hour: "18:20:00",
		payer: soap.Subject{Kind: "F", Code: "SMPTZI80A01F205Q", FullName: "Tizio Sempronio"}, what: "Servizio mensa, gennaio 2020",
	})
	if err != nil {
		return err
	}
	return s.takeReceipt(ctx, natsbus.Received{Creditor: demoCreditor, Raw: receipt})
}

// settleBulletin issues and sends one bulletin: of the demonstration's family, if it
// names no other parent.
func (s *service) settleBulletin(ctx context.Context, name string, cmd domain.IssueBulletin) (domain.NoticeNumber, error) {
	cmd.Creditor, cmd.Category = demoCreditor, demoCategory
	if cmd.Parent == (domain.ParentID{}) {
		cmd.Parent = demoParent
	}
	env := demoEnvelope("bulletin/" + name)
	issued, err := s.ledger.IssueBulletin(ctx, env, cmd)
	if err != nil {
		return "", err
	}
	_, err = s.ledger.Bulletin(ctx, ledger.Step(env, "send"), domain.SendBulletin{Creditor: demoCreditor, Notice: issued.Notice, At: cmd.At})
	return issued.Notice, err
}

// settleAccess lets the demonstration's people in.
func (s *service) settleAccess(ctx context.Context) error {
	if err := s.letParentIn(ctx, demoUsername, demoParent); err != nil {
		return err
	}
	if err := s.vault.ImportAPIToken(ctx, "demo-office", []domain.Role{domain.RoleOffice}, demoOfficeToken); err != nil {
		return err
	}
	if err := s.vault.ImportAPIToken(ctx, "demo-ragioneria", []domain.Role{domain.RoleReconciler}, demoDeskToken); err != nil {
		return err
	}
	return s.vault.ImportAPIToken(ctx, "demo-auditor", []domain.Role{domain.RoleAuditor}, demoAuditToken)
}

// settleUnlinked enrols a second child, whom no parent sees yet: its activation code is
// printed, and the demonstration's parent is among the adults declared for it.
func (s *service) settleUnlinked(ctx context.Context) error {
	at := winter(2020, time.January, 7, 10)
	for i, cmd := range []domain.ConsumerCommand{
		domain.EnrolConsumer{Consumer: demoUnlinked, Creditor: demoCreditor, Child: domain.Child{GivenName: "ALUNNA", FamilyName: "PROVA"}, School: "EL. RODARI", At: at},
		domain.ActivateService{Consumer: demoUnlinked, Service: demoMensa, At: at},
		domain.ChangeDiet{Consumer: demoUnlinked, Diet: "NORMALE", At: at},
		domain.DeclareAdult{Consumer: demoUnlinked, Adult: s.ledger.AdultID("SMPTZI80A01F205Q"), At: at},
	} {
		if _, err := s.ledger.Consumer(ctx, demoEnvelope(fmt.Sprintf("unlinked/%d", i)), cmd); err != nil {
			return err
		}
	}
	_, err := s.demoCode(ctx)
	return err
}

// demoCode is the second child's activation code; none once it was used.
func (s *service) demoCode(ctx context.Context) (string, error) {
	issued, err := linking{s.bodies[0]}.IssueActivation(ctx, demoEnvelope("unlinked/code"), demoUnlinked)
	return issued.Code, nilIf(err, domain.ErrNoActivation)
}

// demoWelcome is what the demonstration prints when it is ready.
func demoWelcome(c config, code string, instalments bool) string {
	second := ""
	if instalments {
		second = "\n                      user " + demoSecondUser + ", the same password: a bulletin in instalments"
	}
	if code == "" {
		code = "already used (ledgerd demo --fresh begins again)"
	}
	return fmt.Sprintf(`Saldo is ready.

  Parents' portal     %[1]s/accesso
                      user %[2]s, password %[3]s%[13]s
                      activation code of a second child: %[12]s
  The body's pages    at the same address
                      users %[10]s
                      password %[11]s
  Simulated pagoPA    %[4]s (pay a notice at a PSP: %[4]s/psp)
  Mailbox             %[1]s%[5]s/
  API                 %[1]s/api/v1/openapi.json
                      office token         %[6]s
                      reconciliation token %[7]s
                      auditor token        %[8]s
  Data                %[9]s

Audit it while it runs:
  SALDO_TOKEN=%[8]s \
    go run ./cmd/ledgerctl audit verify --url %[1]s

Stop it with Ctrl+C; started again on the same directory it goes on where it was.
`, c.URL, demoUsername, demoPassword, c.Checkout.Origin, mailboxPath, demoOfficeToken, demoDeskToken, demoAuditToken, c.Data, demoStaffWelcome(), demoStaffPassword, code, second)
}
