package revision

import (
	"fmt"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// chart is a balance along a run of events, as a line of steps. The figures are in its
// table too.
type chart struct {
	Account     domain.Account
	Points      []point
	Least, Most domain.Money
	Line        string // an SVG path
	Zero        string // the height of 0,00
	X, Y        string // of the event that is open
}

// point is one event of a chart.
type point struct {
	audit.Stop
	Balance domain.Money
	URL     string
	Open    bool
}

// The chart's box, in its own units.
const (
	chartWide, chartHigh = 600, 200
	chartEdge            = 10
)

// newChart draws an account along stops; nil where there is none.
func newChart(book audit.Book, stops []audit.Stop, t tale) *chart {
	if book.Account == "" {
		return nil
	}
	c := &chart{Account: book.Account}
	for _, s := range stops {
		balance := s.Balances[book]
		c.Points = append(c.Points, point{s, balance, t.address(s.Number), s.Number == t.Seq})
		c.Least, c.Most = min(c.Least, balance), max(c.Most, balance)
	}
	var line strings.Builder
	for i, p := range c.Points {
		x, y := c.x(i), c.y(p.Balance)
		if i == 0 {
			fmt.Fprintf(&line, "M%s %s", x, y)
		} else {
			fmt.Fprintf(&line, "H%sV%s", x, y)
		}
		if p.Open {
			c.X, c.Y = x, y
		}
	}
	c.Line, c.Zero = line.String(), c.y(0)
	return c
}

// First and Last are the ends of the run.
func (c *chart) First() int { return c.Points[0].Number }

// Last is the number of the last event of the run.
func (c *chart) Last() int { return c.Points[len(c.Points)-1].Number }

// Balance is the one at the event that is open.
func (c *chart) Balance() domain.Money {
	for _, p := range c.Points {
		if p.Open {
			return p.Balance
		}
	}
	return 0
}

func (c *chart) x(i int) string {
	wide := float64(chartWide - 2*chartEdge)
	return fmt.Sprintf("%.1f", chartEdge+wide*float64(i)/float64(max(1, len(c.Points)-1)))
}

func (c *chart) y(m domain.Money) string {
	high := float64(chartHigh - 2*chartEdge)
	span := float64(max(1, c.Most-c.Least))
	return fmt.Sprintf("%.1f", chartEdge+high*float64(c.Most-m)/span)
}
