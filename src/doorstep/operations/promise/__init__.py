"""What a basket can be promised now: every option with its price and its chance of being kept, or why not."""
