"""Who may see a case and do what on it: loading is authorising."""
