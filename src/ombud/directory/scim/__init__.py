"""SCIM 2.0 (RFC 7643, RFC 7644): how Okta, Entra ID and others tell of people and groups."""
