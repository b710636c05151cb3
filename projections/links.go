package projections

import "github.com/saldo-ledger/saldo/domain"

// linked keeps who answers for whom, on what ground, and what was asked for.
func linked(e domain.Event) []Change {
	switch e := e.(type) {
	case domain.ParentLinked:
		changes := one(ConsumerParents, linkKey(e.Parent, e.Consumer),
			Cell{linkHolds, number(holds)}, Cell{linkGround, text(e.Ground)}, Cell{linkSince, instant(e.At)})
		if e.Ground == domain.LinkedByCode {
			changes = append(changes, activation(e.Consumer))
		}
		return changes
	case domain.ParentUnlinked:
		return one(ConsumerParents, linkKey(e.Parent, e.Consumer), Cell{linkHolds, number(0)}, Cell{linkSince, instant(e.At)})
	case domain.AdultDeclared:
		return one(ConsumerAdults, adultKey(e.Adult, e.Consumer), Cell{adultHolds, number(holds)}, Cell{adultSince, instant(e.At)})
	case domain.AdultWithdrawn:
		return one(ConsumerAdults, adultKey(e.Adult, e.Consumer), Cell{adultHolds, number(0)})
	case domain.ActivationCodeIssued:
		return []Change{activation(e.Consumer, Cell{consumerActivation, text(e.Code.String())},
			Cell{consumerActivationAt, instant(e.At)}, Cell{consumerActivationUntil, instant(e.Until)})}
	case domain.ActivationCodeRevoked:
		return []Change{activation(e.Consumer)}
	}
	return nil
}

func linkKey(parent domain.ParentID, consumer domain.ConsumerID) Key {
	return Key{text(parent.String()), text(consumer.String())}
}

func adultKey(adult domain.AdultID, consumer domain.ConsumerID) Key {
	return Key{text(adult), text(consumer.String())}
}

// activation is what becomes of a child's open code; nothing is that there is none.
func activation(consumer domain.ConsumerID, cells ...Cell) Change {
	if cells == nil {
		cells = []Cell{{consumerActivation, Value{}}, {consumerActivationAt, Value{}}, {consumerActivationUntil, Value{}}}
	}
	return Change{Consumers, Key{text(consumer.String())}, cells}
}

// linkRequest keeps how far a request came, and nothing of what it says.
func linkRequest(e domain.LinkRequestEvent) []Change {
	switch e := e.(type) {
	case domain.LinkRequested:
		return one(LinkRequests, Key{text(e.Request.String())}, Cell{requestCreditor, text(e.Creditor)}, Cell{requestParent, text(e.Parent.String())},
			Cell{requestState, number(domain.LinkAsked)}, Cell{requestAskedAt, instant(e.At)})
	case domain.LinkApproved:
		return one(LinkRequests, Key{text(e.Request.String())}, Cell{requestState, number(domain.LinkGranted)},
			Cell{requestDecidedAt, instant(e.At)}, Cell{requestConsumer, text(e.Consumer.String())})
	case domain.LinkRefused:
		return one(LinkRequests, Key{text(e.Request.String())}, Cell{requestState, number(domain.LinkDenied)}, Cell{requestDecidedAt, instant(e.At)})
	}
	return nil
}
