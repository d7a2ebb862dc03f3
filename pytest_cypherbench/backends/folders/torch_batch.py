"""Several answers at once from one shared state, for throughput.

Knows nothing of prompts or texts: token ids in, token ids out. Shorter rows are padded on the left,
between the shared part and their own, and no token may look at the padding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_cypherbench.backends.folders.torch_parts import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_cypherbench.backends.folders.torch_parts import Cache
    from pytest_cypherbench.backends.scores import Pick

_PAD = 0  # any token: nobody looks at it


def decode(
    model: torch.nn.Module,
    cache: Cache,
    shared: int,
    rests: Sequence[list[int]],
    *,
    pick: Sequence[Pick],
    limits: Sequence[int],
    ends: frozenset[int],
) -> list[tuple[list[int], bool]]:
    """Each row's tokens, and whether the model ended by itself.

    ``cache`` holds ``shared`` tokens of a single row (None: none), and is used up.
    """
    if not rests:
        return []
    ids, seen, places = _laid_out(rests, shared, next(model.parameters()).device)
    if cache is not None:
        cache.batch_repeat_interleave(len(rests))
    answers: list[tuple[list[int], bool]] = [([], False) for _ in rests]
    going = list(range(len(rests)))
    while True:
        # No more than the last position's scores; the keys are transformers' own.
        given = {"input_ids": ids, "attention_mask": seen, "position_ids": places}
        out = model(**given, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache, scores = out.past_key_values, out.logits[:, -1].float().cpu().numpy()
        chosen = [pick[row](scores[row]) if row in going else _PAD for row in range(len(rests))]
        for row in going:
            if chosen[row] in ends:
                answers[row] = (answers[row][0], True)
            else:
                answers[row][0].append(chosen[row])
        going = [r for r in going if not answers[r][1] and len(answers[r][0]) < limits[r]]
        if not going:
            return answers
        ids = torch.tensor(chosen, device=ids.device).unsqueeze(1)
        seen, places = torch.cat([seen, torch.ones_like(seen[:, :1])], 1), places[:, -1:] + 1


def _laid_out(
    rests: Sequence[list[int]], shared: int, device: object
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Rows of one width: tokens, what may be seen (the shared part too), and positions."""
    rows, width = len(rests), max(map(len, rests))
    padding = torch.tensor([width - len(rest) for rest in rests], device=device).unsqueeze(1)
    ids = torch.tensor([[_PAD] * (width - len(rest)) + rest for rest in rests], device=device)
    columns = torch.arange(width, device=device).expand(rows, width)
    before = torch.ones(rows, shared, dtype=torch.long, device=device)
    return ids, torch.cat([before, columns >= padding], 1), shared + (columns - padding).clamp(0)
