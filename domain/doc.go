// Package domain is the ledger in its own words: the commands people and
// systems give, the events that follow, the deciders between the two, and the
// values they speak in. It is pure: no I/O, no clock, no randomness. A command
// brings its ids and its time.
//
// Each aggregate is a state folded from its stream. Decide answers a command
// with the events that follow from it, or with a *Refusal; no events and no
// error means that the command was carried out before. Evolve applies one event
// and has no rules, because an event has happened. The zero state is the empty
// stream.
package domain
