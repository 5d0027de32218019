"""The staff's pages under /desk/."""
