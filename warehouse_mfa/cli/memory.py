"""The memory of a process that serves."""

import ctypes
import gc
import linecache

M_ARENA_MAX = -8  # malloc.h of the GNU C library; others have no arenas


def share_one_arena() -> None:
    """Let all threads allocate from the same memory. Call it before there are threads.

    Each would have an arena of its own, and keep the 20 MB that its last password hash took; what is
    above 32 MB goes back at once. Allocating it afresh every time costs half as much as the hash.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


def keep_what_there_is() -> None:
    """Take what was made at the start out of the garbage collector's sight: it lives to the end."""
    linecache.clearcache()  # whole files, of which warnings of the start quoted a line
    gc.collect()
    gc.freeze()
