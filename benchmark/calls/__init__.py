"""The library's calls: one module for each group of commands, with the same names and defaults."""

from benchmark.shadow import shadowing

# The calls need our other packages: better one clear line than whatever a stranger of their name
# lacks.
if hidden := shadowing():
    raise ImportError(hidden)
