package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

func leave(t *testing.T, f *fixture, value string) (token string) {
	t.Helper()
	token, err := f.Leave(t.Context(), "departure", []byte(value), 10*time.Minute)
	mustBe(t, err, nil)
	return token
}

func TestASlipIsTakenOnce(t *testing.T) {
	f := open(t)
	token := leave(t, f, "verifier")
	for range 2 { // reading leaves it there, for another process as well
		got, err := f.another(t).Slip(t.Context(), "departure", token)
		mustBe(t, err, nil)
		if string(got) != "verifier" {
			t.Errorf("the slip says %q", got)
		}
	}
	got, err := f.TakeSlip(t.Context(), "departure", token)
	mustBe(t, err, nil)
	if string(got) != "verifier" {
		t.Errorf("the slip says %q", got)
	}
	_, err = f.TakeSlip(t.Context(), "departure", token)
	mustBe(t, err, vault.ErrNoSlip)
	_, err = f.Slip(t.Context(), "departure", token)
	mustBe(t, err, vault.ErrNoSlip)
}

func TestOfManyWhoTakeASlipOneHasIt(t *testing.T) {
	f := open(t)
	token := leave(t, f, "verifier")
	var had atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			switch _, err := f.TakeSlip(t.Context(), "departure", token); {
			case err == nil:
				had.Add(1)
			case !errors.Is(err, vault.ErrNoSlip):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if had.Load() != 1 {
		t.Errorf("%d had it", had.Load())
	}
}

func TestASlipExpires(t *testing.T) {
	f := open(t)
	token := leave(t, f, "verifier")
	f.Advance(10*time.Minute - time.Millisecond)
	_, err := f.Slip(t.Context(), "departure", token)
	mustBe(t, err, nil)
	f.Advance(time.Millisecond)
	_, err = f.Slip(t.Context(), "departure", token)
	mustBe(t, err, vault.ErrNoSlip)
	_, err = f.TakeSlip(t.Context(), "departure", token)
	mustBe(t, err, vault.ErrNoSlip)
}

func TestASlipIsForItsPurposeAlone(t *testing.T) {
	f := open(t)
	token := leave(t, f, "verifier")
	_, err := f.TakeSlip(t.Context(), "arrival", token)
	mustBe(t, err, vault.ErrNoSlip)
	_, err = f.TakeSlip(t.Context(), "departure", token+"A")
	mustBe(t, err, vault.ErrNoSlip)
	_, err = f.TakeSlip(t.Context(), "departure", token)
	mustBe(t, err, nil)
}

func TestASlipCannotBeReadInTheFile(t *testing.T) {
	f := open(t)
	token := leave(t, f, "RSSMRA80A01F205X")
	files, err := filepath.Glob(filepath.Join(filepath.Dir(f.path), "*"))
	mustBe(t, err, nil)
	if len(files) == 0 {
		t.Fatal("the vault has no file")
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		mustBe(t, err, nil)
		if bytes.Contains(raw, []byte("RSSMRA80A01F205X")) || bytes.Contains(raw, []byte(token)) {
			t.Errorf("%s gives it away", filepath.Base(file))
		}
	}
}

func TestDeparturesWithoutArrivalsHaveToWait(t *testing.T) {
	f := open(t)
	for range 200 { // those who arrive count for nothing
		attempt, err := f.NoteDeparture(t.Context(), "192.0.2.7")
		mustBe(t, err, nil)
		mustBe(t, f.NoteArrival(t.Context(), attempt), nil)
	}
	for range 120 {
		_, err := f.NoteDeparture(t.Context(), "192.0.2.7:4000")
		mustBe(t, err, nil)
	}
	_, err := f.NoteDeparture(t.Context(), "192.0.2.7")
	if late, ok := errors.AsType[*vault.TooManyAttempts](err); !ok || late.Wait <= 0 {
		t.Errorf("the 121st may leave: %v", err)
	}
	_, err = f.NoteDeparture(t.Context(), "192.0.2.8")
	mustBe(t, err, nil)
	f.Advance(15 * time.Minute)
	_, err = f.NoteDeparture(t.Context(), "192.0.2.7")
	mustBe(t, err, nil)
}

func TestASessionSaysHowItBegan(t *testing.T) {
	f := open(t)
	account := vault.Account{Subject: anna, Name: "anna.verdi", Roles: []domain.Role{domain.RoleParent}}
	token, err := f.StartSessionBy(t.Context(), account, vault.ByProvider)
	mustBe(t, err, nil)
	for token, want := range map[string]vault.Method{token: vault.ByProvider, start(t, f, anna): vault.ByPassword} {
		s, err := f.Session(t.Context(), token)
		mustBe(t, err, nil)
		if s.Method != want {
			t.Errorf("the session began by %q, want %q", s.Method, want)
		}
	}
}
