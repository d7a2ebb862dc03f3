"""Fixtures of a project's own for its case files stand here; ours has none.

`-p pytester` is in pyproject.toml, so that the case folder can be collected from anywhere.
"""
