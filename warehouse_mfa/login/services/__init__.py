"""The rules of logging in."""
