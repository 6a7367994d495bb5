"""What came back: accounts whose address mail does not reach any more, or whose holder wants none."""
