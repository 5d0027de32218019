"""Reports that write themselves: figures frozen with their hash, words that people add, papers that are issued."""
