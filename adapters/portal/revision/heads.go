package revision

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// headsPage is Teste firmate.
type headsPage struct {
	*asked
	Sealed bool // something was ever signed
	Origin string
	Keys   []seal.Key
	All    *headList
	Paging frame.Paging
}

// headList is a page of checkpoints, the last first, out of all.
type headList struct {
	Count int
	Rows  []seal.Checkpoint
	More  bool
}

// heads lists what was signed, the last first. All signatures are checked on the way.
func (s *site) heads(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	a, err := s.asked(r)
	if err != nil {
		return err
	}
	p := &headsPage{asked: a}
	page := frame.Page{Name: "firme", Title: "Teste firmate", Trail: trail(frame.Link{Name: "Verifica della catena", URL: verifyPath}, frame.Link{Name: "Teste firmate"}), Content: p}
	last, err := s.latest()
	if err != nil {
		return err
	}
	if a.wrong() {
		return frame.ErrNotFound // the position is of our own links
	}
	if p.Sealed = last != nil; !p.Sealed {
		return s.Show(w, r, who, http.StatusOK, page)
	}
	keys := s.Seal.Keys()
	p.Origin, p.Keys = keys.Origin, keys.All
	at := frame.PageOf(r)
	p.All, err = reckoned(s, w, r, who, a, page.Title, fmt.Sprintf("firme %d", at), func(ctx context.Context, w *work) (*headList, error) {
		return signed(ctx, keys, s.Seal.Record(), at, w)
	})
	if p.All == nil {
		return err
	}
	p.Paging = frame.PagingOf(r, at, p.All.More)
	return s.Show(w, r, who, http.StatusOK, page)
}

// signed goes along all checkpoints, and keeps one page of them counted from the last.
func signed(ctx context.Context, keys seal.Keys, record seal.Record, page int, w *work) (*headList, error) {
	text, err := record.Checkpoints(ctx)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	list := new(headList)
	keep := (page + 1) * linesShown
	for c, err := range keys.Checkpoints(text) {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list.Count++
		w.watch(c.Position)
		if list.Rows = append(list.Rows, c); len(list.Rows) >= 2*keep {
			list.Rows = slices.Clone(list.Rows[len(list.Rows)-keep:])
		}
	}
	list.Rows = list.Rows[max(0, len(list.Rows)-keep):]
	list.Rows = slices.Clone(list.Rows[:max(0, len(list.Rows)-page*linesShown)])
	slices.Reverse(list.Rows)
	list.More = list.Count > keep
	return list, nil
}
