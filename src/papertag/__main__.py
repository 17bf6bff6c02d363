"""So that `python -m papertag` is `papertag`."""

from papertag.cli import main

main()
