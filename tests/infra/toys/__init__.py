"""Two toy services for the tests of the backbone: `maker` says things, `taker` hears them."""
