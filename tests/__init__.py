"""The tests: `unit`, `functional`, `browser`, the `vectors` and what they have in `common`."""
