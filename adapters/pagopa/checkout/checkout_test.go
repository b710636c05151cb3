package checkout_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/saldo-ledger/saldo/adapters/pagopa/checkout"
	"github.com/saldo-ledger/saldo/domain"
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

// roundTrip is a platform that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSilenceIsBoundedInAttemptsAndInTime(t *testing.T) {
	for name, c := range map[string]struct {
		silence time.Duration // of each attempt
		calls   int
		took    time.Duration
	}{
		"three that fail at once": {0, 3, 900 * time.Millisecond},
		"three that hang":         {time.Hour, 3, 25 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				client := checkout.Client{Base: "https://platform.example/v2", HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					calls++
					select {
					case <-time.After(c.silence):
						return nil, errors.New("connection reset")
					case <-r.Context().Done():
						return nil, r.Context().Err()
					}
				})}}
				began := time.Now()
				_, err := client.Create(t.Context(), cart())
				if !errors.Is(err, checkout.ErrUnavailable) || calls != c.calls || time.Since(began) != c.took {
					t.Errorf("%v after %d calls and %v", err, calls, time.Since(began))
				}
			})
		})
	}
}

func TestAPayerWhoGoesAwayEndsTheWaiting(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	calls := 0
	c := platform(t, "/v1", func(w http.ResponseWriter, _ *http.Request) {
		calls++
		leave()
		w.WriteHeader(http.StatusBadGateway)
	})
	if _, err := c.Create(ctx, cart()); err == nil || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestACartThatCannotBeIsNotSent(t *testing.T) {
	notices := func(n int) []checkout.Notice {
		all := make([]checkout.Notice, n)
		for i := range all {
			all[i] = cart().Notices[0]
			all[i].Number = domain.NoticeNumber(fmt.Sprintf("3010000000000%05d", i))
		}
		return all
	}
	for _, c := range []struct {
		name, field string // field is empty when the cart is good
		change      func(*checkout.Cart)
	}{
		{"no notice", "notices", func(c *checkout.Cart) { c.Notices = nil }},
		{"five notices", "", func(c *checkout.Cart) { c.Notices = notices(5) }},
		{"six notices", "notices", func(c *checkout.Cart) { c.Notices = notices(6) }},
		{"a notice twice", "notices[1]", func(c *checkout.Cart) { c.Notices = append(c.Notices, c.Notices[0]) }},
		{"the same number of another body", "", func(c *checkout.Cart) {
			c.Notices = append(c.Notices, c.Notices[0])
			c.Notices[1].Creditor = "01234500062"
		}},
		{"nothing to pay", "notices[0].amount", func(c *checkout.Cart) { c.Notices[0].Amount = 0 }},
		{"more than can be paid", "notices[0].amount", func(c *checkout.Cart) { c.Notices[0].Amount = domain.MaxAmount + 1 }},
		{"nowhere to come back to", "returns.cancel", func(c *checkout.Cart) { c.Returns.Cancel = "" }},
		{"nowhere to wait", "returns.waiting", func(c *checkout.Cart) { c.Returns.Waiting = "" }},
		{"long texts", "", func(c *checkout.Cart) { c.Notices[0].Description = strings.Repeat("è", 300) }},
	} {
		sent := 0
		client := platform(t, "/v2", func(w http.ResponseWriter, r *http.Request) {
			sent++
			var got struct {
				PaymentNotices []struct{ Description string }
			}
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil || utf8.RuneCountInString(got.PaymentNotices[0].Description) > 140 {
				t.Errorf("%s: sent %+v, %v", c.name, got, err)
			}
			http.Redirect(w, r, "https://checkout.example/c/abc", http.StatusFound)
		})
		changed := cart()
		c.change(&changed)
		_, err := client.Create(t.Context(), changed)
		no, refused := errors.AsType[*checkout.CartError](err)
		switch {
		case c.field == "" && (err != nil || sent != 1):
			t.Errorf("%s: %v, sent %d times", c.name, err, sent)
		case c.field != "" && (!refused || no.Field != c.field || sent != 0):
			t.Errorf("%s: %v, sent %d times", c.name, err, sent)
		}
	}
}

func TestWhatAPayerIsTold(t *testing.T) {
	for _, c := range []struct {
		err   error
		words string
	}{
		{&checkout.RejectedError{Status: 422, Title: "Duplicate payment notice values found."}, "due volte"},
		{&checkout.RejectedError{Status: 422, Title: "Multiple payment notices not processable"}, "uno per volta"},
		{&checkout.RejectedError{Status: 422, Title: "Invalid payment notice data"}, "già stato pagato"},
		{&checkout.RejectedError{Status: 404, Title: "Not found"}, "già stato pagato"},
		{&checkout.RejectedError{Status: 400, Title: "Bad request"}, "non ha accettato la richiesta"},
		{&checkout.RejectedError{Status: 401, Title: "Access Denied"}, "non ha accettato la richiesta"},
		{&checkout.CartError{Field: "notices", Rule: "six"}, "non ha accettato la richiesta"},
		{fmt.Errorf("%w: status 503", checkout.ErrUnavailable), "non risponde"},
		{context.DeadlineExceeded, "non risponde"},
	} {
		got := checkout.Words(c.err)
		if !strings.Contains(got, c.words) || !strings.Contains(got, "non è stato addebitato nulla") {
			t.Errorf("%v: %q", c.err, got)
		}
	}
}

func TestTheBaseSaysTheVersion(t *testing.T) {
	for base, good := range map[string]bool{
		"https://api.platform.pagopa.it/checkout/ec/v1":  true,
		"https://api.platform.pagopa.it/checkout/ec/v2/": true,
		"http://127.0.0.1:8090/checkout/ec/v2":           true,
		"https://api.platform.pagopa.it/checkout/ec":     false,
		"https://api.platform.pagopa.it/checkout/ec/v3":  false,
		"api.platform.pagopa.it/checkout/ec/v1":          false,
		"ftp://api.platform.pagopa.it/v1":                false,
		"":                                               false,
	} {
		if err := checkout.CheckBase(base); (err == nil) != good {
			t.Errorf("%s: %v", base, err)
		}
	}
}

// notebook keeps what a journal is told.
type notebook []checkout.Exchange

func (n *notebook) Note(x checkout.Exchange) { *n = append(*n, x) }

func TestEveryCallIsJournaled(t *testing.T) {
	answers := []func(w http.ResponseWriter){
		func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			io.WriteString(w, `{"title":"Invalid payment notice data"}`)
		},
		func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://checkout.example/c/abc")
			w.WriteHeader(http.StatusFound)
		},
	}
	calls := 0
	client := platform(t, "/v1", func(w http.ResponseWriter, _ *http.Request) { answers[calls](w); calls++ })
	var said notebook
	client.Journal = &said
	client.Create(t.Context(), cart())
	client.Create(t.Context(), cart())
	if len(said) != 3 {
		t.Fatalf("%d calls are journaled", len(said))
	}
	for i, want := range []struct {
		outcome, fault string
		status         int
		answer         string
	}{
		{"KO", "unavailable", 503, ""},
		{"KO", "Invalid payment notice data", 422, `{"title":"Invalid payment notice data"}`},
		{"OK", "", 302, "Location: https://checkout.example/c/abc"},
	} {
		x := said[i]
		if x.Outcome != want.outcome || x.Fault != want.fault || x.Status != want.status || string(x.Answer) != want.answer {
			t.Errorf("call %d: %+v", i, x)
		}
		if x.Creditor != "12345678903" || len(x.Notices) != 1 || x.Peer != client.Base || x.At.IsZero() || !strings.Contains(string(x.Request), "tizio@example.it") {
			t.Errorf("call %d: %+v", i, x)
		}
		if strings.Contains(string(x.Request), "secret") {
			t.Error("the subscription key is in the journal")
		}
	}
}
