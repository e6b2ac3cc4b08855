"""Counting attempts, in SQL and in `limits`."""
