"""Order routing against the clairvoyant bound, beside rules of thumb, and its speed at national size."""
