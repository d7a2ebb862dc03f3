"""What a backend promises, as tests to inherit: docs/backends.md says how.

Knows nothing of cases, databases or of any one backend. Does not protect from a backend that ends
the process or never answers.
"""

import pytest

# Before they are imported: a failed assert then shows the values that it compared.
pytest.register_assert_rewrite(
    *(f"{__name__}.{module}" for module in ("answers", "opening", "optional"))
)

from pytest_cypherbench.testing.answers import Answers  # noqa: E402 see above
from pytest_cypherbench.testing.opening import Opening  # noqa: E402
from pytest_cypherbench.testing.optional import Batches, Futures, Grammars, Likelihoods  # noqa: E402

__all__ = ["BackendContract"]


class BackendContract(Grammars, Futures, Likelihoods, Batches, Answers, Opening):
    """Inherit it as ``class TestMine(BackendContract)``, say ``model``, and pytest runs every test
    on your backend. The docstring of each is the promise; what a backend need not have is skipped.

    All that a subclass may say or override stands in ``Subject``: ``model`` or the fixture
    ``spec``, ``open``, ``deterministic``, ``frames``, ``too_long_words``.
    """
