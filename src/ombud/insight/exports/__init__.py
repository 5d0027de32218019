"""Getting lists out: written as CSV, XLSX or lines of JSON, row by row, and every one of them on record."""
