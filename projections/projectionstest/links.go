package projectionstest

import (
	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
)

// adult is declared for children of the histories.
const adult domain.AdultID = "4f5e"

// linking is about who answers for a child.
func (h *history) linking() {
	id, code := h.child(), scattered("code", h.pick("code", 2))
	link := domain.LinkParent{Consumer: id, Parent: h.parent(), At: h.at}
	link.Ground = rapid.SampledFrom([]domain.LinkGround{domain.LinkedByOffice, domain.LinkedByIdentity, domain.LinkedByCode}).Draw(h.t, "ground")
	switch link.Ground {
	case domain.LinkedByIdentity:
		link.Proof = string(adult)
	case domain.LinkedByCode:
		link.Proof = code.String()
	}
	cmds := []domain.ConsumerCommand{
		link,
		domain.UnlinkParent{Consumer: id, Parent: link.Parent, Reason: "Errore", At: h.at},
		domain.DeclareAdult{Consumer: id, Adult: adult, At: h.at},
		domain.WithdrawAdult{Consumer: id, Adult: adult, At: h.at},
		domain.IssueActivationCode{Consumer: id, Code: code, Until: h.at.AddDate(0, 0, 90), At: h.at},
		domain.RevokeActivationCode{Consumer: id, At: h.at},
	}
	act(h, h.consumers, "consumer-"+id.String(), cmds[h.pick("about the link", len(cmds))])
}

// request is about asking for a child.
func (h *history) request() {
	id := domain.LinkRequestID{UUID: scattered("request", h.pick("request", 3))}
	cmds := []domain.LinkRequestCommand{
		domain.RequestLink{Request: id, Creditor: h.creditor(), Parent: h.parent(), At: h.at, Sought: domain.SoughtChild{
			GivenName: "UTENTE", FamilyName: "TEST", FiscalCode: "SMPTZI80A01F205Q", School: "MAT. BORSELLINO",
		}},
		domain.ApproveLink{Request: id, Consumer: h.child(), At: h.at},
		domain.RefuseLink{Request: id, Reason: "Non iscritto", At: h.at},
	}
	act(h, h.requests, "linking-"+id.String(), cmds[h.pick("about the request", len(cmds))])
}
