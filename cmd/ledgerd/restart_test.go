package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// halt stops the demonstration and fails the test if it ends with an error.
func (d *demo) halt(t *testing.T) {
	t.Helper()
	if err := d.stop(); err != nil {
		t.Errorf("stopped, it ended with %v\n%s", err, d.log)
	}
}

func TestStartedAgainTheDemonstrationGoesOnWhereItWas(t *testing.T) {
	for name, meanwhile := range map[string]func(*testing.T, string){
		"as it was":         func(*testing.T, string) {},
		"without its views": deleteViews,
	} {
		t.Run(name, func(t *testing.T) { goesOn(t, meanwhile) })
	}
}

func goesOn(t *testing.T, meanwhile func(t *testing.T, data string)) {
	d := runDemoIn(t, t.TempDir())
	v := newVisitor(t)
	cart := d.someHistory(t, v)
	eventually(t, "two letters of welcome, and two of payments", func() bool { return d.letters(t) == 4+ofTheQuestion })
	shown, end := d.shown(v, cart), d.end(t)
	d.halt(t)
	meanwhile(t, d.data)

	d = runDemoIn(t, d.data)
	defer d.halt(t)
	if got := d.end(t); got != end {
		t.Errorf("starting again wrote %v", d.after(t, end))
	}
	for path, text := range d.shown(v, cart) { // in the same session
		if text != shown[path] {
			t.Errorf("%s showed\n%s\nand now shows\n%s", path, shown[path], text)
		}
	}
	d.balanced(t)

	// Reactions go along the log: when the letter of this receipt is there, those of
	// everything before it would be, too.
	d.deliver(t, proof(receiptID(), d.noticeOf(t, cart), 57_33))
	v.visit(d.portal + "/paga/esito/" + cart.String())
	v.until("Hai pagato " + owed)
	eventually(t, "a letter about the receipt", func() bool { return d.letters(t) > 4+ofTheQuestion })
	if got := d.letters(t); got != 5+ofTheQuestion {
		t.Errorf("%d letters, want %d: some were sent again", got, 5+ofTheQuestion)
	}
	if got, want := d.after(t, end), []string{"ReceiptFiled", "PaymentConfirmed", "PaymentCompleted"}; !slices.Equal(got, want) {
		t.Errorf("since then the log has %v, want %v", got, want)
	}
}

// someHistory leaves a second family, a bulletin paid, a child's wallet topped up,
// and the demonstration's parent at the checkout with the cart that it returns.
func (d *demo) someHistory(t *testing.T, v *visitor) domain.PaymentID {
	t.Helper()
	f := d.mevia(t)
	d.deliver(t, proof(receiptID(), d.issue(t, f, 33_30), 33_30))
	var done struct{}
	d.order(t, "/consumers/"+demoConsumer.String()+"/wallet/credits",
		fields{"creditor": demoCreditor, "year": "2019-2020", "amount": "50.00", "at": "2020-01-08"}, &done)
	v.enter(d)
	v.cart(d)
	v.press("Paga tramite pagoPA")
	v.is(http.StatusOK, "Simulatore")
	carts := facts[domain.BulletinsSelected](t, d)
	return carts[len(carts)-1].Payment
}

// lookedAt is when a page says that it was looked at.
var lookedAt = regexp.MustCompile(`(?i)situazione al [0-9/]+ [0-9:]+`)

// shown is what the parent's pages and the API say, by address.
func (d *demo) shown(v *visitor, cart domain.PaymentID) map[string]string {
	v.t.Helper()
	d.upToDate(v.t)
	all := map[string]string{}
	for _, path := range []string{
		"/consumatori", "/consumatori/" + demoConsumer.String() + "/movimenti", "/paga",
		"/paga?categoria=" + string(demoCategory), "/paga/esito/" + cart.String(),
	} {
		v.visit(d.portal + path)
		v.is(http.StatusOK, "Tizio Sempronio")
		all[path] = lookedAt.ReplaceAllString(fold(v.text), "situazione")
	}
	for _, path := range []string{town + "/accounts", town + "/parents/" + demoParent.String() + "/saldo", "/payments/" + cart.String()} {
		a, err := d.office().get(v.t.Context(), path, d.end(v.t))
		if err != nil || a.status != http.StatusOK {
			v.t.Fatalf("%s: status %d, %v", path, a.status, err)
		}
		all[path] = string(a.body)
	}
	return all
}

// noticeOf is the one notice of a cart.
func (d *demo) noticeOf(t *testing.T, cart domain.PaymentID) domain.NoticeNumber {
	t.Helper()
	var p struct{ Lines []domain.SelectedBulletin }
	d.look(t, "/payments/"+cart.String(), &p)
	return p.Lines[0].Notice
}

func deleteViews(t *testing.T, data string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "views.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no views to delete: %v", err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStoppingWaitsForReceiptsUnderWay(t *testing.T) {
	d := runDemoIn(t, t.TempDir())
	ctx, giveUp := context.WithCancel(t.Context())
	var (
		senders sync.WaitGroup
		mu      sync.Mutex
		taken   []domain.ReceiptID // answered with OK
	)
	for range 8 {
		senders.Go(func() {
			for ctx.Err() == nil {
				id := receiptID()
				_, err := d.node().SendRTV2(ctx, proof(id, someNotice(t), 1_00))
				switch {
				case err == nil:
					mu.Lock()
					taken = append(taken, domain.ReceiptID(id))
					mu.Unlock()
				case strings.Contains(err.Error(), "HTTP status"):
					t.Errorf("a receipt under way was dropped: %v", err)
				}
			}
		})
	}
	time.Sleep(200 * time.Millisecond) // into the middle of it
	began := time.Now()
	d.halt(t)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %s", took)
	}
	giveUp()
	senders.Wait()

	d = runDemoIn(t, d.data)
	defer d.halt(t)
	filed := map[domain.ReceiptID]int{}
	for _, e := range facts[domain.ReceiptFiled](t, d) {
		filed[e.Receipt]++
	}
	for _, id := range taken {
		if filed[id] != 1 {
			t.Errorf("receipt %s was answered with OK and is in the log %d times", id, filed[id])
		}
	}
	t.Logf("%d receipts were taken", len(taken))
	d.balanced(t)
}

// someNotice is one of the many numbers that nobody was given.
func someNotice(t *testing.T) domain.NoticeNumber {
	notice, err := domain.NewNoticeNumber(1, 1_000_000+rand.Uint64N(domain.MaxNoticeBase-1_000_000))
	if err != nil {
		t.Error(err)
	}
	return notice
}
