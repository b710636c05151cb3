package sim

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/mail"
	"net/url"
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/saldo-ledger/saldo/domain"
)

// cartRequest is CartRequest and CartRequestV2 of the OpenAPI. Unknown members
// are allowed there and so here.
type cartRequest struct {
	EmailNotice *string         `json:"emailNotice"`
	Notices     []noticeRequest `json:"paymentNotices"`
	Returns     *returnsRequest `json:"returnUrls"`
	IDCart      *string         `json:"idCart"`
	AllPostal   *bool           `json:"allCCP"`
}

type noticeRequest struct {
	Number      *string `json:"noticeNumber"`
	Creditor    *string `json:"fiscalCode"`
	Cents       *int64  `json:"amount"`
	CompanyName *string `json:"companyName"`
	Description *string `json:"description"`
}

type returnsRequest struct {
	OK      *string `json:"returnOkUrl"`
	Cancel  *string `json:"returnCancelUrl"`
	Error   *string `json:"returnErrorUrl"`
	Waiting *string `json:"returnWaitingUrl"`
}

// Limits of a cart. The last is that of paymentNote, which idCart becomes.
const (
	maxCartBytes  = 64 << 10
	maxNotices    = 5
	maxNoticeText = 140
	maxIDCart     = 210
)

// invalid is a member that breaks the OpenAPI: HTTP 400.
type invalid struct {
	Member string
	Want   string
}

func (e *invalid) Error() string { return e.Member + " " + e.Want }

// unprocessable is what the schema lets pass and the service does not: HTTP 422,
// in the words of the real one.
type unprocessable string

const (
	duplicateNotices unprocessable = "Duplicate payment notice values found."
	badNoticeData    unprocessable = "Invalid payment notice data"
)

func (e unprocessable) Error() string { return string(e) }

// postCart takes a cart and leads to its window.
func (s *Simulator) postCart(version int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.subscribed(r) {
			refuseJSON(w, http.StatusUnauthorized, "Unauthorized",
				"Access denied due to missing or invalid subscription key.")
			return
		}
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
			refuseJSON(w, http.StatusUnsupportedMediaType, "Unsupported Media Type", "Content-Type must be application/json")
			return
		}
		var req cartRequest
		if err := json.UnmarshalRead(http.MaxBytesReader(w, r.Body, maxCartBytes), &req); err != nil {
			refuseJSON(w, http.StatusBadRequest, "Invalid request", err.Error())
			return
		}
		c, err := req.cart(version)
		if err == nil {
			c, err = s.carts.add(c)
		}
		if err != nil {
			refuseCart(w, err)
			return
		}
		s.config.Logger.InfoContext(r.Context(), "cart created", "idCart", c.Note, "notices", len(c.Notices), "version", version)
		w.Header().Set("Location", s.config.BaseURL+c.path())
		w.WriteHeader(http.StatusFound)
	}
}

// subscribed checks the subscription key, in the header or in the query.
func (s *Simulator) subscribed(r *http.Request) bool {
	key := r.Header.Get("Ocp-Apim-Subscription-Key")
	if key == "" {
		key = r.URL.Query().Get("subscription-key")
	}
	return s.config.SubscriptionKey == "" || subtle.ConstantTimeCompare([]byte(key), []byte(s.config.SubscriptionKey)) == 1
}

// refuseCart is the table from errors to what the API answers.
func refuseCart(w http.ResponseWriter, err error) {
	_, broken := errors.AsType[*invalid](err)
	_, unfit := errors.AsType[unprocessable](err)
	switch {
	case broken:
		refuseJSON(w, http.StatusBadRequest, "Invalid request", err.Error())
	case unfit:
		refuseJSON(w, http.StatusUnprocessableEntity, "Unprocessable Entity", err.Error())
	case errors.Is(err, errTooManyCarts):
		refuseJSON(w, http.StatusTooManyRequests, "Too Many Requests", "too many carts are being paid, try again later")
	default:
		refuseJSON(w, http.StatusInternalServerError, "Internal Server Error", "There was an error processing the request")
	}
}

// cart checks the request against the OpenAPI of a version and returns the cart
// it describes.
func (req cartRequest) cart(version int) (cart, error) {
	var c cart
	if n := len(req.Notices); n < 1 || n > maxNotices {
		return c, &invalid{"paymentNotices", fmt.Sprintf("must have 1 to %d items", maxNotices)}
	}
	for i, n := range req.Notices {
		notice, err := n.notice(fmt.Sprintf("paymentNotices[%d].", i))
		if err != nil {
			return c, err
		}
		c.Notices = append(c.Notices, notice)
	}
	if req.EmailNotice != nil {
		if !validEmail(*req.EmailNotice) {
			return c, &invalid{"emailNotice", "must be an e-mail address"}
		}
		c.Email = *req.EmailNotice
	}
	if req.IDCart != nil {
		if !printable(*req.IDCart, maxIDCart) {
			return c, &invalid{"idCart", fmt.Sprintf("must have at most %d printable characters, for it becomes paymentNote", maxIDCart)}
		}
		c.Note = *req.IDCart
	}
	var err error
	if c.Returns, err = req.Returns.returns(version); err != nil {
		return c, err
	}
	return c, payable(c.Notices)
}

func (n noticeRequest) notice(at string) (notice, error) {
	switch {
	case n.Number == nil || utf8.RuneCountInString(*n.Number) != 18:
		return notice{}, &invalid{at + "noticeNumber", "must have 18 characters"}
	case n.Creditor == nil || utf8.RuneCountInString(*n.Creditor) != 11:
		return notice{}, &invalid{at + "fiscalCode", "must have 11 characters"}
	case n.Cents == nil || *n.Cents < 1 || *n.Cents > int64(domain.MaxAmount):
		return notice{}, &invalid{at + "amount", fmt.Sprintf("must be a whole number of cents from 1 to %d", int64(domain.MaxAmount))}
	case n.CompanyName == nil || !printable(*n.CompanyName, maxNoticeText):
		return notice{}, &invalid{at + "companyName", fmt.Sprintf("must have at most %d characters", maxNoticeText)}
	case n.Description == nil || !printable(*n.Description, maxNoticeText):
		return notice{}, &invalid{at + "description", fmt.Sprintf("must have at most %d characters", maxNoticeText)}
	}
	return notice{
		Number: domain.NoticeNumber(*n.Number), Creditor: domain.FiscalCode(*n.Creditor), Amount: domain.Money(*n.Cents),
		CompanyName: *n.CompanyName, Description: *n.Description,
	}, nil
}

// returns checks the addresses. The OpenAPI says no more than uri, and its own
// example has none with a scheme; such an address would lead the browser to a
// page of the platform, so here they have to be http(s) and absolute.
func (req *returnsRequest) returns(version int) (returns, error) {
	if req == nil {
		return returns{}, &invalid{"returnUrls", "must be there"}
	}
	wanted := []struct {
		name  string
		value *string
	}{
		{"returnOkUrl", req.OK}, {"returnCancelUrl", req.Cancel}, {"returnErrorUrl", req.Error}, {"returnWaitingUrl", req.Waiting},
	}
	if version == 1 {
		wanted, req.Waiting = wanted[:3], new(string)
	}
	for _, w := range wanted {
		if w.value == nil || !validReturn(*w.value) {
			return returns{}, &invalid{"returnUrls." + w.name, "must be an absolute http(s) address"}
		}
	}
	return returns{*req.OK, *req.Cancel, *req.Error, *req.Waiting}, nil
}

// hostForm keeps out of Content-Security-Policy what would end an entry of it.
var hostForm = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`)

func validReturn(s string) bool {
	u, err := url.Parse(s)
	return err == nil && isWeb(u) && u.User == nil && hostForm.MatchString(u.Host)
}

// payable checks what the service does after the schema.
func payable(notices []notice) error {
	seen := map[notice]bool{}
	for _, n := range notices {
		if !allDigits(string(n.Number)) || !allDigits(string(n.Creditor)) {
			return badNoticeData
		}
		key := notice{Number: n.Number, Creditor: n.Creditor}
		if seen[key] {
			return duplicateNotices
		}
		seen[key] = true
	}
	return nil
}

// validEmail accepts a bare address of at most 254 characters.
func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254
}

// printable reports whether s has at most so many characters, all to be seen.
func printable(s string, most int) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return utf8.RuneCountInString(s) <= most
}
