package audit_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// BenchmarkAudit reads one log in three ways: bare, folded into balances and
// verified. The log is of a town whose bulletins were issued, sent and, most of
// them, paid; it is made by the ledger's own commands.
func BenchmarkAudit(b *testing.B) {
	log, events := busyTown(b, 300_000)
	for _, way := range []struct {
		name string
		read func(context.Context, eventstore.Reader) error
	}{
		{"scan", func(ctx context.Context, log eventstore.Reader) error {
			for _, err := range log.ReadAll(ctx, 0) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"fold", func(ctx context.Context, log eventstore.Reader) error {
			_, err := audit.BalancesOf(ctx, log, audit.Range{})
			return err
		}},
		{"fold as of a recorded date", func(ctx context.Context, log eventstore.Reader) error {
			_, err := audit.BalancesOf(ctx, log, audit.Range{RecordedBy: day(20)})
			return err
		}},
		{"verify", func(ctx context.Context, log eventstore.Reader) error {
			_, err := audit.Verify(ctx, log, nil)
			return err
		}},
		{"verify in a file", func(ctx context.Context, log eventstore.Reader) error {
			_, err := audit.VerifyFromAFile(ctx, log)
			return err
		}},
	} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				if err := way.read(b.Context(), log); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// busyTown is a log on disk of at least so many events, opened anew to be read.
func busyTown(b *testing.B, events eventstore.Position) (*embedded.Log, eventstore.Position) {
	b.Helper()
	dir := b.TempDir()
	writer := opened(b, dir, embedded.Options{})
	h := &history{TB: b, log: writer, Ledger: ledger.New(writer, vault{}, func() time.Time { return day(12) })}
	h.found(comune)
	h.family(0, tizio, anna, comune)
	var children []domain.ConsumerID
	for i := range 5000 {
		child := domain.ConsumerID{UUID: named(fmt.Sprint("child ", i))}
		children = append(children, child)
	}
	h.enrol(children)
	var number atomic.Int64
	var end atomic.Uint64
	group, ctx := errgroup.WithContext(b.Context())
	for range 256 {
		group.Go(func() error {
			for end.Load() < uint64(events) {
				at, err := h.owesAndPays(ctx, int(number.Add(1)), children)
				if err != nil {
					return err
				}
				end.Store(uint64(at))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		b.Fatal(err)
	}
	log := opened(b, dir, embedded.Options{ReadOnly: true})
	at, err := log.End(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return log, at
}

func opened(b *testing.B, dir string, o embedded.Options) *embedded.Log {
	b.Helper()
	log, err := embedded.Open(dir, o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = log.Close() }) // the writer's is the second time
	return log
}

func (h *history) enrol(children []domain.ConsumerID) {
	h.Helper()
	group, ctx := errgroup.WithContext(h.Context())
	group.SetLimit(256)
	for _, child := range children {
		group.Go(func() error {
			_, err := h.Consumer(ctx, by(child.String()), domain.EnrolConsumer{
				Consumer: child, Creditor: comune, Child: domain.Child{GivenName: "Bimbo", FamilyName: "Esempio"}, School: "Primaria", At: day(1),
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		h.Fatal(err)
	}
}

// owesAndPays is the story of one bulletin.
func (h *history) owesAndPays(ctx context.Context, i int, children []domain.ConsumerID) (eventstore.Position, error) {
	word := fmt.Sprint("bulletin ", i)
	lines := []domain.Line{line(children[i%len(children)], mensa, 4500)}
	if i%3 == 0 {
		lines = append(lines, line(children[i%len(children)], postScu, 1233))
	}
	issued, err := h.IssueBulletin(ctx, by(word), domain.IssueBulletin{
		Creditor: comune, Parent: tizio, Category: scuola, Lines: lines, Period: domain.Period{From: "2020-01-01", To: "2020-01-31"},
		Due: "2020-02-20", Causale: "Servizi vari, periodo dal 01/01/2020 al 31/01/2020", At: day(3),
	})
	if err != nil {
		return 0, err
	}
	out, err := h.Bulletin(ctx, by(word+" sent"), domain.SendBulletin{Creditor: comune, Notice: issued.Notice, At: day(3)})
	if err != nil || i%10 < 3 {
		return out.Position, err
	}
	amount := domain.Money(4500)
	if i%3 == 0 {
		amount += 1233
	}
	out, err = h.Receive(ctx, ledger.Receipt{
		Creditor: comune, ID: domain.ReceiptID(word), Notice: issued.Notice, Amount: amount, PSP: domain.PSP{ID: "ABI03069", Name: "Banca d'Esempio"},
		PaidAt: day(12), Channel: domain.ChannelPaForNode, Raw: make([]byte, 400),
	})
	return out.Position, err
}

// BenchmarkMemory verifies logs of one and of ten million events, whose streams
// have two and a half on average, and reports the most memory that it had. The
// events are made as they are read.
func BenchmarkMemory(b *testing.B) {
	for _, events := range []int{1_000_000, 10_000_000} {
		b.Run(fmt.Sprint("events=", events), func(b *testing.B) {
			log := endless(b, events)
			for b.Loop() {
				most := peak(func() {
					if sound, err := audit.Verify(b.Context(), log, nil); err != nil || sound.Events != uint64(events) {
						b.Fatal(sound, err)
					}
				})
				b.ReportMetric(float64(most)/(1<<20), "peak-MB")
			}
			b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// peak returns the most memory that the process had of the system while do ran.
func peak(do func()) (most uint64) {
	runtime.GC()
	stop, stopped := make(chan struct{}), make(chan struct{})
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				metrics.Read(sample)
				most = max(most, sample[0].Value.Uint64()-sample[1].Value.Uint64())
			}
		}
	}()
	do()
	close(stop)
	<-stopped
	return most
}

// made is a log of streams that are all alike, each soundly chained.
type made struct {
	shelf
	events int
	seal   func(stream eventstore.Stream, prev eventstore.Hash, e eventstore.Recorded) (eventstore.Recorded, eventstore.Hash)
}

// endless is a log of so many events. Streams have three and two events by turns,
// and stand in the log one stream's after the other's: each is forgotten at once.
func endless(b *testing.B, events int) eventstore.Reader {
	b.Helper()
	one := write(b, wire.New(nil), domain.CredentialChanged{Parent: tizio, At: day(3)})
	body := one.Metadata[:len(one.Metadata)-len(`,"hash":""}`)-2*len(eventstore.Hash{})]
	return made{events: events, seal: func(stream eventstore.Stream, prev eventstore.Hash, e eventstore.Recorded) (eventstore.Recorded, eventstore.Hash) {
		e.Stream, e.Type, e.Data = stream, one.Type, one.Data
		e.Metadata = fmt.Appendf(make([]byte, 0, len(one.Metadata)), `%s,"hash":"%s"}`, body, eventstore.Hash{})
		content, _, err := eventstore.Content(e)
		if err != nil {
			b.Fatal(err)
		}
		link := eventstore.Link(prev, content)
		e.Metadata = fmt.Appendf(e.Metadata[:0], `%s,"hash":"%s"}`, body, link)
		return e, link
	}}
}

func (m made) ReadAll(context.Context, eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		position := 0
		for s := uint64(0); ; s++ {
			var id uuid.UUID
			binary.BigEndian.PutUint64(id[:], s)
			stream, prev := eventstore.Stream("parent-"+id.String()), eventstore.Hash{}
			for r := range eventstore.Revision(2 + s%2) {
				if position == m.events {
					return
				}
				position++
				var e eventstore.Recorded
				e, prev = m.seal(stream, prev, eventstore.Recorded{Revision: r + 1, Position: eventstore.Position(position), ID: id})
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}
