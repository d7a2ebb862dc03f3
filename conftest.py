"""The project's own tests use pytest's own test bench for plugins."""

pytest_plugins = ["pytester"]
