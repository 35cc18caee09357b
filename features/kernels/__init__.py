"""Compiled loops, one file for each view or measure that needs them.

Each file stands alone: what numba keeps on disk is thrown away when the file that holds a kernel
changes, not when a file that it calls does. They are imported where they are used, because numba
takes a third of a second and `--help` imports the views and measures.
"""
