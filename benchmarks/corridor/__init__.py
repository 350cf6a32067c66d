"""The corridor measured: cost beside its two baselines, CPU seconds, memory, and orders allocated per CPU second."""
