package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/adapters/papers"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// caiasData are what nobody may find any more when Caia Mevia is erased.
var caiasData = []string{"MVECAI85M41H501V", "Caia", "Mevia", "caia.mevia@posta.example", "331 0000000", "MEVIA85"}

func TestAnErasedParentIsForgottenEverywhere(t *testing.T) {
	d := runDemoIn(t, t.TempDir())
	f := d.mevia(t)
	paid, open := d.issue(t, f, 30_01), d.issue(t, f, 30_02)
	d.deliver(t, proof(receiptID(), paid, 30_01))
	inside := newVisitor(t)
	inside.login(d, f.username, f.password)
	inside.is(http.StatusOK, "Caia Mevia")
	eventually(t, "two letters of welcome and two of payments", func() bool { return d.letters(t) == 4+ofTheQuestion })
	hashes := d.hashes(t)

	var done struct{}
	d.order(t, "/parents/"+f.Parent.String()+"/erase", fields{}, &done)

	for i, hash := range d.hashes(t)[:len(hashes)] {
		if hash != hashes[i] {
			t.Fatalf("the hash of event %d is another", i+1)
		}
	}
	nobodyIsLetIn(t, d, inside, f)
	d.office().refuses(t, town+"/bulletins", f.bill(1_00), http.StatusConflict, domain.ErrParentErased.Rule)
	stillPaid(t, d, open)
	d.balanced(t)
	d.halt(t)
	nowhere(t, d.data)
}

// hashes is the chain, in log order.
func (d *demo) hashes(t *testing.T) (all []eventstore.Hash) {
	t.Helper()
	for _, step := range d.steps(t) {
		all = append(all, step.Metadata.Hash)
	}
	return all
}

// nobodyIsLetIn sees the parent's session ended, and the password good for nothing.
func nobodyIsLetIn(t *testing.T, d *demo, inside *visitor, f family) {
	t.Helper()
	inside.visit(d.portal + "/consumatori")
	if inside.url.Path != "/accesso" {
		t.Errorf("the session goes on at %s", inside.where())
	}
	outside := newVisitor(t)
	outside.login(d, f.username, f.password)
	if outside.status == http.StatusOK || outside.url.Path != "/accesso" || outside.says("Caia") {
		t.Errorf("the password is good: status %d, %s", outside.status, outside.where())
	}
}

// stillPaid pays a notice of somebody erased: the Node is told of an anonymous
// debtor, the receipt is taken, and nobody is written to.
func stillPaid(t *testing.T, d *demo, notice domain.NoticeNumber) {
	t.Helper()
	qr := soap.QRCode{Creditor: demoCreditor, Notice: notice}
	if _, err := d.node().Verify(t.Context(), &soap.VerifyRequest{Addressee: ours(), QRCode: qr}); err != nil {
		t.Errorf("the notice cannot be verified: %v", err)
	}
	asked, err := d.node().GetPaymentV2(t.Context(), &soap.GetPaymentV2Request{Addressee: ours(), QRCode: qr})
	if err != nil {
		t.Fatalf("the notice cannot be paid: %v", err)
	}
	if want := (soap.Subject{Kind: "F", Code: "ANONIMO", FullName: "ANONIMO"}); asked.Payment.Debtor != want {
		t.Errorf("the Node is told of %+v", asked.Payment.Debtor)
	}
	before := d.letters(t)
	r := proof(receiptID(), notice, 30_02)
	d.writes(t, confirmed, func() { d.deliver(t, r) })
	if got := d.statusOf(t, notice); got != "paid" {
		t.Errorf("the bulletin is %s", got)
	}
	filed := facts[domain.ReceiptFiled](t, d)
	if last := filed[len(filed)-1]; last.Subject != domain.CreditorSubject(demoCreditor) {
		t.Errorf("the receipt is sealed for %s", last.Subject)
	}
	// Reactions go along the log: with the letter of a later payment, that of this one
	// would be there.
	d.deliver(t, proof(receiptID(), d.issue(t, sempronio, 30_03), 30_03))
	eventually(t, "the letter of a later payment", func() bool { return d.letters(t) > before })
	if got := d.letters(t); got != before+1 {
		t.Errorf("%d letters, want the one of the later payment", got-before)
	}
}

// nowhere fails the test if a file of the service still holds the erased parent's
// data. Letters that were sent have left the house.
func nowhere(t *testing.T, data string) {
	t.Helper()
	looked := 0
	err := filepath.WalkDir(data, func(path string, f fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case f.IsDir() && f.Name() == "mailbox":
			return filepath.SkipDir
		case f.IsDir():
			return nil
		}
		content, err := os.ReadFile(path)
		looked++
		for _, secret := range caiasData {
			if bytes.Contains(bytes.ToLower(content), []byte(strings.ToLower(secret))) {
				t.Errorf("%q is in %s", secret, path)
			}
		}
		return err
	})
	if err != nil || looked < 4 {
		t.Errorf("looked at %d files, %v", looked, err)
	}
}

// stopped opens the parts of a demonstration that does not run: no reaction, no
// door.
func stopped(t *testing.T, data string, use func(*service)) {
	t.Helper()
	c := demoConfig(data, "http://127.0.0.1", "http://127.0.0.1")
	master, err := demoMasterKey(c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(t.Context(), c, master, newLogger(&said{}, false))
	if err != nil {
		t.Fatal(err)
	}
	use(s)
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

// A crash between the fact of an erasure and what follows from it.
func TestAnErasureCutShortIsCompletedAtTheNextStart(t *testing.T) {
	d := runDemoIn(t, t.TempDir())
	f := d.mevia(t)
	eventually(t, "two letters of welcome and one of a payment", func() bool { return d.letters(t) == 3+ofTheQuestion })
	d.halt(t)
	stopped(t, d.data, func(s *service) {
		parents := eventstore.NewHandler[domain.Parent, domain.ParentCommand, domain.ParentEvent](
			s.log, wire.Of[domain.ParentEvent]{Registry: s.registry}, 1, func(domain.ParentEvent) error { return nil }, time.Now)
		_, err := parents.Handle(t.Context(), ledger.ParentStream(f.Parent), eventstore.Envelope{Command: uuid.New(), Actor: "test"},
			domain.EraseParent{Parent: f.Parent, At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
	})
	d = runDemoIn(t, d.data)
	eventually(t, "the values to be free", func() bool {
		return slices.Equal(d.after(t, 0)[len(d.after(t, 0))-4:], []string{"ParentErased", "ValueReleased", "ValueReleased", "ValueReleased"})
	})
	nobodyIsLetIn(t, d, newVisitor(t), f)
	eventually(t, "the reaction to be done", func() bool { return d.hasForgotten(t) })
	d.balanced(t)
	d.halt(t)
	nowhere(t, d.data)
}

// hasForgotten reports whether no file of the vault or of the views holds the
// erased parent's username.
func (d *demo) hasForgotten(t *testing.T) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.data, "v*.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(content), []byte("mevia85")) {
			return false
		}
	}
	return true
}

func TestAnErasedParentsNoticeNamesNobody(t *testing.T) {
	stopped(t, t.TempDir(), func(s *service) {
		body := domain.Creditor{
			Profile:  domain.CreditorProfile{FiscalCode: demoCreditor, Name: "Comune di Borgo Esempio", CBILL: "BE042"},
			Services: map[domain.ServiceCode]domain.Service{demoMensa: {Name: "SERVIZIO MENSA"}},
		}
		notice, err := domain.NewNoticeNumber(1, 1)
		if err != nil {
			t.Fatal(err)
		}
		printed := parentCommands{s.bodies[0]}.notice(domain.Bulletin{Issued: domain.BulletinIssued{
			Creditor: demoCreditor, Notice: notice, Amount: 30_02, Due: "2020-03-20",
			Lines: []domain.Line{{Service: demoMensa}}, Period: domain.Period{From: "2020-02-01", To: "2020-02-29"},
		}}, notice, body, domain.Person{})
		if printed.Debtor != (papers.Debtor{Name: "cancellato"}) {
			t.Errorf("the debtor is %+v", printed.Debtor)
		}
		if err := papers.WriteNotice(&bytes.Buffer{}, printed); err != nil {
			t.Errorf("the notice cannot be printed: %v", err)
		}
	})
}
