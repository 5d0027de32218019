"""The register: cases, their events, duties, wake-ups, outbox and attachments, and the only code that writes them."""
