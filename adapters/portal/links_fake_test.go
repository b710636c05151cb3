package portal

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

const activationCode = "CDFG-HJKM-NPQR"

// office is who answers for whom, behind the port Links.
type office struct {
	world    *world
	declared int
	asked    []LinkRequest
	keys     []uuid.UUID
	used     bool
	refusal  error // of whatever is done next
}

var nina = Consumer{ID: domain.ConsumerID{UUID: uuid.MustParse("77777777-7777-4777-8777-777777777777")}, Name: "NINA PROVA", School: "EL. RODARI"}

func (o *office) link() (eventstore.Position, error) {
	o.world.consumers = append(slices.Clone(o.world.consumers), nina)
	return o.world.did("Link")
}

func (o *office) Activate(_ context.Context, _ domain.ParentID, code, _ string) (string, eventstore.Position, error) {
	if o.refusal != nil || code != activationCode || o.used {
		if o.refusal == nil {
			return "", 0, ErrNoCode
		}
		return "", 0, o.refusal
	}
	o.used = true
	at, err := o.link()
	return nina.Name, at, err
}

func (o *office) Declared(context.Context, domain.ParentID) (int, error) { return o.declared, nil }

func (o *office) LinkDeclared(context.Context, domain.ParentID) (eventstore.Position, error) {
	if o.declared == 0 {
		return 0, nil
	}
	o.declared = 0
	return o.link()
}

func (o *office) Ask(_ context.Context, _ domain.ParentID, key uuid.UUID, sought domain.SoughtChild) (eventstore.Position, error) {
	if o.refusal != nil {
		return 0, o.refusal
	}
	if slices.Contains(o.keys, key) {
		return o.world.at, nil
	}
	o.keys = append(o.keys, key)
	o.asked = append([]LinkRequest{{Child: sought.FullName(), School: sought.School, State: domain.LinkAsked, AskedAt: o.world.now}}, o.asked...)
	return o.world.did("Ask", sought.FiscalCode)
}

func (o *office) Asked(context.Context, domain.ParentID) ([]LinkRequest, error) { return o.asked, nil }

// counter is the town's office: another parent has asked for nothing, and nobody but
// the guide's family has a code.
type counter struct{ *office }

func (c *counter) Asked(ctx context.Context, parent domain.ParentID) ([]LinkRequest, error) {
	if parent != tizio {
		return nil, nil
	}
	return c.office.Asked(ctx, parent)
}

func (c *counter) Activate(ctx context.Context, parent domain.ParentID, code, addr string) (string, eventstore.Position, error) {
	if parent != tizio {
		return "", 0, ErrNoCode
	}
	return c.office.Activate(ctx, parent, code, addr)
}

func (c *counter) Ask(ctx context.Context, parent domain.ParentID, key uuid.UUID, sought domain.SoughtChild) (eventstore.Position, error) {
	if parent != tizio {
		return 50, nil
	}
	return c.office.Ask(ctx, parent, key, sought)
}
