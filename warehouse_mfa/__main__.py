"""`python -m warehouse_mfa` is `warehouse-mfa`."""

from warehouse_mfa.cli import main

main()
