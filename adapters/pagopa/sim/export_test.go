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
	return b.String()
}
