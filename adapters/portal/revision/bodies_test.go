package revision

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// neighbours are another body in the same ledger, with a child of the same parent.
func (w *world) neighbours(amount domain.Money) (town domain.FiscalCode, child domain.ConsumerID) {
	w.Helper()
	town, child = "12345678903", domain.ConsumerID{UUID: uuid.MustParse("33333333-3333-4333-8333-333333333333")}
	for _, cmd := range []domain.CreditorCommand{
		domain.RegisterCreditor{At: day(1), Profile: domain.CreditorProfile{
			FiscalCode: town, Name: "Altro comune", Broker: "b", Station: "s", Segregation: 2, CBILL: "ABC13", IBAN: "IT60X0542811101000000123456",
		}},
		domain.DefineCategory{Creditor: town, Category: "REFEZIONE", Name: "Refezione", At: day(1)},
		domain.DefineService{Creditor: town, Code: "NIDO", Service: domain.Service{Name: "Nido", Taxonomy: "9/0107101TS/"}, At: day(1)},
	} {
		w.must(w.Creditor(w.Context(), w.by(), cmd))
	}
	w.must(w.Consumer(w.Context(), w.by(), domain.EnrolConsumer{
		Consumer: child, Creditor: town, Child: domain.Child{GivenName: "UTENTE", FamilyName: "ALTROVE"}, School: "NIDO", At: day(1),
	}))
	w.must(w.Consumer(w.Context(), w.by(), domain.LinkParent{Consumer: child, Parent: tizio, At: day(1)}))
	if _, err := w.IssueBulletin(w.Context(), w.by(), domain.IssueBulletin{
		Creditor: town, Parent: tizio, Category: "REFEZIONE", Lines: []domain.Line{{Consumer: child, Service: "NIDO", Amount: amount}},
		Period: domain.Period{From: "2020-01-01", To: "2020-01-31"}, Due: "2020-02-20", Causale: "Nido", At: day(2),
	}); err != nil {
		w.Fatal(err)
	}
	return town, child
}

// Bodies that share a ledger do not see each other's books. What names no body, a
// parent's registration, all of them see, sealed.
func TestAuditorsSeeTheBooksOfTheirOwnBodyAlone(t *testing.T) {
	w, _ := winter(t)
	town, child := w.neighbours(99_99)
	site := w.open(w.log, true)
	for _, path := range []string{
		trialPath, trialPath + "?tipo=receivable:*", situationPath, openPath, explainPath + "?conto=receivable:*", explainPath + "?adulto=" + tizio.String(),
		whyPath + "?conto=receivable:*&da=01/02/2020&a=28/02/2020&fatti=28/02/2020",
		replayPath + "?conto=receivable:*", replayPath + "?adulto=" + tizio.String(), replayPath, replayPath + "?posizione=99",
	} {
		ask(t, site, path).Is(http.StatusOK).Lacks("99,99", "NIDO", string(town), child.String())
	}
	ask(t, site, explainPath+"?conto=receivable:"+child.String()).Is(http.StatusOK, "Nessun evento").Lacks("99,99")
	ask(t, site, whyPath+"?conto=revenue:NIDO&da=01/02/2020&a=28/02/2020").Is(http.StatusOK, "Nessun evento ha mai mosso questo conto")
	ask(t, site, replayPath+"?adulto="+tizio.String()+"&seq=1").Is(http.StatusOK, "Adulto registrato", "dati personali sigillati")
}
