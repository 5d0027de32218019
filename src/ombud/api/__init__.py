"""The HTTP API: what other systems call, described by its own OpenAPI document."""
