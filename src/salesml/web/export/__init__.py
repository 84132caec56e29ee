"""The rep's pages as files: one for each rep, for companies that want no server."""
