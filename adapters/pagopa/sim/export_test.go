package sim

import (
	"fmt"
	"strings"
)

// Dump writes out all that the simulator remembers.
func (s *Simulator) Dump() string {
	var b strings.Builder
	s.carts.mu.Lock()
	for _, c := range s.carts.byID {
		fmt.Fprintf(&b, "%+v\n", c)
	}
	s.carts.mu.Unlock()
	for _, d := range s.queue.list() {
		fmt.Fprintf(&b, "%+v\n", d)
	}
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	for _, t := range s.books.takings {
		fmt.Fprintf(&b, "%+v\n", t)
	}
	for _, f := range s.books.flows {
		fmt.Fprintf(&b, "%+v\n", *f)
	}
	fmt.Fprintf(&b, "%+v\n%+v\n", s.books.movements, s.switches.positions())
	return b.String()
}
