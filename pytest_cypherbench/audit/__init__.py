"""What a set of cases is worth: each case checked alone, against the others, and by mutants of its
reference. Knows nothing of models or pytest; ``python -m pytest_cypherbench audit`` runs it."""
