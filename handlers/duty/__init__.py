"""Who of the hotline is on duty: the roster as everybody of it sees it, its plan, and swaps."""
