package portal

import (
	"net/http"
	"testing"
	"time"
)

func TestElencoConsumatoriShowsTheGuidesRow(t *testing.T) {
	enter(t).Get("/consumatori").
		Is(http.StatusOK, "Home / Elenco consumatori", "Consumatori Saldo Ultima ricarica Saldo bollettini Ultimo bollettino Servizi Dieta",
			"UTENTE TEST MAT. BORSELLINO Movimenti di UTENTE TEST 0,00 €", "nessuna ricarica", "-57,33 €", "39,13 €", "03/02/2020",
			"SERVIZIO MENSA POST-SCUOLA NORMALE", "Saldo bollettini della famiglia -57,33 € Paga", "Tizio Sempronio Esci").
		Has(`<time datetime="2020-02-03">03/02/2020</time>`, `href="/consumatori/`+utenteTest.String()+`/movimenti"`,
			`<th scope="row">UTENTE TEST`, `role="region" aria-labelledby="consumatori-titolo" tabindex="0"`)
}

func TestASpecialDietHasNoReason(t *testing.T) {
	enter(t).twoChildren().Get("/consumatori").
		Is(http.StatusOK, "DIETA SPECIALE", "1.234,50 €", "07/01/2020", "nessun bollettino", "nessun servizio").Lacks("GLUTINE")
}

func TestAParentWithoutChildrenIsToldWhatToDo(t *testing.T) {
	b := enter(t)
	b.world.consumers = nil
	b.Get("/consumatori").Is(http.StatusOK, "In attesa di abbinamento", "registrarsi non basta", "Abbina un bambino", "Piazza Municipio 1")
}

func TestMovimentiExplainTheFigures(t *testing.T) {
	enter(t).Get("/consumatori/"+utenteTest.String()+"/movimenti").
		Is(http.StatusOK, "Movimenti di UTENTE TEST", "Data Causale Dare Avere Saldo Documento",
			"10/01/2020 Bollettino SERVIZIO MENSA dicembre 2019 39,13 €", "-39,13 €", "RT-41", "-57,33 €",
			"Ricariche e pasti", "Non ci sono ricariche né pasti addebitati").
		Has(`id="bollettini"`, `id="ricariche"`, `href="/paga/avvisi/`+string(postScuola)+`"`)
}

func TestStatoTellsWhetherTheViewsCanBeRead(t *testing.T) {
	b := open(t)
	b.Get("/stato").Is(http.StatusOK, "Il portale funziona regolarmente", "10/02/2020 10:31")
	b.world.fail["Await"] = http.ErrServerClosed
	b.Get("/stato").Is(http.StatusServiceUnavailable, "i dati dei bollettini non sono disponibili")
}

func TestWordsAreForEverybody(t *testing.T) {
	for path, text := range map[string]string{
		"/accesso/aiuto": "Crea il tuo account da Registrati", "/domande-frequenti": "Come pago un bollettino?",
		"/preferiti": "Ctrl e D", "/privacy": "Regolamento (UE) 2016/679", "/note-legali": "CC BY 4.0",
	} {
		open(t).Get(path).Is(http.StatusOK, text, "Accedi").Lacks("Menu principale")
		enter(t).Get(path).Is(http.StatusOK, text, "Menu principale", "Tizio Sempronio")
	}
}

func TestPagesOutliveTheirSession(t *testing.T) {
	b := enter(t)
	b.world.now = b.world.now.Add(time.Hour)
	b.Get("/domande-frequenti").Is(http.StatusOK, "Accedi").Lacks("Tizio")
}
