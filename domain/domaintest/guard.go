package domaintest

import (
	"reflect"
	"slices"
)

// guarded is a copy of a state in which a change can be seen.
type guarded[S any] struct {
	original S
	copy     S
	room     []reflect.Value // behind the slices of copy, element by element, all zero
}

// guard returns a deep copy of state. Behind each of its slices there is room, so
// that an append which writes into memory shared with another state is seen.
func guard[S any](state S) *guarded[S] {
	g := &guarded[S]{original: state}
	g.copy = g.clone(reflect.ValueOf(&state).Elem()).Interface().(S)
	return g
}

// changed reports whether the copy, or the room behind its slices, is not as it
// was.
func (g *guarded[S]) changed() bool {
	written := func(element reflect.Value) bool { return !element.IsZero() }
	return slices.ContainsFunc(g.room, written) || !reflect.DeepEqual(g.original, g.copy)
}

// clone copies v and all that its exported fields hold. What a type keeps to
// itself, as time.Time does, is copied as it is.
func (g *guarded[S]) clone(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(g.clone(v.Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(g.clone(v.Field(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			for k, e := range v.Seq2() {
				out.SetMapIndex(k, g.clone(e))
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(g.roomy(v))
		}
	}
	return out
}

// roomy copies a slice into an array of four elements more.
func (g *guarded[S]) roomy(v reflect.Value) reflect.Value {
	const more = 4
	n := v.Len()
	backing := reflect.New(reflect.ArrayOf(n+more, v.Type().Elem())).Elem()
	for i := range n {
		backing.Index(i).Set(g.clone(v.Index(i)))
	}
	for i := range more {
		g.room = append(g.room, backing.Index(n+i))
	}
	return backing.Slice(0, n).Convert(v.Type())
}
