"""Each compares salesml with peers in one run and prints ratios or paired differences."""
