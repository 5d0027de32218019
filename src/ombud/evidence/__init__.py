"""What is done with evidence beside keeping it: pages to look at, virus scanning, parts on their way."""
