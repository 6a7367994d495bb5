"""The address of an account: confirmed by mail, changed, and the way back in for whoever has lost the password."""
