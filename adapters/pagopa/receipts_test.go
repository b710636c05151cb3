package pagopa_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

var receipts = []string{"sendRT-request", "sendRTV2-request"}

func TestAReceiptIsHandedOverAsItCame(t *testing.T) {
	for _, name := range receipts {
		d := newDesk(t)
		doc := wiretest.Sample(t, name)
		wantOK(t, d.post(t, doc))
		if want := []delivery{{body, string(doc)}}; !reflect.DeepEqual(d.received, want) || len(d.kept) > 0 {
			t.Errorf("%s: received %+v, kept %+v", name, d.received, d.kept)
		}
	}
}

func TestTheSameReceiptAgainIsOK(t *testing.T) {
	for _, name := range receipts {
		d := newDesk(t)
		for range 3 {
			wantOK(t, d.post(t, wiretest.Sample(t, name)))
		}
		if len(d.received) != 3 { // telling them apart is the ledger's
			t.Errorf("%s: %d handed over", name, len(d.received))
		}
	}
}

func TestAReceiptIsNeverRefusedForWhatItSays(t *testing.T) {
	root := sample(t, "sendRTV2-request")
	for what, doc := range map[string][]byte{
		"a notice nobody issued":           root.With(t, "receipt/noticeNumber", "399999999999999999"),
		"a notice of another body":         root.With(t, "receipt/fiscalCode", "01234500062"),
		"an amount that does not add up":   root.With(t, "receipt/paymentAmount", "0.00"),
		"an IUV that is not the notice's":  root.With(t, "receipt/creditorReferenceId", "RF18539007547034"),
		"no moment of payment":             root.Without(t, "receipt/paymentDateTime"),
		"a receipt id that is no token":    root.With(t, "receipt/receiptId", "x"),
		"a segregation code not ours":      root.With(t, "receipt/noticeNumber", "308000000000042153"),
		"check digits that are not right":  root.With(t, "receipt/noticeNumber", "307000000000042100"),
		"a transfer for somebody unheard":  root.With(t, "receipt/transferList/transfer/fiscalCodePA", "99999999999"),
		"a very long receipt id, no limit": root.With(t, "receipt/receiptId", strings.Repeat("x", 300)),
	} {
		d := newDesk(t)
		clear(d.debts)
		wantOK(t, d.post(t, doc))
		if len(d.received) != 1 || len(d.kept) > 0 {
			t.Errorf("%s: received %d, kept %d", what, len(d.received), len(d.kept))
		}
	}
}

func TestAReceiptThatProvesNothingIsKept(t *testing.T) {
	for _, name := range receipts {
		for _, c := range []struct {
			path, text string
			want       soap.FaultCode
		}{
			{"receipt/outcome", "KO", soap.FaultSemantics},
			{"receipt/receiptId", "", soap.FaultSyntaxBeyond},
			{"receipt/receiptId", " \n", soap.FaultSyntaxBeyond},
		} {
			d := newDesk(t)
			doc := sample(t, name).With(t, c.path, c.text)
			wantKO(t, d.post(t, doc), c.want)
			turnedAway(t, d, name, doc)
			if _, err := pagopa.ParseReceipt(doc); err == nil {
				t.Errorf("%s: %s %q is read as a receipt", name, c.path, c.text)
			}
		}
	}
}

func TestWithoutDurabilityThereIsNoAnswerToAReceipt(t *testing.T) {
	refusal := &domain.Refusal{Kind: domain.NotFound, Rule: "no such notice"}
	for _, name := range receipts {
		for _, err := range []error{errors.New("bus down"), context.DeadlineExceeded, refusal} {
			d := newDesk(t)
			d.receiveErr = err
			status, resp := d.serve(t, request(wiretest.Sample(t, name)))
			if status != http.StatusInternalServerError || resp != nil || !strings.Contains(d.log.String(), err.Error()) {
				t.Errorf("%s: %v: status %d, log %q", name, err, status, d.log.String())
			}
		}
		for what, doc := range map[string][]byte{
			"broken":   sample(t, name).Without(t, "receipt/companyName"),
			"not ours": sample(t, name).With(t, "idPA", "99999999999"),
			"unpaid":   sample(t, name).With(t, "receipt/outcome", "KO"),
		} {
			d := newDesk(t)
			d.keepErr = errors.New("disk full")
			status, resp := d.serve(t, request(doc))
			if status != http.StatusInternalServerError || resp != nil || !strings.Contains(d.log.String(), "disk full") {
				t.Errorf("%s: %s: status %d, log %q", name, what, status, d.log.String())
			}
		}
	}
}

func TestABrokenReceiptIsKeptWithItsReason(t *testing.T) {
	d := newDesk(t)
	doc := sample(t, "sendRT-request").With(t, "receipt/noticeNumber", "123")
	wantKO(t, d.post(t, doc), soap.FaultSyntax)
	field, ok := errors.AsType[*soap.FieldError](d.kept[0].why)
	if !ok || field.Path != "paSendRTReq/receipt/noticeNumber" {
		t.Errorf("kept for %v", d.kept[0].why)
	}
}

func TestACutReceiptIsKeptAndAskedForAgain(t *testing.T) {
	d := newDesk(t)
	doc := wiretest.Sample(t, "sendRTV2-request")
	doc = doc[:len(doc)/2]
	if status, _ := d.serve(t, request(doc)); status != http.StatusInternalServerError { // the root was read: no header is needed
		t.Errorf("status %d: after a KO the Node would not send it again", status)
	}
	if len(d.kept) != 1 || d.kept[0].raw != string(doc) || !errors.Is(d.kept[0].why, soap.ErrMalformed) {
		t.Errorf("kept %+v", d.kept)
	}
}

// slow is a ledger that files only after the Node has hung up.
type slow struct {
	*ledger
	hangUp func()
}

func (s slow) Receive(ctx context.Context, creditor domain.FiscalCode, raw []byte) error {
	s.hangUp()
	if err := ctx.Err(); err != nil {
		return err
	}
	if left, ok := ctx.Deadline(); !ok || time.Until(left) > 10*time.Second {
		return errors.New("no limit")
	}
	return s.ledger.Receive(ctx, creditor, raw)
}

func TestFilingGoesOnWhenTheNodeHangsUp(t *testing.T) {
	d := newDesk(t)
	ctx, hangUp := context.WithCancel(t.Context())
	d.Handler = handlerOf(t, d.ledger, pagopa.Config{Stations: stations(), Receipts: slow{d.ledger, hangUp}})
	if status, _ := d.serve(t, request(wiretest.Sample(t, "sendRT-request")).WithContext(ctx)); status != http.StatusOK || len(d.received) != 1 {
		t.Errorf("status %d, received %d", status, len(d.received))
	}
}

func TestTheLongestReceiptPasses(t *testing.T) {
	doc := wiretest.Sample(t, "sendRT-request")
	doc = append(doc, bytes.Repeat([]byte("\n"), pagopa.MaxBody-len(doc))...)
	d := newDesk(t)
	wantOK(t, d.post(t, doc))
}
