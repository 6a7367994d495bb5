"""Offers and their life: draft, published, withdrawn."""
