// Package projections turns events into what people look at: pure functions from
// an event to changes of rows, the tables those rows are in, and the Projector
// that keeps them up with the log. It knows no SQL: where the rows are kept is a
// Sink's business.
//
// A view holds nothing that the log does not, so it can be thrown away at any
// time and is built again by replay.
package projections
