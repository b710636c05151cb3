package portal

import (
	"net/http"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestABulletinIsOfferedWholeAndInInstalments(t *testing.T) {
	b := enter(t)
	whole, rate := b.world.inThree()
	b.Get("/paga?categoria="+refezione).
		Is(http.StatusOK, "2 bollettini da pagare", "Puoi pagarlo intero oppure in 3 rate: scegli tra quelle che seguono",
			"POST-SCUOLA rata 1 di 3", "POST-SCUOLA rata 3 di 3", "Saldo bollettini -117,33 €",
			"Seleziona il bollettino POST-SCUOLA gennaio 2020, 60,00 €", "Seleziona il bollettino POST-SCUOLA gennaio 2020, rata 1 di 3, 20,00 €").
		Has(`id="b-`+string(rate[0])+`"`, `href="/spiega/rata?posizione=41&amp;avviso=`+string(rate[1])+`"`)
	b.Script().Post("/paga/totali", b.payForm("", whole)).Is(http.StatusOK, "Totale 60,00 € Saldo bollettini -117,33 € Saldo bollettini finale -57,33 €")
	b.Script().Post("/paga/totali", b.payForm("", rate[0])).Is(http.StatusOK, "Totale 20,00 € Saldo bollettini -117,33 € Saldo bollettini finale -97,33 €")
	b.Script().Post("/paga/totali", b.payForm("", rate[0], rate[1])).Is(http.StatusOK, "Totale 40,00 €")
}

func TestTheWholeAndAnInstalmentOfItAreNotPaidTogether(t *testing.T) {
	const said = "Hai scelto il bollettino POST-SCUOLA gennaio 2020 intero e anche a rate. Lascia la spunta sull'intero oppure sulle rate"
	b := enter(t)
	whole, rate := b.world.inThree()
	form := b.payForm("online", rate[1], whole, postScuola)
	b.Script().Post("/paga/totali", form).Is(http.StatusOK, said, "Totale 117,33 €", "Saldo bollettini finale 0,00 €")
	for _, action := range []string{"online", "psp"} {
		form.Set("azione", action)
		b.Post("/paga/riepilogo", form).Is(http.StatusUnprocessableEntity, said).Has("checked", `href="#bollettini"`)
	}
	if len(b.world.sent) != 0 {
		t.Errorf("commands went through: %q", b.world.sent)
	}
}

func TestTheNextInstalmentIsPaid(t *testing.T) {
	b := enter(t)
	whole, rate := b.world.inThree()
	id := b.checkout(rate[0])
	b.Get("/paga/riepilogo?pagamento="+id).Is(http.StatusOK, "POST-SCUOLA rata 1 di 3", rate[0].Groups(), "Totale 20,00 €", "Saldo bollettini finale -97,33 €")
	b.world.pay(rate[0])
	b.Get("/paga/esito/"+id).Is(http.StatusOK, "Hai pagato 20,00 €", "rata 1 di 3")
	b.Get("/paga?categoria="+refezione).Is(http.StatusOK, "3 bollettini da pagare", "rata 2 di 3", "rata 3 di 3", "Saldo bollettini -97,33 €").
		Lacks("rata 1 di 3", "Puoi pagarlo intero", "60,00 €")
	b.Get("/paga/avvisi/" + string(whole)).Is(http.StatusNotFound)
	b.Get("/paga/avvisi/"+string(rate[1])).Is(http.StatusOK, "Questo è l'avviso della rata 2 di 3", rate[1].Groups(), "20,00 €")
}

func TestTheNoticeOfAWholeTellsOfInstalments(t *testing.T) {
	b := enter(t)
	whole, rate := b.world.inThree()
	b.Get("/paga/avvisi/"+string(whole)).Is(http.StatusOK, "Puoi pagare questo bollettino intero, oppure in 3 rate", "60,00 €")
	b.Get(b.Post("/paga/riepilogo", b.payForm("psp", rate[0], rate[1])).Header.Get("Location")).Is(http.StatusOK, "POST-SCUOLA rata 1 di 3", "POST-SCUOLA rata 2 di 3")
	form := b.payForm("psp", rate[0])
	b.Post("/paga/riepilogo", form).LeadsTo("/paga/avvisi/" + string(rate[0]))
	b.world.pay(whole)
	b.Get("/paga/avvisi/" + string(rate[0])).Is(http.StatusNotFound)
	b.Get("/paga/avvisi/"+string(whole)).Is(http.StatusOK, "risulta pagato").Lacks("3 rate")
}

func TestAnOpenPagaHearsThatABulletinIsPaidInInstalments(t *testing.T) {
	b := enter(t)
	whole, rate := b.world.inThree()
	var seen []string
	for _, n := range append([]domain.NoticeNumber{postScuola, whole}, rate...) {
		seen = append(seen, "visto="+string(n)+".inviato")
	}
	b.world.pay(rate[0])
	b.Script().Get("/paga/novita?categoria="+refezione+"&saldo=-117.33&"+strings.Join(seen, "&")).
		Is(http.StatusOK, "Il bollettino con avviso "+whole.Groups()+" ora si paga a rate: scegli tra quelle che restano",
			"Il bollettino con avviso "+rate[0].Groups()+" ora risulta pagato", "Saldo bollettini -97,33 €").
		Lacks(rate[1].Groups())
}
