package fdr

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestADocumentHasALimit(t *testing.T) {
	if _, err := Decode(make([]byte, MaxBytes+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
}

func TestTooManyPaymentsAndTooLongATextAreRefused(t *testing.T) {
	doc := payments(1)
	from, to := bytes.Index(doc, []byte("<"+paymentTag)), bytes.Index(doc, []byte("</FlussoR"))
	many := bytes.Join([][]byte{doc[:from], bytes.Repeat(doc[from:to], MaxPayments+1), doc[to:]}, nil)
	at := bytes.Count(doc[:from], []byte("\n")) + MaxPayments*bytes.Count(doc[from:to], []byte("\n")) // of the last that may be
	long := bytes.Replace(doc, []byte("0a1b"), bytes.Repeat([]byte("0"), MaxPayments), 1)
	for want, raw := range map[string][]byte{
		fmt.Sprintf("riga %d, datiSingoliPagamenti: al massimo 200000", at):                         many,
		"riga 24, datiSingoliPagamenti/identificativoUnivocoRiscossione: vanno da 1 a 35 caratteri": long,
		"riga 1, il flusso è troppo lungo":                                                          append([]byte("<"+root), make([]byte, MaxBytes)...),
	} {
		if got, _, err := ReadDocument(raw, domain.CreditorProfile{FiscalCode: "12345678903"}); err == nil || err.Error() != want || got.Flows != nil {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
