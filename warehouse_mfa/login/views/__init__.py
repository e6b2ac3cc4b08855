"""Pages of login, in the order in which a person meets them."""
