"""The rules of accounts, a file per responsibility."""
