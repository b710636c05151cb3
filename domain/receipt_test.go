package domain_test

import (
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	receiptCase  = domaintest.Case[domain.ReceiptCommand, domain.ReceiptEvent]
	receiptFacts = []domain.ReceiptEvent
)

// abcHash is the SHA-256 of "abc" (FIPS 180-2, appendix B.1).
const abcHash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

var (
	subject     = domain.CreditorSubject(comune)
	fileReceipt = domain.FileReceipt{
		Creditor: comune, Receipt: "rt-1", Notice: notice, Amount: 5733,
		Channel: domain.ChannelPaForNode, Raw: []byte("abc"), Subject: subject, At: at,
	}
	receiptFiled = domain.ReceiptFiled{
		Creditor: comune, Receipt: "rt-1", Notice: notice, Amount: 5733,
		Channel: domain.ChannelPaForNode, SHA256: abcHash, Raw: []byte("abc"), Subject: subject, At: at,
	}
	fileUnreadable  = domain.FileUnreadable{Channel: domain.ChannelPaForNode, Raw: []byte("abc"), Reason: "not XML", Subject: subject, At: at}
	unreadableFiled = domain.UnreadableFiled{Channel: domain.ChannelPaForNode, Reason: "not XML", SHA256: abcHash, Raw: []byte("abc"), Subject: subject, At: at}
)

func TestReceipt(t *testing.T) {
	elsewhere := but(fileReceipt, func(c *domain.FileReceipt) { c.Raw = []byte("abc, through another station") })
	alsoFiled := but(receiptFiled, func(e *domain.ReceiptFiled) { e.Raw, e.SHA256 = elsewhere.Raw, domain.Hash(elsewhere.Raw) })
	id := func(id domain.ReceiptID) domain.FileReceipt {
		return but(fileReceipt, func(c *domain.FileReceipt) { c.Receipt = id })
	}
	table := []receiptCase{
		{Name: "a receipt is kept as it came", When: fileReceipt, Then: receiptFacts{receiptFiled}},
		{Name: "the same message again adds nothing, whatever is said of it", Given: receiptFacts{receiptFiled},
			When: but(fileReceipt, func(c *domain.FileReceipt) { c.Amount, c.At = 1, later })},
		{Name: "the same receipt in another message is kept as well", Given: receiptFacts{receiptFiled}, When: elsewhere, Then: receiptFacts{alsoFiled}},
		{Name: "each message is kept once", Given: receiptFacts{receiptFiled, alsoFiled}, When: fileReceipt},
		{Name: "a receipt that says nothing else is kept", When: domain.FileReceipt{Receipt: "rt-1", Raw: []byte("abc")},
			Then: receiptFacts{domain.ReceiptFiled{Receipt: "rt-1", Raw: []byte("abc"), SHA256: abcHash}}},
		{Name: "a receipt id of one character is taken", When: id("è"),
			Then: receiptFacts{but(receiptFiled, func(e *domain.ReceiptFiled) { e.Receipt = "è" })}},
		{Name: "a receipt id of 140 characters is taken", When: id(domain.ReceiptID(long(140))),
			Then: receiptFacts{but(receiptFiled, func(e *domain.ReceiptFiled) { e.Receipt = domain.ReceiptID(long(140)) })}},
		{Name: "a receipt without an id is refused", When: id(""), Refusal: domain.ErrBadReceiptID},
		{Name: "a receipt id has at most 140 characters", When: id(domain.ReceiptID(long(141))), Refusal: domain.ErrBadReceiptID},

		{Name: "what cannot be read is kept", When: fileUnreadable, Then: receiptFacts{unreadableFiled}},
		{Name: "what else cannot be read is kept as well", Given: receiptFacts{unreadableFiled}, When: but(fileUnreadable, func(c *domain.FileUnreadable) { c.Raw = nil }),
			Then: receiptFacts{but(unreadableFiled, func(e *domain.UnreadableFiled) { e.Raw, e.SHA256 = nil, domain.Hash(nil) })}},
		{Name: "what cannot be read again adds nothing", Given: receiptFacts{unreadableFiled},
			When: but(fileUnreadable, func(c *domain.FileUnreadable) { c.At = later })},
	}
	domaintest.Run[domain.Receipt](t, table)
}

func TestReceiptFolds(t *testing.T) {
	second := but(unreadableFiled, func(e *domain.UnreadableFiled) { e.SHA256 = "00" })
	got := fold[domain.Receipt](receiptFacts{receiptFiled, second})
	want := domain.Receipt{Hashes: []string{abcHash, "00"}, Notice: receiptFiled.Notice, Amount: receiptFiled.Amount}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the receipt folds to %+v, want %+v", got, want)
	}
}

func TestTheFirstMessageOfAReceiptCounts(t *testing.T) {
	other := but(receiptFiled, func(e *domain.ReceiptFiled) { e.SHA256, e.Notice, e.Amount = "00", "301000000000005000", 1 })
	got := fold[domain.Receipt](receiptFacts{receiptFiled, other})
	if got.Notice != receiptFiled.Notice || got.Amount != receiptFiled.Amount || len(got.Hashes) != 2 {
		t.Errorf("the receipt folds to %+v, want the notice and the amount of the first message", got)
	}
}

func TestReceiptKey(t *testing.T) {
	const want = "1d0bf25cf2a7530d5890cea2368ff5aa86de446997ffb2ccdb9ca2e44f5f0c3e" // printf '12345678903\0rt-1' | sha256sum
	if got := domain.ReceiptID("rt-1").Key(comune); got != want {
		t.Errorf("key %s, want %s: the streams of receipts filed before would be lost", got, want)
	}
	if domain.ReceiptID("3x").Key("1234567890") == domain.ReceiptID("x").Key("12345678903") {
		t.Error("two creditors share a key where creditor and receipt id run together")
	}
}

func TestCreditorSubject(t *testing.T) {
	if want := uuid.MustParse("73214a63-9842-5d10-bcb5-e5c7c7d546fe"); subject != want {
		t.Errorf("subject %s, want %s: the key of what was sealed before would be lost", subject, want)
	}
	if domain.CreditorSubject("77777777777") == subject {
		t.Error("two creditors share a key")
	}
}
