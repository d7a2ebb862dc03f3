"""A backend with every fault that a backend can have, each at the case of its name."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

from pytest_cypherbench.backends import ModelSpec
from pytest_cypherbench.flow import Generation, Prompt, Sampling

RIGHT = Generation("MATCH (p:Person) RETURN p.name", None, None, 0.0, None, "stop")


class Faulty:
    """``spec.info.variant`` "unopened" and "unclosed" are faults of the model as a whole."""

    def __init__(self, spec: ModelSpec) -> None:
        if spec.info.variant == "unopened":
            raise RuntimeError("no such\nmodel \x1b[31m")
        self.info = spec.info

    def generate(self, prompt: Prompt, sampling: Sampling) -> Generation:  # noqa: ARG002
        fault = getattr(self, prompt.case_id.replace("-", "_"), None)
        return fault() if fault else RIGHT

    def close(self) -> None:
        if self.info.variant == "unclosed":
            raise RuntimeError("will not close")

    def raises(self) -> Generation:
        raise ValueError("out of \x1b[31mtokens\nERROR: forged")

    def exits(self) -> Generation:
        sys.exit(0)

    def gives_none(self) -> None:
        return None

    def gives_bytes(self) -> bytes:
        return b"RETURN 1"

    def gives_text_as_bytes(self) -> Generation:
        return Generation(b"RETURN 1", None, None, 0.0, None, "stop")  # type: ignore[arg-type]

    def gives_no_time(self) -> Generation:
        return Generation("RETURN 1", None, None, float("nan"), None, "stop")

    def gives_text_as_tokens(self) -> Generation:
        return Generation("RETURN 1", "7", None, 0.0, None, "stop")  # type: ignore[arg-type]

    def prints(self) -> Generation:
        print("\x1b[31mprinted")
        os.write(1, b"\x1b[31mwritten\n")
        return RIGHT

    def dies(self) -> Generation:
        os._exit(3)

    def hangs(self) -> Generation:
        while True:
            with suppress(Exception):  # as careless code does
                time.sleep(1000)

    def hangs_in_a_library(self) -> Generation:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(1000)
        return RIGHT
