"""Issues: sections, collected and hand-written items, approval by a second person, preview and web archive."""
