"""`python -m cxport`: the same as the command `cxport`."""

from cxport.cli import main

main()
