package register

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// slip is one posting on its way to the mastrino of its account.
type slip struct {
	audit.Entry
	account       domain.Account
	debit, credit domain.Money
	number        uint64 // of the operation in the giornale of the same period
	order         uint64 // in the log, among all postings
}

// before puts slips by account and, there, as the log has them.
func (s *slip) before(o *slip) int {
	return cmp.Or(cmp.Compare(s.account, o.account), cmp.Compare(s.order, o.order))
}

// appendTo writes a slip for the temporary file.
func (s *slip) appendTo(b []byte) []byte {
	for _, text := range []string{string(s.account), string(s.Stream), s.Type, string(s.After)} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	for _, n := range []uint64{
		s.number, s.order, uint64(s.Position), uint64(s.Revision), uint64(s.debit), uint64(s.credit),
		uint64(s.Effective.Unix()), uint64(s.Effective.Nanosecond()), uint64(s.Recorded.Unix()), uint64(s.Recorded.Nanosecond()),
	} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return append(b, s.Hash[:]...)
}

// readSlip reads what appendTo wrote; io.EOF where there is no more.
func readSlip(r *bufio.Reader) (s slip, err error) {
	var texts [4]string
	for i := range texts {
		if texts[i], err = readText(r); err != nil {
			if i > 0 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return s, err
		}
	}
	var b [10*8 + len(eventstore.Hash{})]byte
	if _, err = io.ReadFull(r, b[:]); err != nil {
		return s, fmt.Errorf("register: the temporary file: %w", err)
	}
	n := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	s.account, s.Stream, s.Type, s.After = domain.Account(texts[0]), eventstore.Stream(texts[1]), texts[2], domain.ClosingPeriod(texts[3])
	s.number, s.order, s.Position, s.Revision = n(0), n(1), eventstore.Position(n(2)), eventstore.Revision(n(3))
	s.debit, s.credit = domain.Money(n(4)), domain.Money(n(5))
	s.Effective, s.Recorded = time.Unix(int64(n(6)), int64(n(7))), time.Unix(int64(n(8)), int64(n(9)))
	s.Hash = eventstore.Hash(b[80:])
	return s, nil
}

func readText(r *bufio.Reader) (string, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return "", err
	}
	text := make([]byte, n)
	_, err = io.ReadFull(r, text)
	return string(text), err
}
