"""What we are measured against, and runs without testcard."""
