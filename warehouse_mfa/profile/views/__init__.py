"""Pages of a person, in the order of their menu."""
