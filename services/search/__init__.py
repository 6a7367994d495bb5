"""Search: finds what the other services publish. Fed by events only; owns its documents and the index over them."""
