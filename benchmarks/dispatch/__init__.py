"""Same-day dispatch: who goes now and who waits, on the days of the EURO Meets NeurIPS 2022 contest."""
