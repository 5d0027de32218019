"""A company founds its installation in the browser: the link that lets it begin, the steps, what is still missing."""
