"""Pictures as SVG text, drawn on the server: pure, without style of their own."""
