package revision

import (
	"context"
	"errors"
	"fmt"
	"html"
	"iter"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// summary finds the links of a summary of errors: each leads to a field that is there.
var summary = regexp.MustCompile(`class="alert-link" href="#([^"]+)"`)

func TestTheTrialBalanceSaysWhatEachAccountMoved(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	ask(t, site, trialPath).Is(http.StatusOK,
		"Dare 127,16 € = Avere 127,16 €", "Crediti verso le famiglie Conto per conto 69,83 € 57,33 € 12,50 €",
		"Ricavi di MENSA 0,00 € 69,83 € -69,83 €", "Incassi pagoPA in transito 57,33 € 0,00 € 57,33 €", "Totale 127,16 € 127,16 € 0,00 €",
		"fino alla posizione 18").Has(`alert-success`, `href="/revisione/cifra?conto=receivable%3A%2A"`)
	ask(t, site, trialPath+"?fatti=02/02/2020").Is(http.StatusOK, "Dare 69,83 € = Avere 69,83 €").Lacks("in transito 57,33")
	ask(t, site, trialPath+"?registrati=03/02/2020").Is(http.StatusOK, "Dare 69,83 € = Avere 69,83 €")
	ask(t, site, trialPath+"?posizione=14").Is(http.StatusOK, "fino alla posizione 14", "Conta anche quello che è venuto dopo")
	one := ask(t, site, trialPath+"?tipo=receivable:*").Is(http.StatusOK, "conto per conto (1)", "Credito per il bambino "+utente.String()+" 69,83 € 57,33 € 12,50 €", "Torna a tutti i conti")
	one.Has(`href="/revisione/cifra?conto=receivable%3A` + utente.String() + `"`)
	if look := w.looks[len(w.looks)-1]; len(w.looks) != 1 || !slices.Equal(look.Of, []uuid.UUID{utente.UUID}) {
		t.Errorf("noted %+v", w.looks)
	}
	ask(t, site, trialPath+"?tipo=bank").Is(http.StatusNotFound)
	ask(t, site, trialPath+"?conto=bank").Is(http.StatusOK, "niente ha mosso denaro")
}

func TestTwoDatesStandSideBySide(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	a := ask(t, site, situationPath+"?fatti=28/02/2020&registrati=02/02/2020&registrati2=28/02/2020").Is(http.StatusOK,
		"Crediti verso le famiglie Conto per conto 69,83 € 12,50 € -57,33 €", "Incassi pagoPA in transito 0,00 € 57,33 € 57,33 €", "Totale 0,00 € 0,00 € 0,00 €")
	a.Has(`href="/revisione/variazioni?a=28%2F02%2F2020&amp;conto=receivable%3A%2A&amp;da=02%2F02%2F2020&amp;fatti=28%2F02%2F2020"`,
		`href="/revisione/cifra?conto=receivable%3A%2A&amp;fatti=28%2F02%2F2020&amp;registrati=02%2F02%2F2020"`,
		`href="/revisione/cifra?conto=receivable%3A%2A&amp;fatti=28%2F02%2F2020&amp;registrati=28%2F02%2F2020"`)
	ask(t, site, situationPath+"?fatti=02/02/2020&fatti2=03/02/2020&conto=pagopa:transit").Is(http.StatusOK, "Incassi pagoPA in transito 0,00 € 57,33 € 57,33 €").
		Lacks("Crediti verso le famiglie Conto")
}

// Whatever the dates differ in, a difference leads to events that add up to it.
func TestEveryDifferenceLeadsToItsEvents(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	for dates, want := range map[string][]string{
		"fatti=02/02/2020&fatti2=03/02/2020":           {"Saldo dei fatti entro il 02/02/2020 69,83 €", "Fatti nuovi (1) -57,33 €", "Saldo dei fatti entro il 03/02/2020 12,50 €"},
		"fatti=03/02/2020&fatti2=02/02/2020":           {"12,50 €", "Fatti nuovi (1) 57,33 €", "69,83 €"},
		"fatti2=02/02/2020":                            {"Saldo di tutti i fatti 12,50 €", "Fatti nuovi (1) 57,33 €"},
		"registrati=03/02/2020&registrati2=28/02/2020": {"Saldo come si sapeva il 03/02/2020 69,83 €", "Fatti tardivi (1) -57,33 €"},
		"registrati2=03/02/2020":                       {"12,50 €", "57,33 €", "Saldo come si sapeva il 03/02/2020 69,83 €"},
		"fatti=02/02/2020&registrati=02/02/2020&fatti2=28/02/2020&registrati2=28/02/2020": {
			"Saldo dei fatti entro il 02/02/2020 come si sapeva il 02/02/2020 69,83 €", "Fatti nuovi (1) -57,33 €", "12,50 €"},
	} {
		link := differenceOf.FindStringSubmatch(ask(t, site, situationPath+"?"+dates).Is(http.StatusOK).Body)
		if link == nil {
			t.Errorf("%s: no link", dates)
			continue
		}
		ask(t, site, html.UnescapeString(link[1])).Is(http.StatusOK, append(want, "tutta la differenza")...)
	}
	if same := ask(t, site, situationPath+"?fatti=28/02/2020&fatti2=28/02/2020"); strings.Contains(same.Body, "?a=") || differenceOf.MatchString(same.Body) {
		t.Error("no difference leads somewhere")
	}
}

// differenceOf is where the difference of the receivables leads to.
var differenceOf = regexp.MustCompile(`<a href="([^"]+receivable[^"]+)" aria-label="Perché`)

// A page of a list is read by its own events alone, once the log was read through.
func TestALaterPageReadsItsEventsAlone(t *testing.T) {
	w := newWorld(t)
	for n := range 3*linesShown + 3 {
		w.child(n)
	}
	log := &passes{Reader: w.log}
	site := w.open(log, true)
	for _, path := range []string{explainPath + "?conto=receivable:*&posizione=", whyPath + "?conto=receivable:*&da=31/01/2020&a=31/12/2020&fatti=tutti&classe=nuovi&posizione="} {
		end, err := w.log.End(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		path += fmt.Sprint(end)
		ask(t, site, path).Is(http.StatusOK, "153")
		log.whole.Store(0)
		for page, rows := range map[int]int{1: 50, 2: 50, 3: 50, 4: 3, 5: 0} {
			a := ask(t, site, fmt.Sprintf("%s&pagina=%d", path, page)).Is(http.StatusOK)
			if n := strings.Count(a.Body, `<th scope="row"`); n != rows {
				t.Errorf("%s, page %d: %d rows", path, page, n)
			}
		}
		if n := log.whole.Load(); n != 0 {
			t.Errorf("%s: the log was read through %d times more", path, n)
		}
	}
}

// farIn is how many events somebody reads who reads the log through.
const farIn = 700

// passes counts how often a log is read through from its beginning.
type passes struct {
	eventstore.Reader
	whole atomic.Int64
}

func (p *passes) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		n := 0
		for rec, err := range p.Reader.ReadAll(ctx, after) {
			if n++; after == 0 && n == farIn {
				p.whole.Add(1)
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

func TestADateBeforeTheFirstEventHasAnAnswer(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	for _, path := range []string{
		trialPath + "?fatti=31/12/2019", situationPath + "?fatti=28/02/2020&fatti2=31/12/2019", openPath + "?registrati=2019-12-31", explainPath + "?conto=bank&fatti=31/12/2019",
		whyPath + "?conto=receivable:*&da=31/12/2019&a=28/02/2020",
	} {
		ask(t, site, path).Is(http.StatusOK, "Il primo evento dell'ente è del 01/02/2020 09:00:00", "non c'era ancora niente")
	}
}

func TestOpenBulletinsAreListedAsOfADate(t *testing.T) {
	w, paid := winter(t)
	site := w.open(w.log, true)
	a := ask(t, site, openPath).Is(http.StatusOK, "Bollettini aperti (1)", "02/02/2020 09:00 20/02/2020 "+tizio.String()+" 12,50 €", "Totale di 1 bollettino 12,50 €").Lacks(string(paid), "Sempronio")
	a.Has(`href="/revisione/cifra?avviso=`)
	if len(w.looks) != 1 || !slices.Contains(w.looks[0].Of, tizio.UUID) || !slices.Contains(w.looks[0].Of, utente.UUID) {
		t.Errorf("noted %+v", w.looks)
	}
	ask(t, site, openPath+"?registrati=03/02/2020").Is(http.StatusOK, "Bollettini aperti (2)", "Totale di 2 bollettini 69,83 €", string(paid))
	ask(t, site, openPath+"?registrati=03/02/2020&registrati2=28/02/2020").Is(http.StatusOK, "57,33 € 0,00 € -57,33 €", "Totale di 2 bollettini 69,83 € 12,50 € -57,33 €")
	ask(t, site, openPath+"?fatti=01/02/2020").Is(http.StatusOK, "nessun bollettino era aperto")
}

func TestEveryFigureOpensItsEvents(t *testing.T) {
	w, notice := winter(t)
	site := w.open(w.log, true)
	a := ask(t, site, explainPath+"?conto=receivable:*").Is(http.StatusOK, "Crediti verso le famiglie: 12,50 €", "3 eventi: in dare 69,83 €, in avere 57,33 €. La somma è 12,50 €",
		"Pagamento confermato alla posizione 18 Ricevuta RT-"+string(notice)+" 03/02/2020 09:00:00 04/02/2020 09:00:00 57,33 € 12,50 €")
	a.Has(`alert-success`, `href="/revisione/replay?posizione=18"`)
	ask(t, site, explainPath+"?avviso="+string(notice)).Is(http.StatusOK, "Dovuto dell'avviso "+string(notice)+" : 0,00 €", "2 eventi")
	ask(t, site, explainPath+"?adulto="+tizio.String()).Is(http.StatusOK, "Saldo bollettini dell'adulto "+tizio.String()+" : -12,50 €", "3 eventi")
	ask(t, site, explainPath+"?conto=bank").Is(http.StatusOK, "Banca: 0,00 €", "Nessun evento")
	ask(t, site, replayPath+"?posizione=18").Is(http.StatusOK, "Evento 18 di 18: Pagamento confermato")
	ask(t, site, explainPath).Is(http.StatusOK).Lacks("La somma è")
}

func TestWhyAFigureChangedIsToldByItsEvents(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	question := whyPath + "?conto=receivable:*&da=03/02/2020&a=28/02/2020"
	late := "Fatti tardivi 03/02/2020 09:00:00 04/02/2020 09:00:00 -57,33 €"
	ask(t, site, question).Is(http.StatusOK, "Saldo come si sapeva il 03/02/2020 69,83 €", "Fatti tardivi (1) -57,33 €", "Rettifiche (0) 0,00 €", "Saldo come si sapeva il 28/02/2020 12,50 €",
		"Gli eventi fanno -57,33 €: tutta la differenza", late).Has(`href="/revisione/replay?posizione=18"`)
	ask(t, site, question+"&classe=tardivi").Is(http.StatusOK, late)
	ask(t, site, question+"&classe=rettifiche").Is(http.StatusOK, "Rettifiche (0)", "Nessun evento di questo genere").Lacks(late)
	ask(t, site, whyPath+"?conto=bank&da=03/02/2020&a=28/02/2020").Is(http.StatusOK, "Nessun evento ha mai mosso questo conto")
	ask(t, site, whyPath).Is(http.StatusOK).Lacks("Gli eventi fanno")
}

func TestWhatAPageOfFiguresCannotShowIsTold(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	long := strings.Repeat("x", maxTyped+1)
	for path, want := range map[string]string{
		trialPath + "?fatti=ieri":                                  "Scrivi una data, ad esempio 12/02/2020",
		trialPath + "?registrati=31/02/2020":                       "Scrivi una data",
		trialPath + "?posizione=0":                                 "Scrivi una posizione del registro, da 1 a 18",
		trialPath + "?posizione=19":                                "Scrivi una posizione del registro, da 1 a 18",
		trialPath + "?posizione=-1":                                "Scrivi una posizione del registro, da 1 a 18",
		trialPath + "?conto=" + long:                               "Scegli un conto dell'elenco",
		situationPath + "?fatti2=domani":                           "Scrivi una data",
		situationPath + "?registrati2=1":                           "Scrivi una data",
		openPath + "?fatti=x":                                      "Scrivi una data",
		explainPath + "?avviso=12":                                 "Scrivi le 18 cifre",
		explainPath + "?adulto=tizio":                              "Scrivi il codice dell'adulto",
		explainPath + "?conto=bank&adulto=" + tizio.String():       "Indica una cifra sola",
		whyPath + "?da=03/02/2020":                                 "Scegli il conto",
		whyPath + "?conto=bank":                                    "Scrivi il giorno da cui partire",
		whyPath + "?conto=bank&da=03/02/2020":                      "Scrivi il giorno a cui arrivare",
		whyPath + "?conto=bank&fatti=03/02/2020":                   "Scrivi il giorno da cui partire",
		whyPath + "?conto=bank&fatti2=domani":                      "Scrivi una data",
		whyPath + "?conto=" + long + "&da=03/02/2020&a=02/02/2020": "Scegli un conto dell'elenco",
		replayPath + "?posizione=x":                                "La posizione nel registro è un numero intero",
	} {
		a := ask(t, site, path)
		a.Is(http.StatusUnprocessableEntity, want).Has(`id="errori"`)
		for _, link := range summary.FindAllStringSubmatch(a.Body, -1) {
			a.Has(`id="` + link[1] + `"`)
		}
	}
}

func TestALongReckoningKeepsItsPlaceInTheAddress(t *testing.T) {
	w, _ := winter(t)
	log := slow{w.log, make(chan struct{})}
	site := w.open(log, true)
	ask(t, site, trialPath+"?fatti=28/02/2020").LeadsTo(trialPath + "?fatti=28%2F02%2F2020&posizione=18")
	ask(t, site, trialPath+"?fatti=28/02/2020&posizione=18").Is(http.StatusOK, "Sto leggendo il registro").Has(`http-equiv="refresh" content="2"`)
	w.owe(20, 100) // the log grows meanwhile
	close(log.on)
	ask(t, site, trialPath+"?fatti=28/02/2020&posizione=18").Is(http.StatusOK, "Dare 127,16 € = Avere 127,16 €", "fino alla posizione 18")
}

// A list of any length is shown page by page, and only some pages of it are in memory.
func TestALongListIsKeptInPart(t *testing.T) {
	const all = 2*keptPages*linesShown + 7
	for page := range 2*keptPages + 2 {
		kept := run[int]{number: page / keptPages}
		for i := range all {
			kept.add(i)
		}
		rows, more := kept.page(page)
		first := page * linesShown
		want := max(0, min(linesShown, all-first))
		if len(rows) != want || want > 0 && rows[0] != first || more != (first+linesShown < all) || len(kept.rows) > keptPages*linesShown {
			t.Errorf("page %d has %d rows of %d, more %t", page, len(rows), len(kept.rows), more)
		}
	}
}

func TestTheSumsOfAFigureAreHeldAgainstACountApart(t *testing.T) {
	for agree, e := range map[bool]*explanation{true: {&audit.Explanation{Sum: 5}, 5}, false: {&audit.Explanation{Sum: 5}, 6}} {
		if e.Agrees() != agree {
			t.Errorf("%+v agrees: %t", e, !agree)
		}
	}
	if (trialPage{Totals: [2]audit.Turnover{{Debits: 1}, {}}}).Balanced() {
		t.Error("books that do not balance pass")
	}
}

// A hundred thousand accounts are listed fifty at a time.
func TestManyAccountsAreGroupedAndListedPageByPage(t *testing.T) {
	w := newWorld(t)
	site := w.open(w.log, true)
	for n := range linesShown + 3 {
		w.child(n)
	}
	ask(t, site, trialPath).Is(http.StatusOK, "Crediti verso le famiglie Conto per conto 53,00 € 0,00 € 53,00 €")
	a := ask(t, site, trialPath+"?tipo=receivable:*").Is(http.StatusOK, "conto per conto (53)", "Totale 53,00 €", "Successivi")
	if n := strings.Count(a.Body, "Credito per il bambino"); n != linesShown {
		t.Errorf("%d accounts on a page", n)
	}
	b := ask(t, site, trialPath+"?pagina=2&tipo=receivable:*").Is(http.StatusOK, "Totale 53,00 €", "Precedenti").Lacks("Successivi")
	if n := strings.Count(b.Body, "Credito per il bambino"); n != 3 {
		t.Errorf("%d accounts on the last page", n)
	}
}

// What is counted by the service's snapshots of balances is what the whole log gives.
func TestFiguresAreTheSameWithSnapshots(t *testing.T) {
	w, _ := winter(t)
	plain := w.open(w.log, true)
	snapshots, err := audit.OpenSnapshots(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = snapshots.Close() })
	snapshots.Every = 4
	ctx, stop := context.WithCancel(t.Context())
	if err := snapshots.Keep(ctx, soFar{w.log, stop}); !errors.Is(err, context.Canceled) || snapshots.Len() == 0 {
		t.Fatalf("%d snapshots, %v", snapshots.Len(), err)
	}
	w.snapshots = snapshots
	fast := w.open(w.log, true)
	for _, path := range []string{
		trialPath, trialPath + "?fatti=02/02/2020", trialPath + "?registrati=03/02/2020", situationPath + "?fatti=02/02/2020&fatti2=28/02/2020",
		explainPath + "?conto=receivable:*", whyPath + "?conto=receivable:*&da=03/02/2020&a=28/02/2020",
	} {
		if want, got := ask(t, plain, path).Is(http.StatusOK), ask(t, fast, path); got.Body != want.Body {
			t.Errorf("%s reads\n%s\nwant\n%s", path, got.Text(), want.Text())
		}
	}
}
