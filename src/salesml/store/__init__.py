"""The published scores that pages read, and the feedback of those who read them.

A nightly load writes one part, people write the other: in SQLite two files, in PostgreSQL two schemas,
so that neither ever waits for the other.
"""
