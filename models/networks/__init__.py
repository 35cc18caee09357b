"""Networks, and what they take pictures for."""
