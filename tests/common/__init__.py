"""What several kinds of test share: doubles, a software authenticator, vectors, a mail sink."""
