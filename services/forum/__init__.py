"""The forum: a space for each network, topics and numbered posts, who may read and write where, and what is unread."""
