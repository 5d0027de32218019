"""Papers: letters and case files as PDF, papers to sign as DOCX; set from plain values in a process apart."""
