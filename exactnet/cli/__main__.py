"""`python -m exactnet.cli` is the same command as `exactnet`."""

from exactnet.cli import main

main()
