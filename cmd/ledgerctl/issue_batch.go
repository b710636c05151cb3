package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// maxBatchBytes is where a batch ends whose bulletins are long, well below what the
// API takes in one request.
const maxBatchBytes = 12 << 20

// issueBatch is the part of a file that goes in one request. Where one ends follows
// from the file alone, or its key would not.
type issueBatch struct {
	place   int // among the batches of the file
	entries []entry
}

// batches yields the file in requests.
func (i *issue) batches() iter.Seq2[issueBatch, error] {
	return func(yield func(issueBatch, error) bool) {
		var b issueBatch
		size := 0
		for e, err := range i.bulletins() {
			if err != nil {
				yield(issueBatch{}, err)
				return
			}
			if len(b.entries) == ledger.MaxBatch || size+len(e.text) > maxBatchBytes {
				if !yield(b, nil) {
					return
				}
				b, size = issueBatch{place: b.place + 1}, 0
			}
			b.entries, size = append(b.entries, e), size+len(e.text)+1
		}
		yield(b, nil)
	}
}

// key is the batch's idempotency key: of what it says and where it stands, so that
// the same file is the same commands. Whether it is sent and when is not in it: the
// same file with another --send is refused instead of being issued twice.
func (b issueBatch) key(creditor string) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%d\n", creditor, b.place)
	for _, e := range b.entries {
		sum.Write(e.text)
		sum.Write([]byte("\n"))
	}
	return "issue-" + hex.EncodeToString(sum.Sum(nil))
}

func (b issueBatch) body(send bool, at string) string {
	var out bytes.Buffer
	out.WriteString(`{"send":` + strconv.FormatBool(send))
	if at != "" {
		quoted, _ := json.Marshal(at) // it is text
		out.WriteString(`,"at":` + string(quoted))
	}
	out.WriteString(`,"bulletins":[`)
	for i, e := range b.entries {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(e.text)
	}
	out.WriteString("]}")
	return out.String()
}

// rows reads the answer, which has a row for each bulletin.
func (b issueBatch) rows(answer []byte) ([]httpapi.BatchRow, error) {
	var out struct{ Rows []httpapi.BatchRow }
	if err := json.Unmarshal(answer, &out); err != nil {
		return nil, err
	}
	if len(out.Rows) != len(b.entries) {
		return nil, fmt.Errorf("%d bulletins were sent, and the answer is about %d", len(b.entries), len(out.Rows))
	}
	return out.Rows, nil
}
