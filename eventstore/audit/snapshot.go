package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// ErrSnapshot says that a snapshot is not one, or is damaged. It can be removed: what
// it says is made again from the log.
var ErrSnapshot = errors.New("audit: a snapshot is damaged")

// span says which events a snapshot sums up.
type span struct {
	After    eventstore.Position `json:"after"` // the last event before the first
	To       eventstore.Position `json:"to"`    // the last
	Events   uint64              `json:"events"`
	Link     eventstore.Hash     `json:"link"`     // of the last, in its stream's chain
	Recorded [2]time.Time        `json:"recorded"` // the first and the last date
	// Effective are the first and the last date of what moved money.
	Effective [2]time.Time `json:"effective"`
}

// A snapshot is the turnover of every account, by the hour of the effective date, over
// a stretch of the log. Its file is the accounts in order, each as
//
//	u32 bytes of all that follows up to the checksum, u16 bytes of the account and its
//	creditor with a zero between, these, then for each hour i64 hours since 1970,
//	i64 debits, i64 credits; u32 CRC-32C of all before it
//
// then where each account begins (u64 each), the span as JSON, and a tail: u64 where
// the table begins, u32 how many accounts, u32 bytes of JSON, u32 CRC-32C of table,
// JSON and the tail before it. Everything is little-endian.
type snapshot struct {
	span
	file  io.ReaderAt
	table int64 // where it begins
	count int
}

const tailSize = 8 + 4 + 4 + 4

// maxSpan bounds the JSON of a span, which has no text of anybody's in it.
const maxSpan = 4096

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// hourOf is the hour that a moment is in.
func hourOf(t time.Time) int64 {
	hour := t.Unix() / 3600
	if t.Unix()%3600 < 0 {
		hour--
	}
	return hour
}

// summing sums up events for a snapshot.
type summing struct {
	span
	books *wire.Books
	sums  map[Book]map[int64]Turnover
}

func newSumming(after eventstore.Position) *summing {
	return &summing{span: span{After: after}, books: wire.NewBooks(), sums: make(map[Book]map[int64]Turnover)}
}

func (t *summing) add(ctx context.Context, rec eventstore.Recorded) error {
	meta, err := eventstore.ParseMetadata(rec.Metadata)
	if err != nil {
		return err
	}
	t.To, t.Link = rec.Position, meta.Hash
	t.Events++
	t.Recorded = widened(t.Recorded, meta.Recorded)
	if !wire.Moves(rec.Type) {
		return nil
	}
	at, postings, err := t.books.Read(ctx, rec)
	if err != nil {
		return err
	}
	for _, p := range postings {
		t.Effective = widened(t.Effective, at)
		book := Book{p.Creditor, p.Account}
		hours := t.sums[book]
		if hours == nil {
			hours = make(map[int64]Turnover, 1)
			t.sums[book] = hours
		}
		hours[hourOf(at)] = hours[hourOf(at)].plus(Turnover{p.Debit, p.Credit})
	}
	return nil
}

func widened(dates [2]time.Time, at time.Time) [2]time.Time {
	at = at.UTC()
	if dates[0].IsZero() || at.Before(dates[0]) {
		dates[0] = at
	}
	if at.After(dates[1]) {
		dates[1] = at
	}
	return dates
}

// text is the file: the same events give the same bytes.
func (t *summing) text() ([]byte, error) {
	var b []byte
	var table []uint64
	for _, book := range slices.SortedFunc(maps.Keys(t.sums), compareBooks) {
		table = append(table, uint64(len(b)))
		b = appendBook(b, book, t.sums[book])
	}
	begin := len(b)
	for _, at := range table {
		b = binary.LittleEndian.AppendUint64(b, at)
	}
	about, err := json.Marshal(t.span)
	if err != nil {
		return nil, err
	}
	b = append(b, about...)
	b = binary.LittleEndian.AppendUint64(b, uint64(begin))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(table)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(about)))
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[begin:], castagnoli)), nil
}

// compareBooks puts the creditors of one account beside each other.
func compareBooks(a, b Book) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Creditor, b.Creditor))
}

func appendBook(b []byte, book Book, hours map[int64]Turnover) []byte {
	begin := len(b)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(book.Account)+1+len(book.Creditor)))
	b = append(append(append(b, book.Account...), 0), book.Creditor...)
	for _, hour := range slices.Sorted(maps.Keys(hours)) {
		b = binary.LittleEndian.AppendUint64(b, uint64(hour))
		b = binary.LittleEndian.AppendUint64(b, uint64(hours[hour].Debits))
		b = binary.LittleEndian.AppendUint64(b, uint64(hours[hour].Credits))
	}
	binary.LittleEndian.PutUint32(b[begin:], uint32(len(b)-begin-4))
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[begin:], castagnoli))
}

// openSnapshot reads what a file says of itself.
func openSnapshot(file io.ReaderAt, size int64) (*snapshot, error) {
	tail := make([]byte, tailSize)
	if size < tailSize {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrSnapshot, size)
	}
	if _, err := file.ReadAt(tail, size-tailSize); err != nil {
		return nil, err
	}
	begin, count, about := binary.LittleEndian.Uint64(tail), binary.LittleEndian.Uint32(tail[8:]), binary.LittleEndian.Uint32(tail[12:])
	if begin > math.MaxInt64-1<<40 || about > maxSpan || int64(begin)+8*int64(count)+int64(about)+tailSize != size {
		return nil, fmt.Errorf("%w: its end is none", ErrSnapshot)
	}
	end := make([]byte, size-int64(begin))
	if _, err := file.ReadAt(end, int64(begin)); err != nil {
		return nil, err
	}
	if sum := binary.LittleEndian.Uint32(end[len(end)-4:]); sum != crc32.Checksum(end[:len(end)-4], castagnoli) {
		return nil, fmt.Errorf("%w: the checksum of its end", ErrSnapshot)
	}
	s := &snapshot{file: file, table: int64(begin), count: int(count)}
	if err := json.Unmarshal(end[8*count:len(end)-tailSize], &s.span); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	return s, nil
}

// line is what one account moved in one hour.
type line struct {
	Book
	hour int64
	Turnover
}

// all calls f with every line of a snapshot, by account.
func (s *snapshot) all(f func(line)) error {
	text := make([]byte, s.table)
	if _, err := s.file.ReadAt(text, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for len(text) > 0 {
		rest, _, err := readBook(text, f)
		if err != nil {
			return err
		}
		text = rest
	}
	return nil
}

// of calls f with the lines of one account, in everybody's books.
func (s *snapshot) of(account domain.Account, f func(line)) error {
	from, to := 0, s.count
	for from < to { // the first that is not before it
		middle := (from + to) / 2
		text, err := s.book(middle)
		if err != nil {
			return err
		}
		_, book, err := readBook(text, nil)
		if err != nil {
			return err
		}
		if book.Account < account {
			from = middle + 1
		} else {
			to = middle
		}
	}
	for ; from < s.count; from++ {
		text, err := s.book(from)
		if err != nil {
			return err
		}
		_, book, err := readBook(text, nil)
		if err != nil || book.Account != account {
			return err
		}
		if _, _, err = readBook(text, f); err != nil {
			return err
		}
	}
	return nil
}

// book reads the text of the n-th account.
func (s *snapshot) book(n int) ([]byte, error) {
	bounds := make([]byte, 16)
	if _, err := s.file.ReadAt(bounds, s.table+8*int64(n)); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	begin, end := binary.LittleEndian.Uint64(bounds), uint64(s.table)
	if n+1 < s.count {
		end = binary.LittleEndian.Uint64(bounds[8:])
	}
	if begin > end || end > uint64(s.table) {
		return nil, fmt.Errorf("%w: account %d", ErrSnapshot, n)
	}
	text := make([]byte, end-begin)
	_, err := s.file.ReadAt(text, int64(begin))
	return text, err
}

// readBook reads the first account of a text, and calls f, if there is one, with its
// lines.
func readBook(text []byte, f func(line)) (rest []byte, book Book, err error) {
	bad := fmt.Errorf("%w: an account", ErrSnapshot)
	if len(text) < 6 {
		return nil, book, bad
	}
	size := int(binary.LittleEndian.Uint32(text)) + 4
	if size < 6 || size+4 > len(text) || binary.LittleEndian.Uint32(text[size:]) != crc32.Checksum(text[:size], castagnoli) {
		return nil, book, bad
	}
	rest, text = text[size+4:], text[:size]
	named := 6 + int(binary.LittleEndian.Uint16(text[4:]))
	if named > size || (size-named)%24 != 0 {
		return nil, book, bad
	}
	account, creditor, _ := bytes.Cut(text[6:named], []byte{0})
	book = Book{domain.FiscalCode(creditor), domain.Account(account)}
	if f == nil {
		return rest, book, nil
	}
	for b := text[named:]; len(b) > 0; b = b[24:] {
		f(line{book, int64(binary.LittleEndian.Uint64(b)), Turnover{
			domain.Money(binary.LittleEndian.Uint64(b[8:])), domain.Money(binary.LittleEndian.Uint64(b[16:])),
		}})
	}
	return rest, book, nil
}
