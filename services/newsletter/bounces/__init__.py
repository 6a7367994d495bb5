"""Bounces: what comes back to the mails that went out, and what people answer to them."""
