package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/saldo-ledger/saldo/domain"
)

// Receipt asks for the messages that brought a receipt, with their bytes where the
// debtor was not erased. The service writes down who asked.
func (r Remote) Receipt(ctx context.Context, creditor domain.FiscalCode, id domain.ReceiptID) ([]domain.ReceiptFiled, error) {
	body, err := r.get(ctx, fmt.Sprintf("/api/v1/creditors/%s/receipts/%s?messages=1", creditor, url.PathEscape(string(id))))
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var out receiptJSON
	if err := json.NewDecoder(body).Decode(&out); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	var filed []domain.ReceiptFiled
	for _, m := range out.Messages {
		filed = append(filed, domain.ReceiptFiled{
			Creditor: creditor, Receipt: id, Notice: out.Notice, Channel: m.Channel, SHA256: m.SHA256, Raw: m.Raw, At: m.At,
		})
	}
	return filed, nil
}
