package portal

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// verify has a bulletin wait for the receipt of a payment that may have been made.
func (b *browser) verify(n domain.NoticeNumber) *browser {
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	b.world.find(n).Verifying = &Pending{Since: b.world.now.Add(-time.Hour), Payment: domain.PaymentID{UUID: uuid.Max}}
	return b
}

// verifyPaid does so with a payment whose page is there.
func (b *browser) verifyPaid(n domain.NoticeNumber) *browser {
	id := uuid.MustParse(b.checkout(n))
	b.verify(n)
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	b.world.find(n).Verifying.Payment.UUID = id
	return b
}

const (
	sure  = "Non ho concluso il pagamento: voglio pagare 57,33 €"
	asked = "Hai già pagato il bollettino POST-SCUOLA gennaio 2020?"
)

func TestABulletinBeingVerifiedIsNeitherDebtAloneNorPaid(t *testing.T) {
	b := enter(t).verify(postScuola)
	b.Get("/paga?categoria="+refezione).
		Is(http.StatusOK, "In verifica dal 10/02/2020 09:31 . Aspettiamo la conferma del pagamento. Vedi il pagamento",
			"Saldo bollettini -57,33 € di cui in verifica 57,33 € Saldo bollettini finale -57,33 €", "Seleziona il bollettino POST-SCUOLA gennaio 2020").
		Lacks("Inviato", asked)
	b.Get("/consumatori").Is(http.StatusOK, "Saldo bollettini della famiglia -57,33 € In verifica di cui in verifica 57,33 €")
}

func TestWithoutVerificationNothingIsSaidOfIt(t *testing.T) {
	b := enter(t)
	b.Get("/paga?categoria=" + refezione).Is(http.StatusOK).Lacks("verifica")
	b.Get("/consumatori").Is(http.StatusOK).Lacks("verifica")
}

// TestATickOfABulletinBeingVerifiedAsks: it is not locked, and not paid by mistake.
func TestATickOfABulletinBeingVerifiedAsks(t *testing.T) {
	b := enter(t).verify(postScuola)
	const after = "Totale 57,33 € Saldo bollettini -57,33 € di cui in verifica 57,33 € Saldo bollettini finale 0,00 €"
	form := b.payForm("online", postScuola)
	b.Script().Post("/paga/totali", form).Is(http.StatusOK, asked, sure, after)
	page := b.Post("/paga/riepilogo", form).Is(http.StatusUnprocessableEntity, verifyingAsk, asked, sure, after).
		Has(`href="#conferma"`, `id="conferma-errore"`, `aria-invalid="true"`)
	if len(b.world.sent) != 0 {
		t.Fatalf("commands went through: %q", b.world.sent)
	}
	if n := strings.Count(page.Body, " checked"); n != 1 {
		t.Errorf("%d boxes are ticked, want the bulletin's alone", n)
	}
	form.Set("conferma", string(postScuola))
	b.Script().Post("/paga/totali", form).Is(http.StatusOK, sure).Has("checked")
	to := b.Post("/paga/riepilogo", form).Header.Get("Location")
	if to == "" || len(b.world.sent) != 1 {
		t.Errorf("confirmed, it led to %q and sent %q", to, b.world.sent)
	}
}

func TestAConfirmationIsForTheBulletinsItNames(t *testing.T) {
	b := enter(t)
	other := b.world.raise(60, tizio, 1000)
	b.verify(postScuola).verify(other)
	form := b.payForm("psp", postScuola, other)
	form.Set("conferma", string(postScuola))
	b.Post("/paga/riepilogo", form).Is(http.StatusUnprocessableEntity, "Hai già pagato i bollettini", "voglio pagare 67,33 €")
	form.Set("conferma", string(postScuola)+"."+string(other))
	b.Post("/paga/riepilogo", form)
	if len(b.world.sent) == 0 {
		t.Error("both were confirmed, and nothing was sent")
	}
}

func TestABulletinBeingVerifiedIsTickedByHandAlone(t *testing.T) {
	b := enter(t).verify(postScuola)
	other := b.world.raise(60, tizio, 1000)
	b.Get("/paga?categoria="+refezione+"&bollettino="+tick{postScuola, 5733}.String()+"&bollettino="+tick{other, 1000}.String()).
		Is(http.StatusOK, "Totale 10,00 €").Lacks(asked)
}

func TestOtherBulletinsArePaidWithoutAQuestion(t *testing.T) {
	b := enter(t).verify(postScuola)
	other := b.world.raise(60, tizio, 1000)
	b.Post("/paga/riepilogo", b.payForm("online", other))
	if len(b.world.sent) != 1 {
		t.Errorf("sent %q", b.world.sent)
	}
}
