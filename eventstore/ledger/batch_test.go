package ledger_test

import (
	"errors"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// batch is n bulletins, of 1 cent, 2 cents and so on.
func batch(n int) []domain.IssueBulletin {
	cmds := make([]domain.IssueBulletin, n)
	for i := range cmds {
		cmds[i] = bulletin(domain.Money(i + 1))
	}
	return cmds
}

func raise(t *testing.T, l *ledger.Ledger, word string, cmds []domain.IssueBulletin) []ledger.Row {
	t.Helper()
	rows, err := l.IssueBulletins(t.Context(), by(word), ledger.Batch{Creditor: comune, Bulletins: cmds, At: at})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// raiseAndSend is raise for bulletins that are to be payable at once.
func raiseAndSend(t *testing.T, l *ledger.Ledger, word string, cmds []domain.IssueBulletin) []ledger.Row {
	t.Helper()
	rows, err := l.IssueBulletins(t.Context(), by(word), ledger.Batch{Creditor: comune, Bulletins: cmds, Send: true, At: at})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestABatchThatIsToBeSentIsPayableAtOnce(t *testing.T) {
	x := newTown(t)
	cmds := batch(300)
	cmds[7].Causale = ""
	first := raiseAndSend(t, x.Ledger, "batch", cmds)
	for i, row := range first {
		b, _ := x.KnownBulletin(t.Context(), comune, row.Notice)
		if (row.Err == nil) != (i != 7) || row.Err == nil && b.Status != domain.BulletinSentOut {
			t.Errorf("row %d: %+v, status %d", i+1, row, b.Status)
		}
	}
	if end := x.end(); first[299].Position > end || first[299].Repeated {
		t.Errorf("%+v, and the log ends at %d", first[299], end)
	}
	if issued, sent := count[domain.BulletinIssued](x), count[domain.BulletinSent](x); issued != 299 || sent != 299 {
		t.Errorf("%d were issued and %d sent, want 299", issued, sent)
	}
	end := x.end()
	for i, row := range raiseAndSend(t, x.office(), "batch", cmds) {
		if i != 7 && (!row.Repeated || row.Notice != first[i].Notice || row.Position != first[i].Position) {
			t.Errorf("again, row %d: %+v, want %+v", i+1, row, first[i])
		}
	}
	if x.end() != end {
		t.Errorf("the log went from %d to %d", end, x.end())
	}
	x.chained()
}

func TestARowThatWasCancelledBeforeItWasSentHasItsNumberAndARefusal(t *testing.T) {
	x := newTown(t)
	notice := raise(t, x.Ledger, "batch", batch(2))[0].Notice
	if _, err := x.Bulletin(t.Context(), by("cancel"), domain.CancelBulletin{Creditor: comune, Notice: notice, Reason: "errore", At: at}); err != nil {
		t.Fatal(err)
	}
	rows := raiseAndSend(t, x.Ledger, "batch", batch(2))
	if rows[0].Notice != notice || !errors.Is(rows[0].Err, domain.ErrCancelled) || rows[1].Err != nil {
		t.Errorf("%+v", rows)
	}
}

func TestABatchRaisesEachBulletinWithANumberOfItsOwn(t *testing.T) {
	x := newTown(t)
	seen := make(map[domain.NoticeNumber]bool)
	for i, row := range raise(t, x.Ledger, "batch", batch(700)) {
		b, err := x.KnownBulletin(t.Context(), comune, row.Notice)
		if row.Err != nil || err != nil || seen[row.Notice] || b.Issued.Amount != domain.Money(i+1) {
			t.Fatalf("row %d: %+v, %+v, %v", i+1, row, b.Issued, err)
		}
		seen[row.Notice] = true
	}
	if n := count[domain.NumberAssigned](x); n != 0 {
		t.Errorf("%d numbers were assigned one by one", n)
	}
	x.chained()
}

func TestTheSameBatchAgainAddsNothing(t *testing.T) {
	x := newTown(t)
	first := raise(t, x.Ledger, "batch", batch(20))
	end := x.end()
	for name, l := range map[string]*ledger.Ledger{"here": x.Ledger, "after a restart": x.office()} {
		for i, row := range raise(t, l, "batch", batch(20)) {
			if row.Notice != first[i].Notice || !row.Repeated || row.Position != first[i].Position {
				t.Errorf("%s, row %d: %+v, want %+v", name, i+1, row, first[i])
			}
		}
	}
	if x.end() != end {
		t.Errorf("the log went from %d to %d", end, x.end())
	}
}

func TestARefusedRowKeepsNoOtherBack(t *testing.T) {
	x := newTown(t)
	cmds := batch(4)
	cmds[0].Category = "IGNOTA"
	cmds[2].Lines = nil
	cmds[3].Creditor = "00000000222"
	rows := raise(t, x.Ledger, "batch", cmds)
	if !errors.Is(rows[0].Err, domain.ErrUnknownCategory) || !errors.Is(rows[2].Err, domain.ErrNoAmount) || !errors.Is(rows[3].Err, ledger.ErrBatchNumber) {
		t.Errorf("%v; %v; %v", rows[0].Err, rows[2].Err, rows[3].Err)
	}
	if rows[1].Err != nil || count[domain.BulletinIssued](x) != 1 {
		t.Errorf("%+v, and %d were issued", rows[1], count[domain.BulletinIssued](x))
	}
	cmds[2].Lines = bulletin(5).Lines // what was refused may come again, made good
	again := raise(t, x.Ledger, "batch", cmds)
	if again[2].Err != nil || !again[1].Repeated || again[1].Notice != rows[1].Notice {
		t.Errorf("%+v, %+v", again[2], again[1])
	}
}

func TestABatchTornApartIsCompletedByTheNext(t *testing.T) {
	for _, after := range []bool{false, true} {
		x := newTown(t)
		l := ledger.New(&torn{Store: x.log, category: "bulletin", after: after, times: 3}, x.vault, clock)
		if _, err := l.IssueBulletins(t.Context(), by("batch"), ledger.Batch{Creditor: comune, Bulletins: batch(50), Send: true, At: at}); !errors.Is(err, errTorn) {
			t.Fatalf("%v, want %v", err, errTorn)
		}
		for i, row := range raiseAndSend(t, x.office(), "batch", batch(50)) {
			if row.Err != nil {
				t.Errorf("row %d: %v", i+1, row.Err)
			}
		}
		if issued, sent := count[domain.BulletinIssued](x), count[domain.BulletinSent](x); issued != 50 || sent != 50 {
			t.Errorf("after %v: of 50 bulletins %d were issued and %d sent", after, issued, sent)
		}
		x.chained()
	}
}

func TestABatchHasARightSizeAndACommandOfItsOwn(t *testing.T) {
	x := newTown(t)
	raise(t, x.Ledger, "batch", batch(3))
	for _, c := range []struct {
		name, word string
		creditor   domain.FiscalCode
		n          int
		want       error
	}{
		{"no bulletins", "none", comune, 0, ledger.ErrBadBatch},
		{"too many", "many", comune, ledger.MaxBatch + 1, ledger.ErrBadBatch},
		{"of nobody", "nobody", "00000000222", 1, domain.ErrUnknownCreditor},
		{"another batch by the same command", "batch", comune, 4, eventstore.ErrCommandReused},
	} {
		end := x.end()
		if _, err := x.IssueBulletins(t.Context(), by(c.word), ledger.Batch{Creditor: c.creditor, Bulletins: batch(c.n), At: at}); !errors.Is(err, c.want) || x.end() != end {
			t.Errorf("%s: %v, want %v; the log went from %d to %d", c.name, err, c.want, end, x.end())
		}
	}
}
