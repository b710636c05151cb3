package portal

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// town is a portal over https that several people use at once: the family of the
// guide, another family, and those who work for the body. Each has a session whose
// token is who they are.
type town struct {
	*world
	t       *testing.T
	handler http.Handler
	people  *folk
	counter *counter
	origin  string
	cart    domain.PaymentID // the guide's family's
}

// Who asks. The guide's family owns all that the town's addresses name.
const (
	nobody = portaltest.Nobody
	owner  = "the guide's parent"
	other  = "another parent"
)

// staff are those who work for the body, and an account whose role nobody knows.
var staff = []string{
	string(domain.RoleOffice), string(domain.RoleReconciler), string(domain.RoleAuditor), string(domain.RoleAdministrator), "custode",
}

var caia = domain.ParentID{UUID: uuid.MustParse("33333333-3333-4333-8333-333333333333")}

func newTown(t *testing.T) *town {
	t.Helper()
	n := &town{world: newWorld(), t: t, people: &folk{}, counter: &counter{}, origin: portaltest.Origin}
	config := prepared(n.world)
	newProxy(&config)
	config.Site.Secure, config.Site.Sessions, config.Site.Views = true, n, n
	config.Accounts, config.Views, config.Commands, config.Members, config.Links, config.Papers = n, n, n, n.people, n.counter, n
	desk := newBoard(func() *world { return n.world })
	config.Inquiries, config.Reader = desk, desk
	n.handler = config.mustOpen(t)
	n.renew()
	return n
}

// renew puts everything back as it was: the guide's family has a cart, chosen
// and not paid.
func (n *town) renew() {
	n.world = newWorld()
	n.people.registry = n.registry
	n.counter.office = n.office
	n.office.asked = []LinkRequest{{Child: "UTENTE TEST", School: "MAT. BORSELLINO", State: domain.LinkAsked, AskedAt: n.now}}
	n.cart = domain.PaymentID{UUID: uuid.MustParse("55555555-5555-4555-8555-555555555555")}
	if _, err := n.world.Select(n.t.Context(), Selection{n.cart, tizio, refezione, []domain.NoticeNumber{postScuola}}); err != nil {
		n.t.Fatal(err)
	}
	n.sent = nil
}

// ask sends a request as who does; the form's page is the one asked for.
func (n *town) ask(who, method, path string, form url.Values, headers ...string) portaltest.Answer {
	n.t.Helper()
	return portaltest.Ask(n.t, n.handler, who, method, path, form, headers...)
}

// Accounts: a token is the name of who holds it.

func (n *town) Session(_ context.Context, token string) (frame.Session, error) {
	who, err := url.QueryUnescape(token)
	if err != nil || who == nobody {
		return frame.Session{}, frame.ErrNoSession
	}
	account := frame.Account{Subject: uuid.NewSHA1(uuid.Nil, []byte(who)), Username: "qualcuno", Name: "Caia Mevia", Roles: []domain.Role{domain.Role(who)}}
	switch who {
	case owner:
		account = n.account()
	case other:
		account.Subject, account.Roles = caia.UUID, []domain.Role{domain.RoleParent}
	}
	return frame.Session{Account: account, Ends: n.now.Add(n.idle)}, nil
}

func (n *town) Peek(ctx context.Context, token string) (frame.Session, error) {
	return n.Session(ctx, token)
}

// Views: what is the guide's family's is shown to nobody else.

func (n *town) Overview(ctx context.Context, parent domain.ParentID) (Overview, error) {
	if parent != tizio {
		return Overview{}, nil
	}
	return n.world.Overview(ctx, parent)
}

func (n *town) Movements(ctx context.Context, parent domain.ParentID, consumer domain.ConsumerID) (Movements, error) {
	if parent != tizio {
		return Movements{}, ErrNotFound
	}
	return n.world.Movements(ctx, parent, consumer)
}

// Commands: they trust that the portal looked first whose it is.

func (n *town) trespass(command string, parent domain.ParentID) {
	if parent != tizio {
		n.t.Errorf("%s went through for parent %s, whose it is not", command, parent)
	}
}

func (n *town) StartCheckout(ctx context.Context, parent domain.ParentID, id domain.PaymentID, key uuid.UUID) (string, eventstore.Position, error) {
	n.trespass("StartCheckout", parent)
	return n.world.StartCheckout(ctx, parent, id, key)
}

func (n *town) Return(ctx context.Context, parent domain.ParentID, id domain.PaymentID, how domain.CheckoutOutcome) (eventstore.Position, error) {
	n.trespass("Return", parent)
	return n.world.Return(ctx, parent, id, how)
}

func (n *town) RequestNotices(ctx context.Context, parent domain.ParentID, id domain.PaymentID) (eventstore.Position, error) {
	n.trespass("RequestNotices", parent)
	return n.world.RequestNotices(ctx, parent, id)
}

func (n *town) EmailNotice(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber, address string, key uuid.UUID) error {
	n.trespass("EmailNotice", parent)
	return n.world.EmailNotice(ctx, parent, notice, address, key)
}

func (n *town) NoticePDF(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber) ([]byte, error) {
	n.trespass("NoticePDF", parent)
	return n.world.NoticePDF(ctx, parent, notice)
}

func (n *town) NoticeArchive(ctx context.Context, parent domain.ParentID, notices []domain.NoticeNumber) ([]byte, error) {
	n.trespass("NoticeArchive", parent)
	return n.world.NoticeArchive(ctx, parent, notices)
}

// folk is the town's registry of people, as it stands.
type folk struct{ *registry }

func (f *folk) Profile(ctx context.Context, parent domain.ParentID) (Profile, error) {
	p, err := f.registry.Profile(ctx, parent)
	if parent != tizio {
		p.Person = domain.Person{FiscalCode: "RSSMRA85T10A562S", GivenName: "Caia", FamilyName: "Mevia", Email: "caia@posta.example", Username: "qualcuno"}
	}
	return p, err
}

func (f *folk) ChangeProfile(ctx context.Context, account frame.Account, change ProfileChange) (eventstore.Position, error) {
	if account.Subject != tizio.UUID {
		return 50, nil
	}
	return f.registry.ChangeProfile(ctx, account, change)
}
