//go:build cgo && linux

package embedded

/*
#include <malloc.h>

static void one_arena(void) {
#if defined(__GLIBC__) && defined(M_ARENA_MAX)
	mallopt(M_ARENA_MAX, 1);
#endif
}
*/
import "C"

import "sync"

// oneArena has C's allocator, from which the engine takes its cache where there is cgo,
// keep one heap for the whole process. It would have one for each of the first threads,
// up to eight times the processors, and what is free in one is of no use to the others:
// a cache of 160 MB came to take over 400.
var oneArena = sync.OnceFunc(func() { C.one_arena() })
