"""Releasing an issue: approval by a second person, the hour at which it goes out, and a mail to try it on oneself."""
