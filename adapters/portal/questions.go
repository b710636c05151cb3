package portal

import "slices"

// QuestionSection is a part of Domande frequenti.
type QuestionSection struct {
	Title     string
	Questions []Question
}

// Question is one of them, with its answer.
type Question struct{ Question, Answer string }

// questions are the Domande frequenti: the body's own, and then the portal's unless
// those replace them.
func (t Texts) questions() []QuestionSection {
	if t.ReplaceQuestions {
		return t.Questions
	}
	return append(slices.Clip(t.Questions), ownQuestions()...)
}

func ownQuestions() []QuestionSection {
	return []QuestionSection{
		{"Pagare", []Question{
			{"Come pago un bollettino?", "Apri Paga, scegli la categoria di pagamento e seleziona i bollettini. Poi scegli Paga online, per pagare subito con carta, conto o altri metodi, oppure Paga presso PSP, per pagare con l'avviso in banca, negli uffici postali, nelle tabaccherie o nei supermercati."},
			{"Posso pagare più bollettini insieme?", "Sì, se sono della stessa categoria: online fino a 5 per volta. Con gli avvisi ogni bollettino si paga per conto suo."},
			{"Un bollettino è scaduto: posso ancora pagarlo?", "Sì. Accanto allo stato Inviato compare Scaduto, ma il bollettino resta da pagare nello stesso modo."},
			{"C'è una commissione?", "La decide chi incassa, non l'ente. La vedi prima di confermare e può cambiare da uno all'altro: conviene confrontare. Non fa parte del saldo bollettini."},
			{"Chi vede i dati della mia carta?", "Solo chi esegue il pagamento. Questo portale non li riceve e non li conserva."},
		}},
		{"Dopo il pagamento", []Question{
			{"Ho pagato ma il bollettino risulta ancora da pagare. Che cosa faccio?", "Aspetta la conferma: di solito arriva in pochi secondi, a volte serve di più. Finché l'esito è In verifica non pagare di nuovo. Se dopo un giorno lavorativo il bollettino è ancora da pagare, contatta l'ufficio e tieni a portata di mano la ricevuta."},
			{"Ho pagato due volte lo stesso bollettino.", "Il secondo pagamento non va perso: resta registrato a tuo credito. Contatta l'ufficio per il rimborso."},
			{"Posso chiudere la pagina mentre l'esito è In verifica?", "Sì. Il pagamento, se lo hai concluso, viene registrato comunque."},
		}},
		{"Saldo e movimenti", []Question{
			{"Che differenza c'è tra Saldo e Saldo bollettini?", "Saldo è il credito prepagato del bambino: le ricariche meno i pasti. Saldo bollettini è quanto resta da pagare per i bollettini emessi: un importo con il segno meno è un debito."},
			{"Che cos'è il Saldo bollettini finale?", "È il saldo bollettini come sarà dopo il pagamento: il saldo bollettini più il totale dei bollettini selezionati."},
			{"Dove vedo il dettaglio?", "In Elenco consumatori ogni importo porta ai movimenti che lo compongono."},
		}},
		{"Account", []Question{
			{"Non vedo mio figlio nell'elenco.", "Il tuo account deve essere abbinato dall'ufficio a ogni bambino. Contatta l'ufficio con il tuo codice fiscale e il nome del bambino."},
			{"Perché il portale mi chiede di accedere di nuovo?", "Per sicurezza: dopo 15 minuti senza attività, e comunque dopo 8 ore, la sessione finisce. Due minuti prima il portale ti chiede se vuoi restare collegato."},
		}},
	}
}
