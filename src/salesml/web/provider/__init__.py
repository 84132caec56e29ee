"""Signing in by a provider that the company has already: OpenID Connect."""
