package checkout_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/checkout"
)

func cart() checkout.Cart {
	return checkout.Cart{
		ID: "CART-1", Email: "tizio@example.it",
		Notices: []checkout.Notice{{Number: "301000000000004285", Creditor: "12345678903", Amount: 5733, CompanyName: "Comune di Prova", Description: "Post-scuola"}},
		Returns: checkout.Returns{OK: "https://p.example/ok", Cancel: "https://p.example/no", Error: "https://p.example/err", Waiting: "https://p.example/wait"},
	}
}

func platform(t *testing.T, path string, answer http.HandlerFunc) checkout.Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+path+"/carts", answer)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return checkout.Client{Base: srv.URL + path, Key: "secret", HTTP: srv.Client()}
}

func TestACartIsAmountsInCentsAndTheRedirectIsNotFollowed(t *testing.T) {
	var got map[string]any
	c := platform(t, "/checkout/ec/v1", func(w http.ResponseWriter, r *http.Request) {
		if key := r.Header.Get("Ocp-Apim-Subscription-Key"); key != "secret" {
			t.Errorf("subscription key %q", key)
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
		http.Redirect(w, r, "https://checkout.example/c/abc", http.StatusFound)
	})
	to, err := c.Create(t.Context(), cart())
	if err != nil || to != "https://checkout.example/c/abc" {
		t.Fatalf("redirect %q, %v", to, err)
	}
	notice := got["paymentNotices"].([]any)[0].(map[string]any)
	if notice["amount"] != 5733.0 || notice["noticeNumber"] != "301000000000004285" {
		t.Errorf("notice %v", notice)
	}
	if _, ok := got["returnUrls"].(map[string]any)["returnWaitingUrl"]; ok {
		t.Error("version 1 knows no returnWaitingUrl")
	}
}

func TestVersion2SendsTheWaitingAddress(t *testing.T) {
	c := platform(t, "/checkout/ec/v2", func(w http.ResponseWriter, r *http.Request) {
		var got struct {
			ReturnURLs map[string]string `json:"returnUrls"`
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || got.ReturnURLs["returnWaitingUrl"] != "https://p.example/wait" {
			t.Errorf("returns %v, %v", got.ReturnURLs, err)
		}
		w.Header().Set("Location", "https://checkout.example/c/abc")
		w.WriteHeader(http.StatusFound)
	})
	if _, err := c.Create(t.Context(), cart()); err != nil {
		t.Fatal(err)
	}
}

func TestARejectedCartSaysWhyAndIsNotTriedAgain(t *testing.T) {
	calls := 0
	c := platform(t, "/v1", func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(http.StatusUnprocessableEntity)
		io.WriteString(w, `{"title":"Invalid payment notice data","status":422,"detail":"amount"}`)
	})
	_, err := c.Create(t.Context(), cart())
	var no *checkout.RejectedError
	if !errors.As(err, &no) || no.Status != 422 || no.Title != "Invalid payment notice data" || calls != 1 {
		t.Fatalf("%v after %d calls", err, calls)
	}
}

func TestAPlatformThatComesBackIsTriedAgain(t *testing.T) {
	calls := 0
	c := platform(t, "/v1", func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Location", "https://checkout.example/c/abc")
		w.WriteHeader(http.StatusFound)
	})
	if _, err := c.Create(t.Context(), cart()); err != nil || calls != 3 {
		t.Fatalf("%v after %d calls", err, calls)
	}
}

func TestWhatTheInterfaceDoesNotKnowIsUnavailable(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a page instead of a redirect": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") },
		"a redirect to nowhere":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) },
		"a redirect to a script": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "javascript:alert(1)")
			w.WriteHeader(http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := platform(t, "/v1", answer).Create(t.Context(), cart()); !errors.Is(err, checkout.ErrUnavailable) {
				t.Fatalf("got %v", err)
			}
		})
	}
}
