package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// wax is a seal with nothing under it yet.
type wax struct{ keys int }

func (*wax) Record() seal.Record              { return seal.Folder("/nowhere") }
func (*wax) Latest() (seal.Checkpoint, error) { return seal.Checkpoint{}, seal.ErrUnsealed }
func (*wax) Covering(_ context.Context, at eventstore.Position) (seal.Checkpoint, error) {
	return seal.Checkpoint{Size: uint64(at), Position: at}, nil
}
func (*wax) Prover() (seal.Prover, error) { return seal.Prover{}, seal.ErrUnsealed }
func (w *wax) Keys() seal.Keys            { return seal.Keys{All: make([]seal.Key, w.keys)} }
func (w *wax) Rotate(_ context.Context, n int) (seal.Key, error) {
	if n < 1 || n > w.keys+1 {
		return seal.Key{}, seal.ErrKeyNumber
	}
	w.keys = max(w.keys, n)
	return seal.Key{Number: n}, nil
}

type sealSeeds struct{}

func (sealSeeds) SealSeed(_ context.Context, n int) ([]byte, error) {
	seed := make([]byte, 32)
	seed[0] = byte(n)
	return seed, nil
}

// sealedDesk is a desk whose log is sealed up to its end.
func sealedDesk(t *testing.T) *desk {
	d := newDesk(t)
	d.settleAndSelect()
	s, err := seal.Open(t.Context(), t.TempDir(), sealSeeds{}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, d.log) }()
	t.Cleanup(func() { stop(); <-done; _ = s.Close() })
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if c, err := s.Latest(); err == nil && c.Position == d.end() {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it is not sealed")
		}
	}
	d.config.Seal = s
	d.open()
	return d
}

func TestWhatWasSignedIsReadAndProvedOverTheAPI(t *testing.T) {
	d := sealedDesk(t)
	public := header{"Authorization", ""}
	keys, err := seal.ParseKeys(d.do("GET", "/seal/keys", "", public).body)
	if err != nil {
		t.Fatal(err)
	}
	last, err := seal.ParseCheckpoint(d.do("GET", "/seal/checkpoint", "", public).body)
	if err != nil || last.Position != d.end() {
		t.Fatalf("%+v, %v", last, err)
	}
	server := httptest.NewServer(d.handler)
	defer server.Close()
	remote := httpapi.Remote{URL: server.URL, Token: string(httpapi.Auditor), HTTP: http.DefaultClient}
	record := remote.Sealed()
	read, err := seal.ReadKeys(t.Context(), record)
	if err != nil || read.Origin != keys.Origin {
		t.Fatal(read, err)
	}
	text, err := record.Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	var latest seal.Checkpoint
	for c, err := range keys.Checkpoints(text) {
		if err != nil {
			t.Fatal(err)
		}
		latest = c
	}
	if string(latest.Note) != string(last.Note) {
		t.Errorf("the last of all is %s, and the last alone %s", latest.Note, last.Note)
	}
	proof, err := remote.Prove(t.Context(), 3)
	if err != nil || proof.Event.Position != 3 || proof.Check(keys) != nil {
		t.Errorf("%+v, %v, %v", proof, err, proof.Check(keys))
	}
	c, err := remote.ProveConsistency(t.Context(), latest)
	if err != nil || c.Check(keys) != nil {
		t.Errorf("%+v, %v, %v", c, err, c.Check(keys))
	}
}

func TestWhatIsNotThereIsNotProved(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"/seal/keys", "/seal/checkpoint", "/seal/proofs/1", "/seal/continuations/1"} {
		d.do("GET", path, "").refuses(http.StatusConflict, "", "no checkpoint")
	}
	d = sealedDesk(t)
	d.do("GET", "/seal/proofs/0", "").refuses(http.StatusUnprocessableEntity, "position", "whole number")
	d.do("GET", "/seal/proofs/ten", "").refuses(http.StatusUnprocessableEntity, "position", "whole number")
	d.do("GET", "/seal/proofs/9999", "").refuses(http.StatusNotFound, "position", "no event")
	d.do("GET", "/seal/continuations/0", "").refuses(http.StatusUnprocessableEntity, "size", "whole number")
	d.do("GET", "/seal/continuations/9999", "").refuses(http.StatusConflict, "", "no checkpoint")
}

func TestTheKeyIsReplacedOnceHoweverOftenItIsOrdered(t *testing.T) {
	d := sealedDesk(t)
	admin := header{"Authorization", "Bearer " + string(httpapi.Administrator)}
	for i := range 2 {
		var made struct {
			Number   int
			Repeated bool
			Public   string
		}
		a := d.do("POST", "/seal/rotate", `{"number":2}`, d.fresh(), admin)
		if err := json.Unmarshal(a.body, &made); err != nil || made.Number != 2 || made.Repeated != (i == 1) || made.Public == "" {
			t.Errorf("%s", a)
		}
	}
	d.do("POST", "/seal/rotate", `{"number":9}`, d.fresh(), admin).refuses(http.StatusConflict, "number", "which is 3")
	keys, err := seal.ParseKeys(d.do("GET", "/seal/keys", "").body)
	if err != nil || len(keys.All) != 2 {
		t.Error(fmt.Sprint(keys.All), errors.Unwrap(err))
	}
}
