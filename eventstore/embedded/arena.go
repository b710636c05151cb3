//go:build cgo && linux

package embedded

/*
#include <malloc.h>

// Where there is cgo the engine takes its cache from C's allocator. That would keep a
// heap for each of the first threads, up to eight times the processors, and what is free
// in one is of no use to the others: a cache of 160 MB came to take over 400. So there is
// one heap for the whole process. It has to be said before there is a second thread.
__attribute__((constructor)) static void one_heap(void) {
#if defined(__GLIBC__) && defined(M_ARENA_MAX)
	mallopt(M_ARENA_MAX, 1);
#endif
}
*/
import "C"
