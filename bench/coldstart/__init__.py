"""How long waking takes: our start beside a bare server, a minimal script with the same models, and other services."""
