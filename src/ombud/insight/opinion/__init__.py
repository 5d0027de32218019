"""Opinion watch: what is said of the company in public, typed in or told by other systems, and its case."""
