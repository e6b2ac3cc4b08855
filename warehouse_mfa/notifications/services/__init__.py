"""Telling people, and what they were told."""
