package ledger

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// flow returns a filed version of a flow.
func (l *Ledger) flow(ctx context.Context, key string) (domain.FlowFiled, error) {
	for rec, err := range l.store.Read(ctx, FlowStream(key), 0) {
		if err != nil {
			return domain.FlowFiled{}, err
		}
		fact, err := l.registry.Decode(ctx, rec)
		if err != nil {
			return domain.FlowFiled{}, err
		}
		if filed, ok := fact.(domain.FlowFiled); ok {
			return filed, nil
		}
	}
	return domain.FlowFiled{}, fmt.Errorf("flow %.64q: %w", key, domain.ErrUnknownFlow)
}

// KnownFlow returns a version of a flow with its lines, or ErrUnknownFlow.
func (l *Ledger) KnownFlow(ctx context.Context, key string) (domain.FlowFiled, []domain.FlowLine, error) {
	filed, err := l.flow(ctx, key)
	if err != nil {
		return filed, nil, err
	}
	lines := make([]domain.FlowLine, 0, filed.Count)
	for l, err := range l.lines(ctx, key) {
		if err != nil {
			return filed, nil, err
		}
		lines = append(lines, l)
	}
	return filed, lines, nil
}

// lines are those of a version of a flow.
func (l *Ledger) lines(ctx context.Context, key string) iter.Seq2[domain.FlowLine, error] {
	return func(yield func(domain.FlowLine, error) bool) {
		for rec, err := range l.store.Read(ctx, FlowStream(key), 0) {
			var fact domain.Event
			if err == nil {
				fact, err = l.registry.Decode(ctx, rec)
			}
			if err != nil {
				yield(domain.FlowLine{}, err)
				return
			}
			part, ok := fact.(domain.FlowLinesFiled)
			if !ok {
				continue
			}
			for _, line := range part.Lines {
				if !yield(line, nil) {
					return
				}
			}
		}
	}
}

// KnownMovement returns a movement of a statement as a case needs it, and what the
// treasurer wrote about it, or ErrUnknownMovement.
func (l *Ledger) KnownMovement(ctx context.Context, creditor domain.FiscalCode, id string) (domain.CaseMovement, domain.MovementText, error) {
	none := fmt.Errorf("movement %.64q: %w", id, domain.ErrUnknownMovement)
	if len(id) < 38 || id[36] != '/' {
		return domain.CaseMovement{}, domain.MovementText{}, none
	}
	statement, err := uuid.Parse(id[:36])
	if err != nil {
		return domain.CaseMovement{}, domain.MovementText{}, none
	}
	for rec, err := range l.store.Read(ctx, StatementStream(domain.StatementID{UUID: statement}), 0) {
		if err != nil {
			return domain.CaseMovement{}, domain.MovementText{}, err
		}
		fact, err := l.registry.Decode(ctx, rec)
		if err != nil {
			return domain.CaseMovement{}, domain.MovementText{}, err
		}
		part, ok := fact.(domain.MovementsFiled)
		if !ok || part.Creditor != creditor {
			continue
		}
		for i, m := range part.Movements {
			if domain.MovementID(part.Statement, m.Number) != id {
				continue
			}
			var text domain.MovementText
			if i < len(part.Texts) {
				text = part.Texts[i]
			}
			return domain.CaseMovement{Movement: id, Amount: m.Amount, Reversal: m.Reversal, Booked: m.Booked, Value: m.Value, TRN: m.TRN}, text, nil
		}
	}
	return domain.CaseMovement{}, domain.MovementText{}, none
}
