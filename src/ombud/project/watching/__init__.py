"""What the installation tells those who watch it: logs, numbers, traces and faults, none of them with personal data."""
