"""Who is let in: sessions, second factors, passkeys, single sign-on, and what happened to each account."""
