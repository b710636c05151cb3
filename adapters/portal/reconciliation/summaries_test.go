package reconciliation

import (
	"net/http"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

func TestSummariesAreShownAndFetched(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	days := "?dal=01/11/2026&al=27/11/2026&per="
	d.Get(summariesPath+days+"day").Is(http.StatusOK, "Per giorno, dal 01/11/2026 al 27/11/2026", "Da verificare", "Totale")
	d.Get(summariesPath+days+"chapter").Is(http.StatusOK, "3120/1", "SERVIZIO MENSA", "senza capitolo", "POST-SCUOLA", "56,33 €").
		Has(`href="` + summaryFilePath + `?al=2026-11-27&amp;dal=2026-11-01&amp;formato=xlsx&amp;per=chapter"`)
	d.Get(summariesPath+days+"reversali").Is(http.StatusOK, "18/11/2026", "127", squaredFlow, "RT-1", string(notice(1)), "Totale del capitolo")
	a := d.Get(summaryFilePath+days+"psp&formato=csv").Is(http.StatusOK, "lines of csv")
	if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="resoconto-psp-`+string(portaltest.Body.FiscalCode)+`-2026-11-01-2026-11-27.csv"` {
		t.Error(got)
	}
	d.Get(summaryFilePath+days+"psp&formato=pdf").Is(http.StatusUnprocessableEntity, "Un file PDF non contiene tante righe")
	d.Get(summaryFilePath + days + "psp&formato=doc").Is(http.StatusNotFound)
	d.Get(summariesPath+"?per=mese&dal=ieri").Is(http.StatusUnprocessableEntity, "Scegli un resoconto dell'elenco", "Scrivi il primo giorno")
	d.Get(summariesPath+"?dal=01/01/2025&al=27/11/2026").Is(http.StatusUnprocessableEntity, "al massimo di 400 giorni")
}
