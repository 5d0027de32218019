"""Mail: read as it comes, fetched from mailboxes, sent through servers."""
