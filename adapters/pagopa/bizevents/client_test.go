package bizevents_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/bizevents"
)

// reply is one answer of the platform; the zero reply never comes.
type reply struct {
	status int
	after  string
	body   string
	takes  time.Duration
}

// platform answers calls with replies, one after another, and the last for ever.
type platform struct {
	mu      sync.Mutex
	replies []reply
	calls   []*http.Request
	at      []time.Duration // since the first call
	began   time.Time
	inHand  int
	crowd   int // the most calls in hand at once
}

func (p *platform) take(r *http.Request) reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls == nil {
		p.began = time.Now()
	}
	p.calls, p.at = append(p.calls, r), append(p.at, time.Since(p.began))
	p.inHand++
	p.crowd = max(p.crowd, p.inHand)
	return p.replies[min(len(p.calls), len(p.replies))-1]
}

func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	a := p.take(r)
	defer func() { p.mu.Lock(); p.inHand--; p.mu.Unlock() }()
	if a.status == 0 {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	time.Sleep(a.takes)
	res := &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}
	if a.after != "" {
		res.Header.Set("Retry-After", a.after)
	}
	return res, nil
}

func (p *platform) client(j bizevents.Journal) *bizevents.Client {
	return bizevents.New(bizevents.Config{Base: "https://api.example/biz/", Key: "secret", HTTP: &http.Client{Transport: p}, Journal: j})
}

var wanted = bizevents.Wanted{Creditor: "12345678903", Receipt: "c110729d258c4ab1b765fe902aae41d6", IUV: "01000000000004285"}

var here = reply{status: http.StatusOK, body: receipt}

// paced asks once, in a bubble of its own, with so much time.
func paced(t *testing.T, limit time.Duration, replies ...reply) (p *platform, raw []byte, took time.Duration, err error) {
	p = &platform{replies: replies}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		began := time.Now()
		raw, err = p.client(nil).Receipt(ctx, wanted)
		took = time.Since(began)
	})
	return p, raw, took, err
}

func TestAReceiptIsAskedForByItsIURAndIUV(t *testing.T) {
	p, raw, _, err := paced(t, time.Minute, here)
	if err != nil || string(raw) != receipt {
		t.Fatalf("%s, %v", raw, err)
	}
	r := p.calls[0]
	if r.URL.String() != "https://api.example/biz/organizations/12345678903/receipts/c110729d258c4ab1b765fe902aae41d6/paymentoptions/01000000000004285" ||
		r.Method != http.MethodGet || r.Header.Get("Ocp-Apim-Subscription-Key") != "secret" {
		t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
	}
	other := &platform{replies: []reply{here}}
	if _, err := other.client(nil).Receipt(t.Context(), bizevents.Wanted{Creditor: wanted.Creditor, Receipt: wanted.Receipt}); err != nil {
		t.Fatal(err)
	}
	if got := other.calls[0].URL.Path; got != "/biz/organizations/12345678903/receipts/c110729d258c4ab1b765fe902aae41d6" {
		t.Errorf("without an IUV: %s", got)
	}
}

func TestWhatThePlatformAnswersIsToldApart(t *testing.T) {
	other := strings.Replace(receipt, "c110729d", "d110729d", 1)
	for name, c := range map[string]struct {
		reply reply
		want  error
	}{
		"not there":              {reply{status: 404, body: `{"title":"Not Found"}`}, bizevents.ErrNotThere},
		"a redirect":             {reply{status: 302}, bizevents.ErrUnavailable},
		"an error of its own":    {reply{status: 500}, bizevents.ErrUnavailable},
		"busy":                   {reply{status: 429}, bizevents.ErrBusy},
		"silence":                {reply{}, bizevents.ErrUnavailable},
		"an answer without end":  {reply{status: 200, body: strings.Repeat(" ", 1<<20+1)}, bizevents.ErrUnavailable},
		"a key that is not good": {reply{status: 401}, &bizevents.RefusedError{Status: 401, Title: "Unauthorized"}},
		"a question that cannot be": {
			reply{status: 422, body: `{"title":"Unprocessable","detail":"iur"}`}, &bizevents.RefusedError{Status: 422, Title: "Unprocessable", Detail: "iur"}},
		"another receipt": {reply{status: 200, body: other}, &bizevents.AnswerError{}},
		"no JSON":         {reply{status: 200, body: "<html>"}, &bizevents.AnswerError{}},
	} {
		t.Run(name, func(t *testing.T) {
			_, raw, _, err := paced(t, time.Minute, c.reply)
			if raw != nil || err == nil {
				t.Fatalf("%s, %v", raw, err)
			}
			var refused *bizevents.RefusedError
			var wrong *bizevents.AnswerError
			switch want := c.want.(type) {
			case *bizevents.RefusedError:
				if !errors.As(err, &refused) || *refused != *want {
					t.Errorf("%v", err)
				}
			case *bizevents.AnswerError:
				if !errors.As(err, &wrong) || wrong.Field == "" || wrong.Rule == "" {
					t.Errorf("%v", err)
				}
			default:
				if !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
			}
		})
	}
}

func TestABusyPlatformIsAskedAgainWhenItSaid(t *testing.T) {
	p, raw, _, err := paced(t, time.Minute, reply{status: 429, after: "7"}, reply{status: 429, after: "3"}, here)
	if err != nil || raw == nil {
		t.Fatal(err)
	}
	if want := []time.Duration{0, 7 * time.Second, 10 * time.Second}; !slices.Equal(p.at, want) {
		t.Errorf("asked at %v, want %v", p.at, want)
	}
}

func TestARetryAfterMayBeADate(t *testing.T) {
	p := &platform{}
	synctest.Test(t, func(t *testing.T) {
		p.replies = []reply{{status: 429, after: time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)}, here}
		if _, err := p.client(nil).Receipt(t.Context(), wanted); err != nil {
			t.Fatal(err)
		}
	})
	if p.at[1] != 30*time.Second {
		t.Errorf("asked again after %v", p.at[1])
	}
}

func TestAnAbsurdRetryAfterIsBounded(t *testing.T) {
	for after, want := range map[string]time.Duration{"999999": time.Hour, "0": time.Second, "soon": time.Second} {
		p, _, _, err := paced(t, 3*time.Hour, reply{status: 429, after: after}, here)
		if err != nil || p.at[1] != want {
			t.Errorf("Retry-After %s: asked again after %v, want %v (%v)", after, p.at[1], want, err)
		}
	}
}

func TestWhoHasNoTimeForThePauseIsToldAtOnce(t *testing.T) {
	p, _, took, err := paced(t, 20*time.Second, reply{status: 429, after: "60"}, here)
	if !errors.Is(err, bizevents.ErrBusy) || took != 0 || len(p.calls) != 1 {
		t.Errorf("%v after %v and %d calls", err, took, len(p.calls))
	}
}

func TestErrorsOfThePlatformAreWaitedOutLongerAndLonger(t *testing.T) {
	p, _, _, err := paced(t, time.Hour, reply{status: 503})
	if !errors.Is(err, bizevents.ErrUnavailable) {
		t.Fatal(err)
	}
	if want := []time.Duration{0, 1 * time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second}; !slices.Equal(p.at, want) {
		t.Errorf("asked at %v, want %v", p.at, want)
	}
}

// TestThePaceOutlivesAQuestion: whoever asks next waits as well, up to a ceiling.
func TestThePaceOutlivesAQuestion(t *testing.T) {
	p := &platform{replies: []reply{{status: 503}}}
	synctest.Test(t, func(t *testing.T) {
		c := p.client(nil)
		for range 4 {
			if _, err := c.Receipt(t.Context(), wanted); !errors.Is(err, bizevents.ErrUnavailable) {
				t.Fatal(err)
			}
		}
		p.replies = append(p.replies, slices.Repeat([]reply{{status: 503}}, 20)...)
		p.replies = append(p.replies, reply{status: 503})
		p.replies[20] = reply{status: 404}
		if _, err := c.Receipt(t.Context(), wanted); !errors.Is(err, bizevents.ErrNotThere) {
			t.Fatal(err)
		}
		before := time.Now()
		if _, err := c.Receipt(t.Context(), wanted); !errors.Is(err, bizevents.ErrUnavailable) || time.Since(before) != 15*time.Second {
			t.Errorf("after a good answer the pauses begin anew: %v, %v", time.Since(before), err)
		}
	})
	if last := p.at[20] - p.at[19]; last != 5*time.Minute {
		t.Errorf("the longest pause is %v", last)
	}
}

func TestCallsGoOutOneAtATime(t *testing.T) {
	slow := here
	slow.takes = time.Second
	p := &platform{replies: []reply{slow}}
	synctest.Test(t, func(t *testing.T) {
		c := p.client(nil)
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				if _, err := c.Receipt(t.Context(), wanted); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := c.Receipt(ctx, wanted); !errors.Is(err, bizevents.ErrBusy) {
			t.Errorf("who waits too long for a turn: %v", err)
		}
		group.Wait()
	})
	if p.crowd != 1 || len(p.calls) != 5 {
		t.Errorf("%d calls, %d at once", len(p.calls), p.crowd)
	}
}

// journal keeps what it is told.
type journal struct{ all []bizevents.Exchange }

func (j *journal) Note(x bizevents.Exchange) { j.all = append(j.all, x) }

func TestEveryCallIsInTheJournal(t *testing.T) {
	p := &platform{replies: []reply{{status: 429, after: "1"}, {status: 503}, here, {status: 404}, {status: 401}, {status: 200, body: "{}"}}}
	var j journal
	synctest.Test(t, func(t *testing.T) {
		c := p.client(&j)
		for range 4 {
			_, _ = c.Receipt(t.Context(), wanted)
		}
	})
	var got []string
	for _, x := range j.all {
		got = append(got, x.Outcome+" "+x.Fault)
		if x.Creditor != wanted.Creditor || x.Receipt != wanted.Receipt || x.IUV != wanted.IUV || x.Peer == "" || x.At.IsZero() {
			t.Errorf("%+v", x)
		}
	}
	if want := []string{"KO busy", "KO unavailable", "OK ", "KO not-there", "KO refused", "KO wrong-answer"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if x := j.all[2]; string(x.Answer) != receipt || x.Notice != "301000000000004285" || x.Status != 200 {
		t.Errorf("%+v", x)
	}
}

func TestOnlyAnAddressIsABase(t *testing.T) {
	for base, ok := range map[string]bool{
		"https://api.platform.pagopa.it/bizevents/service/v1": true, "http://127.0.0.1:8090/x": true,
		"": false, "api.example": false, "ftp://api.example/": false, "https://api.example/?key=1": false,
	} {
		if err := bizevents.CheckBase(base); (err == nil) != ok {
			t.Errorf("%q: %v", base, err)
		}
	}
}
