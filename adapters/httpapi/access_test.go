package httpapi_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
)

// access says who may do what, as it was decided. The administrator may do everything.
var access = map[route][]httpapi.Role{
	{"POST", "/creditors"}:                                      {httpapi.Office},
	{"POST", "/creditors/{creditor}/profile"}:                   {httpapi.Office},
	{"POST", "/creditors/{creditor}/categories"}:                {httpapi.Office},
	{"POST", "/creditors/{creditor}/services"}:                  {httpapi.Office},
	{"POST", "/creditors/{creditor}/consumers"}:                 {httpapi.Office},
	{"POST", "/creditors/{creditor}/bulletins"}:                 {httpapi.Office},
	{"POST", "/creditors/{creditor}/bulletins/batch"}:           {httpapi.Office},
	{"POST", "/creditors/{creditor}/bulletins/{notice}/send"}:   {httpapi.Office},
	{"POST", "/creditors/{creditor}/bulletins/{notice}/cancel"}: {httpapi.Office},
	{"POST", "/parents"}:                                        {httpapi.Office},
	{"POST", "/parents/{parent}/erase"}:                         {httpapi.Office},
	{"POST", "/consumers/{consumer}/parents"}:                   {httpapi.Office},
	{"POST", "/consumers/{consumer}/services"}:                  {httpapi.Office},

	{"POST", "/consumers/{consumer}/parents/{parent}/unlink"}: {httpapi.Office},
	{"POST", "/consumers/{consumer}/adults"}:                  {httpapi.Office},
	{"POST", "/consumers/{consumer}/adults/withdraw"}:         {httpapi.Office},
	{"POST", "/consumers/{consumer}/activation"}:              {httpapi.Office},
	{"POST", "/consumers/{consumer}/activation/revoke"}:       {httpapi.Office},
	{"POST", "/links/{request}/approve"}:                      {httpapi.Office},
	{"POST", "/links/{request}/refuse"}:                       {httpapi.Office},
	{"GET", "/consumers/{consumer}"}:                          {httpapi.Office},
	{"GET", "/creditors/{creditor}/links"}:                    {httpapi.Office},

	{"POST", "/consumers/{consumer}/diet"}:           {httpapi.Office},
	{"POST", "/consumers/{consumer}/wallet/credits"}: {httpapi.Office},
	{"POST", "/consumers/{consumer}/wallet/meals"}:   {httpapi.Office},
	{"POST", "/payments"}:                            {httpapi.Office},
	{"POST", "/payments/{payment}/notices"}:          {httpapi.Office},

	{"GET", "/creditors/{creditor}/bulletins/{notice}"}:          {httpapi.Office, httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/accounts"}:                    {httpapi.Office, httpapi.Reconciler, httpapi.Auditor},
	{"POST", "/creditors/{creditor}/receipts/fetch"}:             {httpapi.Reconciler},
	{"GET", "/creditors/{creditor}/expectations"}:                {httpapi.Office, httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/receipts/unresolved"}:         {httpapi.Office, httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/receipts/refunds"}:            {httpapi.Office, httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/receipts/{receipt}"}:          {httpapi.Office, httpapi.Reconciler, httpapi.Auditor},
	{"POST", "/creditors/{creditor}/inquiries/{inquiry}/answer"}: {httpapi.Office},
	{"POST", "/creditors/{creditor}/inquiries/{inquiry}/close"}:  {httpapi.Office},
	{"GET", "/creditors/{creditor}/inquiries"}:                   {httpapi.Office},
	{"GET", "/creditors/{creditor}/inquiries/closed"}:            {httpapi.Office},
	{"GET", "/creditors/{creditor}/inquiries/{inquiry}"}:         {httpapi.Office},
	{"POST", "/creditors/{creditor}/news"}:                       {httpapi.Office},
	{"POST", "/creditors/{creditor}/news/{news}/correct"}:        {httpapi.Office},
	{"POST", "/creditors/{creditor}/news/{news}/withdraw"}:       {httpapi.Office},
	{"GET", "/creditors/{creditor}/news"}:                        {httpapi.Office, httpapi.Reconciler, httpapi.Auditor},

	{"GET", "/receipts/parked"}:     {httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/receipts/unreadable"}: {httpapi.Reconciler, httpapi.Auditor},

	{"POST", "/creditors/{creditor}/receipts/{receipt}/apply"}:    {httpapi.Reconciler},
	{"POST", "/creditors/{creditor}/receipts/{receipt}/refund"}:   {httpapi.Reconciler},
	{"POST", "/creditors/{creditor}/receipts/{receipt}/disown"}:   {httpapi.Reconciler},
	{"POST", "/creditors/{creditor}/receipts/{receipt}/refunded"}: {httpapi.Reconciler},
	{"POST", "/receipts/parked/{sequence}/replay"}:                {httpapi.Reconciler},
	{"POST", "/creditors/{creditor}/closings"}:                    {httpapi.Reconciler},
	{"GET", "/creditors/{creditor}/closings"}:                     {httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/parents/{parent}/saldo"}:       {httpapi.Office, httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/payments/{payment}"}:                                {httpapi.Office, httpapi.Reconciler, httpapi.Auditor},

	{"GET", "/events"}:                  {httpapi.Auditor},
	{"GET", "/events/end"}:              {httpapi.Auditor},
	{"GET", "/streams/{stream}/events"}: {httpapi.Auditor},

	{"GET", "/seal/checkpoints"}:          {httpapi.Auditor},
	{"GET", "/seal/proofs/{position}"}:    {httpapi.Auditor},
	{"GET", "/seal/continuations/{size}"}: {httpapi.Auditor},
	{"POST", "/seal/rotate"}:              {},

	{"POST", "/creditors/{creditor}/documents"}:                          {httpapi.Reconciler},
	{"GET", "/creditors/{creditor}/documents"}:                           {httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/documents/{document}"}:                {httpapi.Reconciler, httpapi.Auditor},
	{"POST", "/creditors/{creditor}/reconciliation/cases"}:               {httpapi.Reconciler},
	{"GET", "/creditors/{creditor}/reconciliation"}:                      {httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/reconciliation/flows/{flow}"}:         {httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/reconciliation/movements/{movement}"}: {httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/reconciliation/notices/{notice}"}:     {httpapi.Reconciler, httpapi.Auditor},

	{"POST", "/creditors/{creditor}/reconciliation/run"}:                   {httpapi.Reconciler},
	{"GET", "/creditors/{creditor}/reconciliation/sources"}:                {httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/reconciliation/summary"}:                {httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/creditors/{creditor}/reconciliation/rules"}:                  {httpapi.Reconciler, httpapi.Auditor},
	{"POST", "/creditors/{creditor}/reconciliation/rules"}:                 {httpapi.Reconciler},
	{"POST", "/creditors/{creditor}/reconciliation/rules/{rule}/withdraw"}: {httpapi.Reconciler},
	{"GET", "/creditors/{creditor}/reconciliation/rules/accepts"}:          {httpapi.Reconciler, httpapi.Auditor},

	{"GET", "/backup"}: {},

	{"GET", "/journal"}:        {httpapi.Reconciler, httpapi.Auditor},
	{"GET", "/journal/export"}: {httpapi.Reconciler, httpapi.Auditor},
}

// open is what everybody may read.
var open = []route{{"GET", "/openapi.json"}, {"GET", "/seal/keys"}, {"GET", "/seal/checkpoint"}}

// path is a path of the route in the settled town.
func (r route) path() string {
	receipt := waitingReceipt
	if strings.HasSuffix(r.template, "/refunded") {
		receipt = dueReceipt
	}
	link := request
	if strings.HasSuffix(r.template, "/refuse") {
		link = doubtful
	}
	return strings.NewReplacer(
		"{flow}", bookFlow, "{document}", settledDocument, "{movement}", url.PathEscape(bookMovement), "{receipt}", url.PathEscape(receipt), "{request}", link, "{inquiry}", inquiry, "{news}", newsItem, "{sequence}", "7", "{rule}", "1", "{position}", "1", "{size}", "1",
		"{creditor}", townCode, "{notice}", firstNotice, "{parent}", parent, "{consumer}", child, "{payment}", cart, "{stream}", "creditor-"+townCode,
	).Replace(r.template)
}

func TestEveryRouteHasItsRoles(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	var known []route
	for _, r := range d.routes() {
		known = append(known, r)
		if _, decided := access[r]; !decided && !slices.Contains(open, r) {
			t.Errorf("%s %s: who may do this is not in the table", r.method, r.template)
		}
	}
	for r, roles := range access {
		if !slices.Contains(known, r) {
			t.Errorf("%s %s: there is no such route", r.method, r.template)
		}
		for _, role := range []httpapi.Role{httpapi.Office, httpapi.Auditor, httpapi.Reconciler, httpapi.Administrator, "genitore"} {
			a := d.do(r.method, r.path(), valid[r.path()], d.fresh(), header{"Authorization", "Bearer " + string(role)})
			switch may := role == httpapi.Administrator || slices.Contains(roles, role); {
			case may && a.status != http.StatusOK && a.status != http.StatusConflict:
				t.Errorf("%s %s as %s: %s", r.method, r.template, role, a)
			case !may:
				a.isProblem(http.StatusForbidden)
			}
		}
	}
}

func TestEveryRouteWantsAToken(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	end := d.end()
	for r := range access {
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic dWZmaWNpbzo=", "ufficio"} {
			a := d.do(r.method, r.path(), valid[r.path()], d.fresh(), header{"Authorization", authorization})
			a.isProblem(http.StatusUnauthorized)
			if a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: 401 without WWW-Authenticate", r.method, r.template)
			}
		}
	}
	if d.end() != end {
		t.Error("somebody unknown carried out a command")
	}
	if a := d.do("GET", "/events/end", "", header{"Authorization", "bearer revisore"}); a.status != http.StatusOK {
		t.Errorf("the name of a scheme has no case: %s", a)
	}
}

func TestWhatIsAnsweredIsNotKeptOnTheWay(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	for r := range access {
		if a := d.do(r.method, r.path(), "", d.fresh()); a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: Cache-Control %q", r.method, r.template, a.header.Get("Cache-Control"))
		}
	}
}

func TestNoSuchResource(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"/", "/creditor", "/events/", "/parents/" + parent, "/creditors/" + townCode + "/bulletins/" + firstNotice + "/pay"} {
		d.do("GET", path, "").isProblem(http.StatusNotFound)
	}
}

// fits reports whether a path is one of the route's: that of a mass issue is also
// that of a bulletin, with a notice number that is none.
func (r route) fits(path string) bool {
	return regexp.MustCompile("^" + regexp.MustCompile(`{[a-z]+}`).ReplaceAllString(r.template, "[^/]+") + "$").MatchString(path)
}

func TestNoSuchMethod(t *testing.T) {
	d := newDesk(t)
	for r := range access {
		want := map[string]bool{}
		for other := range access {
			if other.fits(r.path()) {
				want[other.method] = true
			}
		}
		for _, method := range []string{"HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
			if want[method] {
				continue
			}
			a := d.do(method, r.path(), "", d.fresh())
			a.isProblem(http.StatusMethodNotAllowed)
			for _, allowed := range strings.Split(a.header.Get("Allow"), ", ") {
				if !want[allowed] {
					t.Errorf("%s %s: Allow: %s", method, r.template, a.header.Get("Allow"))
				}
			}
		}
	}
}
