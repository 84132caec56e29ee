"""How the store's tables came to be: each change a file, run in order by Alembic."""
