"""Commands: one a module; each parses, calls one library function, and prints."""
