"""What is said between the organisation and people outside: accounts, messages in and out, letters, conversations."""
