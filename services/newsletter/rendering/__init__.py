"""Makes mails out of content: templates, wording in both languages, inlined styles."""
