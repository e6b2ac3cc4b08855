"""The rules of sessions and of known devices."""
