// Package httpapi is the ledger's JSON door (/api/v1): commands are POSTs with an
// Idempotency-Key that answer with the position written; queries can wait for a
// position and say which one they show; auditors read the log itself. Errors are
// RFC 9457 problem details that name the field and the rule. openapi.json beside
// this file describes it all, and a test keeps the two together.
package httpapi

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// Config is what the API is made of.
type Config struct {
	Ledger      *ledger.Ledger
	Log         eventstore.Reader
	Views       Views
	Tokens      Tokens
	Credentials Credentials
	Activations Activations
	Backups     Backups // nil where the log is not in the service's own directory
	Journal     Journal // nil where none is kept
	Lookout     Lookout // nil where pagoPA cannot be asked for receipts
	Parked      Parked
	Seal        Seal
	Snapshots   *audit.Snapshots // of balances; nil where none are kept
	Reconciled  Reconciled
	Printer     table.Printer
	Intake      Intake
	Collector   Collector
	FourEyes    domain.Money // above it two persons decide a case; 0 for never
	Clock       func() time.Time
	Logger      *slog.Logger
}

// Tokens knows whose a bearer token is.
type Tokens interface {
	// APIToken returns the holder of token, or ErrBadToken.
	APIToken(ctx context.Context, token string) (Holder, error)
}

// Holder is somebody who may use the API.
type Holder struct {
	Name  string
	Roles []Role
	// Body is whose things alone the holder may see and change, of an installation that
	// serves several bodies; empty is all of them.
	Body domain.FiscalCode
}

// Role is what a token allows.
type Role = domain.Role

// The roles of tokens.
const (
	Office        = domain.RoleOffice        // writes
	Auditor       = domain.RoleAuditor       // reads the log
	Reconciler    = domain.RoleReconciler    // reads balances and receipts, and resolves them
	Administrator = domain.RoleAdministrator // everything
)

// ErrBadToken says that a token is nobody's.
var ErrBadToken = errors.New("httpapi: unknown token")

// Credentials keeps passwords, outside the ledger.
type Credentials interface {
	// CheckPassword refuses a password that breaks a rule, with a *domain.Refusal.
	CheckPassword(password string, person domain.Person) error
	// FirstPassword gives a parent a password, unless the parent has one.
	FirstPassword(ctx context.Context, parent domain.ParentID, username, password string) error
}

type api struct {
	Config
}

//go:embed openapi.json
var description []byte

// New returns the API's handler, for paths under /api/v1/.
func New(c Config) http.Handler {
	a := &api{c}
	router := mux.NewRouter().UseEncodedPath()
	for _, r := range a.routes() {
		router.Handle("/api/v1"+r.path, a.guard(r, r.handler)).Methods(r.method)
	}
	router.HandleFunc("/api/v1/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(description)
	}).Methods(http.MethodGet)
	// What is signed is for everybody: the more people keep it, the better.
	router.HandleFunc("/api/v1/seal/keys", a.sealKeys).Methods(http.MethodGet)
	router.HandleFunc("/api/v1/seal/checkpoint", a.checkpoint).Methods(http.MethodGet)
	router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, problem{Status: http.StatusNotFound, Title: "No such resource", Detail: r.URL.Path})
	})
	router.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", strings.Join(methodsOf(router, r), ", "))
		writeProblem(w, problem{Status: http.StatusMethodNotAllowed, Title: "Method not allowed", Detail: r.Method + " " + r.URL.Path})
	})
	return router
}

// methodsOf lists what can be done with the resource that r is about.
func methodsOf(router *mux.Router, r *http.Request) []string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		probe := r.Clone(r.Context())
		probe.Method = method
		var match mux.RouteMatch
		if router.Match(probe, &match) && match.MatchErr == nil {
			methods = append(methods, method)
		}
	}
	return methods
}

// route is one operation of the API.
type route struct {
	method, path string
	roles        []Role
	handler      http.HandlerFunc
}

func (a *api) routes() []route {
	write := []Role{Office}
	look := []Role{Office, Reconciler, Auditor}
	read := []Role{Auditor}
	decide := []Role{Reconciler}
	decideOrAudit := []Role{Reconciler, Auditor}
	nobodyElse := []Role{} // than administrators
	return []route{
		{"POST", "/creditors", write, command(a, a.registerCreditor)},
		{"POST", "/creditors/{creditor}/profile", write, command(a, a.changeCreditor)},
		{"POST", "/creditors/{creditor}/categories", write, command(a, a.defineCategory)},
		{"POST", "/creditors/{creditor}/services", write, command(a, a.defineService)},
		{"POST", "/creditors/{creditor}/consumers", write, command(a, a.enrolConsumer)},
		{"POST", "/creditors/{creditor}/bulletins", write, command(a, a.issueBulletin)},
		{"POST", "/creditors/{creditor}/bulletins/batch", write, commandOf(a, maxBatchBody, a.issueBatch)},
		{"POST", "/creditors/{creditor}/bulletins/{notice}/send", write, command(a, a.sendBulletin)},
		{"POST", "/creditors/{creditor}/bulletins/{notice}/cancel", write, command(a, a.cancelBulletin)},
		{"POST", "/parents", write, command(a, a.registerParent)},
		{"POST", "/parents/{parent}/erase", write, command(a, a.eraseParent)},
		{"POST", "/consumers/{consumer}/parents", write, command(a, a.linkParent)},
		{"POST", "/consumers/{consumer}/parents/{parent}/unlink", write, command(a, a.unlinkParent)},
		{"POST", "/consumers/{consumer}/adults", write, command(a, a.declareAdult)},
		{"POST", "/consumers/{consumer}/adults/withdraw", write, command(a, a.withdrawAdult)},
		{"POST", "/consumers/{consumer}/activation", write, command(a, a.issueActivation)},
		{"POST", "/consumers/{consumer}/activation/revoke", write, command(a, a.revokeActivation)},
		{"POST", "/links/{request}/approve", write, command(a, a.approveLink)},
		{"POST", "/links/{request}/refuse", write, command(a, a.refuseLink)},
		{"GET", "/consumers/{consumer}", write, a.query(a.enrolled)},
		{"GET", "/creditors/{creditor}/links", write, a.query(a.linkRequests)},
		{"POST", "/consumers/{consumer}/services", write, command(a, a.activateService)},
		{"POST", "/consumers/{consumer}/diet", write, command(a, a.changeDiet)},
		{"POST", "/consumers/{consumer}/wallet/credits", write, command(a, a.creditWallet)},
		{"POST", "/consumers/{consumer}/wallet/meals", write, command(a, a.chargeMeal)},
		{"POST", "/payments", write, command(a, a.selectForPayment)},
		{"POST", "/payments/{payment}/notices", write, command(a, a.requestNotices)},

		{"POST", "/creditors/{creditor}/inquiries/{inquiry}/answer", write, command(a, a.answerInquiry)},
		{"POST", "/creditors/{creditor}/inquiries/{inquiry}/close", write, command(a, a.closeInquiry)},
		{"GET", "/creditors/{creditor}/inquiries", write, a.query(a.inquiries)},
		{"GET", "/creditors/{creditor}/inquiries/closed", write, a.query(a.closedInquiries)},
		{"GET", "/creditors/{creditor}/inquiries/{inquiry}", write, a.query(a.inquiry)},
		{"POST", "/creditors/{creditor}/news", write, command(a, a.publishNews)},
		{"POST", "/creditors/{creditor}/news/{news}/correct", write, command(a, a.correctNews)},
		{"POST", "/creditors/{creditor}/news/{news}/withdraw", write, command(a, a.withdrawNews)},
		{"GET", "/creditors/{creditor}/news", look, a.query(a.news)},

		{"POST", "/creditors/{creditor}/receipts/{receipt}/apply", decide, command(a, a.applyReceipt)},
		{"POST", "/creditors/{creditor}/receipts/{receipt}/refund", decide, command(a, a.refundReceipt)},
		{"POST", "/creditors/{creditor}/receipts/{receipt}/disown", decide, command(a, a.disownReceipt)},
		{"POST", "/creditors/{creditor}/receipts/{receipt}/refunded", decide, command(a, a.recordRefund)},
		{"POST", "/receipts/parked/{sequence}/replay", decide, command(a, a.replay)},
		{"GET", "/receipts/parked", decideOrAudit, a.parked},
		{"GET", "/receipts/unreadable", decideOrAudit, a.query(a.unreadable)},

		{"GET", "/creditors/{creditor}/bulletins/{notice}", look, a.query(a.bulletin)},
		{"GET", "/creditors/{creditor}/accounts", look, a.query(a.accounts)},
		{"POST", "/creditors/{creditor}/receipts/fetch", []Role{Reconciler}, command(a, a.fetchReceipt)},
		{"GET", "/creditors/{creditor}/expectations", look, a.query(a.expectations)},
		{"GET", "/creditors/{creditor}/receipts/unresolved", look, a.query(a.unresolved)},
		{"GET", "/creditors/{creditor}/receipts/refunds", look, a.query(a.refundsDue)},
		{"GET", "/creditors/{creditor}/receipts/{receipt}", look, a.query(a.receipt)},
		{"POST", "/creditors/{creditor}/documents", decide, commandOf(a, maxDocumentBody, a.importDocument)},
		{"GET", "/creditors/{creditor}/documents", decideOrAudit, a.query(a.documents)},
		{"GET", "/creditors/{creditor}/documents/{document}", decideOrAudit, a.original},
		{"POST", "/creditors/{creditor}/reconciliation/cases", decide, command(a, a.decideCase)},
		{"GET", "/creditors/{creditor}/reconciliation", decideOrAudit, a.query(a.reconcile)},
		{"GET", "/creditors/{creditor}/reconciliation/summary", decideOrAudit, a.summarise},
		{"GET", "/creditors/{creditor}/reconciliation/flows/{flow}", decideOrAudit, a.query(a.flow)},
		{"GET", "/creditors/{creditor}/reconciliation/movements/{movement}", decideOrAudit, a.query(a.bankLine)},
		{"GET", "/creditors/{creditor}/reconciliation/notices/{notice}", decideOrAudit, a.query(a.whereIsMyMoney)},
		{"POST", "/creditors/{creditor}/closings", decide, command(a, a.closePeriod)},
		{"GET", "/creditors/{creditor}/closings", decideOrAudit, a.query(a.closings)},
		{"POST", "/creditors/{creditor}/reconciliation/run", decide, command(a, a.collect)},
		{"GET", "/creditors/{creditor}/reconciliation/sources", decideOrAudit, a.query(a.sources)},
		{"GET", "/creditors/{creditor}/reconciliation/rules", decideOrAudit, a.query(a.rules)},
		{"POST", "/creditors/{creditor}/reconciliation/rules", decide, command(a, a.setRule)},
		{"POST", "/creditors/{creditor}/reconciliation/rules/{rule}/withdraw", decide, command(a, a.withdrawRule)},
		{"GET", "/creditors/{creditor}/reconciliation/rules/accepts", decideOrAudit, a.query(a.dryRun)},
		{"GET", "/creditors/{creditor}/parents/{parent}/saldo", look, a.query(a.saldo)},
		{"GET", "/payments/{payment}", look, a.query(a.payment)},

		{"GET", "/events", read, a.events},
		{"GET", "/events/end", read, a.end},
		{"GET", "/streams/{stream}/events", read, a.streamEvents},
		{"GET", "/seal/checkpoints", read, a.checkpoints},
		{"GET", "/seal/proofs/{position}", read, a.proof},
		{"GET", "/seal/continuations/{size}", read, a.continuation},
		{"POST", "/seal/rotate", nobodyElse, command(a, a.rotate)},
		{"GET", "/backup", nobodyElse, a.backup},
		{"GET", "/journal", decideOrAudit, a.searchJournal},
		{"GET", "/journal/export", decideOrAudit, a.exportJournal},
	}
}

// guard lets through who has one of the route's roles, at the body whose thing it is,
// and keeps the holder for the command's actor.
func (a *api) guard(to route, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		holder, err := Holder{}, ErrBadToken
		if strings.EqualFold(scheme, "Bearer") {
			holder, err = a.Tokens.APIToken(r.Context(), token)
		}
		switch {
		case errors.Is(err, ErrBadToken):
			w.Header().Set("WWW-Authenticate", `Bearer realm="saldo"`)
			writeProblem(w, problem{Status: http.StatusUnauthorized, Title: "A valid bearer token is needed", Detail: "Send Authorization: Bearer <token>"})
		case err != nil:
			a.fail(w, r, err)
		case !holder.has(to.roles):
			writeProblem(w, problem{Status: http.StatusForbidden, Title: "The token does not allow this", Detail: "Its roles do not include any of those needed"})
		default:
			if err := a.atHome(r, holder, to.path); err != nil {
				a.fail(w, r, err)
				return
			}
			next(w, r.WithContext(context.WithValue(r.Context(), holderKey{}, holder)))
		}
	})
}

type holderKey struct{}

func (h Holder) has(roles []Role) bool {
	return slices.ContainsFunc(h.Roles, func(r Role) bool { return r == Administrator || slices.Contains(roles, r) })
}

// pathUUID reads an id from the path.
func pathUUID(r *http.Request, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(mux.Vars(r)[name])
	if err != nil {
		return id, &domain.Refusal{Kind: domain.Invalid, Field: name, Rule: "an id is a uuid"}
	}
	return id, nil
}

func creditorOf(r *http.Request) (domain.FiscalCode, error) {
	return domain.ParseBodyCode(mux.Vars(r)["creditor"])
}

func noticeOf(r *http.Request) (domain.NoticeNumber, error) {
	return domain.ParseNoticeNumber(mux.Vars(r)["notice"])
}
